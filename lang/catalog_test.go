package lang_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// TestCatalog runs the examples of all codes that the front end finds: bad.yml shows just the code, fixed.yml is clean,
// and where a fix is safe to apply it turns the one into the other; so do bad.hcl and fixed.hcl. (The codes of compiling, 40xx, are run by
// eval/compile; those of planning and running, 5xxx, need no plan.)
func TestCatalog(t *testing.T) {
	for _, row := range diag.Catalog() {
		if row.Retired {
			continue
		}
		t.Run(string(row.Code), func(t *testing.T) {
			x, ok := catalog.Explain(row.Code)
			if !ok {
				t.Fatalf("%s (%s) has no explanation in lang/diag/catalog/%s.txtar", row.Code, row.Name, row.Code)
			}
			if x.Text == "" {
				t.Errorf("%s has no text", row.Code)
			}
			if row.Code >= "ESC4001" && row.Code <= "ESC4099" || row.Code >= "ESC5000" && row.Code <= "ESC5999" ||
				row == diag.ExprFailed || // found only while an expression is evaluated
				row == diag.TooLarge { // no example of that is small
				return
			}
			testExample(t, row, x)
		})
	}
}

// testExample runs the examples of a code, in each notation that there are some in.
func testExample(t *testing.T, row *diag.Entry, x catalog.Explanation) {
	opts := exampleOptions(t, x)
	if row.Code >= "ESC6100" {
		opts.Lint = func(r *lint.Rule) bool { return r.Code == row || lint.FromChecker(r) } // what other rules say of an example does not matter
	}
	texts := map[string]string{}
	for _, f := range x.Files {
		texts[f.Name] = f.Text
	}
	pairs := 0
	for _, ext := range []string{".yml", ".hcl"} {
		bad, isBad := texts["bad"+ext]
		fixed, isFixed := texts["fixed"+ext]
		if isBad != isFixed {
			t.Errorf("%s has only one of bad%s and fixed%s", row.Code, ext, ext)
		}
		if isBad && isFixed {
			pairs++
			testPair(t, row, ext, bad, fixed, opts)
		}
	}
	if pairs == 0 {
		t.Errorf("%s needs bad.yml and fixed.yml, or both in HCL", row.Code)
	}
}

// testPair analyses a wrong plan and the same without its mistake.
func testPair(t *testing.T, row *diag.Entry, ext, badText, fixed string, opts lang.Options) {
	t.Helper()
	if an := lang.Analyze(source.NewFile("fixed"+ext, fixed), opts); len(an.Findings) > 0 {
		t.Errorf("fixed%s is not clean:\n%s", ext, diag.Sprint(an.Findings))
	}
	bad := lang.Analyze(source.NewFile("bad"+ext, badText), opts)
	lawful(t, bad)
	if len(bad.Findings) != 1 || bad.Findings[0].Code != row {
		t.Errorf("bad%s does not give just %s:\n%s", ext, row.Code, diag.Sprint(bad.Findings))
	}
	for _, d := range bad.Findings {
		for _, fix := range d.Fixes {
			edited := d.Edited(&fix)
			got, err := source.Apply(edited.Text(), fix.Edits)
			if err != nil {
				t.Fatal(err)
			}
			if fix.Preferred && edited == bad.Source && got != fixed {
				t.Errorf("the fix %q of bad%s does not give fixed%s (-want +got):\n%s", fix.Title, ext, ext, cmp.Diff(fixed, got))
			}
		}
	}
}

// exampleOptions lays the other files of an example into a folder.
func exampleOptions(t *testing.T, x catalog.Explanation) lang.Options {
	t.Helper()
	a := new(txtar.Archive)
	opts := lang.Options{Deps: check.Deps{}}
	for _, f := range x.Files {
		if strings.HasPrefix(f.Name, "bad.") || strings.HasPrefix(f.Name, "fixed.") {
			continue
		}
		if alias, ok := strings.CutPrefix(f.Name, "deps/"); ok {
			m, err := release.Decode([]byte(f.Text))
			if err != nil {
				t.Fatal(err)
			}
			opts.Deps[strings.TrimSuffix(alias, ".json")] = m
			continue
		}
		a.Files = append(a.Files, txtar.File{Name: f.Name, Data: []byte(f.Text)})
	}
	opts.Env = folder(t, a)
	return opts
}

// TestNoStrayExplanations: every archive belongs to a code.
func TestNoStrayExplanations(t *testing.T) {
	entries, err := os.ReadDir("diag/catalog")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		code, ok := strings.CutSuffix(e.Name(), ".txtar")
		if !ok {
			continue
		}
		if row, ok := diag.Lookup(code); !ok || string(row.Code) != code {
			t.Errorf("%s explains no code", e.Name())
		}
	}
}
