// Package plantest makes plans in both notations for tests and benchmarks of the language server.
package plantest

import (
	"testing"

	"pgregory.net/rapid"

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

// A TB is a test, or one of the cases that a property is tested with.
type TB interface {
	Fatalf(format string, args ...any)
}

// A Check fails if something does not hold for a plan. It looks at every step-th offset.
type Check func(t TB, name, text string, step int)

// broken are texts that break a plan where they stand.
var broken = []string{
	"", "\"", "{", "[", "$", "$this.", "# region\n", "é😀", "\t", "|\n", ": ", "\n- ", "${", "/*", "\r\n",
}

// Broken checks plans in both notations: as they are, and with a part cut out or broken anywhere.
func Broken(t *testing.T, check Check) {
	for name, text := range Plans(t, 120) {
		t.Run(name, func(t *testing.T) {
			check(t, name, text, 1)
			rapid.Check(t, func(r *rapid.T) {
				at := rapid.IntRange(0, len(text)).Draw(r, "at")
				end := min(len(text), at+rapid.IntRange(0, 40).Draw(r, "cut"))
				more := rapid.SampledFrom(broken).Draw(r, "more")
				check(r, name, text[:at]+more+text[end:], 13)
			})
		})
	}
}

// Fuzz checks plans that a fuzzer makes from whole ones and from seed, a plan in YAML.
func Fuzz(f *testing.F, seed string, check Check) {
	for name, text := range Plans(f, 20) {
		f.Add(name, text)
	}
	f.Add("escape.yml", seed)
	f.Fuzz(func(t *testing.T, name, text string) {
		if len(text) < 4_000 {
			check(t, name, text, 3)
		}
	})
}
