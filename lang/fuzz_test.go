package lang_test

import (
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/internal/archivetest"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// corpus calls fn for all plans of testdata/plans.
func corpus(t testing.TB, fn func(name, text string)) {
	t.Helper()
	archivetest.Files(t, func(archive, name, text string) {
		if name == "in.yml" || strings.HasPrefix(name, "in/") && strings.HasSuffix(name, ".yml") {
			fn(archive+"/"+name, text)
		}
	}, "../testdata/plans/*.txtar", "../testdata/plans/ok/*.txtar")
}

// known is the metadata that fuzzed plans find for their dependencies and extensions.
var known = func() check.Deps {
	deps := check.Deps{}
	for alias, text := range map[string]string{
		"base": `{"name": "base", "version": "1", "inputs": [{"id": "a", "type": "integer"}, {"id": "b", "type": "list", "default": []}],
			"outputs": [{"id": "url", "type": "string"}], "consumes": [{"name": "kubernetes", "variable": "k8s"}], "provides": [{"name": "web"}],
			"stages": {"deploy": {"script": "d.sh"}}, "metadata": {"team": "x"}, "depends": [{"release_id": "db-v1", "variable": "db"}]}`,
		"more": `{"name": "more", "version": "1", "inputs": [{"id": "a", "type": "list", "default": [1], "scopes": ["build"]}],
			"errands": {"e": {"run": {"cmd": "x"}}}, "stages": {"deploy": {"script": "d.sh"}}, "depends": [{"release_id": "base-v2", "variable": "base"}]}`,
		"_/db-v1": `{"name": "db", "version": "1", "depends": [{"release_id": "db-v1"}]}`,
	} {
		m, err := release.Decode([]byte(text))
		if err != nil {
			panic(err)
		}
		deps[alias] = m
	}
	return deps
}()

// FuzzDecode: no text makes the front end panic; everything it says lies inside the text; what it knows of expressions
// can be asked for at every offset.
func FuzzDecode(f *testing.F) {
	corpus(f, func(_, text string) { f.Add(text) })
	f.Add("name: demo/db\nversion: 1\nextends: [base-v1 as base, more-v1 as more]\ndepends: [{release_id: base-v1 as db, consumes: {k8s: $base.deployment}}]\ninputs: [a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Deps: known})
		lawful(t, an)
		for i, x := range an.Info.Exprs {
			if i > 0 && an.Info.Exprs[i-1].Pos.Start > x.Pos.Start {
				t.Errorf("expressions are not in order at %q", x.Text.Value)
			}
			expr.Walk(x.Root, func(e expr.Expr) bool {
				if s := x.Text.At(e.Span()); s.Start < 0 || s.End < s.Start || int(s.End) > len(text) {
					t.Errorf("expression outside of the file: %v", s)
				}
				return true
			})
			x.TypeOf(x.Root)
		}
		for off := 0; off <= len(text); off += 1 + len(text)/16 {
			an.Info.At(off)
		}
		for _, list := range [][]*plan.Variable{an.Plan.Inputs, an.Plan.Outputs} {
			for _, v := range list {
				v.Default.Go()
				v.Scopes.Names()
				an.Info.UsesOf(v)
			}
		}
	})
}

// FuzzFixes: applying a fix never breaks the text, and one that is safe to apply resolves its finding.
func FuzzFixes(f *testing.F) {
	corpus(f, func(_, text string) { f.Add(text) })
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2048 {
			t.Skip()
		}
		fixes(t, "escape.yml", text, lang.Options{})
	})
}

// fixes applies every fix of text, each by itself.
func fixes(t *testing.T, name, text string, opts lang.Options) {
	before := lang.Analyze(source.NewFile(name, text), opts)
	if len(before.Findings) > 50 || syntaxErrors(before) > 0 {
		return // in a broken text anything may hide behind the break
	}
	for _, d := range before.Findings {
		for _, fix := range d.Fixes {
			got, err := source.Apply(text, fix.Edits)
			if err != nil {
				t.Fatalf("fix %q of %q in %q: %v", fix.Title, d.Message, text, err)
			}
			after := lang.Analyze(source.NewFile(name, got), opts)
			if syntaxErrors(after) > syntaxErrors(before) {
				t.Errorf("fix %q of %q makes of\n%s\nthis, which has new syntax errors:\n%s\n%s", fix.Title, d.Message, text, got, diag.Sprint(after.Findings))
			}
			if fix.Preferred && count(after, d) >= count(before, d) && got != text {
				t.Errorf("fix %q does not resolve %q in\n%s\nit gives\n%s\n%s", fix.Title, d.Message, text, got, diag.Sprint(after.Findings))
			}
		}
	}
}

func syntaxErrors(an *lang.Analysis) (n int) {
	for _, d := range an.Findings {
		if d.Code.Code < "ESC2000" && d.Severity == diag.Error {
			n++
		}
	}
	return n
}

func count(an *lang.Analysis, like diag.Diagnostic) (n int) {
	for _, d := range an.Findings {
		if d.Code == like.Code && d.Message == like.Message {
			n++
		}
	}
	return n
}

// TestFixAll: applying all safe fixes of the plans of the corpus, until there are none, ends with none.
func TestFixAll(t *testing.T) {
	corpus(t, func(name, text string) {
		fixes(t, "escape.yml", text, lang.Options{})
		fixAll(t, name, text, lang.Options{})
	})
}

// fixAll applies the safe fixes of a text until there are none.
func fixAll(t *testing.T, name, text string, opts lang.Options) {
	t.Helper()
	for range 5 {
		an := lang.Analyze(source.NewFile(name, text), opts)
		var edits []source.Edit
		for _, d := range an.Findings {
			for _, fix := range d.Fixes {
				if fix.Preferred {
					if _, err := source.Apply(text, append(edits, fix.Edits...)); err == nil {
						edits = append(edits, fix.Edits...)
					}
					break
				}
			}
		}
		if len(edits) == 0 {
			return
		}
		text, _ = source.Apply(text, edits)
	}
	t.Errorf("%s still has safe fixes after five rounds:\n%s", name, text)
}

// TestFieldExamples: the example of each field is a plan without findings.
func TestFieldExamples(t *testing.T) {
	for _, row := range plan.Fields {
		text := row.Example
		if row.Name != "version" {
			text = "version: 1.0.0\n" + text
		}
		if row.Name != "name" {
			text = "name: shop/storefront\n" + text
		}
		if an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{}); len(an.Findings) > 0 {
			t.Errorf("the example of %s has findings:\n%s", row.Name, diag.Sprint(an.Findings))
		}
	}
}
