package format

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang/source"
)

// plans of 20, 1,000 and 10,000 lines, with everything that makes work: comments, wide indentation, blocks, flow style.
func benchPlan(lines int) string {
	var b strings.Builder
	b.WriteString("# A plan.\n\nversion: 1.0.@\nname: shop/bench\ninputs:\n")
	for i := 0; i < lines-16; i += 5 {
		fmt.Fprintf(&b, "    # input %d\n    - id: input_%d\n      type: string # text\n      default: |\n          value %d\n", i, i, i)
	}
	b.WriteString("build:\n    inline: |\n        make\n\n        make install\nmetadata: {a: b}\nincludes:\n- README.md\n- a\n- b\n")
	return b.String()
}

func BenchmarkFormat(b *testing.B) {
	for _, n := range []int{20, 1000, 10000} {
		b.Run(fmt.Sprint("lines=", n), func(b *testing.B) {
			f := source.NewFile("escape.yml", benchPlan(n))
			b.ReportAllocs()
			b.SetBytes(int64(len(f.Text())))
			for b.Loop() {
				if _, findings := Format(f); len(findings) > 0 {
					b.Fatal(findings[0].Message)
				}
			}
		})
	}
}
