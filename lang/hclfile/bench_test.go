package hclfile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
)

// BenchmarkParse reads plans of about 100, 1,000 and 10,000 lines.
func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("../testdata/storefront.hcl")
	if err != nil {
		b.Fatal(err)
	}
	from, to := strings.Index(string(text), "input \"zone\""), strings.Index(string(text), "includes ")
	if from < 0 || to < from {
		b.Fatal("the plan has no inputs")
	}
	variables := string(text[from:to])
	for _, lines := range []int{100, 1_000, 10_000} {
		plan := string(text) + strings.Repeat(variables, lines/strings.Count(variables, "\n"))
		b.Run(fmt.Sprintf("lines=%d", strings.Count(plan, "\n")), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(plan)))
			for b.Loop() {
				hclfile.Parse(source.NewFile("escape.hcl", plan))
			}
		})
	}
}
