package lang_test

import (
	"os"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
)

// TestOneBrokenLine: a line broken in the middle of a plan costs at most two findings (three for conflict markers), and
// the rest of the plan is still understood.
func TestOneBrokenLine(t *testing.T) {
	lines := strings.SplitAfter(plangen.Plan(1000), "\n")
	if an := analyze(strings.Join(lines, "")); len(an.Findings) > 0 {
		t.Fatalf("the generated plan is not clean:\n%s", diag.Sprint(an.Findings))
	}
	// between two entries of inputs, where people type
	at := 0
	for i, line := range lines {
		if i > len(lines)/5 && strings.HasPrefix(line, "- id:") {
			at = i
			break
		}
	}
	clean := analyze(strings.Join(lines, ""))
	for _, c := range []struct {
		name, text string
		max        int
	}{
		{"half a word", "desc\n", 2},
		{"half a key", "- id: x\n  desc\n", 2},
		{"unclosed quote", "- id: x\n  description: \"half\n", 2},
		{"unclosed list", "- id: x\n  items: [a, b\n", 2},
		{"unclosed mapping", "- {id: x, type: bool\n", 2},
		{"unclosed expression", "- id: x\n  default: $this.inputs.split(\n", 2},
		{"half a reference", "- id: x\n  default: $this.\n", 2},
		{"unclosed expression in quotes", "- id: x\n  default: \"$__concat($\"\n", 2},
		{"tab", "- id: x\n\tdescription: y\n", 2},
		{"conflict", "<<<<<<< HEAD\n- id: x\n=======\n- id: z\n>>>>>>> other\n", 3},
		{"lone dash", "-\n", 2},
		{"lone dollar", "- id: x\n  default: $\n", 2},
		{"at", "- id: x\n  default: @\n", 2},
		{"second colon", "- id: x\n  description: a: b\n", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			an := analyze(strings.Join(lines[:at], "") + c.text + strings.Join(lines[at:], ""))
			lawful(t, an)
			if n := len(an.Findings); n == 0 || n > c.max {
				t.Errorf("%d findings, want one to %d:\n%s", n, c.max, diag.Sprint(an.Findings))
			}
			if got, want := len(an.Plan.Inputs), len(clean.Plan.Inputs); got < want-1 {
				t.Errorf("%d inputs are left of %d", got, want)
			}
			if got, want := len(an.Plan.Errands), len(clean.Plan.Errands); got != want {
				t.Errorf("%d errands are left of %d", got, want)
			}
		})
	}
}

// TestBrokenLineAnywhere breaks a plan at each of its lines.
func TestBrokenLineAnywhere(t *testing.T) {
	text, err := os.ReadFile("testdata/storefront.yml")
	if err != nil {
		t.Fatal(err)
	}
	if an := analyze(string(text)); len(an.Findings) > 0 {
		t.Fatalf("the plan is not clean:\n%s", diag.Sprint(an.Findings))
	}
	lines := strings.SplitAfter(string(text), "\n")
	for _, c := range []struct {
		name, text string // %KEY% is a key that can stand there, %LINE% the line at hand, which conflicts replace
		max        int
	}{
		{"half a word", "desc\n", 2},
		{"unclosed quote", "%KEY%: \"half a text\n", 2},
		{"unclosed list", "%KEY%: [a, b\n", 2},
		{"unclosed mapping", "%KEY%: {a: b\n", 2},
		{"unclosed expression", "%KEY%: \"$__concat($this.\n", 2},
		{"unclosed expression in quotes", "%KEY%: \"$__concat($this.\"\n", 2},
		{"tab", "\t%KEY%: x\n", 2},
		{"conflict", "<<<<<<< HEAD\n%LINE%=======\n%LINE%>>>>>>> other\n", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			for at, line := range lines {
				broken, key := c.text, "license"
				pad := indentOf(lines[:at], line)
				if pad != "" {
					key = "description"
				}
				broken = strings.NewReplacer("%KEY%", key, "%LINE%", line).Replace(broken)
				rest := lines[at:]
				switch {
				case c.name == "conflict":
					if line == "" {
						continue
					}
					rest = lines[at+1:]
				case c.name != "tab":
					broken = pad + broken
				}
				an := analyze(strings.Join(lines[:at], "") + broken + strings.Join(rest, ""))
				lawful(t, an)
				most := c.max
				if line := at + 1; line == 5 || line == 6 || line == 45 || line == 46 {
					most += 3 // inside a text of several lines, whose rest then stands alone
				}
				if n := len(an.Findings); n > most {
					t.Errorf("%d findings, want at most %d, for %q before line %d:\n%s", n, most, broken, at+1, diag.Sprint(an.Findings))
				}
			}
		})
	}
}

// indentOf is where a new line before line, behind the lines before, would stand.
func indentOf(before []string, line string) string {
	last := ""
	for _, l := range before {
		if strings.TrimSpace(l) != "" {
			last = strings.TrimRight(l, "\n")
		}
	}
	blanks := func(s, more string) string { return strings.Repeat(" ", len(s)-len(strings.TrimLeft(s, " "+more))) }
	switch end := last[max(len(last)-1, 0):]; {
	case (end == ":" || end == "|" || end == "-") && strings.TrimSpace(line) != "":
		return blanks(line, "")
	case strings.Contains(last, ":"):
		return blanks(last, "-")
	}
	return blanks(last, "")
}

func analyze(text string) *lang.Analysis {
	return lang.Analyze(source.NewFile("escape.yml", text), lang.Options{})
}

// A required field whose name is misspelt is one mistake: the finding about what is missing stands there, with the fix.
func TestMisspeltField(t *testing.T) {
	for _, c := range []struct{ text, fixed string }{
		{"nmae: demo/app\nversion: 1.0.0\n", "name: demo/app\nversion: 1.0.0\n"},
		{"name: demo/app\nverison: 1.0.0\n", "name: demo/app\nversion: 1.0.0\n"},
	} {
		an := analyze(c.text)
		if len(an.Findings) != 1 || an.Findings[0].Severity != diag.Error || len(an.Findings[0].Fixes) != 1 {
			t.Errorf("%q: %s", c.text, diag.Sprint(an.Findings))
			continue
		}
		if got, err := source.Apply(c.text, an.Findings[0].Fixes[0].Edits); got != c.fixed {
			t.Errorf("%q: the fix gives %q, %v", c.text, got, err)
		}
	}
	for _, text := range []string{"nmae:\nversion: 1\n", "nmae: x/\nversion: 1\n", "name: demo/app\nverison: ~\n", "nmae: demo/app\nname: ''\nversion: 1\n"} {
		if an := analyze(text); len(an.Findings) != 2 {
			t.Errorf("%q: %s", text, diag.Sprint(an.Findings))
		}
	}
}

// TestOneWrongCharacter: one character too much or missing, one line too deep, not deep enough or missing costs at most
// two findings.
func TestOneWrongCharacter(t *testing.T) {
	text, err := os.ReadFile("testdata/storefront.yml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	// What follows from these lines is wrong in places of its own.
	more := map[string]int{"consumes:\n": 4, "- name: dns as names\n": 3, "- id: hosts\n": 3, "    description: Rotates the keys.\n": 3}
	for i, line := range lines {
		body := strings.TrimLeft(line, " ")
		if body == "" || body[0] == '#' || body[0] == '\n' {
			continue
		}
		pad := line[:len(line)-len(body)]
		broken := []string{"", line + line, " " + line, "  " + line, strings.TrimPrefix(line, "  "), strings.Replace(line, ":", "", 1),
			strings.Replace(line, ": ", ":", 1), strings.Replace(line, "- ", "-", 1)}
		if colon := strings.Index(body, ":\n"); colon > 0 {
			broken = append(broken, pad+body[:colon-1]+":"+body[colon-1:colon]+"\n")
		}
		for _, c := range []string{"x", ":", `"`, "'", "[", "{", "#", "$", "-", "&"} {
			broken = append(broken, pad+c+body, pad+body[:1]+c+body[1:], pad+body[:2]+c+body[2:], strings.Replace(line, "\n", c+"\n", 1))
		}
		for _, b := range broken {
			an := analyze(strings.Join(lines[:i], "") + b + strings.Join(lines[i+1:], ""))
			lawful(t, an)
			if n := len(an.Findings); n > max(2, more[line]) {
				t.Errorf("line %d as %q: %d findings:\n%s", i+1, b, n, diag.Sprint(an.Findings))
			}
		}
	}
}

// TestPrefixes: a plan that is being typed, which ends anywhere, has few findings.
func TestPrefixes(t *testing.T) {
	for _, name := range []string{"storefront.yml", "storefront.hcl"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		many, worst := 0, ""
		for i := range text {
			an := lang.Analyze(source.NewFile("escape"+name[len(name)-4:], string(text[:i])), lang.Options{})
			lawful(t, an)
			if len(an.Findings) > 3 {
				many++
				worst = diag.Sprint(an.Findings)
			}
		}
		if many*50 > len(text) {
			t.Errorf("%s: %d of %d prefixes have more than three findings; the last one:\n%s", name, many, len(text), worst)
		}
	}
}
