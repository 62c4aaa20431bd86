package complete

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/source"
)

// BenchmarkComplete asks at places of plans of 100, 1,000 and 10,000 lines whose analysis is there: names in an expression in the
// last line, keys in the middle, and fields at the end.
func BenchmarkComplete(b *testing.B) {
	for _, lines := range []int{100, 1000, 10_000} {
		for _, hcl := range []bool{false, true} {
			plan := largePlan(lines, hcl)
			an := lang.Analyze(plan, lang.Options{})
			text := plan.Text()
			key := strings.Index(text[len(text)/2:], "  description") + len(text)/2 + 2
			for name, off := range map[string]int{"names": strings.LastIndex(text, "in_0"), "keys": key, "fields": len(text)} {
				b.Run(fmt.Sprintf("%d/%s/%s", lines, map[bool]string{false: "yaml", true: "hcl"}[hcl], name), func(b *testing.B) {
					for b.Loop() {
						f := source.NewFile(plan.Name(), text) // its table of lines is not there either
						if list := Complete(context.Background(), request(f, an, off)); len(list.Items) == 0 {
							b.Fatal("nothing is offered")
						}
					}
				})
			}
		}
	}
}
