package symbol_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

const workspace = `
-- .git/HEAD --
-- db/escape.yml --
name: shop/db
version: 1.0.@
extends: [shop/base-v1.0 as base]
provides: [postgres]
inputs:
- id: size
  type: integer
- zone
outputs:
- id: url
  default: $this.inputs.zone
errands:
  vacuum:
    run: scripts/vacuum.sh
    inputs: [depth]
-- db/scripts/vacuum.sh --
#!/bin/sh
vacuumdb "$INPUT_depth" "$INPUT_zone" "$INPUT_region"
-- web/escape.yml --
name: shop/web
version: 1.0.@
metadata: {team: shop}
depends:
- release_id: shop/db-v1.0.@ as db
  mapping: {size: 10}
  deployment_name: store
consumes:
- postgres as pg
- kubernetes
inputs:
- zone
outputs:
- id: database
  default: $db.outputs.url.concat($func(a) { $a.upper() }($this.inputs.zone), $pg.outputs.url, $kubernetes.deployment)
- id: team
  type: string
  default: $this.metadata.team
build: scripts/build.sh
templates:
- file: web.conf.tpl
  target: web.conf
  mapping:
    host: $this.deployment
-- web/scripts/build.sh --
#!/bin/sh
. scripts/lib.sh
printf '{"team": "%s"}' "$INPUT_METADATA_team" > "$1"
-- web/scripts/lib.sh --
echo "$INPUT_zone"
-- web/web.conf.tpl --
{{#host}}{{zone}}{{/host}} {{name}}
-- hcl/escape.hcl --
name    = "shop/hcl"
version = "1.0.@"
depends "shop/db-v1.0.@" {
  as      = "db"
  mapping = { size = 10, zone = this.inputs.zone }
}
consumes "kubernetes" { as = "k8s" }
input "zone" {}
output "url" { default = concat(db.outputs["url"], k8s.name) }
errand "check" {
  run { inline = "echo $INPUT_zone" }
}
-- db/deps/shop/base/release.json --
{"api_version": 15, "name": "base", "project": "shop", "version": "1.0", "inputs": [{"id": "region", "type": "string", "scopes": ["build", "deploy"]}]}
`

// open writes an archive to a folder and returns a snapshot of it.
func open(t testing.TB, text string) (*cache.Snapshot, string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(text)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	s := cache.New(cache.Options{Released: released})
	s.SetFolders([]string{dir})
	snap := s.Snapshot()
	snap.Load(t.Context(), filepath.Join(dir, "web"))
	return snap, dir
}

// released reads what is unpacked below deps.
func released(dir string, id release.ID) (*release.Metadata, string) {
	below := filepath.Join(dir, "deps", id.Namespace, id.Name)
	text, err := os.ReadFile(filepath.Join(below, "release.json"))
	if err != nil {
		return nil, below
	}
	m, err := release.Decode(text)
	if err != nil {
		return nil, below
	}
	return m, below
}

func TestAt(t *testing.T) {
	snap, dir := open(t, workspace)
	for _, c := range []struct{ file, before, want string }{
		{"web/escape.yml", "name: shop", "package shop/web -> web/escape.yml:1:7"},
		{"web/escape.yml", "release_id: sh", "package shop/db -> db/escape.yml:1:7"},
		{"web/escape.yml", "as d", "dependency db -> web/escape.yml:5:33"},
		{"web/escape.yml", "{siz", "input size -> db/escape.yml:6:7"},
		{"web/escape.yml", "deployment_name: s", "deployment name store -> web/escape.yml:7:20"},
		{"web/escape.yml", "deployment_n", "field deployment_name"},
		{"web/escape.yml", "outp", "field outputs"},
		{"web/escape.yml", "- postg", "interface postgres -> db/escape.yml:4:12"},
		{"web/escape.yml", "$db.outputs.u", "output url -> db/escape.yml:10:7"},
		{"web/escape.yml", "$db.outp", "field outputs"},
		{"web/escape.yml", "$d", "dependency db -> web/escape.yml:5:33"},
		{"web/escape.yml", "con", "field consumes"},
		{"web/escape.yml", ".conc", "builtin concat"},
		{"web/escape.yml", "$func(a", "parameter a -> web/escape.yml:15:41"},
		{"web/escape.yml", "{ $a", "parameter a -> web/escape.yml:15:41"},
		{"web/escape.yml", "$this.inputs.z", "input zone -> web/escape.yml:12:3 db/escape.yml:8:3"},
		{"web/escape.yml", "$th", "package shop/web -> web/escape.yml:1:7"},
		{"web/escape.yml", "$pg.outputs.u", "output url -> db/escape.yml:10:7"},
		{"web/escape.yml", "$p", "consumer pg -> web/escape.yml:9:15"},
		{"web/escape.yml", "$kub", "consumer kubernetes -> web/escape.yml:10:3"},
		{"web/escape.yml", "type: str", "type string"},
		{"web/escape.yml", "metadata.te", "metadata key team -> web/escape.yml:3:12"},
		{"web/escape.yml", "build: scr", "file scripts/build.sh -> web/scripts/build.sh:1:1"},
		{"web/escape.yml", "\nbui", "step build -> web/escape.yml:19:1"},
		{"web/escape.yml", "file: web", "template web.conf.tpl -> web/web.conf.tpl:1:1"},
		{"web/escape.yml", "hos", "template tag host -> web/escape.yml:24:5"},
		{"web/scripts/build.sh", "scripts/l", "file scripts/lib.sh -> web/scripts/lib.sh:1:1"},
		{"web/scripts/build.sh", "{\"te", "output team -> web/escape.yml:16:7"},
		{"web/scripts/build.sh", "METADATA_t", "metadata key team -> web/escape.yml:3:12"},
		{"web/scripts/lib.sh", "INPUT_z", "input zone -> web/escape.yml:12:3 db/escape.yml:8:3"},
		{"web/web.conf.tpl", "{{#ho", "template tag host -> web/escape.yml:24:5"},
		{"web/web.conf.tpl", "{{/ho", "template tag host -> web/escape.yml:24:5"},
		{"web/web.conf.tpl", "{{na", "field name"},
		{"db/escape.yml", "vac", "errand vacuum -> db/escape.yml:13:3"},
		{"db/escape.yml", "[de", "errand input depth -> db/escape.yml:15:14"},
		{"db/escape.yml", "extends: [sh", "package shop/base -> db/deps/shop/base/release.json:1:30"},
		{"db/scripts/vacuum.sh", "INPUT_d", "errand input depth -> db/escape.yml:15:14"},
		{"db/scripts/vacuum.sh", "INPUT_r", "input region -> db/deps/shop/base/release.json:1:93"},
		{"hcl/escape.hcl", "depends \"sh", "package shop/db -> db/escape.yml:1:7"},
		{"hcl/escape.hcl", "as      = \"d", "dependency db -> hcl/escape.hcl:4:14"},
		{"hcl/escape.hcl", "mapping = { si", "input size -> db/escape.yml:6:7"},
		{"hcl/escape.hcl", "this.inputs.z", "input zone -> hcl/escape.hcl:8:8"},
		{"hcl/escape.hcl", "(d", "dependency db -> hcl/escape.hcl:4:14"},
		{"hcl/escape.hcl", "outputs[\"u", "output url -> db/escape.yml:10:7"},
		{"hcl/escape.hcl", "k8", "consumer k8s -> hcl/escape.hcl:7:31"},
		{"hcl/escape.hcl", "defaul", "field default"},
		{"hcl/escape.hcl", "INPUT_zo", "input zone -> hcl/escape.hcl:8:8"},
		{"hcl/escape.hcl", "errand \"ch", "errand check -> hcl/escape.hcl:10:9"},
		{"hcl/escape.hcl", "  ru", "field run"},
	} {
		d := snap.File(filepath.Join(dir, c.file))
		off := strings.Index(d.Source.Text(), c.before)
		if off < 0 {
			t.Fatalf("%s has no %q", c.file, c.before)
		}
		s, ok := symbol.At(snap, d, off+len(c.before))
		got := "nothing"
		if ok {
			name := s.Name
			if rel, err := filepath.Rel(dir, filepath.Join(filepath.Dir(s.Plan.Doc.Path), ".")); err == nil && filepath.IsAbs(name) {
				name, _ = filepath.Rel(filepath.Join(dir, rel), name)
			}
			got = fmt.Sprintf("%v %s", s.Kind, name)
			if len(s.Defs) > 0 {
				got += " ->"
			}
			for _, def := range s.Defs {
				rel, _ := filepath.Rel(dir, def.File.Name())
				at := def.File.Position(int(def.Span.Start))
				got += fmt.Sprintf(" %s:%d:%d", rel, at.Line, at.Column)
			}
		}
		if got != c.want {
			t.Errorf("%s at %q: %s, want %s", c.file, c.before, got, c.want)
		}
	}
}
