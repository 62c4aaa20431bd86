package convert_test

import (
	"fmt"
	"testing"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
)

func BenchmarkTo(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		yaml := source.NewFile("escape.yml", plangen.Plan(n))
		text, _, err := convert.To(yaml, other("escape.yml"))
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range []*source.File{yaml, source.NewFile("escape.hcl", text)} {
			b.Run(fmt.Sprintf("%s/lines=%d", f.Name(), n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(f.Text())))
				for b.Loop() {
					if _, _, err := convert.To(f, other(f.Name())); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
