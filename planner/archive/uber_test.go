package archive_test

import (
	"crypto/md5"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

func md5Of(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// unpacked writes a package below deps as it is after unpacking, and what running it left there.
func unpacked(t *testing.T, dir, releaseID, builtWith string, depends ...string) {
	t.Helper()
	pkg := id(t, releaseID)
	v, _ := pkg.Version()
	m := release.New()
	m.Project, m.Name, m.Version, m.BuiltWithEscapeVersion = pkg.Namespace, pkg.Name, string(v), builtWith
	m.Files["run.sh"] = md5Of("run")
	for _, d := range depends {
		m.Depends = append(m.Depends, &release.Dependency{ReleaseID: d})
	}
	dir = filepath.Join(dir, "deps", pkg.Namespace, pkg.Name)
	for name, text := range map[string]string{"run.sh": "run", "release.json": string(m.Encode()), ".escape/outputs.json": "secret", "rendered": "secret"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPackUber(t *testing.T) {
	dir, m := project(t, map[string]string{"a": "a"})
	m.Depends = []*release.Dependency{{ReleaseID: "shop/db-v1.0"}, {ReleaseID: "shop/db-v1.0"}}
	m.Extends = []*release.Extension{{ReleaseID: "_/base-v2"}}
	unpacked(t, dir, "shop/db-v1.0", "0.29.0", "shop/net-v3")
	unpacked(t, filepath.Join(dir, "deps/shop/db"), "shop/net-v3", "0.29.0")
	unpacked(t, dir, "_/base-v2", "0.28.1")
	unpacked(t, dir, "shop/other-v1", "0.29.0")
	packed, err := archive.Pack(dir, m, archive.Options{Uber: true})
	if err != nil {
		t.Fatal(err)
	}
	names, _ := entries(t, packed.Path)
	want := []string{"a", "release.json", "deps/_/base/release.json", "deps/_/base/run.sh", "deps/shop/db/release.json", "deps/shop/db/run.sh",
		"deps/shop/db/deps/shop/net/release.json", "deps/shop/db/deps/shop/net/run.sh"}
	for i := range want {
		want[i] = "pkg-v0.1/" + want[i]
	}
	if !slices.Equal(names, want) {
		t.Errorf("entries are %q, want %q", names, want)
	}
	if len(packed.Metadata.Files) != 1 {
		t.Errorf("files are %v", packed.Metadata.Files)
	}
	if _, err := archive.Unpack(packed.Path, m.ID(), filepath.Join(t.TempDir(), "pkg"), archive.Reading{}); err != nil {
		t.Error(err)
	}
	pack := func() string {
		_, err := archive.Pack(dir, m, archive.Options{Uber: true, Force: true})
		if err == nil {
			return ""
		}
		return err.Error()
	}
	// What is not as it was released must not be passed on as if it were.
	if err := os.WriteFile(filepath.Join(dir, "deps/_/base/run.sh"), []byte("changed"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := pack(); got != "" {
		t.Errorf("a changed file of the original gives %s", got) // it may have been so from the start
	}
	if err := os.WriteFile(filepath.Join(dir, "deps/shop/db/run.sh"), []byte("changed"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, want := pack(), "package _/pkg-v0.1: file 'deps/shop/db/run.sh' is not as it was released; remove deps/shop/db and run it again"; got != want {
		t.Errorf("a changed file gives %s, want %s", got, want)
	}
	unpacked(t, dir, "shop/db-v1.1", "0.29.0")
	if got, want := pack(), "package _/pkg-v0.1: dependency shop/db-v1.0: the package in deps/shop/db is v1.1"; got != want {
		t.Errorf("another version gives %s, want %s", got, want)
	}
	if err := os.RemoveAll(filepath.Join(dir, "deps")); err != nil {
		t.Fatal(err)
	}
	if got, want := pack(), "package _/pkg-v0.1: dependency shop/db-v1.0: Release metadata file "; !strings.HasPrefix(got, want) {
		t.Errorf("no package gives %s, want %s…", got, want)
	}
}
