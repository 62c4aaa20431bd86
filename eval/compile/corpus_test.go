package compile_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// A plan that the checker accepts compiles, or compiling finds something that only it can find: a code of 40xx.
func TestCheckedPlansCompile(t *testing.T) {
	files, err := filepath.Glob("../../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir, _, known := laid(t, a)
		for _, f := range a.Files {
			if !strings.HasPrefix(f.Name, "in.") && !strings.HasPrefix(f.Name, "in/") {
				continue
			}
			src, opts := source.NewFile("escape"+filepath.Ext(f.Name), string(f.Data)), lang.Options{Env: lang.Folder(dir)}
			deps, _, err := compile.Resolve(context.Background(), lang.Analyze(src, opts).Plan, known)
			if err != nil {
				t.Errorf("%s, %s: %v", file, f.Name, err)
				continue
			}
			opts.Deps = deps.Known()
			an := lang.Analyze(src, opts)
			// Whatever the checker says, compiling ends.
			m, findings, err := compile.Compile(context.Background(), an.Plan, compile.Options{Dir: dir, Resolver: known})
			if err != nil {
				t.Errorf("%s, %s: %v", file, f.Name, err)
			}
			if an.Findings.HasErrors() {
				continue
			}
			for _, d := range findings {
				if d.Severity == diag.Error && (d.Code.Code < "ESC4000" || d.Code.Code > "ESC4099") {
					t.Errorf("%s, %s: only compiling finds\n%s", file, f.Name, diag.Sprint(diag.List{d}))
				}
			}
			if m == nil && !findings.HasErrors() {
				t.Errorf("%s, %s: no metadata and no error", file, f.Name)
			}
		}
	}
}

// The plans of testdata/plans/ok compile, and there is nothing to say about them.
func TestGoodPlansCompile(t *testing.T) {
	files, err := filepath.Glob("../../testdata/plans/ok/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no good plans", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir, in, known := laid(t, a)
		m, findings, err := compile.Compile(context.Background(), decode(t, dir, in), compile.Options{Dir: dir, Resolver: known})
		if m == nil || err != nil || len(findings) > 0 {
			t.Errorf("%s: %v\n%s", file, err, diag.Sprint(findings))
		}
	}
}
