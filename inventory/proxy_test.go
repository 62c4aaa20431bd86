package inventory_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"escape.build/escape/inventory"
	"escape.build/escape/inventory/local"
	"escape.build/escape/lang/release"
)

// plain is an Inventory that cannot reserve.
type plain struct{ inventory.Inventory }

func parse(t *testing.T, s string) release.ID {
	t.Helper()
	id, err := release.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestProxy does everything in a namespace of each side and looks where it went.
func TestProxy(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	archive := filepath.Join(dir, "package")
	if err := os.WriteFile(archive, []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	primary := local.Open(filepath.Join(dir, "primary"), local.Options{})
	secondary := local.Open(filepath.Join(dir, "secondary"), local.Options{})
	proxy := inventory.NewProxy(primary, secondary, []string{"there", "also", "there"})
	for _, c := range []struct {
		namespace   string
		side, other inventory.Inventory
	}{{"here", primary, secondary}, {"there", secondary, primary}, {"_", primary, secondary}} {
		v, end, err := proxy.(inventory.Reserver).Reserve(ctx, c.namespace, "hello", "1.")
		if v != "1.0" || err != nil {
			t.Fatalf("Reserve in %s = %s, %v", c.namespace, v, err)
		}
		defer end()
		m := release.New()
		m.Project, m.Name, m.Version = c.namespace, "hello", string(v)
		if err := c.side.Publish(ctx, m, archive); err != nil {
			t.Fatalf("Publish of what the proxy reserved: %v", err)
		}
		m.Version = "1.1"
		if err := proxy.Publish(ctx, m, archive); err != nil {
			t.Fatal(err)
		}
		if err := proxy.Tag(ctx, parse(t, c.namespace+"/hello-latest"), "ci"); err != nil {
			t.Fatal(err)
		}
		id := parse(t, c.namespace+"/hello:ci")
		for _, inv := range []inventory.Inventory{proxy, c.side} {
			got, err := inv.Metadata(ctx, id)
			if err != nil || got.Version != "1.1" {
				t.Fatalf("Metadata = %v, %v", got, err)
			}
			var b bytes.Buffer
			if err := inv.Download(ctx, got.ID(), &b); err != nil || b.String() != "content" {
				t.Errorf("Download = %q, %v", b.String(), err)
			}
			if names, err := inv.Packages(ctx, c.namespace); err != nil || !slices.Equal(names, []string{"hello"}) {
				t.Errorf("Packages = %v, %v", names, err)
			}
			if versions, err := inv.Versions(ctx, c.namespace, "hello"); err != nil || !slices.Equal(versions, []release.Version{"1.1", "1.0"}) {
				t.Errorf("Versions = %v, %v", versions, err)
			}
			if tags, err := inv.(inventory.Tagged).Tags(ctx, c.namespace, "hello"); err != nil || !slices.Equal(tags, []string{"ci"}) {
				t.Errorf("Tags = %v, %v", tags, err)
			}
			if v, err := inv.NextVersion(ctx, c.namespace, "hello", ""); v != "2" || err != nil {
				t.Errorf("NextVersion = %s, %v", v, err)
			}
		}
		if _, err := c.other.Metadata(ctx, id); !errors.Is(err, inventory.ErrNotFound) {
			t.Errorf("Metadata on the other side: %v", err)
		}
		if got := inventory.Serving(proxy, c.namespace); got != c.side {
			t.Errorf("Serving(%s) = %s", c.namespace, got.Location())
		}
	}
	if names, err := proxy.Namespaces(ctx); err != nil || !slices.Equal(names, []string{"_", "also", "here", "there"}) {
		t.Errorf("Namespaces = %v, %v", names, err)
	}
	if proxy.Location() != primary.Location() {
		t.Errorf("Location = %s", proxy.Location())
	}

	// A namespace which is left to the other side is never looked for on this one.
	if _, err := proxy.Versions(ctx, "also", "hello"); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("Versions of an empty namespace: %v", err)
	}
	m := release.New()
	m.Project, m.Name, m.Version = "also", "hello", "1"
	if err := primary.Publish(ctx, m, archive); err != nil {
		t.Fatal(err)
	}
	if _, err := proxy.Versions(ctx, "also", "hello"); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("Versions of a namespace that the other side has: %v", err)
	}
	if names, err := proxy.Namespaces(ctx); err != nil || !slices.Equal(names, []string{"_", "also", "here", "there"}) {
		t.Errorf("Namespaces with one on both sides = %v, %v", names, err)
	}
}

// TestProxyTags: a side that cannot tell its tags has none to tell.
func TestProxyTags(t *testing.T) {
	side := local.Open(t.TempDir(), local.Options{})
	proxy := inventory.NewProxy(plain{side}, side, []string{"there"}).(inventory.Tagged)
	if tags, err := proxy.Tags(context.Background(), "here", "hello"); err != nil || tags != nil {
		t.Errorf("Tags = %v, %v", tags, err)
	}
	if _, err := proxy.Tags(context.Background(), "there", "hello"); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("Tags of a package that is not there: %v", err)
	}
}

func TestProxyReserve(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	side := local.Open(base, local.Options{})
	proxy := inventory.NewProxy(plain{side}, side, []string{"there"}).(inventory.Reserver)
	for _, c := range []struct {
		namespace string
		want      []release.Version
	}{{"here", []release.Version{"0", "0"}}, {"there", []release.Version{"0", "1"}}} {
		for _, want := range c.want {
			v, end, err := proxy.Reserve(ctx, c.namespace, "hello", "")
			if v != want || err != nil {
				t.Errorf("Reserve in %s = %s, %v, want %s", c.namespace, v, err, want)
			}
			defer end()
		}
	}
}
