package refdoc_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/refdoc"
	"escape.build/escape/lang/source"
)

// TestFieldExamples checks that the example of each field is a plan, together with a name and a version, without any
// finding.
func TestFieldExamples(t *testing.T) {
	for _, f := range plan.Fields {
		text := f.Example
		for _, other := range []string{"version: 1.0.0\n", "name: demo/app\n"} {
			if !strings.HasPrefix(other, f.Name+":") {
				text = other + text
			}
		}
		if found := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{}).Findings; len(found) > 0 {
			t.Errorf("%s: %s", f.Name, diag.Sprint(found))
		}
	}
}

// analyze looks for findings as `escape explain` does: in a folder with the other files of the example.
func analyze(t *testing.T) refdoc.Findings {
	return func(name, text string, others []catalog.File) diag.List {
		dir := t.TempDir()
		for _, f := range others {
			path := filepath.Join(dir, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return lang.Analyze(source.NewFile(name, text), lang.Options{Env: lang.Folder(dir)}).Findings
	}
}

// TestExplanations checks that what `escape explain` shows below a wrong example names the code it explains.
func TestExplanations(t *testing.T) {
	found := analyze(t)
	for _, e := range diag.Catalog() {
		x, ok := catalog.Explain(e.Code)
		if !ok || e.Code[3] == '5' || !slices.ContainsFunc(x.Files, func(f catalog.File) bool { return strings.HasPrefix(f.Name, "bad.") }) {
			continue
		}
		text, err := refdoc.Explain(e, found)
		if err != nil {
			t.Error(err)
		}
		if e.Code < "ESC4" && !strings.Contains(text, "["+string(e.Code)+"]") {
			t.Errorf("%s is not found in its own example:\n%s", e.Code, text)
		}
	}
}
