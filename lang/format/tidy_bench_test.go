package format

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/source"
)

// large returns a plan of about so many lines, which is tidy.
func large(lines int) string {
	var b strings.Builder
	b.WriteString("name: demo/part\nversion: 1.0.0\ninputs:\n")
	for i := 0; i < lines/6; i++ {
		fmt.Fprintf(&b, "- id: region_%d\n  description: Where part %d runs.\n  default: $__concat(\"eu-west-\", $this.environment)\n", i, i)
	}
	b.WriteString("errands:\n")
	for i := 0; i < lines/12; i++ {
		fmt.Fprintf(&b, "  rotate-%d:\n    run:\n      inline: |\n        set -eu\n        rotate \"$INPUT_region_%d\"\n        echo done\n", i, i)
	}
	return b.String()
}

// largeHCL is such a plan in HCL, with comments and values below each other.
func largeHCL(lines int) string {
	var b strings.Builder
	b.WriteString("name    = \"demo/part\"\nversion = \"1.0.0\"\n")
	for i := 0; i < lines/10; i++ {
		fmt.Fprintf(&b, "\n# Part %d.\ninput \"region_%d\" {\n  description = \"Where part %d runs.\"\n  default     = \"eu-west-${this.environment}\" # near\n}\n", i, i, i)
	}
	for i := 0; i < lines/20; i++ {
		fmt.Fprintf(&b, "\nerrand \"rotate-%d\" {\n  run {\n    inline = <<-EOT\n      rotate \"$INPUT_region_%d\"\n    EOT\n  }\n}\n", i, i)
	}
	return b.String()
}

func BenchmarkTidy(b *testing.B) {
	for name, text := range map[string]func(int) string{"escape.yml": large, "escape.hcl": largeHCL} {
		for _, lines := range []int{100, 1_000, 10_000, 50_000} {
			f := source.NewFile(name, text(lines))
			b.Run(fmt.Sprintf("%s/lines=%d", name, lines), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					text, _ := Tidy(f)
					Edits(f.Text(), text)
				}
			})
			b.Run(fmt.Sprintf("%s/lines=%d/tree", name, lines), func(b *testing.B) {
				tree, _ := notation.Parse(f)
				b.ReportAllocs()
				for b.Loop() {
					Edits(f.Text(), TidyTree(tree))
				}
			})
		}
	}
}
