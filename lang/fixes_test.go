package lang_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// TestFixesInHCL applies the fixes that are offered for plans in HCL: those of the corpus, of the catalogue, and the twins of
// plans in YAML. Each is HCL, brings no new mistake, and its finding is gone.
func TestFixesInHCL(t *testing.T) {
	fixes, codes := 0, map[diag.Code]bool{}
	for _, pattern := range []string{"../testdata/plans/*.txtar", "diag/catalog/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			opts := optionsOf(t, a)
			for _, f := range a.Files {
				text := string(f.Data)
				switch {
				case strings.HasPrefix(f.Name, "out/"), strings.HasPrefix(f.Name, "deps/"):
					continue
				case strings.HasSuffix(f.Name, ".yml"):
					var findings diag.List
					if text, findings, err = convert.To(source.NewFile("escape.yml", text), syntax.HCL); err != nil || findings.HasErrors() {
						continue
					}
				case !strings.HasSuffix(f.Name, ".hcl"):
					continue
				}
				an := lang.Analyze(source.NewFile("escape.hcl", text), opts)
				for _, d := range an.Findings {
					for _, fix := range d.Fixes {
						if d.Edited(&fix) != an.Source {
							continue
						}
						fixes++
						codes[d.Code.Code] = true
						tryFix(t, an, d, fix, opts)
					}
				}
			}
		}
	}
	if fixes < 100 || len(codes) < 20 {
		t.Errorf("%d fixes of %d codes are offered; are there too few?", fixes, len(codes))
	}
}

// renderedAt is where the template stands in the plan that a finding about one of its tags is about: the next one that renders
// the same file has the same to say.
func renderedAt(d *diag.Diagnostic) int {
	for _, r := range d.Related {
		return int(r.Span.Start)
	}
	return -1
}

func tryFix(t *testing.T, an *lang.Analysis, d diag.Diagnostic, fix diag.Fix, opts lang.Options) {
	t.Helper()
	text, err := source.Apply(an.Source.Text(), fix.Edits)
	if err != nil {
		t.Fatal(err)
	}
	after := lang.Analyze(source.NewFile("escape.hcl", text), opts)
	// What only the checker finds may come to light when a misspelt key begins to count.
	count := func(an *lang.Analysis) (errors, same int) {
		_, findings := notation.Parse(an.Source)
		_, more := plan.Decode(an.Syntax, plan.Options{Stat: opts.Env.Stat})
		for _, x := range append(findings, more...) {
			if x.Severity == diag.Error {
				errors++
			}
		}
		for _, x := range an.Findings {
			if x.Code == d.Code && x.Message == d.Message && (x.Code != diag.TemplateTag || renderedAt(&x) == renderedAt(&d)) {
				same++
			}
		}
		return errors, same
	}
	errors, same := count(an)
	errorsAfter, sameAfter := count(after)
	if sameAfter >= same || errorsAfter > errors {
		t.Errorf("the fix %q of %q does not help:\n%s\n%s\n%s", fix.Title, d.Message, an.Source.Text(), text, diag.Sprint(after.Findings))
	}
}
