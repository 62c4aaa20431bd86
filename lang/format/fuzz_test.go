package format

import (
	"strings"
	"testing"

	"escape.build/escape/lang/internal/archivetest"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

// seeds are the inputs of all cases in YAML here and of the shared corpus.
func seeds(t testing.TB) []string { return seedsOf(t, ".yml") }

// seedsOf are those whose files end in ext.
func seedsOf(t testing.TB, ext string) []string {
	var texts []string
	archivetest.Files(t, func(_, name, text string) {
		if (strings.HasPrefix(name, "in.") || strings.HasPrefix(name, "in/")) && strings.HasSuffix(name, ext) {
			texts = append(texts, text)
		}
	}, "testdata/fmt/*.txtar", "../../testdata/plans/*.txtar", "../../testdata/plans/ok/*.txtar")
	return texts
}

// FuzzFormat checks the laws of the package on any text that can be read.
func FuzzFormat(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	for _, text := range nasty {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			t.Skip("too long to be interesting")
		}
		if _, findings := yamlfile.Parse(source.NewFile("escape.yml", text)); findings.HasErrors() {
			t.Skip("no YAML")
		}
		checkLaws(t, text)
	})
}

// nasty are small texts with something odd at a place that moves.
var nasty = []string{
	"a: |+\n\n\nname: x\n",
	"a: |1\n x\nb:\n    - |2\n        x\n",
	"name: !!str\nversion: &a\nlicense: *a\n",
	"- a\n",
	"name:\n  - - - a\n    - b\n  -   - c\n",
	"? name\n? version\n: 1\n",
	"name: 'a\n  b'\nversion: \"a\\\n  b\"\n",
	"inputs:\n  - a\n\n  # x\nname: y\n",
	"inputs:\n    # x\n  # y\n  - a\n # z\n# w\n\nname: y\n",
	"build:\n      inline: |\n            x\n           # y\n          # z\n",
	"build: >2\n      x\n",
	"description: |\n  x\n    \n \nname: y\n",
	"description: \"x\n\n\n  y\"\nname: y",
	"inputs: [\n]\nmetadata: {\n# x\n}\n",
	"*a : b\n&a name: x\n",
	"name: &a\nversion: *a\n",
	"x: [a,\n---\n]\n",
	"name: x\r\nversion: 1\r\nlicense:\r\n",
	"name: x\n...\n# c\n---\nname: y\n",
	"# a\n\n# b\ndescription: ''\n# c\n\n# d\ninputs: *x\n",
	"\tname: x\n",
	"name: x\n\t# y\n",
	"name: x\n\t\nversion: 1\n",
	"license: # a\n  # b\n\n  # c\nversion: # d\n\n",
	"logo: |- # x\n\n\n# y\n\nname: |+ # x\n\n\n",
}

func TestNasty(t *testing.T) {
	for _, text := range nasty {
		if _, findings := yamlfile.Parse(source.NewFile("escape.yml", text)); !findings.HasErrors() {
			checkLaws(t, text)
		}
		if t.Failed() {
			t.Fatalf("text %q", text)
		}
	}
}
