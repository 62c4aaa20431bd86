package cli

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/lint"
)

// TestLintAgrees: validate and lint find the same in all plans of the corpus, at the same places, with the same fixes; lint
// only adds what its own rules find. What is remembered is no different.
func TestLintAgrees(t *testing.T) {
	archives, err := filepath.Glob("../../../testdata/plans/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no corpus", err)
	}
	s := &session{t, t.TempDir()}
	var plans []string
	for _, file := range archives {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for _, f := range a.Files {
			name, isCase := strings.CutPrefix(f.Name, "in/")
			if !isCase && f.Name != "in.yml" {
				continue
			}
			plans = append(plans, s.writeCase(filepath.Join(base, strings.TrimSuffix(name, ".yml"), defaultPlan), string(f.Data), a))
		}
	}
	validated := s.found(t, append([]string{"validate"}, plans...)...)
	linted := s.found(t, append([]string{"lint", "--no-cache"}, plans...)...)
	for range 2 {
		if again := s.found(t, append([]string{"lint"}, plans...)...); !slices.Equal(again, linted) {
			t.Error("what is remembered is not what is found")
		}
	}
	checked := slices.DeleteFunc(linted, func(finding string) bool {
		var f struct{ Code string }
		if err := json.Unmarshal([]byte(finding), &f); err != nil {
			t.Fatal(err)
		}
		r := lint.Find(f.Code)
		if r == nil {
			t.Fatalf("no rule finds %s", finding)
		}
		return !lint.FromChecker(r)
	})
	if len(validated) < 500 {
		t.Errorf("only %d findings in the corpus", len(validated))
	}
	for _, x := range validated {
		if !slices.Contains(checked, x) {
			t.Errorf("only validate finds %s", x)
		}
	}
	for _, x := range checked {
		if !slices.Contains(validated, x) {
			t.Errorf("only lint finds %s", x)
		}
	}
}

// found returns the findings of a command as JSON, without fingerprints, which count equal findings.
func (s *session) found(t *testing.T, args ...string) []string {
	t.Helper()
	_, out, stderr := s.run(nil, false, append(args, "--format", "json")...)
	var report struct{ Findings []map[string]any }
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	var list []string
	for _, f := range report.Findings {
		delete(f, "fingerprint")
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
