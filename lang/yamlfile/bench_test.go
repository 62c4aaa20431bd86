package yamlfile_test

import (
	"fmt"
	"testing"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
	"escape.build/escape/lang/yamlfile/plangen"
)

var sizes = []int{20, 1000, 10_000}

func BenchmarkParse(b *testing.B) {
	for _, lines := range sizes {
		text := plangen.Plan(lines)
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				yamlfile.Parse(source.NewFile("escape.yml", text))
			}
		})
	}
}

// BenchmarkReferee reads the same plans into yaml.Node, for comparison.
func BenchmarkReferee(b *testing.B) {
	for _, lines := range sizes {
		text := []byte(plangen.Plan(lines))
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				var n yaml.Node
				if err := yaml.Unmarshal(text, &n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
