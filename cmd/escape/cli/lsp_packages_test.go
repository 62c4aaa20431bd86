package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/inventory"
	"escape.build/escape/inventory/client"
	"escape.build/escape/inventory/local"
	"escape.build/escape/lang/release"
)

// The language server is told of the packages, versions and tags of an Inventory, and of failures, which it keeps to itself.
func TestEditorPackages(t *testing.T) {
	ctx := context.Background()
	inv := local.Open(t.TempDir(), local.Options{EscapeVersion: Version})
	archive := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(archive, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"demo/net-v1.0", "demo/net-v1.1", "tool-v2"} {
		parsed, err := release.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := parsed.Version()
		m := release.New()
		m.Project, m.Name, m.Version = parsed.Namespace, parsed.Name, string(v)
		if err := inv.Publish(ctx, m, archive); err != nil {
			t.Fatal(err)
		}
	}
	for _, tag := range []string{"stable", "ci"} {
		if err := inv.Tag(ctx, release.ID{Namespace: "demo", Name: "net"}, tag); err != nil {
			t.Fatal(err)
		}
	}
	p := editorPackages{func() (inventory.Inventory, error) { return inv, nil }}
	names, err := p.Names(ctx)
	if want := []string{"_/tool", "demo/net"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("packages are %q, %v; want %q", names, err, want)
	}
	versions, err := p.Versions(ctx, "demo/net")
	if want := []string{"1.1", "1.0", "ci", "stable"}; err != nil || !slices.Equal(versions, want) {
		t.Errorf("versions are %q, %v; want %q", versions, err, want)
	}
	if _, err := p.Versions(ctx, "demo/none"); err == nil {
		t.Error("a package that is not there has versions")
	}
	if url := p.url("demo/net-v1.0"); url != "" {
		t.Errorf("a local Inventory has the page %q", url)
	}
	remote := client.New(client.Options{URL: "https://inventory.example.org"})
	online := editorPackages{func() (inventory.Inventory, error) { return inventory.NewProxy(inv, remote, []string{"demo"}), nil }}
	for id, want := range map[string]string{
		"demo/net-v1.0": "https://inventory.example.org/api/v1/inventory/demo/units/net/versions/v1.0/", "tool-v2": "", "": "",
	} {
		if url := online.url(id); url != want {
			t.Errorf("the page of %q is %q, want %q", id, url, want)
		}
	}
	broken := editorPackages{func() (inventory.Inventory, error) { return nil, errors.New("no profile") }}
	if _, err := broken.Names(ctx); err == nil {
		t.Error("an Inventory that cannot be opened has packages")
	}
}

// The state file of the profile is told if there is a profile; a path in it may be relative to the working directory.
func TestProfileState(t *testing.T) {
	for config, want := range map[string]string{
		`{"current_profile": "a", "profiles": {"a": {"state_path": "/srv/state.json"}}}`: "/srv/state.json",
		`{"current_profile": "a", "profiles": {"a": {"state_path": "s.json"}}}`:          "DIR/s.json",
		`{"current_profile": "b", "profiles": {"a": {}}}`:                                "",
		`{`: "",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".escape_config"), []byte(config), 0o666); err != nil {
			t.Fatal(err)
		}
		a := newApp(Env{Dir: dir, Environ: []string{"HOME=" + dir}})
		a.global.config, a.global.profile = defaultConfig, ""
		if got, want := a.profileState(), strings.Replace(want, "DIR", dir, 1); got != want {
			t.Errorf("with %s the state is in %q, want %q", config, got, want)
		}
	}
}
