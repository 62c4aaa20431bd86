package convert_test

import (
	"strings"
	"testing"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/source"
)

// FuzzConvert: whatever can be read is converted as laws says, or refused for a reason of its own; it is never an accident
// that is noticed at the end.
func FuzzConvert(f *testing.F) {
	for name, text := range seeds(f) {
		f.Add(text, strings.HasSuffix(name, ".hcl"))
	}
	for _, text := range nastyYAML {
		f.Add(text, false)
	}
	for _, text := range nastyHCL {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, hcl bool) {
		if len(text) > 2000 {
			t.Skip("too long to be interesting")
		}
		name := "escape.yml"
		if hcl {
			name = "escape.hcl"
		}
		check(t, name, text)
	})
}

// check converts text if it can be.
func check(t *testing.T, name, text string) {
	t.Helper()
	_, findings, err := convert.To(source.NewFile(name, text), other(name))
	if findings.HasErrors() {
		return
	}
	if err != nil {
		if strings.Contains(err.Error(), "cannot be written") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		return
	}
	laws(t, "text", name, text)
}

// nastyYAML are small plans with something odd in them.
var nastyYAML = []string{
	"description: |+\n  x\n\n\nname: y\n",
	"description: \"a\\tb\\u0000c\\ud7ff\"\n",
	"description: \" a\\n b\\n\"\n",
	"description: \"a\\n  \\n b\\n\"\n",
	"description: \"${a} $${b} %{c} %%{d} $$${e}\\n\"\n",
	"description: \"$${a}\"\n",
	"description: \"EOT\\nx\\n\"\n",
	"description: \"\\tx\\n\\ty\\n\"\n",
	"description: \"x  \\ny\\t\\n\"\n",
	"description: \"x\\r\\ny\\n\"\n",
	"name: 'a\"b\\c'\n",
	"deploy: {inline: \"\\n\\nx\\n\"}\n",
	"inputs: [a, version, {id: b, default: \"$\"}]\n",
	"inputs: [a, project]\n",
	"inputs: [{id: \"a\", default: 1_000}, {id: b, default: 0o17, type: integer}, {id: c, default: +5}, {id: d, default: .5}]\n",
	"inputs: [{id: a, default: 18446744073709551615}]\n",
	"x-a: [18446744073709551616, 1e+3, -0, 1., .5, 5e-3, 0b1, yes, ~, 2001-01-01, !!str 5, !!binary aGk=]\n",
	"x-a: &a [*a]\n",
	"x-a: &a {b: 1}\nmetadata: {<<: *a, c: 2}\n",
	"x-a: &a {b: 1, c: 3}\nx-b: &b {<<: *a, b: 2}\nmetadata: {c: 2, <<: [*b, *a]}\n",
	"x-a: &a # c1\n  # c2\n  b: 1 # c3\nmetadata: *a # c4\n",
	"metadata: {\"\": a, \"a b\": c, for: d, null: e, 1: f, \"${x}\": g, <<: {h: i}}\n",
	"metadata: {? [a] : b}\n",
	"depends: [{release_id: a/b-v1 as c, as: d}]\n",
	"depends: [{release_id: a/b-v1, \"odd key\": d}, a/c-v1]\n",
	"depends:\n- &a {release_id: a/b-v1, mapping: {x: $y}}\n- <<: *a\n  release_id: a/c-v1\n",
	"errands: {a b: {run: x}, c: {run: {inline: \"x\\n\", odd key: 1}}}\n",
	"deploy: {odd key: 1, cmd: x}\n",
	"deploy: {}\nbuild:\ntest: ''\nerrands: {}\ninputs: []\n",
	"version: $a.version # c\n",
	"version: $__id(\"$5\")\n",
	"version: $__id(\"$a\")\n",
	"version: $__concat(\"a\", \"b\", $c, \"\", 5)\n",
	"version: $__concat(\"a$\", $c, \"%\", $d)\n",
	"version: $__upper($a)\n",
	"version: $true.a\n",
	"version: $a[0][1:2].b(\"c\\n\")\n",
	"# a\n\n# b\nname: x # c\n\n# d\n",
	"inputs: # a\n  # b\n  - a # c\n  # d\n# e\n\n# f\n",
	"inputs: # a\n  # b\n  - id: a # c\n    # d\n  # e\n# f\n\n# g\n",
	"a: # x\n  [ # y\n    b, # z\n    # w\n  ]\n",
	"templates: [{file: a, mapping: {b: {c: [\"$d\"]}}}]\n",
	"consumes: [yes, {name: no}]\n",
	"name: \"\\ue000\\ufeff\\u2028\\u0085\"\n",
	"#\x01\nname: x\n",
	"--- # a\n# b\nname: x\n...\n",
	"# a\r\nname: x # b\r\ndeploy:\r\n  inline: |\r\n    a\r\n\r\n    b\r\n",
}

// nastyHCL are the same in HCL.
var nastyHCL = []string{
	"deploy {\n  inline = \"a\"\n}\ndeploy {\n  inline = \"b\"\n}\n",
	"/* a\n * b */ name = \"x\" // c\n",
	"name = /* a */ \"x\" /* b */\n",
	"inputs = [\"a\", # b\n]\ninput \"c\" /* d */ { # e\n# f\n}\n// g\ninputs2 = 1\n",
	"metadata {\n  a = \"b\"\n}\n# c\nmetadata {\n  d = 1e3\n}\n",
	"input \"a\" {\n  default = 1e3\n  items = [1e3, -01, 1.50]\n}\n",
	"input \"a\" {\n  default = \"x${a.b}y${\"z\"}\"\n}\n",
	"input \"a\" {\n  default = <<-EOT\n    a ${b}\n      c\n  EOT\n}\n",
	"input \"a\" {\n  default = <<EOT\n    a\n      c\nEOT\n}\n",
	"input \"a\" {\n  default = [\"$5\", [\"$5\"], script(\"$a\")]\n}\n",
	"input \"$${a}\" {}\n",
	"version = upper(a.b)\n",
	"version = \"\\u0024{\"\n",
	"version = \"$\\\"\"\n",
	"depends \"a/b-v1\" {\n  as = \"c\" # d\n  mapping {\n    x = this.y\n  }\n}\n",
	"depends \"a/b-v1\" {} # x\nconsumes = [\"a\"]\nconsumes \"b\" {}\n",
	"errand \"a\" {\n  run = \"x\"\n  inputs = [\"a\"]\n  input \"b\" {}\n}\n",
	"x-a = {\n  a = 1, b = 2 # c\n  # d\n}\n",
	"x = 100000000000000000000\ny = 1.0E-5\n",
	"# a\ninputs = [\"a\"]\n# b\ninput \"b\" {} # c\nmetadata { a = 1 } # d\nmetadata { b = 2 } # e\n",
	"# a\nextends \"b\" {\n  # c\n  as = \"d\" # e\n  # f\n}\nextends \"g\" { foo = 1 }\n",
	"/* a\r\n b */\r\nname = \"x\" # c\r\ndeploy {\r\n  inline = <<-EOT\r\n    a\r\n\r\n    b\r\n  EOT\r\n}\r\n",
}

// TestNasty runs the seeds of the fuzzer, with the reasons for which one is refused.
func TestNasty(t *testing.T) {
	for _, text := range nastyYAML {
		check(t, "escape.yml", text)
	}
	for _, text := range nastyHCL {
		check(t, "escape.hcl", text)
	}
}
