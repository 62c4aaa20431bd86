package compile_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
)

func (r releases) with(t *testing.T, documents ...string) releases {
	t.Helper()
	for _, text := range documents {
		m, err := release.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		r.add(m)
	}
	return r
}

// fetching is a Resolver that knows nothing of what it is not asked to fetch.
type fetching struct{ known releases }

func (r fetching) Resolve(ctx context.Context, id release.ID) (release.Version, error) {
	return r.known.Resolve(ctx, id)
}
func (r fetching) Fetch(ctx context.Context, id release.ID) (*release.Metadata, error) {
	return r.known.Fetch(ctx, id)
}
func (r fetching) NextVersion(ctx context.Context, namespace, name string, p release.Pattern) (release.Version, error) {
	return r.known.NextVersion(ctx, namespace, name, p)
}

// offline also has nothing at hand.
type offline struct{ fetching }

func (offline) Metadata(context.Context, release.ID) (*release.Metadata, error) {
	return nil, errors.New("no network")
}

// Releases that need each other are found as far as they can be looked at. What cannot be is no failure.
func TestCircles(t *testing.T) {
	known := releases{}.with(t,
		`{"name": "cart", "project": "acme", "version": "2", "depends": [{"release_id": "acme/prices-v5"}]}`,
		`{"name": "prices", "project": "acme", "version": "5", "depends": [{"release_id": "acme/cart-v2"}]}`,
		`{"name": "tax", "project": "acme", "version": "1", "extends": [{"release_id": "acme/shop-v0.1"}]}`,
		`{"name": "money", "project": "acme", "version": "1", "depends": [{"release_id": "acme/tax-v1"}]}`)
	const circle, self = `"acme/cart-v2" depends on itself: acme/cart-v2 → acme/prices-v5 → acme/cart-v2`, `"acme/shop" depends on itself: acme/shop → acme/money → acme/tax → acme/shop`
	for _, c := range []struct {
		what     string
		depends  string
		resolver compile.Resolver
		want     string
		code     *diag.Entry
	}{
		{"a circle", "acme/cart-latest", known, circle, diag.ReleaseCycle},
		{"a circle behind what was fetched", "acme/cart-latest", fetching{known}, "", nil},
		{"a circle without network", "acme/cart-latest", offline{fetching{known}}, "", nil},
		{"an older release", "acme/money-v1", known, self, diag.SelfDependency},
		{"an older release behind what was fetched", "acme/money-v1", fetching{known}, "", nil},
		{"an older release in what was fetched", "acme/tax-v1", offline{fetching{known}}, `"acme/shop" depends on itself: acme/shop → acme/tax → acme/shop`, diag.SelfDependency},
	} {
		p := decode(t, "", "name: acme/shop\nversion: 1\ndepends:\n- "+c.depends+"\n")
		m, findings, err := compile.Compile(context.Background(), p, compile.Options{Resolver: c.resolver})
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		got := ""
		if len(findings) > 0 {
			got = findings[0].Message
		}
		if got != c.want || len(findings) > 0 && findings[0].Code != c.code || (m == nil) != (c.code == diag.ReleaseCycle) {
			t.Errorf("%s: there is metadata (%v) and these findings:\n%s\nwant %q", c.what, m != nil, diag.Sprint(findings), c.want)
		}
	}
}

// A walk over many releases ends with the context.
func TestEndOfContextWhileLooking(t *testing.T) {
	known := releases{}.with(t, `{"name": "cart", "version": "1", "depends": [{"release_id": "prices-v1"}]}`)
	ctx, cancel := context.WithCancel(context.Background())
	p := decode(t, "", "name: shop\nversion: 1\ndepends: [cart-v1]\n")
	_, _, err := compile.Compile(ctx, p, compile.Options{Resolver: ending{fetching{known}, cancel}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
}

type ending struct {
	fetching
	end func()
}

func (e ending) Metadata(context.Context, release.ID) (*release.Metadata, error) {
	e.end()
	return nil, context.Canceled
}

// What an extension generates, downloads and runs reaches through two levels of them.
func TestTwoLevelsOfExtensions(t *testing.T) {
	known := releases{}
	plans := []string{`
name: acme/base
version: 1
generates: ["*.out"]
downloads: [{url: "http://x/a", dest: a}]
build: {script: b.sh one  two}
errands: {clean: {run: {cmd: rm}}}
deploy_templates: [{file: t.tpl, mapping: {x: 1}}]
metadata: {level: root, root: "yes"}
`, `
name: acme/middle
version: 1
extends: [acme/base-v1]
test: {script: t.sh}
metadata: {level: middle}
`, `
name: acme/top
version: 1
extends: [acme/middle-latest as m]
metadata: {level: $m.metadata.root}
`}
	dir := t.TempDir()
	write(t, dir+"/x.out", "x")
	var m *release.Metadata
	for _, text := range plans {
		var err error
		var findings diag.List
		m, findings, err = compile.Compile(context.Background(), decode(t, dir, text), compile.Options{Dir: dir, Resolver: known})
		if err != nil || len(findings) > 0 {
			t.Fatalf("%v\n%s", err, diag.Sprint(findings))
		}
		known.add(m)
	}
	if !slices.Equal(m.Generates, []string{"*.out"}) || !slices.Equal(slices.Collect(maps.Keys(m.Files)), []string{"x.out"}) {
		t.Errorf("it generates %v, which gives %v", m.Generates, m.Files)
	}
	if len(m.Downloads) != 1 || m.Downloads[0].Dest != "a" {
		t.Errorf("its downloads are %v", m.Downloads)
	}
	for _, c := range []struct{ what, got, want string }{
		{"build", m.Stage("build").Script, "deps/acme/middle/deps/acme/base/b.sh one two"},
		{"test", m.Stage("test").Script, "deps/acme/middle/t.sh"},
		{"errand", m.Errands["clean"].Run.Cmd, "rm"},
		{"template", m.Templates[0].File, "deps/acme/middle/deps/acme/base/t.tpl"},
		{"target", m.Templates[0].Target, "deps/acme/middle/deps/acme/base/t"},
		{"metadata", m.Metadata["level"], "yes"},
		{"extension", m.Extends[0].ReleaseID, "acme/middle-v1"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
	if len(m.Extends) != 1 {
		t.Errorf("it extends %d releases, want 1: those of an extension are its own affair", len(m.Extends))
	}
}
