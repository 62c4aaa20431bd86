package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// linted runs all rules, without a folder.
var linted = lang.Options{Deps: known, Lint: func(*lint.Rule) bool { return true }}

// FuzzLint: no rule panics on any text, what it says lies inside the text, and its fixes break nothing and resolve what they
// are for.
func FuzzLint(f *testing.F) {
	corpus(f, func(_, text string) { f.Add(text) })
	for _, row := range diag.Catalog() {
		if x, ok := catalog.Explain(row.Code); ok && row.Code >= "ESC6100" {
			for _, file := range x.Files {
				if file.Name == "bad.yml" {
					f.Add(file.Text)
					f.Add(strings.ReplaceAll(file.Text, "\n", "\r\n"))
				}
			}
		}
	}
	for _, text := range awkward {
		f.Add("name: demo/app\nversion: 1.0.@\n" + text)
	}
	for _, text := range awkwardHCL {
		f.Add("name = \"demo/app\"\nversion = \"1.0.@\"\n" + text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2048 {
			t.Skip()
		}
		name := "escape.yml"
		if strings.HasPrefix(text, "name =") {
			name = "escape.hcl"
		}
		before := lang.Analyze(source.NewFile(name, text), linted)
		lawful(t, before)
		fixes(t, name, text, linted)
		if before.Findings.HasErrors() {
			return
		}
		for _, d := range before.Findings {
			for _, fix := range d.Fixes {
				got, _ := source.Apply(text, fix.Edits)
				after := lang.Analyze(source.NewFile(name, got), linted)
				if d.Code.Code > "ESC6100" && after.Findings.HasErrors() {
					t.Errorf("fix %q makes of\n%s\nthis, which is wrong:\n%s\n%s", fix.Title, text, got, diag.Sprint(after.Findings))
				}
			}
		}
	})
}

// awkward are plans whose findings are hard to fix: lists and mappings in all forms, with comments, anchors and merged keys.
var awkward = []string{
	"inputs: [password, {id: token}, {id: a, scopes: [build, deploy]}, {scopes: [build, deploy], id: b}]\n",
	"inputs:\n- password # why\n- id: token # why\n  default: x\n-   secret\n- \n  id: api_key\n",
	"inputs:\n- scopes: [build, deploy]\n  id: a\n- visible: true\n  # why\n  id: b\n- id: c\n  visible: true # why\n- {id: d, # why\n  visible: true}\n",
	"inputs:\n- &x {id: password}\n- *x\n- <<: *x\n  default: y\n- &y\n  id: token\n",
	"inputs:\n  - id: password\n    description: |\n      a\n\n      b\n  - id: token\n    description: Token",
	"inputs:\n- \"id\": password\n- 'id' : token\n- ? id\n  : secret\n- id: \"api_key\"\n- {\"id\":\"private_key\"}\n",
	"includes: [chart, chart/a, ./chart, .git]\ngenerates:\n- a\n- a # again\n- 'a'\n- - a\n- .env\n",
	"includes: [\n  a, # one\n  a,\n  b\n]\n",
	"consumes: [k as k, \"l as l\", 'm  as  m', {name: n as n}]\nextends: [demo/base-v1   as   other]\nprovides: [k]\n",
	"depends:\n- {release_id: demo/base-v1 as base, variable: base, scopes: [deploy]}\n- release_id: demo/more-v1 as more\n  variable: more\n",
	"downloads:\n- url: http://x.example/a-1.2.tgz\n  dest: a.tgz\n  overwrite: false\n- {url: 'http://x.example/b-1.2.tgz', dest: b.tgz, if_not_exists: [b.tgz], overwrite: on}\n",
	"description:\nlogo: # none\ninputs: []\nlicense: ''\nmetadata: {}\nsmoke:\n",
	"errands:\n  a: {script: a.sh, description: a}\n  b:\n    description: b b\n    script: b.sh x\n    inputs: [password]\n",
	"inputs:\n- id: a \n  type: bool\t\n  default: \"true\"#x\n- {id: b, type: integer, default: '5'}\n- {id: c, type: integer, default: 010}\n- {id: d, default: 1.10}\n",
	"inputs: [{id: a, default: $__concat(\"x: y\")}, {id: b, default: '$__id(\"a\")'}, {id: c, default: \"$__id(\\\"it''s\\\")\"}]\nversion: auto\n",
	"inputs:\n- id: h\n  type: list\n  default: $this.inputs.l[:]\n- id: l\n  type: list\n  scopes: build\n- {id: m, scopes: deploy}\n",
	"inputs:\n- id: password\n  sensitive: true\noutputs:\n- {id: a, default: $this.inputs.password}\n- id: b\n  default: [x, $__concat($this.inputs.password, \"x\")]\n",
	"description: >-\n  the first\n   \n  line \ninputs:  \n- a\t\n",
	"build: {}\ntest: {args: []}\nprovides: [k, '', k, \"l\", l, !x m]\ninputs: !y\n- {id: v, type: version, default: 1, items: [2]}\n- id: e\n  type: environment\n  default: [a,\n    b]\n",
	"consumes:\n- k\n- {name: k, scopes: [deploy]}\n- name: k\n  scopes: [build]\n  variable: x\n- l\nbuild_consumes: [k, k]\n",
	"depends:\n- release_id: demo/base-v1 as base\n  mapping: {a: 1, b: 2}\n  build_mapping: {a: 2, b: 3}\n  deploy_mapping:\n    b: 4\n- {release_id: demo/more-v1 as more, mapping: {a: 1}, deploy_mapping: {a: 2}}\n",
	"inputs:\n- id: a\n  default: 1\n  default: 2\n  default:\n    - 3\n- {id: b, default: 1, default: 2}\n- &z {id: c, visible: true, visible: false}\n",
	"templates:\n- a.conf\n- 'b.conf'\n- \"c d.conf\" # why\n- {file: a.conf}\n- file: e.conf\n- 10.5\n- [x]\nincludes: [\"a/**\", 'b/**', c/**/d, 'c/[d', \"e/[f\"]\n",
	"downloads:\n- &d {url: 'http://github.com/a-1.2.tgz', dest: a.tgz}\n- {url: 'http://github.com/a-1.2.tgz', dest: a.tgz}\n- url: https://x.example/b\n  dest: b\n- url: https://x.example/b\n  dest: b\n",
	"build_inputs: [a, {id: b}]\ndeploy_inputs: [a, {id: b}]\nbuild_outputs:\n- x\ndeploy_outputs:\n- x\nbuild_consumes:\n  - k\ndeploy_consumes:\n  - k\n",
	"# top\ntest: |\n  a\n\nx-a: 1\n# about the build\nbuild: make\n\nlicense: MIT # why\ndescription: Demo.\n",
	"errands:\n  a:\n    run: {inline: \"set -x\\necho $INPUT_s\"}\n    script: a.sh\n  b: {script: b.sh, run: b.sh}\ninputs: [{id: s, sensitive: true}]\nbuild:\n  inline: |\n    set -eux\n    set -x\n    login $INPUT_s\n",
	"build:\n  inline: |\n    set -x\n      # deep\n    a=1\n    echo $a ${b:-} $INPUT_s\ninputs: [{id: s, sensitive: true}]\ntest:\n  inline: \"[[ -d \\\"$x\\\" ]] && function f { a |& b &> c; }\\nf\"\n",
	"build:\n  inline: |\n    function f { [ a == b ]; [[ a == \"$b\" ]]; [[ -f c ]]; }\n    source lib/a.sh; source b; f &>> x |& cat\n    curl -o a http://github.com/b; curl -O c || true\n",
	"outputs: [u]\nbuild:\n  inline: |\n    echo '{\"u\": 1}' > \"$1\"\ndeploy: {inline: echo '{\"u\": 1}' >$2}\n",
	"# escape:ignore\n# escape:ignore-end\n# escape:ignore-start unknown-field -- why\nowner: a # escape:ignore unclosed-quote -- no\n# escape:ignore-start unknown-field, syntax-error",
}

// TestLintFixAll: applying all safe fixes of all rules ends with none.
func TestLintFixAll(t *testing.T) {
	for _, text := range awkward {
		fixAll(t, "escape.yml", "name: demo/app\nversion: 1.0.@\n"+text, linted)
	}
	for _, text := range awkwardHCL {
		fixAll(t, "escape.hcl", "name = \"demo/app\"\nversion = \"1.0.@\"\n"+text, linted)
	}
	corpus(t, func(name, text string) { fixAll(t, name, text, linted) })
}

// TestLintRules: every rule has its code once, in order, and a code of the rules has a rule.
func TestLintRules(t *testing.T) {
	has := map[*diag.Entry]bool{}
	for i, r := range lint.Rules {
		has[r.Code] = true
		if i > 0 && lint.Rules[i-1].Code.Code >= r.Code.Code {
			t.Errorf("%s is not behind %s", r.Code.Code, lint.Rules[i-1].Code.Code)
		}
		if r.Category == lint.Portability && !r.Off {
			t.Errorf("%s is about the original Escape and has to be asked for", r.Code.Name)
		}
	}
	for _, row := range diag.Catalog() {
		if row.Code > "ESC6100" && row.Code < "ESC6200" && !row.Retired && !has[row] {
			t.Errorf("no rule reports %s", row.Code)
		}
	}
}

// TestExamplesHaveNoWarnings: what the examples do is what plans do.
func TestExamplesHaveNoWarnings(t *testing.T) {
	files, err := filepath.Glob("../testdata/examples/*/escape.yml")
	more, _ := filepath.Glob("../testdata/examples/*/*/escape.yml")
	if files = append(files, more...); err != nil || len(files) < 10 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		an := lang.Analyze(source.NewFile(file, string(text)), lang.Options{
			Env: lang.Folder(filepath.Dir(file)), Lint: func(r *lint.Rule) bool { return !r.Off }})
		for _, d := range an.Findings {
			isShown := d.Code == diag.PlainSecret && strings.HasSuffix(file, "templates/site/escape.yml") // that example shows how a secret is masked
			if d.Severity <= diag.Warning && !isShown {
				t.Errorf("%s", diag.Sprint(diag.List{d}))
			}
		}
	}
}

// TestUnusedInput: an input is reported if all that may read it can be seen, and does not.
func TestUnusedInput(t *testing.T) {
	const head = "name: demo/app\nversion: 1.0.@\n"
	const one = head + "inputs: [region]\n"
	for name, c := range map[string]struct {
		files string
		want  bool
	}{
		"read by nothing":              {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\necho hello\n", true},
		"read by its script":           {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\necho $INPUT_region\n", false},
		"another one is read":          {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\necho $INPUT_region_name\n", true},
		"read by a file of the folder": {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\n. lib/x.sh\n-- lib/x.sh --\necho $INPUT_region\n", false},
		"read by a Makefile":           {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\nmake all\n-- Makefile --\nall:\n\techo $(INPUT_region)\n", false},
		"read in Python":               {"-- in.yml --\n" + one + "deploy: d.py\n-- d.py --\n#!/usr/bin/env python3\nimport os\nos.environ[\"INPUT_region\"]\n", false},
		"all of it read in Python":     {"-- in.yml --\n" + one + "deploy: d.py\n-- d.py --\n#!/usr/bin/env python3\nimport os\nprint(os.environ)\n", false},
		"the name is made up":          {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\nx=INPUT_$1\n", false},
		"the name is read indirectly":  {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\necho ${!x}\n", false},
		"all is printed":               {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\nprintenv > all\n", false},
		"env with a command":           {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\nenv | sort\n", false},
		"the line of the shell":        {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\n#!/usr/bin/env bash\nset -eu\necho\n", true},
		"an unknown command":           {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\ncompany-deploy\n", false},
		"an unknown command as step":   {"-- in.yml --\n" + one + "deploy: company-deploy now\n", false},
		"a known command as step":      {"-- in.yml --\n" + one + "deploy: {cmd: helm, args: [lint, chart]}\n", true},
		"a file from elsewhere":        {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\n. /opt/lib.sh\n", false},
		"a file that nobody knows":     {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\n#!/bin/sh -e\n. \"$lib\"\n", false},
		"a text for a shell":           {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\nbash -c \"$x\"\n", false},
		"its own function":             {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\nf() { echo; }\nf\n", true},
		"a script of the folder":       {"-- in.yml --\n" + one + "deploy: d.sh\n-- d.sh --\n\"$(dirname \"$0\")/e.sh\"\n-- e.sh --\necho\n", true},
		"a script that is not there":   {"-- in.yml --\n" + one + "deploy: {script: d.sh}\n", false},
		"an expression":                {"-- in.yml --\n" + one + "outputs: [{id: a, default: $this.inputs.region}]\ndeploy: {inline: echo}\n", false},
		"all inputs in an expression":  {"-- in.yml --\n" + one + "deploy: {cmd: echo, args: [$this.inputs.id()]}\n", false},
		"a template":                   {"-- in.yml --\n" + one + "templates: [a.tpl]\ndeploy: {inline: echo}\n-- a.tpl --\n{{region}}\n", false},
		"another template":             {"-- in.yml --\n" + one + "templates: [a.tpl]\ndeploy: {inline: echo}\n-- a.tpl --\n{{name}}\n", true},
		"no step":                      {"-- in.yml --\n" + one, false},
		"a provider":                   {"-- in.yml --\n" + one + "provides: [web]\ndeploy: {inline: echo}\n", false},
		"an unknown dependency":        {"-- in.yml --\n" + one + "depends: [demo/db-v1 as other]\ndeploy: {inline: echo}\n", false},
		"a dependency without it":      {"-- in.yml --\n" + head + "inputs: [region, a, b]\ndepends: [demo/base-v1 as base]\ndeploy: {inline: echo}\n", true},
		"a dependency with it":         {"-- in.yml --\n" + head + "inputs: [a, b]\ndepends: [demo/base-v1 as base]\ndeploy: {inline: echo}\n", false},
		"an unknown extension":         {"-- in.yml --\n" + one + "extends: [demo/db-v1 as other]\ndeploy: {inline: echo}\n", false},
		"a program":                    {"-- in.yml --\n" + one + "deploy: {inline: ./tool}\n-- tool --\nELF\x00INPUT_region\x00\n", false},
		"an input of an errand":        {"-- in.yml --\n" + head + "errands: {e: {description: E., run: {inline: echo}, inputs: [lines]}}\n", true},
		"an errand that reads it":      {"-- in.yml --\n" + head + "errands: {e: {description: E., run: {inline: echo $INPUT_lines}, inputs: [lines]}}\n", false},
		"a broken plan":                {"-- in.yml --\n" + one + "deploy: {inline: echo}\nx: [\n", false},
	} {
		a := txtar.Parse([]byte(c.files))
		an := lang.Analyze(source.NewFile("in.yml", string(a.Files[0].Data)), lang.Options{
			Env: folder(t, a), Deps: known, Lint: func(r *lint.Rule) bool { return r.Code == diag.UnusedInput }})
		got := false
		for _, d := range an.Findings {
			got = got || d.Code == diag.UnusedInput
		}
		if got != c.want {
			t.Errorf("%s: reported is %t, want %t\n%s", name, got, c.want, diag.Sprint(an.Findings))
		}
	}
}

var awkwardHCL = []string{
	"input \"password\" {}\ninput \"token\" { default = \"x\" }\ninput \"secret\" {\n  default = \"y\"\n}\ninput \"api_key\"{ # why\n}\n",
	"inputs = [\"password\", { id = \"token\" }, { id = (\"a\"), scopes = [\"build\", \"deploy\"] }, {\n  id = \"b\"\n  visible = (true)\n  description = \"b\"\n}]\n",
	"input \"a\" {\n  scopes = [\"build\", \"deploy\"]\n  visible = true # why\n  description = \"A\"\n  type = bool\n  default = \"true\"\n}\ninput \"b\" { visible = true }\n",
	"includes = [\"chart\", (\"chart/a\"), \"./chart\", \".git\"]\ngenerates = [\n  \"a\", # one\n  \"a\",\n  (\"a\")\n]\n",
	"consumes \"k\" { as = \"k\" }\nextends \"demo/base-v1\" { as = \"other\" }\nprovides = [\"k\"]\ndescription = \"\"\nlogo = null\nmetadata {}\n",
	"download \"http://x.example/a-1.2.tgz\" {\n  dest = \"a.tgz\"\n}\ndownload \"http://x.example/b-1.2.tgz\" {\n  dest = \"b.tgz\" // why\n  overwrite = true\n  if_not_exists = [\"b.tgz\"]\n}\n",
	"input \"password\" { sensitive = true }\noutput \"a\" { default = this.inputs.password }\noutput \"b\" {\n  default = \"x${this.inputs.password}\"\n}\noutput \"c\" { default = \"${\"a\"}$${\" }\n",
	"errand \"a\" {\n  script = \"a.sh\"\n  input \"password\" {}\n}\ninput \"n\" {\n  type = integer\n  default = 010\n}\ninput \"f\" { default = 1.10 }\ninput \"g\" { default = 1 }\n",
	"build = {}\nprovides = [\"k\", \"\", \"k\"]\ninput \"v\" {\n  type = version\n  default = 1\n}\nbuild_input \"w\" {\n  scopes = [\"deploy\"]\n}\nconsumes \"k\" {\n  variable = \"x\"\n}\nconsumes \"k\" {}\n",
	"depends \"demo/base-v1\" {\n  as = \"base\"\n  mapping = { a = 1 }\n  build_mapping = { a = 2 }\n}\ntemplates = [\"a.conf\", { file = \"b.conf\" }]\ntemplate \"c.conf\" {}\ntemplate \"d.conf\" {\n  scopes = [\"build\"]\n}\nincludes = [\"a/**\", \"b/[c\"]\n",
	"build_inputs = [\"a\"]\ndeploy_inputs = [\"a\"]\nerrand \"e\" {\n  run = \"a.sh\"\n  script = \"a.sh\"\n}\ndownloads = [{ url = \"http://github.com/a\", dest = \"a\" }, { url = \"http://github.com/a\", dest = \"a\" }]\n",
	"build {\n  inline = <<EOF\nset -x\n[[ -d a ]] && curl -o a http://github.com/b\nlogin $INPUT_password\nEOF\n}\ninput \"password\" { sensitive = true }\ntest { inline = \"function f { a &> b; }\" }\n",
	"depends \"demo/base-v1\" {\n  as = \"base\"\n  variable = \"base\"\n  mapping = { a = this.inputs.l[:] }\n}\nversion = \"auto\"\ninput \"l\" {\n  type = list(integer)  \n  scopes = \"deploy\"\n}\n",
}
