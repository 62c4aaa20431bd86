package format

import (
	"strings"
	"testing"

	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
)

// checkHCL fails if formatting a plan in HCL breaks one of the laws: it is idempotent, and minify undoes it. That nothing is
// lost is checked by Format itself, see sameMeaning.
func checkHCL(t *testing.T, in string) {
	t.Helper()
	format := func(text string) string {
		out, findings := Format(source.NewFile("escape.hcl", text))
		if findings.HasErrors() {
			t.Errorf("the result cannot be read: %s\n%s", findings[0].Message, out)
		}
		return out
	}
	minify := func(text string) string {
		out, _ := Minify(source.NewFile("escape.hcl", text))
		return out
	}
	pretty, small := format(in), minify(in)
	equal(t, "Format is idempotent", pretty, format(pretty))
	equal(t, "Minify is idempotent", small, minify(small))
	equal(t, "Minify undoes Format", small, minify(pretty))
	checkTidy(t, "escape.hcl", in)
}

// nastyHCL are small plans with something odd at a place that moves.
var nastyHCL = []string{
	"",
	"# a\n",
	"\n\n# a\n\n\n# b\n",
	"version=\"1\"\nname=\"x\"",
	"/* a\n\n b */ version = 1 /* c\n\n d */\n/* e */ name = 2\n",
	"version = 1 # a\n# b\n\n# c\nname = 2\n# d\n\n# e\n",
	"deploy {\n\n\n  inline = <<-EOT\n    a {\n\n\n    # b\n  EOT\n\n}\nname = \"x\"\n",
	"description = \"\" # a\ninputs = [ # b\n]\n# c\nlicense = null\nname = \"x\"\n",
	"input \"a\" {}\nname = \"x\"\ninputs = []\ninput \"b\" {\n}\n",
	"x = 1\nversion = 2\ny = 3\nname = 4\nz = 5\n",
	"metadata {\n a = 1\n}\nmetadata {\n b = 2\n}\nname = 1\n",
	"name = [\n\n  # a\n\n  1,\n\n\n  2 # b\n\n]\nversion = {\n\n a = 1, b = 2\n\n c = 3\n}\n",
	"\ufeffversion = 1\r\nname = 2\r\n",
	"version = 1\r\nname = 2\n",
	"version = \"${a +\n\n b}\"\nname = 1\n",
	"version = upper(<<EOT\n\n\nx\nEOT\n)\nname = 1\n",
	"name = \"x\" // {\n\nversion = 1\n",
	"errand \"a\" {\n # b {\n\n run = 1\n}\nname = 2\n",
	"<<<<<<< a\nname = 1\n=======\nname = 2\n>>>>>>> b\n",
	"build { inline = \"x\" }\ndeploy { inline = \"y\" }\nname = 1\nbuild_input \"a\" {}\nbuild_input \"b\" {}\n",
}

func TestNastyHCL(t *testing.T) {
	for _, text := range nastyHCL {
		if _, findings := hclfile.Parse(source.NewFile("escape.hcl", text)); !findings.HasErrors() {
			checkHCL(t, text)
		}
		if t.Failed() {
			t.Fatalf("text %q", text)
		}
	}
}

// FuzzFormatHCL checks the laws on any text that can be read.
func FuzzFormatHCL(f *testing.F) {
	for _, text := range nastyHCL {
		f.Add(text)
	}
	for _, text := range seedsOf(f, ".hcl") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 || strings.Contains(text, "\x00") {
			t.Skip("not interesting")
		}
		if _, findings := hclfile.Parse(source.NewFile("escape.hcl", text)); findings.HasErrors() {
			t.Skip("no HCL")
		}
		checkHCL(t, text)
	})
}
