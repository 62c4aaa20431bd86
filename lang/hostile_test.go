package lang_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// TestHostile: whatever the text, the answer comes soon, and no flood of findings hides what is wrong.
func TestHostile(t *testing.T) {
	const head = "name: demo/app\nversion: 1.0.0\n"
	var bomb strings.Builder
	bomb.WriteString("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 20 {
		fmt.Fprintf(&bomb, "x-%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	number := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	chain := "inputs:\n" + number("- id: i%[1]d\n  default: $this.inputs.i%[1]d0\n", 20_000)
	const hcl = "name = \"demo/app\"\nversion = \"1.0.0\"\n"
	for _, c := range []struct {
		name, text string
		max        int // findings
	}{
		{"mistakes in one expression", head + "outputs:\n- id: a\n  default: $__concat(" + strings.Repeat("$a, ", 20_000) + "$a)\n", 101},
		{"hcl broken attributes", hcl + strings.Repeat("a =\n", 50_000), 101},
		{"hcl broken lines in a block", hcl + "x {\n" + strings.Repeat("a =\nb\n", 20_000) + "\n}\n", 101},
		{"hcl broken blocks", hcl + number("input \"x%d\" {\n  default =\n}\n", 20_000), 202},
		{"hcl heredocs without end", hcl + number("a%[1]d = <<X%[1]d\n", 10_000), 202},
		{"hcl comments without end", hcl + strings.Repeat("/* a\n", 50_000), 101},
		{"hcl quotes without end", hcl + number("a%d = \"x\n", 20_000), 202},
		{"hcl brackets without end", hcl + number("a%d = [\n", 400), 202},
		{"hcl directives", hcl + number("a%d = \"%%{ if x }\"\n", 20_000), 202},
		{"hcl templates", hcl + "description = \"" + strings.Repeat("${a}", 20_000) + "\"\n", 101},
		{"hcl comments", hcl + strings.Repeat("# a\n", 100_000) + "includes = [\n" + strings.Repeat("\"a\", # b\n", 50_000) + "]\n", 101},
		{"hcl inputs", hcl + number("input \"x%d\" {}\n", 20_000), 0},
		{"hcl equal inputs", hcl + strings.Repeat("input \"x\" {}\n", 20_000), 101},
		{"hcl equal steps", hcl + strings.Repeat("deploy { inline = \"x\" }\n", 20_000), 101},
		{"hcl errands", hcl + number("errand \"x%d\" { run = \"ls\" }\n", 20_000), 0},
		{"hcl metadata", hcl + number("metadata { k%d = 1 }\n", 20_000), 0},
		{"hcl unknown blocks", hcl + number("inptu \"x%d\" {}\n", 20_000), 101},
		{"hcl references", hcl + number("input \"x%[1]d\" { default = this.inputs.y%[1]d }\n", 20_000), 101},
		{"hcl dollars", hcl + number("input \"x%d\" { default = \"$this.inputs.y\" }\n", 20_000), 101},
		{"100,000 fields", head + number("k%d: 1\n", 100_000), 101},
		{"equal fields", head + strings.Repeat("logo: x\n", 50_000), 101},
		{"misspelt fields", head + number("inptus%d: 1\n", 50_000), 101},
		{"metadata", head + "metadata:\n" + number("  k%d: v\n", 50_000), 0},
		{"equal metadata", head + "metadata:\n" + strings.Repeat("  k: v\n", 50_000), 101},
		{"inputs", head + "inputs:\n" + number("- i%d\n", 50_000), 0},
		{"equal inputs", head + "inputs:\n" + strings.Repeat("- a\n", 50_000), 101},
		{"bad inputs", head + "inputs:\n" + strings.Repeat("- 9\n", 50_000), 101},
		{"references", head + chain, 101},
		{"circle", head + "inputs:\n" + number("- id: i%d\n  default: $this.inputs.i0\n", 20_000), 1},
		{"dependencies", head + "depends:\n" + number("- {release_id: demo/base-v1 as d%[1]d, mapping: {x: $d%[1]d.outputs.x}}\n", 10_000), 102},
		{"equal aliases", head + "depends:\n" + strings.Repeat("- demo/base-v1 as d\n", 20_000), 101},
		{"consumers", head + "consumes:\n" + number("- k as c%d\n", 20_000) + "outputs:\n" + number("- {id: o%[1]d, default: $c%[1]d.outputs.x}\n", 10_000), 0},
		{"templates", head + "templates:\n" + number("- t%d.tpl\n", 50_000), 0},
		{"equal templates", head + "templates:\n" + strings.Repeat("- t.tpl\n", 50_000), 101},
		{"patterns", head + "generates:\n" + number("- a%d/*\n", 40_000) + "includes:\n" + number("- b%d\n", 40_000), 101},
		{"tags", head + "provides:\n" + number("- !t a%d\n", 50_000), 101},
		{"words", head + number("w%d\n", 50_000), 101},
		{"script arguments", head + "test: ./x.sh " + strings.Repeat("$this.inputs.a ", 50_000) + "\n", 1},
		{"errands", head + "errands:\n" + number("  e%d: {run: {cmd: x, args: [$this.inputs.nope]}, inputs: [a]}\n", 5_000), 101},
		{"deep list", head + "inputs:\n- id: a\n  default: " + strings.Repeat("[", 100_000), 2},
		{"deep mapping", head + "metadata: " + strings.Repeat("{a: ", 100_000), 2},
		{"deep expression", head + "inputs:\n- id: a\n  default: " + strings.Repeat("$__id(", 100_000), 2},
		{"long step", head + "build: echo " + strings.Repeat("$__concat(1, ", 20_000) + "\n", 101},
		{"bomb", bomb.String() + head + "provides: *a20\n", 3},
		{"wide bomb", head + "x-a: &a [" + strings.Repeat("x, ", 1000) + "x]\nmetadata:\n  k: v\ninputs:\n" + number("- {id: i%d, default: *a}\n", 1000), 3},
		{"self", "x: &a [*a]\n" + head + "provides: *a\n", 4},
		{"merge bomb", "x-a: &a {id: x}\n" + number("x-b%d: &b\n", 3) + head + "inputs:\n" + strings.Repeat("- <<: [*a, *a, *a]\n", 20_000), 101},
		{"secrets", head + "inputs:\n" + number("- id: a%d_password\n  default: $this.inputs.a1_password\n", 20_000) + "extends:\n" + number("- demo/base-v1 as e%d\n", 20_000), 101},
		{"empty secrets", head + "inputs:\n" + number("- {id: a%d_token, visible: true, scopes: [build, deploy], description: a}\n", 10_000), 0},
		{"credentials", head + "description: >\n" + strings.Repeat("  -----BEGIN AKIA://a:b@ eyJ.a.b\n", 50_000), 0},
		{"nul", head + "a\x00b", 1},
		{"binary", strings.Repeat("\xff\xfe\x00\x01", 10_000), 1},
		{"long line", head + "description: " + strings.Repeat("x", 1<<20) + "\n", 0},
		{"long name", "name: " + strings.Repeat("X", 1<<20) + "\nversion: 1\n", 1},
		{"long version", "name: demo/app\nversion: " + strings.Repeat("1..", 1<<19) + "\n", 1},
		{"name is a list", "name: [a]\nversion: 1\n", 1},
		{"name is a mapping", "name: {a: b}\nversion: 1\n", 1},
		{"name is null", "name: ~\nversion: 1\n", 1},
		{"name is true", "name: true\nversion: 1\n", 0},
		{"name is a number", "name: 1.5\nversion: 1\n", 1},
		{"name is an unknown alias", "name: *x\nversion: 1\n", 1},
		{"name is a tag", "name: !!map x\nversion: 1\n", 1},
		{"name is empty", "name: ''\nversion: 1\n", 1},
		{"version is a list", "name: demo/app\nversion: [a]\n", 1},
		{"version is a mapping", "name: demo/app\nversion: {a: b}\n", 1},
		{"version is null", "name: demo/app\nversion:\n", 1},
		{"version is true", "name: demo/app\nversion: true\n", 1},
		{"version is infinite", "name: demo/app\nversion: .inf\n", 1},
		{"version is an unknown alias", "name: demo/app\nversion: *x\n", 1},
		{"version is @", "name: demo/app\nversion: @\n", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opts lang.Options
			if c.name == "patterns" {
				opts.Env.Stat = func(string) (fs.FileInfo, error) { return nil, fs.ErrNotExist }
			}
			name := "escape.yml"
			if strings.HasPrefix(c.text, hcl) {
				name = "escape.hcl"
			}
			start := time.Now()
			an := lang.Analyze(source.NewFile(name, c.text), opts)
			// It is well below a second; the rest is for the race detector and busy machines. What is not linear takes minutes.
			if took := time.Since(start); took > 2*time.Minute {
				t.Errorf("took %v", took)
			}
			lawful(t, an)
			opts.Lint, start = linted.Lint, time.Now()
			lawful(t, lang.Analyze(source.NewFile(name, c.text), opts))
			if took := time.Since(start); took > 2*time.Minute {
				t.Errorf("all rules took %v", took)
			}
			if n := len(an.Findings); n > c.max || n == 0 && c.max == 1 {
				t.Errorf("%d findings, want at most %d:\n%s", n, c.max, clip(diag.Sprint(an.Findings)))
			}
			for _, d := range an.Findings {
				if len(d.Message) > 3000 {
					t.Errorf("a message of %d bytes: %s", len(d.Message), clip(d.Message))
				}
			}
		})
	}
}

func clip(s string) string {
	if len(s) > 2000 {
		return s[:2000] + "…"
	}
	return s
}
