package workspace_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// lay writes the files of an archive into a new folder.
func lay(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(dir string, more func(*workspace.Options)) *workspace.Workspace {
	o := workspace.Options{Root: dir, Decode: lang.Decode, Name: func(file string) string {
		rel, _ := filepath.Rel(dir, file)
		return filepath.ToSlash(rel)
	}}
	if more != nil {
		more(&o)
	}
	return workspace.New(o)
}

// deps returns what w knows of the packages of a plan.
func deps(t testing.TB, w *workspace.Workspace, file string) check.Deps {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := lang.Decode(source.NewFile(file, string(text)))
	return w.Deps(p, file)
}

// analyze is what is found in the plan of a folder.
func analyze(t testing.TB, w *workspace.Workspace, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "escape.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	env := check.Env{Origin: w.Origin, Providers: func(iface string) []*release.Metadata { return w.Providers(file, iface) }}
	an := lang.Analyze(source.NewFile("escape.yml", string(text)), lang.Options{
		Env: env, Find: func(p *plan.Plan) check.Deps { return w.Deps(p, file) },
	})
	return diag.Sprint(an.Findings)
}

func outputs(m *release.Metadata) string {
	if m == nil {
		return "unknown"
	}
	var ids []string
	for _, v := range m.Outputs {
		ids = append(ids, v.ID)
	}
	return strings.Join(ids, " ")
}

// TestTaken: the source of a plan is taken where its next release can be the one that is asked for, else what was released.
func TestTaken(t *testing.T) {
	tests := []struct{ version, asks, want string }{
		{"1.0.@", "-latest", "source"},
		{"1.0.@", "-v1.@", "source"},
		{"1.@", "-v1.0.@", "source"},
		{"@", "-v1.0.@", "source"},
		{"auto", "-v1.0.@", "source"},
		{"1.0.@", "-v1.1.@", "released"},
		{"1.0.@", "-v2.@", "released"},
		{"1.0.@", "-v1.0.3", "released"},
		{"1.0.3", "-v1.0.3", "source"},
		{"1.0.3", "-v1.0.4", "released"},
		{"1.0.3", "-v1.@", "source"},
		{"1.0.3", "-v2.@", "released"},
		{"1.0.3", ":stable", "released"},
		{"$__id(\"1.0\")", "-latest", "source"},
		{"$__id(\"1.0\")", "-v1.@", "source"},
		{"$__id(\"1.0\")", "-v1.0", "released"},
	}
	for _, test := range tests {
		dir := lay(t, fmt.Sprintf(`
-- app/escape.yml --
name: demo/app
depends: [demo/db%s]
-- db/escape.yml --
name: demo/db
version: %s
outputs: [source]
`, test.asks, test.version))
		w := open(dir, func(o *workspace.Options) {
			o.Released = func(string, release.ID) (*release.Metadata, string) {
				m := release.New()
				m.Name, m.Project, m.Version = "db", "demo", "7"
				m.Outputs = []*release.Variable{{ID: "released"}}
				return m, dir
			}
		})
		if got := outputs(deps(t, w, filepath.Join(dir, "app", "escape.yml"))["demo/db"]); got != test.want {
			t.Errorf("a plan of version %s for %s: %s is taken, want %s", test.version, test.asks, got, test.want)
		}
	}
}

const shop = `
-- app/escape.yml --
name: shop/app
version: 1.0.@
depends: [shop/db-latest as db]
extends: [shop/base-latest]
consumes: [sql]
outputs:
- {id: a, default: $db.outputs.adress}
- {id: b, default: $db.outputs.added}
- {id: c, default: $this.inputs.size.upper()}
- {id: d, default: $sql.outputs.nothing_known}
-- data/db/escape.yml --
name: shop/db
version: 1.0.@
inputs:
- {id: size, type: integer}
outputs:
- address
-- base/escape.yml --
name: shop/base
version: 2.0
provides: [sql]
outputs: [x]
-- deps/shop/other/escape.yml --
name: shop/unpacked
-- node_modules/escape.yml --
name: shop/node
-- vendor/escape.yml --
name: shop/vendor
-- .git/escape.yml --
name: shop/git
-- .escape/escape.yml --
name: shop/hidden
`

func TestFindings(t *testing.T) {
	dir := lay(t, shop)
	got := analyze(t, open(dir, nil), filepath.Join(dir, "app"))
	for _, want := range []string{
		`escape.yml:7:32: error: "$db.outputs" has no key "adress"; did you mean "address"? [ESC3002]`,
		`    = data/db/escape.yml:6:3: "address" is declared here`,
		`escape.yml:8:32: error: "$db.outputs" has no key "added"`,
		`    = data/db/escape.yml:5:1: these are the outputs of "shop/db"`,
		`"upper" works on a string, but this is an integer`,
		`no provider of "sql" that is known here has the output "nothing_known"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %s:\n%s", want, got)
		}
	}
}

// TestSkipped: folders of others hold no plans of the workspace.
func TestSkipped(t *testing.T) {
	dir := lay(t, shop+`
-- asks/escape.yml --
name: shop/asks
depends: [shop/unpacked-latest, shop/node-latest, shop/vendor-latest, shop/git-latest, shop/hidden-latest, shop/db-latest]
`)
	got := slices.Sorted(maps.Keys(deps(t, open(dir, nil), filepath.Join(dir, "asks", "escape.yml"))))
	if want := []string{"shop/db", "shop/db-latest"}; !slices.Equal(got, want) {
		t.Errorf("known are %q, want %q", got, want)
	}
}

// TestUnknown: nothing is said about what a broken plan, or one that needs what is not known, may have.
func TestUnknown(t *testing.T) {
	app := `
-- app/escape.yml --
name: demo/app
version: 1.0.@
depends:
- release_id: demo/db-latest as db
  mapping: {some: 1}
  consumes: {thing: $db.x}
outputs:
- {id: a, default: $db.outputs.some}
- {id: b, default: $db.metadata.some}
- {id: c, default: $this.inputs.some}
-- db/escape.yml --
`
	for name, text := range map[string]string{
		"broken":            "name: demo/db\nversion: 1.0.@\noutputs: [a\nmetadata: {x: 'y}\n",
		"not a plan":        "name: demo/db\n\x00",
		"empty":             "",
		"unknown extension": "name: demo/db\nversion: 1.0.@\nextends: [demo/nowhere-v1]\n",
		"misspelt":          "name: demo/db\nversion: 1.0.@\ninptus: [a]\noutptus: [{id: a, default: x}]\nmetdata: {a: x}\nconsmues: [a]\n",
		"wrong entries":     "name: demo/db\nversion: 1.0.@\ninputs: [9]\noutputs: [{di: a}]\nmetadata: [a]\nconsumes: [a b]\n",
		"bad extension":     "name: demo/db\nversion: 1.0.@\nextends: [demo]\n",
	} {
		dir := lay(t, app+text)
		got := analyze(t, open(dir, nil), filepath.Join(dir, "app"))
		for line := range strings.SplitSeq(got, "\n") {
			if strings.Contains(line, "[ESC") && !strings.Contains(line, "no key \"x\"") && !strings.Contains(line, "ESC4107") && !strings.Contains(line, "$db.x") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	// An unknown dependency brings inputs and consumers, not outputs.
	dir := lay(t, app+"name: demo/db\nversion: 1.0.@\ndepends: [demo/nowhere-v1]\n")
	if got := analyze(t, open(dir, nil), filepath.Join(dir, "app")); strings.Count(got, "[ESC3002]") != 3 || strings.Contains(got, "ESC4105") {
		t.Errorf("with an unknown dependency:\n%s", got)
	}
}

// TestAmbiguous: two plans of one name are no plan; the second of a folder does not count.
func TestAmbiguous(t *testing.T) {
	dir := lay(t, `
-- app/escape.yml --
name: demo/app
depends: [demo/one-latest, demo/two-latest]
-- x/escape.yml --
name: demo/one
outputs: [yml]
-- x/escape.yaml --
name: demo/one
outputs: [yaml]
-- a/escape.yml --
name: demo/two
-- b/escape.yml --
name: "demo/two"
`)
	known := deps(t, open(dir, nil), filepath.Join(dir, "app", "escape.yml"))
	if got := outputs(known["demo/one"]); got != "yml" {
		t.Errorf("of two plans in a folder %s is taken", got)
	}
	if known["demo/two"] != nil {
		t.Error("one of two plans is taken")
	}
}

// TestNotations: what a plan is written in does not matter, nor how its name is.
func TestNotations(t *testing.T) {
	for name, text := range map[string]string{
		"escape.yml":  "{name: demo/db, outputs: [url]}",
		"escape.yaml": "outputs: [url]\nname:   'demo/db'   # comment\r\n",
		"escape.hcl":  "name = \"demo/db\"\noutput \"url\" {}\n",
	} {
		dir := lay(t, "-- app/escape.yml --\nname: demo/app\ndepends: [demo/db-latest]\n-- db/"+name+" --\n"+text)
		if got := outputs(deps(t, open(dir, nil), filepath.Join(dir, "app", "escape.yml"))["demo/db"]); got != "url" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestEditor: an editor shows texts that are not in the file system.
func TestEditor(t *testing.T) {
	dir := lay(t, shop)
	db := filepath.Join(dir, "data", "db", "escape.yml")
	w := open(dir, func(o *workspace.Options) {
		o.ReadFile = func(file string) ([]byte, error) {
			if file == db {
				return []byte("name: shop/db\noutputs: [adress, added]\n"), nil
			}
			return os.ReadFile(file)
		}
	})
	if got := analyze(t, w, filepath.Join(dir, "app")); strings.Contains(got, "$db.outputs") {
		t.Errorf("the text of the editor is not seen:\n%s", got)
	}
}

// TestBrought: what an extension brings along is known too, over another extension as well.
func TestBrought(t *testing.T) {
	dir := lay(t, `
-- app/escape.yml --
name: demo/app
version: 1.0.@
extends: [demo/base-latest]
deploy: make
deploy_outputs:
- {id: a, default: $db.outputs.ulr}
- {id: b, default: $disk.outputs.ulr}
-- base/escape.yml --
name: demo/base
version: 1.0.@
depends: [demo/db-latest as db]
extends: [demo/first-latest]
-- first/escape.yml --
name: demo/first
version: 1.0.@
depends: [demo/disk-latest as disk]
-- db/escape.yml --
name: demo/db
version: 1.0.@
outputs: [url]
-- disk/escape.yml --
name: demo/disk
version: 1.0.@
outputs: [url]
`)
	got := analyze(t, open(dir, nil), filepath.Join(dir, "app"))
	for _, want := range []string{`"$db.outputs" has no key "ulr"`, `= db/escape.yml:3:11: "url" is declared here`,
		`"$disk.outputs" has no key "ulr"`, `= disk/escape.yml:3:11: "url" is declared here`} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %s:\n%s", want, got)
		}
	}
}

func TestNeeding(t *testing.T) {
	dir := lay(t, shop)
	w := open(dir, nil)
	app := filepath.Join(dir, "app", "escape.yml")
	for range 2 { // whether the plans were read or not
		for pkg, want := range map[string][]string{"shop/db": {app}, "shop/base": {app}, "shop/app": nil, "db": nil} {
			if got := w.Needing(pkg); !slices.Equal(got, want) {
				t.Errorf("%s is needed by %q, want %q", pkg, got, want)
			}
		}
	}
}

// TestChanged: an editor says which plans are new, gone or different.
func TestChanged(t *testing.T) {
	dir := lay(t, shop)
	w := open(dir, nil)
	app, db := filepath.Join(dir, "app"), filepath.Join(dir, "data", "db", "escape.yml")
	save := func(file, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		w.Changed(file)
	}
	if got := analyze(t, w, app); !strings.Contains(got, `no key "adress"`) {
		t.Errorf("at first:\n%s", got)
	}
	save(db, "name: shop/db\noutputs: [adress, added]\n")
	if got := analyze(t, w, app); strings.Contains(got, "$db.outputs") {
		t.Errorf("the new text is not seen:\n%s", got)
	}
	if err := os.Remove(db); err != nil {
		t.Fatal(err)
	}
	w.Changed(db)
	if got := deps(t, w, filepath.Join(app, "escape.yml"))["db"]; got != nil {
		t.Error("the plan is gone, but known")
	}
	save(filepath.Join(dir, "elsewhere", "escape.hcl"), "name = \"shop/db\"\noutput \"here\" {}\n")
	if got := outputs(deps(t, w, filepath.Join(app, "escape.yml"))["db"]); got != "here" {
		t.Errorf("the new plan has %s", got)
	}
	save(filepath.Join(dir, "vendor", "db", "escape.yml"), "name: shop/db\n")
	save(filepath.Join(dir, "elsewhere", "other.yml"), "name: shop/db\n")
	if got := outputs(deps(t, w, filepath.Join(app, "escape.yml"))["db"]); got != "here" {
		t.Errorf("with files that do not matter it has %s", got)
	}
}

// TestSame: a plan is checked against the source of another as against the release that is made of it.
func TestSame(t *testing.T) {
	files, err := filepath.Glob("../../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	const user = `
-- user/escape.yml --
name: test/user
version: 1.0.@
depends:
- release_id: %s-latest as it
  mapping: {a: x, size: 3}
  consumes: {k8s: $it.name, kubernetes: $it.name}
outputs:
- {id: a, default: $it.outputs.url}
- {id: b, default: $it.outputs.a.upper()}
- {id: c, default: $it.inputs.a.upper()}
- {id: d, default: $it.metadata.a}
- {id: e, default: $this.inputs.a.length()}
- {id: f, default: $k8s.version}
`
	compared := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name != "in.yml" && !strings.HasPrefix(f.Name, "in/") || strings.HasSuffix(f.Name, ".hcl") {
				continue
			}
			p, whole := lang.Decode(source.NewFile("escape.yml", string(f.Data)))
			if len(p.Extends) > 0 || len(p.Depends) > 0 || len(p.Lost.Fields()) > 0 || !whole || release.CheckName(strings.TrimPrefix(p.Name.Value, "demo/")) != nil {
				continue
			}
			m, findings, err := compile.Compile(t.Context(), p, compile.Options{Dir: t.TempDir()})
			if err != nil || findings.HasErrors() {
				continue
			}
			dir := lay(t, fmt.Sprintf(user, m.VersionlessID())+"-- it/escape.yml --\n"+string(f.Data))
			from := analyze(t, open(dir, nil), filepath.Join(dir, "user"))
			released := analyze(t, open(dir, func(o *workspace.Options) {
				o.Root = ""
				o.Released = func(string, release.ID) (*release.Metadata, string) { return m, dir }
			}), filepath.Join(dir, "user"))
			var lines []string
			for line := range strings.Lines(from) {
				if !strings.HasPrefix(line, "    = it"+string(filepath.Separator)+"escape.yml:") {
					lines = append(lines, line)
				}
			}
			if diff := cmp.Diff(released, strings.Join(lines, "")); diff != "" {
				t.Errorf("%s, %s (-release +source):\n%s", file, f.Name, diff)
			}
			compared++
		}
	}
	if compared < 50 {
		t.Errorf("only %d plans are compared", compared)
	}
}

// TestBelow: what packages of the workspace need is known too, and releases need releases.
func TestBelow(t *testing.T) {
	dir := lay(t, `
-- app/escape.yml --
name: demo/app
depends: [demo/db-latest]
-- db/escape.yml --
name: demo/db
depends: [demo/disk-latest, other/net-v1]
-- disk/escape.yml --
name: demo/disk
inputs: [size]
`)
	asked := []string{}
	w := open(dir, func(o *workspace.Options) {
		o.Released = func(in string, id release.ID) (*release.Metadata, string) {
			rel, _ := filepath.Rel(dir, in)
			asked = append(asked, rel+" "+id.String())
			if id.Name != "net" {
				return nil, ""
			}
			m := release.New()
			m.Name, m.Project, m.Version = "net", "other", "1"
			m.Depends = []*release.Dependency{{ReleaseID: "demo/disk-v1"}}
			return m, filepath.Join(in, "deps")
		}
	})
	known := deps(t, w, filepath.Join(dir, "app", "escape.yml"))
	got := slices.Sorted(maps.Keys(known))
	if want := []string{"demo/db", "demo/db-latest", "demo/disk-latest", "other/net-v1"}; !slices.Equal(got, want) {
		t.Errorf("known are %q, want %q", got, want)
	}
	slices.Sort(asked)
	asked = slices.Compact(asked)
	if want := []string{"db other/net-v1", filepath.Join("db", "deps") + " demo/disk-v1"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	if _, ok := known["demo/db"].Input("size"); !ok {
		t.Error("db does not need the size of disk")
	}
}

// many returns a workspace of n plans that need each other: each the next two, and the last, if circle is set, the first.
func many(t testing.TB, n int, circle bool) string {
	var b strings.Builder
	filler := strings.Repeat("# a comment that makes the plan as long as plans are\n", 60)
	for i := range n {
		fmt.Fprintf(&b, "-- p%d/escape.yml --\nname: demo/p%d\nversion: 1.0.@\n%sinputs: [a%d]\nbuild: make\ndeploy: make\noutputs: [o%d]\ndepends:\n", i, i, filler, i, i)
		for _, next := range []int{i + 1, i + 2} {
			if next < n || circle {
				fmt.Fprintf(&b, "- {release_id: demo/p%d-latest as p%d, mapping: {a%d: x}}\n", next%n, next%n, next%n)
			}
		}
	}
	return lay(t, b.String())
}

// TestParallel: several plans are looked at at the same time, and what is found does not depend on the order.
func TestParallel(t *testing.T) {
	for _, circle := range []bool{false, true} {
		const n = 12
		dir := many(t, n, circle)
		w := open(dir, nil)
		var got [n]string
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { got[i] = analyze(t, w, filepath.Join(dir, fmt.Sprintf("p%d", i))) })
		}
		wg.Go(func() { w.Changed(filepath.Join(dir, "p3", "escape.yml")) })
		wg.Wait()
		for i := range n {
			if alone := analyze(t, open(dir, nil), filepath.Join(dir, fmt.Sprintf("p%d", i))); alone != got[i] {
				t.Errorf("plan %d (-alone +together):\n%s", i, cmp.Diff(alone, got[i]))
			}
			if circle != strings.Contains(got[i], "depends on itself") {
				t.Errorf("plan %d, circle %t:\n%s", i, circle, got[i])
			}
		}
	}
}

func BenchmarkThousand(b *testing.B) {
	dir := many(b, 1000, false)
	for b.Loop() {
		w := open(dir, nil)
		deps(b, w, filepath.Join(dir, "p998", "escape.yml"))
	}
}

func BenchmarkThousandAll(b *testing.B) {
	dir := many(b, 1000, false)
	for b.Loop() {
		w := open(dir, nil)
		deps(b, w, filepath.Join(dir, "p0", "escape.yml"))
	}
}

// TestNeeded: what the packages of a plan need themselves is told when somebody asks, and from then on matters to the plan.
func TestNeeded(t *testing.T) {
	dir := lay(t, `
-- app/escape.yml --
name: demo/app
version: 1.0
depends: [demo/db-latest as db]
-- db/escape.yml --
name: demo/db
version: 1.0
depends: [demo/net-latest as net, demo/none-latest]
-- net/escape.yml --
name: demo/net
version: 1.0
outputs: [address]
`)
	w := open(dir, nil)
	file := filepath.Join(dir, "app", "escape.yml")
	m := deps(t, w, file)["db"]
	now := w.Now(nil, file)
	id := func(s string) release.ID {
		id, err := release.ParseID(s)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	for _, c := range []struct {
		m        *release.Metadata
		id, want string
	}{{m, "demo/net-latest", "address"}, {m, "demo/net-v2.0", "unknown"}, {m, "demo/none-latest", "unknown"}, {release.New(), "demo/net-latest", "unknown"}} {
		if got := outputs(w.Needed(c.m, id(c.id))); got != c.want {
			t.Errorf("%s needs %s with the outputs %q, want %q", c.m.Name, c.id, got, c.want)
		}
	}
	net := filepath.Join(dir, "net", "escape.yml")
	if err := os.WriteFile(net, []byte("name: demo/net\nversion: 1.0\noutputs: [url]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.Changed(net)
	if !w.Since(now, file) {
		t.Error("the change of a plan that was asked for does not matter")
	}
	if got := outputs(w.Needed(deps(t, w, file)["db"], id("demo/net-latest"))); got != "url" {
		t.Errorf("after the change, the outputs are %q", got)
	}
}
