// Package plantest makes plans in both notations for tests and benchmarks of the language server.
package plantest

import (
	"testing"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile/plangen"
)

// Plans returns the texts of one plan in both notations, by the names of their files. The one in YAML has that many lines.
func Plans(t testing.TB, lines int) map[string]string {
	t.Helper()
	text := plangen.Plan(lines)
	hcl, _, err := convert.To(source.NewFile("escape.yml", text), syntax.HCL)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"escape.yml": text, "escape.hcl": hcl}
}
