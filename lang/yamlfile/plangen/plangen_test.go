package plangen_test

import (
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
)

func TestPlansAreValidAndOfTheSizeAskedFor(t *testing.T) {
	for _, lines := range []int{0, 20, 21, 57, 99, 100, 101, 130, 1000, 10_000} {
		text := plangen.Plan(lines)
		if got, want := strings.Count(text, "\n"), max(lines, 20); got != want {
			t.Errorf("Plan(%d) has %d lines, want %d", lines, got, want)
		}
		an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{})
		if an.Findings.HasErrors() {
			t.Errorf("Plan(%d) is not valid:\n%s", lines, diag.Sprint(an.Findings[:min(len(an.Findings), 3)]))
		}
		for _, d := range an.Findings[:min(len(an.Findings), 3)] {
			t.Logf("Plan(%d): %s", lines, diag.Sprint(diag.List{d}))
		}
	}
}
