package lang_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// TestGoodPlans analyses the plans of testdata/plans/ok with all rules of the linter that are on. They are what
// experienced people write, so whatever is found in one of them is a mistake of the checker or of a rule.
func TestGoodPlans(t *testing.T) {
	files, err := filepath.Glob("../testdata/plans/ok/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 60 {
		t.Errorf("only %d good plans", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			opts := lang.Options{Env: folder(t, a), Deps: depsOf(t, a), Lint: func(r *lint.Rule) bool { return !r.Off }}
			for _, f := range a.Files {
				if f.Name != "in.yml" {
					continue
				}
				an := lang.Analyze(source.NewFile("escape.yml", string(f.Data)), opts)
				lawful(t, an)
				if len(an.Findings) > 0 {
					t.Errorf("%s:\n%s", file, show(an.Findings))
				}
				return
			}
			t.Errorf("%s has no plan", file)
		})
	}
}

// depsOf returns the release metadata in the files deps/<alias>.json of an archive, by alias and by release.
func depsOf(t *testing.T, a *txtar.Archive) check.Deps {
	t.Helper()
	deps := check.Deps{}
	for _, f := range a.Files {
		alias, ok := strings.CutPrefix(f.Name, "deps/")
		if !ok || !strings.HasSuffix(alias, ".json") || strings.Contains(alias, "/") {
			continue
		}
		m, err := release.Decode(f.Data)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		deps[strings.TrimSuffix(alias, ".json")] = m
		deps[m.VersionlessID()] = m
		deps[m.QualifiedID()] = m
	}
	return deps
}
