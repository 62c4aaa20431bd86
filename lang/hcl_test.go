package lang_test

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
)

// FuzzDecodeHCL: no text in HCL makes the front end panic, and everything it says lies inside the text.
func FuzzDecodeHCL(f *testing.F) {
	f.Add("name = \"a/b\"\nversion = \"1\"\ninput \"x\" { default = this.y.z }\ndepends \"c/d-v1\" {\n  as = \"d\"\n  mapping = { a = d.outputs.b }\n}\n")
	f.Add("errand \"a\" {\n  run { inline = <<EOT\n$${x}\nEOT\n  }\n  input \"b\" { type = list(bool) }\n}\nmetadata { a = upper(\"${this.name}\") }\nextends \"a-v1\" { as = \"b\" }")
	f.Add("inputs = [\"a\", { id = \"b\" }]\nerrands = { a = { run = \"x\" } }\nscopes = [build]\noutput { }\nbuild \"x\" {}\ntemplate \"a\" { scopes = \"x\" }")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		an := lang.Analyze(source.NewFile("escape.hcl", text), lang.Options{Deps: known})
		lawful(t, an)
		for _, x := range an.Info.Exprs {
			expr.Walk(x.Root, func(e expr.Expr) bool {
				if s := x.Text.At(e.Span()); s.Start < 0 || s.End < s.Start || int(s.End) > len(text) {
					t.Errorf("expression outside of the file: %v", s)
				}
				return true
			})
		}
		for _, d := range an.Findings {
			for _, fix := range d.Fixes {
				if _, err := source.Apply(text, fix.Edits); err != nil {
					t.Errorf("fix %q of %q: %v", fix.Title, d.Message, err)
				}
			}
		}
	})
}

// TestHCLPositions: a mistake is shown at its own characters, in whatever form of text it stands.
func TestHCLPositions(t *testing.T) {
	for _, c := range []struct{ name, value, marked string }{
		{"reference", `this.inputs.wrong`, "wrong"},
		{"template", `"a-${this.inputs.wrong}-b"`, "wrong"},
		{"behind letters of more bytes", `"é 😀 ${this.inputs.wrong}"`, "wrong"},
		{"behind escapes", `"\t\"\u00e9\\ $${x} ${this.inputs.wrong}"`, "wrong"},
		{"two of them", `"${this.inputs.right} ${this.inputs.wrong}"`, "wrong"},
		{"argument", `replace(this.inputs.right, "é", this.inputs.wrong, 1)`, "wrong"},
		{"function", `wrong(this.inputs.right)`, "wrong"},
		{"function form", `__wrong(this.inputs.right)`, "wrong"},
		{"nested template", `"${upper("x${this.inputs.wrong}")}"`, "wrong"},
		{"index by name", `this.inputs["wrong"]`, `["wrong"]`},
		{"several lines", "join(\n  this.inputs.list,\n  this.inputs.wrong\n)", "wrong"},
		{"script", `script("$this.inputs.right.replace(\"a\", $this.inputs.wrong, 1)")`, "wrong"},
		{"heredoc", "<<EOT\né\n  ${this.inputs.wrong}\nEOT\n", "wrong"},
		{"flush heredoc", "<<-EOT\n    é\n      ${this.inputs.wrong}\n    EOT\n", "wrong"},
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			text := "name = \"ab/bc\"\nversion = \"1\"\ninput \"right\" { default = \"\" }\ninput \"list\" {\n  type = list(string)\n  default = []\n}\noutput \"x\" {\n  default = " + c.value + "\n}\n"
			text = strings.ReplaceAll(text, "\n", eol)
			an := analyzeHCL(text)
			lawful(t, an)
			if len(an.Findings) != 1 {
				t.Errorf("%s: %d findings\n%s", c.name, len(an.Findings), diag.Sprint(an.Findings))
				continue
			}
			if got := an.Source.Slice(an.Findings[0].Span); got != c.marked {
				t.Errorf("%s: %q is marked, want %q:\n%s", c.name, got, c.marked, diag.Sprint(an.Findings))
			}
		}
	}
}

// TestHostileHCL reads texts that are made to take long.
func TestHostileHCL(t *testing.T) {
	const n = 100_000
	for name, text := range map[string]string{
		"lists":      "a = " + strings.Repeat("[", n),
		"objects":    "a = " + strings.Repeat("{a=", n),
		"blocks":     strings.Repeat("a {\n", n),
		"templates":  "a = " + strings.Repeat(`"${`, n),
		"parens":     "a = " + strings.Repeat("(", n),
		"not":        "a = " + strings.Repeat("!", n) + "b",
		"minus":      "a = " + strings.Repeat("- ", n) + "1",
		"conditions": "a = " + strings.Repeat("b ? ", n) + "1",
		"plus":       "a = 1" + strings.Repeat(" + 1", n/10),
		"selects":    "a = b" + strings.Repeat(".c", n/10),
		"inputs":     strings.Repeat("input \"x\" {}\n", n/10),
		"broken":     strings.Repeat("input \"x\" {\n", n/100) + strings.Repeat("a = [\n", n/100),
		"long text":  "a = <<EOT\n" + strings.Repeat("x\n", n) + "EOT\n",
		"heredocs":   strings.Repeat("a = <<EOT\n", n/10),
		"quotes":     strings.Repeat("a = \"\n", n/100),
	} {
		t.Run(name, func(t *testing.T) {
			an := analyzeHCL(text)
			lawful(t, an)
			if len(an.Findings) == 0 {
				t.Error("nothing is found")
			}
		})
	}
}

// TestUnsupported names everything that HCL can say and Escape Script cannot, and what to write for it.
func TestUnsupported(t *testing.T) {
	for value, want := range map[string]string{
		`1 + 2`:                          `write add(1, 2)`,
		`this.name == "a"`:               `write equals(this.name, "a")`,
		`!equals(1, 2)`:                  `write not(equals(1, 2))`,
		`this.name != "a"`:               `not(equals(a, b))`,
		`this.name == "a" ? "b" : 1`:     `choice`,
		`[for x in this.inputs: x]`:      `write the list out`,
		`this.inputs.*.x`:                `list[0]`,
		`upper([1])`:                     `input of its own`,
		`upper({})`:                      `single values`,
		`upper(true)`:                    `equals(1, 1) is true`,
		`"%{ if this.name }x%{ endif }"`: `%%{`,
		`script(this.name)`:              `as it is`,
		`list_index(this.x...)`:          `spread`,
	} {
		an := analyzeHCL("name = \"ab/bc\"\nversion = \"1\"\noutput \"x\" { default = " + value + " }\n")
		lawful(t, an)
		text := diag.Sprint(an.Findings)
		if len(an.Findings) == 0 || an.Findings[0].Code != diag.UnsupportedExpression || !strings.Contains(text, want) {
			t.Errorf("%s: %d findings, want one that says %q:\n%s", value, len(an.Findings), want, text)
		}
	}
}

// TestLowered compares expressions with what they become.
func TestLowered(t *testing.T) {
	for value, want := range map[string]string{
		`this.inputs.x`:                   `$this.inputs.x`,
		`"a"`:                             `a`,
		`"${this.name}"`:                  `$this.name`,
		`"a${this.name}b"`:                `$__concat("a", $this.name, "b")`,
		`"${this.name}${this.name}"`:      `$__concat($this.name, $this.name)`,
		`upper(this.name)`:                `$this.name.upper()`,
		`__upper(this.name)`:              `$__upper($this.name)`,
		`upper("a")`:                      `$__upper("a")`,
		`replace(this.name, "a", "b", 1)`: `$this.name.replace("a", "b", 1)`,
		`split(this.name, ",")[0]`:        `$this.name.split(",")[0]`,
		`upper("x-${this.name}")`:         `$__upper($__concat("x-", $this.name))`,
		`upper(split("a", "b")[1])`:       `$__split("a", "b")[1].upper()`,
		`"say \"hi\"\n${this.name}"`:      `$__concat("say \"hi\"\n", $this.name)`,
		`"$${this.name}"`:                 `$__id("${this.name}")`,
		`"$$x"`:                           `$$x`,
		`"$5"`:                            `$__id("$5")`,
		`"${"$5"}"`:                       `$__id("$5")`,
		`script("$func(x) { $x }(1)")`:    `$func(x) { $x }(1)`,
		`"${5}"`:                          `$__id(5)`,
		`add(1, -2)`:                      `$__add(1, -2)`,
		`(this.name)`:                     `$this.name`,
		`timestamp()`:                     `$__timestamp()`,
	} {
		an := analyzeHCL("name = \"ab/bc\"\nversion = \"1\"\noutput \"x\" { default = " + value + " }\n")
		if len(an.Plan.Outputs) != 1 {
			t.Errorf("%s: %s", value, diag.Sprint(an.Findings))
			continue
		}
		if got := fmt.Sprint(an.Plan.Outputs[0].Default.Go()); got != want {
			t.Errorf("%s becomes %s, want %s", value, got, want)
		}
	}
}
