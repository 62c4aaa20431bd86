package lsp_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.lsp.dev/protocol"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/markertest"
)

// cursor marks a place in the text of a test.
const cursor = "‸"

// openAt opens a plan with a cursor in it, beside others.
func openAt(t *testing.T, name, text string, files map[string]string) (opened, protocol.TextDocumentPositionParams) {
	t.Helper()
	at := strings.Index(text, cursor)
	if at < 0 {
		t.Fatalf("there is no cursor in %q", text)
	}
	all := map[string]string{name: strings.Replace(text, cursor, "", 1)}
	for file, text := range files {
		all[file] = text
	}
	o := open(t, name, all)
	return o, o.at(at)
}

// at is a place in the document.
func (o opened) at(off int) protocol.TextDocumentPositionParams {
	return protocol.TextDocumentPositionParams{
		TextDocument: o.id(), Position: markertest.Range(o.Text(o.uri), source.Span{Start: int32(off), End: int32(off)}).Start,
	}
}

// items are what is offered at a place, best first.
func (o opened) items(at protocol.TextDocumentPositionParams) []protocol.CompletionItem {
	o.T.Helper()
	got, err := o.Server.Completion(o.Ctx, &protocol.CompletionParams{TextDocumentPositionParams: at})
	if err != nil {
		o.T.Fatal(err)
	}
	items := got.(*protocol.CompletionList).Items
	slices.SortStableFunc(items, func(a, b protocol.CompletionItem) int {
		s, _ := a.SortText.Get()
		t, _ := b.SortText.Get()
		return strings.Compare(s, t)
	})
	return items
}

func names(items []protocol.CompletionItem) []string {
	var list []string
	for _, it := range items {
		list = append(list, it.Label)
	}
	return list
}

const database = `name: shop/db
version: 1.0.0
inputs:
- id: size
  default: small
outputs:
- id: url
  default: here
- id: port
  type: integer
  default: 5432
`

// Half-typed expressions are completed in all forms of texts.
func TestBehaviour08_HalfTypedExpressions(t *testing.T) {
	typed := []struct{ yaml, hcl, want string }{
		{"$‸", "‸", "this"},
		{"$db.‸", "db.‸", "outputs"},
		{"$db.outp‸", "db.outp‸", "outputs"},
		{"$db.outputs.url.sp‸", "upper(spl‸", "split"},
		{"$__upper($‸", "upper(‸", "this"},
		{"$__upper($db.outputs.‸", "upper(db.outputs.‸", "url"},
		{"$__upper($db.outputs.‸)", "upper(db.outputs.‸)", "url"},
		{"$__conc‸", "conc‸", "concat"},
	}
	quoted := func(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }
	same := func(s string) string { return s }
	forms := []struct {
		name, file, before, after string
		write                     func(string) string
	}{
		{"plain", "escape.yml", "  default: ", "", same},
		{"single quotes", "escape.yml", "  default: '", "'", same},
		{"double quotes", "escape.yml", `  default: "`, `"`, quoted},
		{"open double quotes", "escape.yml", `  default: "`, "", quoted},
		{"literal", "escape.yml", "  default: |-\n    ", "", same},
		{"folded", "escape.yml", "  default: >-\n    ", "", same},
		{"list", "escape.yml", "  default:\n  - ", "", same},
		{"flow list", "escape.yml", "  default: [\"", "\"]", quoted},
		{"open flow list", "escape.yml", "  default: [", "", same},
		{"native", "escape.hcl", "  default = ", "", same},
		{"list in HCL", "escape.hcl", "  default = [", "]", same},
		{"template", "escape.hcl", `  default = "a ${`, `}"`, same},
		{"open template", "escape.hcl", `  default = "a ${`, "", same},
		{"heredoc", "escape.hcl", "  default = <<-EOT\n    a ${", "}\n  EOT", same},
	}
	for _, form := range forms {
		for _, x := range typed {
			head, text, want, tail := "name: shop/web\nversion: 0.1.@\ndepends:\n- shop/db-v1.0.0 as db\noutputs:\n- id: o\n", x.yaml, x.want, "\n"
			if form.file == "escape.hcl" {
				head, text = "name    = \"shop/web\"\nversion = \"0.1.@\"\ndepends \"shop/db-v1.0.0\" {\n  as = \"db\"\n}\noutput \"o\" {\n", x.hcl
				tail = "\n}\n"
			} else if want == "concat" {
				want = "__concat"
			}
			t.Run(form.name+"/"+text, func(t *testing.T) {
				o, at := openAt(t, form.file, head+form.before+form.write(text)+form.after+tail, map[string]string{"db/escape.yml": database})
				got := names(o.items(at))
				if !slices.Contains(got[:min(len(got), 3)], want) {
					t.Errorf("the first of %q is not %q", got, want)
				}
			})
		}
	}
}

// Only what the type has is offered, what fits best comes first, and what is there already or no longer wanted is told apart.
func TestBehaviour09_CompletionKnowsTypes(t *testing.T) {
	const yaml, hcl = "name: shop/web\nversion: 0.1.@\n", "name    = \"shop/web\"\nversion = \"0.1.@\"\n"
	for _, c := range []struct {
		file, text  string
		first       string
		with, never []string
	}{
		{"escape.yml", yaml + "inputs:\n- {id: n, type: integer, default: 1}\noutputs:\n- id: o\n  default: $this.inputs.n.‸\n", "", []string{"add"}, []string{"split", "join", "upper"}},
		{"escape.hcl", hcl + "input \"n\" {\n  type    = integer\n  default = 1\n}\noutput \"o\" {\n  default = this.inputs.n.‸\n}\n", "", nil, []string{"add", "split", "join", "upper"}},
		{"escape.yml", yaml + "inputs:\n- {id: s, default: a}\n- {id: n, type: integer, default: 1}\noutputs:\n- id: o\n  type: integer\n  default: $this.inputs.‸\n", "n", []string{"s"}, nil},
		{"escape.hcl", hcl + "input \"a\" {\n  default = \"a\"\n}\ninput \"n\" {\n  type    = integer\n  default = 1\n}\noutput \"o\" {\n  type    = integer\n  default = this.inputs.‸\n}\n", "n", []string{"a"}, nil},
		{"escape.yml", yaml + "inputs:\n- id: s\n  default: a\n  ‸\n", "", []string{"type"}, []string{"id", "default"}},
		{"escape.hcl", hcl + "input \"s\" {\n  default = \"a\"\n  ‸\n}\n", "", []string{"type"}, []string{"id", "default"}},
		{"escape.yml", yaml + "depends:\n- release_id: shop/db-v1.0.0 as db\n  mapping:\n    size: large\n    ‸\n", "", nil, []string{"size"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			o, at := openAt(t, c.file, c.text, map[string]string{"db/escape.yml": database})
			got := names(o.items(at))
			if c.first != "" && (len(got) == 0 || got[0] != c.first) {
				t.Errorf("%q: the first of %q is not %q", c.text, got, c.first)
			}
			for _, name := range c.with {
				if !slices.Contains(got, name) {
					t.Errorf("%q: %q is missing in %q", c.text, name, got)
				}
			}
			for _, name := range c.never {
				if slices.Contains(got, name) {
					t.Errorf("%q: %q is offered", c.text, name)
				}
			}
		})
	}
	o, at := openAt(t, "escape.yml", yaml+"consumes:\n- name: kubernetes\n  ‸\n", nil)
	for _, it := range o.items(at) {
		if it.Label == "variable" && !slices.Contains(it.Tags, protocol.CompletionItemTagDeprecated) {
			t.Error("a key that is no longer wanted is not struck out")
		}
	}
}

// A consumer in both notations, with what uses its input: scripts, templates, a plan below it and one that depends on it.
var everywhere = map[string]map[string]string{
	"escape.yml": {
		"escape.yml": "name: shop/db\nversion: 1.0.0\n# the size of the disk: size\ninputs:\n- id: size\n  default: small\noutputs:\n- id: url\n  default: $__concat(\"size \", $this.inputs.size)\n" +
			"deploy: deploy.sh\ntemplates:\n- db.tpl\n",
	},
	"escape.hcl": {
		"escape.hcl": "name    = \"shop/db\"\nversion = \"1.0.0\"\n# the size of the disk: size\ninput \"size\" {\n  default = \"small\"\n}\noutput \"url\" {\n  default = \"size ${this.inputs.size}\"\n}\n" +
			"deploy    = \"deploy.sh\"\ntemplates = [\"db.tpl\"]\n",
	},
}

// around are the files beside them.
var around = map[string]string{
	"deploy.sh":          "#!/bin/sh\n# size: the size\necho size \"$INPUT_size\"\n",
	"db.tpl":             "size={{{size}}}\n",
	"web/escape.yml":     "name: shop/web\nversion: 1.0.0\ndepends:\n- release_id: shop/db-v1.0.0 as db\n  mapping:\n    size: large\noutputs:\n- id: u\n  default: $__concat($db.outputs.url, $db.inputs.size)\n",
	"web/sub/escape.hcl": "name    = \"shop/sub\"\nversion = \"1.0.0\"\ndepends \"shop/db-v1.0.0\" {\n  as = \"db\"\n  mapping = {\n    size = \"size\"\n  }\n}\n",
}

// Renaming an input changes its plan, scripts, templates and the plans that depend on it, in one step; equal words stay. What
// cannot be renamed says why.
func TestBehaviour12_RenameReachesEverything(t *testing.T) {
	want := map[string]int{"deploy.sh": 1, "db.tpl": 1, "web/escape.yml": 2, "web/sub/escape.hcl": 1}
	for name, plan := range everywhere {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(around)
			files[name] = plan[name]
			o := open(t, name, files)
			at := o.at(strings.Index(files[name], "this.inputs.size") + len("this.inputs.s"))
			edit, err := o.Server.Rename(o.Ctx, &protocol.RenameParams{TextDocumentPositionParams: at, NewName: "capacity"})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, change := range edit.DocumentChanges {
				d := change.(*protocol.TextDocumentEdit)
				file := o.Name(d.TextDocument.URI)
				got[file] += len(d.Edits)
				text := source.NewFile(file, files[file])
				for _, e := range d.Edits {
					e := e.(*protocol.TextEdit)
					if span, ok := markertest.Span(text, e.Range); !ok || text.Slice(span) != "size" || e.NewText != "capacity" {
						t.Errorf("%s: %v becomes %q", file, e.Range, e.NewText)
					}
				}
			}
			want[name] = 2
			defer delete(want, name)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("there are edits %v, want %v", got, want)
			}
			for _, bad := range []string{"a b", "", "1"} {
				if _, err := o.Server.Rename(o.Ctx, &protocol.RenameParams{TextDocumentPositionParams: at, NewName: bad}); err == nil {
					t.Errorf("%q is taken as a name", bad)
				}
			}
			if err := os.Chmod(filepath.Join(o.Dir, "deploy.sh"), 0o444); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Server.Rename(o.Ctx, &protocol.RenameParams{TextDocumentPositionParams: at, NewName: "capacity"}); err == nil || !strings.Contains(err.Error(), "deploy.sh") {
				t.Errorf("a script that cannot be written does not stop it: %v", err)
			}
		})
	}
}

// Definitions lead to other files, and references lead back.
func TestBehaviour13_DefinitionsLeaveTheFile(t *testing.T) {
	for name, plan := range everywhere {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(around)
			files[name] = plan[name]
			o := open(t, name, files)
			for _, c := range []struct{ from, before, word, to string }{
				{"web/escape.yml", "- release_id: ", "shop/db", name},
				{"web/escape.yml", "$db.outputs.", "url", name},
				{"web/escape.yml", "    ", "size", name},
				{"web/sub/escape.hcl", "    ", "size", name},
				{"deploy.sh", "$INPUT_", "size", name},
				{"db.tpl", "{{{", "size", name},
				{name, "", "deploy.sh", "deploy.sh"},
				{name, "", "db.tpl", "db.tpl"},
			} {
				u := o.URI(c.from)
				if c.from != name && o.Text(u) == nil {
					o.Open(u, markertest.Language(c.from), files[c.from])
				}
				from := opened{o.Client, u}
				off := strings.Index(files[c.from], c.before+c.word) + len(c.before)
				here := markertest.Range(o.Text(u), source.Span{Start: int32(off), End: int32(off + len(c.word))})
				got, err := o.Server.Definition(o.Ctx, &protocol.DefinitionParams{TextDocumentPositionParams: from.at(off + 1)})
				if err != nil {
					t.Fatal(err)
				}
				list, _ := got.(protocol.LocationSlice)
				if len(list) != 1 || o.Name(list[0].URI) != c.to {
					t.Errorf("%s in %s leads to %v, want a place in %s", c.word, c.from, got, c.to)
					continue
				}
				back, err := o.Server.References(o.Ctx, &protocol.ReferenceParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
					TextDocument: protocol.TextDocumentIdentifier{URI: list[0].URI}, Position: list[0].Range.Start,
				}})
				if err != nil {
					t.Fatal(err)
				}
				if c.to == name && !slices.Contains(back, protocol.Location{URI: u, Range: here}) {
					t.Errorf("%s in %s is none of the references %v", c.word, c.from, back)
				}
			}
		})
	}
}

// A hover tells the type, what is written, the value or why it cannot be known, and where it comes from; none is empty.
func TestBehaviour14_HoverTellsTheValue(t *testing.T) {
	for _, c := range []struct {
		file, text string
		want       []string
	}{
		{"escape.yml", "name: a\nversion: 1.0\ninputs:\n- id: zone\n  description: Where it runs.\n  default: eu\noutputs:\n- id: o\n  default: $this.inputs.zo‸ne\n", []string{"**input** `zone`: `string`", "Where it runs.", "`eu`", "INPUT_zone"}},
		{"escape.hcl", "name    = \"a\"\nversion = \"1.0\"\ninput \"zone\" {\n  description = \"Where it runs.\"\n  default     = \"eu\"\n}\noutput \"o\" {\n  default = this.inputs.zo‸ne\n}\n", []string{"**input** `zone`: `string`", "Where it runs.", "`eu`", "INPUT_zone"}},
		{"escape.yml", "name: a\nversion: 1.0\ninputs:\n- zone\noutputs:\n- id: o\n  default: $this.inputs.zone.upper(‸)\n", []string{"cannot be known now", "without a default"}},
		{"escape.hcl", "name    = \"a\"\nversion = \"1.0\"\ninput \"zone\" {}\noutput \"o\" {\n  default = upper(this.inputs.zone)‸\n}\n", []string{"cannot be known now", "without a default"}},
		{"escape.yml", "name: a\nversion: 1.0\ndepends:\n- shop/db-v1.0.0 as db\noutputs:\n- id: o\n  default: $db.outputs.po‸rt\n", []string{"`integer`", "5432", "shop/db"}},
		{"escape.hcl", "name    = \"a\"\nversion = \"1.0\"\ndepends \"shop/db-v1.0.0\" {\n  as = \"db\"\n}\noutput \"o\" {\n  default = db.outputs.po‸rt\n}\n", []string{"`integer`", "5432", "shop/db"}},
		{"escape.yml", "name: a\nversion: 1.0\noutputs:\n- id: o\n  default: $__up‸per(\"a\")\n", []string{"upper(text: string) string", " = "}},
		{"escape.hcl", "name    = \"a\"\nversion = \"1.0\"\noutput \"o\" {\n  default = up‸per(\"a\")\n}\n", []string{"upper(text: string) string", " = "}},
	} {
		o, at := openAt(t, c.file, c.text, map[string]string{"db/escape.yml": database})
		got, err := o.Server.Hover(o.Ctx, &protocol.HoverParams{TextDocumentPositionParams: at})
		if err != nil {
			t.Fatal(err)
		}
		if got == nil {
			t.Errorf("there is no hover in %q", c.text)
			continue
		}
		text := got.Contents.(*protocol.MarkupContent).Value
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q: the hover does not tell %q:\n%s", c.text, want, text)
			}
		}
	}
}

// No hover is empty, at whatever place of the plans of the corpus.
func TestBehaviour14_NoHoverIsEmpty(t *testing.T) {
	archives, err := filepath.Glob("../testdata/plans/ok/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no plans", err)
	}
	shown := map[string]int{}
	for _, file := range archives {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plans := map[string]string{"escape.yml": string(a.Files[0].Data)}
		if text, _, err := convert.To(source.NewFile("escape.yml", plans["escape.yml"]), syntax.HCL); err == nil {
			plans["escape.hcl"] = text
		}
		for name, text := range plans {
			o := open(t, name, map[string]string{name: text})
			for off := 3; off < len(text); off += 97 {
				got, err := o.Server.Hover(o.Ctx, &protocol.HoverParams{TextDocumentPositionParams: o.at(off)})
				if err != nil {
					t.Fatal(err)
				}
				if got == nil {
					continue
				}
				shown[name]++
				if m, ok := got.Contents.(*protocol.MarkupContent); !ok || len(strings.TrimSpace(m.Value)) < 5 {
					t.Errorf("%s: the hover at %d is %v", file, off, got.Contents)
				}
			}
		}
	}
	for _, name := range []string{"escape.yml", "escape.hcl"} {
		if shown[name] < 100 {
			t.Errorf("there are only %d hovers in %s", shown[name], name)
		}
	}
}

// Inside of a call comes its signature with the parameter at the cursor, also if nothing is closed yet.
func TestBehaviour15_Signatures(t *testing.T) {
	for _, c := range []struct {
		file, value, label string
		active             uint32
	}{
		{"escape.yml", `$__split(‸`, "split(", 0},
		{"escape.yml", `$__split("a,b", ‸`, "split(", 1},
		{"escape.yml", `$__split("a,b", ‸)`, "split(", 1},
		{"escape.yml", `"$__split(\"a,b\", ‸`, "split(", 1},
		{"escape.yml", `'$__upper($__replace("a", "b", ‸`, "replace(", 2},
		{"escape.yml", `[$this.name.split(‸`, "split(", 0},
		{"escape.yml", "|-\n    $__concat(\"a\",\n    ‸", "concat(", 0},
		{"escape.hcl", `split(‸`, "split(", 0},
		{"escape.hcl", `split("a,b", ‸`, "split(", 1},
		{"escape.hcl", `split("a,b", ‸)`, "split(", 1},
		{"escape.hcl", `"${split("a,b", ‸`, "split(", 1},
		{"escape.hcl", `upper(replace("a", "b", ‸`, "replace(", 2},
		{"escape.hcl", "<<-EOT\n    ${split(this.name, ‸)}\n  EOT", "split(", 1},
	} {
		t.Run(c.file+"/"+c.value, func(t *testing.T) {
			text := "name: a\nversion: 1.0\noutputs:\n- id: o\n  default: " + c.value + "\n"
			if c.file == "escape.hcl" {
				text = "name    = \"a\"\nversion = \"1.0\"\noutput \"o\" {\n  default = " + c.value + "\n}\n"
			}
			o, at := openAt(t, c.file, text, nil)
			help, err := o.Server.SignatureHelp(o.Ctx, &protocol.SignatureHelpParams{TextDocumentPositionParams: at})
			if err != nil {
				t.Fatal(err)
			}
			if help == nil || len(help.Signatures) != 1 || !strings.HasPrefix(help.Signatures[0].Label, c.label) {
				t.Fatalf("the signature is %+v, want %s", help, c.label)
			}
			if n, ok := help.ActiveParameter.Get(); !ok || n != c.active {
				t.Errorf("parameter %d is active, want %d", n, c.active)
			}
		})
	}
}
