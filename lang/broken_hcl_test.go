package lang_test

import (
	"os"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

func analyzeHCL(text string) *lang.Analysis {
	return lang.Analyze(source.NewFile("escape.hcl", text), lang.Options{})
}

// TestBrokenHCL breaks a plan in HCL at each of its lines: a mistake costs two findings at most (three for conflict markers),
// and everything that is not around it is still understood.
func TestBrokenHCL(t *testing.T) {
	text, err := os.ReadFile("testdata/storefront.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if an := analyzeHCL(string(text)); len(an.Findings) > 0 {
		t.Fatalf("the plan is not clean:\n%s", diag.Sprint(an.Findings))
	}
	parts := func(an *lang.Analysis) int {
		p := an.Plan
		return len(p.Depends) + len(p.Consumes) + len(p.Inputs) + len(p.BuildInputs) + len(p.Outputs) + len(p.Templates) + len(p.Downloads) + len(p.Errands)
	}
	whole := parts(analyzeHCL(string(text)))
	lines := strings.SplitAfter(string(text), "\n")
	for _, c := range []struct {
		name, text string
		max        int
	}{
		{"half a word", "desc\n", 2},
		{"unclosed quote", "friendly = \"half a text\n", 2},
		{"unclosed list", "friendly = [\"a\", \"b\"\n", 2},
		{"unclosed object", "friendly = { a = \"b\"\n", 2},
		{"unclosed template", "friendly = \"${this.\"\n", 2},
		{"unclosed call", "friendly = upper(this.\n", 2},
		{"half a reference", "friendly = this.\n", 2},
		{"half a block", "input \"x\n", 2},
		{"open block", "input \"x\" {\n", 2},
		{"tab", "\tfriendly = \n", 2},
		{"conflict", "<<<<<<< HEAD\n%LINE%=======\n%LINE%>>>>>>> other\n", 3},
		{"at", "friendly = @\n", 2},
		{"second equals", "friendly = a = b\n", 2},
		{"closed twice", "}\n", 3}, // in a nested block its other keys are those of the outer one
		{"lone dollar", "friendly = $\n", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			heredoc := false
			for at, line := range lines {
				if heredoc = heredoc && strings.TrimSpace(line) != "EOT"; heredoc {
					continue // that is text
				}
				broken := strings.ReplaceAll(c.text, "%LINE%", line)
				rest := lines[at:]
				if c.name == "conflict" {
					if line == "" || strings.HasSuffix(line, "{\n") || strings.HasSuffix(line, "[\n") || strings.Contains(line, "EOT") {
						heredoc = strings.Contains(line, "<<-EOT")
						continue // both sides open what only one side closes
					}
					rest = lines[at+1:]
				}
				heredoc = strings.Contains(line, "<<-EOT")
				an := analyzeHCL(strings.Join(lines[:at], "") + broken + strings.Join(rest, ""))
				lawful(t, an)
				if n := len(an.Findings); n > c.max {
					t.Errorf("%d findings, want at most %d, for %q before line %d:\n%s", n, c.max, broken, at+1, diag.Sprint(an.Findings))
				}
				if got := parts(an); got < whole-1 {
					t.Errorf("%d parts are left of %d, for %q before line %d:\n%s", got, whole, broken, at+1, diag.Sprint(an.Findings))
				}
			}
		})
	}
}
