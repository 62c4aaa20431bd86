package lsp_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/format"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/markertest"
)

// opened is a document that is open in an editor with a server of its own, whose folder holds nothing else.
type opened struct {
	*markertest.Client
	uri uri.URI
}

// open writes files, by name, and opens the one called name.
func open(t *testing.T, name string, files map[string]string) opened {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := markertest.Start(t, dir, nil, nil)
	u := c.URI(name)
	c.Open(u, markertest.Language(name), files[name])
	return opened{c, u}
}

func (o opened) id() protocol.TextDocumentIdentifier {
	return protocol.TextDocumentIdentifier{URI: o.uri}
}

// actions returns the code actions at a range.
func (o opened) actions(r protocol.Range, only ...protocol.CodeActionKind) []*protocol.CodeAction {
	o.T.Helper()
	list, err := o.Server.CodeAction(o.Ctx, &protocol.CodeActionParams{
		TextDocument: o.id(), Range: r, Context: protocol.CodeActionContext{Only: only},
	})
	if err != nil {
		o.T.Fatal(err)
	}
	var out []*protocol.CodeAction
	for _, a := range list {
		out = append(out, a.(*protocol.CodeAction))
	}
	return out
}

// do makes the edits of an action in the document and returns its new text.
func (o opened) do(a *protocol.CodeAction) string {
	o.T.Helper()
	a, err := o.Server.CodeActionResolve(o.Ctx, a)
	if err != nil {
		o.T.Fatal(err)
	}
	for _, change := range a.Edit.DocumentChanges {
		edit, ok := change.(*protocol.TextDocumentEdit)
		if !ok || edit.TextDocument.URI != o.uri {
			o.T.Fatalf("%q changes another file", a.Title)
		}
		f := o.Text(o.uri)
		var edits []source.Edit
		for _, e := range edit.Edits {
			e := e.(*protocol.TextEdit)
			span, ok := markertest.Span(f, e.Range)
			if !ok {
				o.T.Fatalf("%q: no such range: %v", a.Title, e.Range)
			}
			edits = append(edits, source.Edit{Span: span, New: e.NewText})
		}
		text, err := source.Apply(f.Text(), edits)
		if err != nil {
			o.T.Fatal(err)
		}
		o.Edit(o.uri, source.Span{End: int32(len(f.Text()))}, text)
	}
	return o.Text(o.uri).Text()
}

// codes are the codes of findings.
func codes(list []protocol.Diagnostic) []string {
	var out []string
	for _, d := range list {
		out = append(out, string(d.Code.(protocol.String)))
	}
	return out
}

// Unknown names, missing fields and wrong types have a fix that is preferred, after which the finding is gone.
func TestBehaviour16_DidYouMean(t *testing.T) {
	for name, c := range map[string]struct{ file, text, code, want string }{
		"unknown name": {
			"escape.yml", "name: demo/app\nversion: 1.0.0\ninputs:\n- zone\noutputs:\n- id: z\n  default: $thsi.inputs.zone\n", "ESC3003", "$this.inputs.zone",
		},
		"unknown key in HCL": {
			"escape.hcl", "name = \"demo/app\"\nversion = \"1.0.0\"\ninput \"zone\" {}\noutput \"z\" { default = this.inputs.zoen }\n", "ESC3002", "this.inputs.zone",
		},
		"unknown method": {
			"escape.yml", "name: demo/app\nversion: 1.0.0\noutputs:\n- id: z\n  default: $this.version.uper()\n", "ESC3004", "$this.version.upper()",
		},
		"unknown field": {"escape.yml", "name: demo/app\nversion: 1.0.0\ndescriptoin: A part.\n", "ESC2001", "description: A part."},
		"unknown type": {
			"escape.hcl", "name = \"demo/app\"\nversion = \"1.0.0\"\ninput \"n\" { type = intger }\n", "ESC3020", "type = integer",
		},
		"missing field": {"escape.yml", "name: demo/app\n", "ESC4103", "version:"},
		"wrong type":    {"escape.yml", "name: demo/app\nversion: 1.0.0\ninputs:\n- id: n\n  type: integer\n  default: \"7\"\n", "ESC6164", "default: 7"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, c.file, map[string]string{c.file: c.text, ".escapelint.yml": "levels: {unused-input: off, no-description: off}\n"})
			list := o.Diagnostics(o.uri)
			i := slices.Index(codes(list), c.code)
			if i < 0 {
				t.Fatalf("no finding %s in %v", c.code, list)
			}
			all := o.actions(list[i].Range, protocol.CodeActionKindQuickFix)
			n := slices.IndexFunc(all, func(a *protocol.CodeAction) bool { return a.IsPreferred != nil && *a.IsPreferred })
			if n < 0 {
				t.Fatalf("no fix of %s is preferred", c.code)
			}
			if text := o.do(all[n]); !strings.Contains(text, c.want) {
				t.Errorf("%q gives\n%s", all[n].Title, text)
			}
			if after := codes(o.Diagnostics(o.uri)); slices.Contains(after, c.code) {
				t.Errorf("after %q there is still %v", all[n].Title, after)
			}
		})
	}
}

// examples returns the plans of the catalogue of messages: a wrong one for each.
func examples(t *testing.T) map[string]map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../lang/diag/catalog/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no catalogue")
	}
	all := map[string]map[string]string{}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			for bad, name := range map[string]string{"bad.yml": "escape.yml", "bad.hcl": "escape.hcl"} {
				if f.Name == bad {
					all[strings.TrimSuffix(filepath.Base(path), ".txtar")+" "+name] = map[string]string{name: string(f.Data)}
				}
			}
		}
	}
	return all
}

// Fixing all leaves nothing to fix: the second time there is nothing to do, and no new error.
func TestBehaviour16_FixAllIsIdempotent(t *testing.T) {
	for name, files := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, file, _ := strings.Cut(name, " ")
			o := open(t, file, files)
			before := errors(o.Diagnostics(o.uri))
			for round := range 2 {
				for _, a := range o.actions(protocol.Range{}, "source.fixAll") {
					was := o.Text(o.uri).Text()
					if text := o.do(a); round == 1 && text != was {
						t.Errorf("the second time it gives\n%s\nafter\n%s", text, was)
					}
				}
			}
			if after := errors(o.Diagnostics(o.uri)); after > before {
				t.Errorf("there are %d errors, before there were %d", after, before)
			}
		})
	}
}

func errors(list []protocol.Diagnostic) (n int) {
	for _, d := range list {
		if d.Severity == protocol.DiagnosticSeverityError {
			n++
		}
	}
	return n
}

// An action silences a finding on its line; a comment that silences nothing is a finding; levels are set by rule and path.
func TestBehaviour17_FindingsCanBeSilenced(t *testing.T) {
	text := "name: demo/app\nversion: 1.0.0\ndescription: A part.\ninputs:\n- zone\nbuild:\n  inline: echo hello\n"
	o := open(t, "escape.yml", map[string]string{"escape.yml": text})
	list := o.Diagnostics(o.uri)
	i := slices.Index(codes(list), "ESC6135")
	if i < 0 {
		t.Fatalf("there is only %v", list)
	}
	for _, a := range o.actions(list[i].Range, protocol.CodeActionKindQuickFix) {
		if strings.HasPrefix(a.Title, "Ignore unused-input") {
			o.do(a)
		}
	}
	if after := codes(o.Diagnostics(o.uri)); slices.Contains(after, "ESC6135") {
		t.Errorf("it is not silenced: %v\n%s", after, o.Text(o.uri).Text())
	}
	at := strings.Index(o.Text(o.uri).Text(), "echo hello")
	o.Edit(o.uri, source.Span{Start: int32(at), End: int32(at)}, "echo $INPUT_zone; ")
	if after := o.Diagnostics(o.uri); !slices.ContainsFunc(after, func(d protocol.Diagnostic) bool {
		return strings.Contains(string(d.Message.(protocol.String)), "unused-input")
	}) {
		t.Errorf("nobody says that the comment is of no use: %v", after)
	}

	o = open(t, "a/escape.yml", map[string]string{
		"a/escape.yml": text, ".escapelint.yml": "levels: {unused-input: off}\npaths:\n  a/: {unused-input: error}\n",
	})
	list = o.Diagnostics(o.uri)
	if i := slices.Index(codes(list), "ESC6135"); i < 0 || list[i].Severity != protocol.DiagnosticSeverityError {
		t.Errorf("below a/ it is no error: %v", list)
	}
}

// A configuration of the linter that cannot be read is told once, and findings have their default levels.
func TestBehaviour17_BrokenConfigurationIsTold(t *testing.T) {
	o := open(t, "escape.yml", map[string]string{
		"escape.yml": "name: demo/app\nversion: 1.0.0\n", ".escapelint.yml": "levels: {no-description: loud}\n",
	})
	for range 2 {
		o.Edit(o.uri, source.Span{}, "# more\n")
		if list := codes(o.Diagnostics(o.uri)); !slices.Contains(list, "ESC6140") {
			t.Errorf("there is only %v", list)
		}
	}
	if list := o.Messages(); len(list) != 1 || !strings.Contains(list[0], ".escapelint.yml:1") {
		t.Errorf("shown are %q", list)
	}
}

// What cannot be known is not wrong.
func TestBehaviour18_UnknownIsNotWrong(t *testing.T) {
	for name, text := range map[string]string{
		"a dependency that is not at hand": "depends:\n- other/db-v1.0 as db\noutputs:\n- id: z\n  default: $db.outputs.anything.upper()\n",
		"a provider that is chosen later":  "consumes:\n- kubernetes\noutputs:\n- id: z\n  default: $kubernetes.outputs.anything\n",
		"a key that is computed":           "inputs:\n- id: key\n  default: a\noutputs:\n- id: z\n  default: $__concat(\"{\", $this.inputs.key, \"}\")\n",
		"an extension that is not at hand": "extends:\n- other/base-v1.0\noutputs:\n- id: z\n  default: $this.inputs.inherited\n",
		"a script that is not there yet":   "build:\n  inline: ./made-by-another-tool \"$INPUT_anything\"\nextends:\n- other/base-v1.0\n",
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, "escape.yml", map[string]string{
				"escape.yml": "name: demo/app\nversion: 1.0.0\ndescription: A part.\n" + text, ".escapelint.yml": "levels: {unused-consumer: off}\n",
			})
			for _, d := range o.Diagnostics(o.uri) {
				if d.Severity <= protocol.DiagnosticSeverityWarning {
					t.Errorf("%v: %v", d.Code, d.Message)
				}
			}
		})
	}
}

// Formatting keeps what plans say, and is done when it was done. The edits leave lines alone that are right.
func TestBehaviour19_FormattingIsSafe(t *testing.T) {
	for name, files := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, file, _ := strings.Cut(name, " ")
			for _, crlf := range []bool{false, true} {
				text := files[file]
				if crlf {
					text = strings.ReplaceAll(text, "\n", "\r\n")
				}
				o := open(t, file, map[string]string{file: text})
				once := o.format()
				if again := o.formatText(once); again != once {
					t.Errorf("formatting again changes\n%q to\n%q", once, again)
				}
				f := source.NewFile(file, text)
				if once != text && !format.Same(f, once) {
					t.Errorf("the plan says something else:\n%s", once)
				}
				if crlf && strings.Count(once, "\n") != strings.Count(once, "\r\n") {
					t.Errorf("a line ends in another way: %q", once)
				}
			}
		})
	}
}

// format returns the document as the server formats it.
func (o opened) format() string {
	o.T.Helper()
	edits, err := o.Server.Formatting(o.Ctx, &protocol.DocumentFormattingParams{TextDocument: o.id()})
	if err != nil {
		o.T.Fatal(err)
	}
	f := o.Text(o.uri)
	var out []source.Edit
	for _, e := range edits {
		span, ok := markertest.Span(f, e.Range)
		if !ok {
			o.T.Fatalf("no such range: %v", e.Range)
		}
		if f.Slice(span) == e.NewText {
			o.T.Errorf("an edit changes nothing: %q", e.NewText)
		}
		out = append(out, source.Edit{Span: span, New: e.NewText})
	}
	text, err := source.Apply(f.Text(), out)
	if err != nil {
		o.T.Fatal(err)
	}
	return text
}

func (o opened) formatText(text string) string {
	o.T.Helper()
	o.Edit(o.uri, source.Span{End: int32(len(o.Text(o.uri).Text()))}, text)
	return o.format()
}
