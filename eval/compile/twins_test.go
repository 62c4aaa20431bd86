package compile_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// TestTwins compiles the plans of this package and of the shared corpus in the other notation too, as convert writes them: release and
// findings are the same, but for places and the spelling of expressions.
func TestTwins(t *testing.T) {
	twins := 0
	for _, pattern := range []string{"testdata/*.txtar", "../../testdata/plans/*.txtar"} {
		files, err := filepath.Glob(pattern)
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
				plan, other, to := source.NewFile("escape"+filepath.Ext(f.Name), string(f.Data)), "escape.hcl", syntax.HCL
				if syntax.NotationOf(f.Name) == syntax.HCL {
					other, to = "escape.yml", syntax.YAML
				}
				text, findings, err := convert.To(plan, to)
				if err != nil || findings.HasErrors() {
					continue
				}
				twins++
				want, got := released(dir, plan, known), released(dir, source.NewFile(other, text), known)
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s/%s (-plan +twin):\n%s\n%s", filepath.Base(file), f.Name, d, text)
				}
			}
		}
	}
	if twins < 200 {
		t.Errorf("only %d plans have twins", twins)
	}
}

// released is what a plan compiles to, without places.
func released(dir string, plan *source.File, known releases) string {
	opts := compile.Options{Dir: dir, EscapeVersion: "test"}
	if known != nil {
		opts.Resolver = known
	}
	an := lang.Analyze(plan, lang.Options{Env: lang.Folder(dir)})
	m, findings, err := compile.Compile(context.Background(), an.Plan, opts)
	var out strings.Builder
	for _, d := range findings {
		fmt.Fprintf(&out, "%s %s: %s\n", d.Severity, d.Code.Code, hcltext.Spelled(d.Message))
	}
	if err != nil {
		fmt.Fprintf(&out, "error: %s\n", err)
	}
	if m != nil {
		out.Write(m.Encode())
	}
	return out.String()
}
