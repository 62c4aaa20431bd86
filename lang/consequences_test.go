package lang_test

import (
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// TestConsequences: a mistake is one finding, whatever follows from it.
func TestConsequences(t *testing.T) {
	const start = "name: shop/app\nversion: 1.0.@\ndescription: The shop.\n"
	for _, c := range []struct {
		name, text string
		want       *diag.Entry
		severity   diag.Severity
		original   string
	}{
		{"a misspelt field", "name: shop/app\nversion: 1.0.@\ndescripton: The shop.\n", diag.UnknownField, diag.Warning, ""},
		{"a misspelt key that is required", start + "errands: {x: {description: Makes an x., ru: echo}}\n", diag.MissingKey, diag.Error, ""},
		{"what uses an input cannot be read", start + "inputs: [{id: port, description: The port.}]\noutputs: [{id: url, description: Where., default: $this.inptus.port}]\n",
			diag.UnknownKey, diag.Error, "*"},
		{"an error behind a warning", start + "build_consumes: [{name: kubernetes as k8s}]\ninputs:\n- id: host\n  description: The host.\n  scope: [build]\n  default: $k8s.outputs.host\ndeploy: {cmd: echo, args: [$this.inputs.host]}\n",
			diag.UnknownEntryKey, diag.Error, "*"},
		{"a forgotten dash", start + "inputs:\n- id: a\n  description: One.\n  id: b\n  description: Two.\ndeploy: {cmd: echo, args: [$this.inputs.a, $this.inputs.b]}\n",
			diag.DuplicateKey, diag.Error, "*"},
		{"a reference in a text", start + "inputs: [{id: host, description: The host.}]\noutputs: [{id: url, description: Where., default: \"https://$this.inputs.host/\"}]\n",
			diag.TextReference, diag.Warning, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := lang.Options{Env: memory(nil), Lint: func(r *lint.Rule) bool { return !r.Off }}
			an := lang.Analyze(source.NewFile("escape.yml", c.text), opts)
			lawful(t, an)
			if len(an.Findings) != 1 {
				t.Fatalf("%d findings:\n%s", len(an.Findings), show(an.Findings))
			}
			d := an.Findings[0]
			if d.Code != c.want || d.Severity != c.severity || c.original == "*" && d.Original == "" {
				t.Errorf("%s, as the original says it: %q", show(an.Findings), d.Original)
			}
		})
	}
}
