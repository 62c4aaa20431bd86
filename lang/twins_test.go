package lang_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// oneSided are the codes that only one of two twins may have, with the reason.
var oneSided = map[*diag.Entry]string{
	diag.BooleanID:   "a word that YAML 1.1 reads as a truth value is a text in quotes in HCL",
	diag.UnknownTag:  "HCL has no tags",
	diag.DollarText:  "in YAML a text that begins with a dollar sign is an expression",
	diag.LosesDigits: "a number that HCL cannot spell, such as 010, is written as the one it is",
}

// aboutCalls are the codes whose messages tell methods of Escape Script from the functions that HCL has for them.
var aboutCalls = []*diag.Entry{diag.UnknownFunction, diag.ArgumentCount, diag.ArgumentType, diag.NoKeys, diag.UnknownName}

// TestTwins analyses the plans of testdata/plans that decode in the other notation too, as convert writes them: the findings are the same,
// but for their places.
func TestTwins(t *testing.T) {
	files, err := filepath.Glob("../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	twins := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opts := optionsOf(t, a)
		for _, f := range a.Files {
			if !strings.HasPrefix(f.Name, "in.") && !strings.HasPrefix(f.Name, "in/") {
				continue
			}
			name := filepath.Base(file) + "/" + f.Name
			plan, other, to := source.NewFile("escape"+filepath.Ext(f.Name), string(f.Data)), "escape.hcl", syntax.HCL
			if syntax.NotationOf(f.Name) == syntax.HCL {
				other, to = "escape.yml", syntax.YAML
			}
			text, findings, err := convert.To(plan, to)
			if err != nil || findings.HasErrors() {
				continue
			}
			twins++
			twin := lang.Analyze(source.NewFile(other, text), opts)
			lawful(t, twin)
			if to == syntax.HCL && !strings.Contains(text, "$this") && !strings.Contains(text, "$__") {
				speaksHCL(t, name, twin)
			}
			want, got := told(lang.Analyze(plan, opts)), told(twin)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-plan +twin):\n%s\n%s", name, d, text)
			}
		}
	}
	if twins < 200 {
		t.Errorf("only %d plans have twins", twins)
	}
}

// speaksHCL fails if a finding in a plan in HCL spells an expression as Escape Script does.
func speaksHCL(t *testing.T, name string, an *lang.Analysis) {
	t.Helper()
	for _, d := range an.Findings {
		words := []string{d.Message, d.Hint}
		for _, fix := range d.Fixes {
			words = append(words, fix.Title)
		}
		for _, text := range words {
			if strings.Contains(text, "$__") || strings.Contains(text, "$this") || strings.Contains(text, "{id:") {
				t.Errorf("%s in HCL: %s says %q", name, d.Code.Code, text)
			}
		}
	}
}

// told is what an analysis finds, without places and without oneSided.
func told(an *lang.Analysis) []string {
	var lines []string
	for _, d := range an.Findings {
		if _, ok := oneSided[d.Code]; ok {
			continue
		}
		// A message spells keys and expressions as the plan does.
		message := hcltext.Spelled(strings.ReplaceAll(d.Message, "eval_before_dependencies = false", "eval_before_dependencies: false"))
		if slices.Contains(aboutCalls, d.Code) {
			message = ""
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", d.Severity, d.Code.Code, message))
	}
	slices.Sort(lines)
	return lines
}
