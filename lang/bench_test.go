package lang_test

import (
	"fmt"
	"testing"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
	"escape.build/escape/lang/yamlfile/plangen"
)

// BenchmarkAnalyze compares the whole front end, checks included, with the bare parsing of the same text by yaml.v3.
func BenchmarkAnalyze(b *testing.B) {
	for _, lines := range []int{20, 133, 1_000, 10_000} {
		text := plangen.Plan(lines)
		b.Run(fmt.Sprintf("lines=%d/step=analyze", lines), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				lang.Analyze(source.NewFile("escape.yml", text), lang.Options{})
			}
		})
		b.Run(fmt.Sprintf("lines=%d/step=lint", lines), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Lint: func(r *lint.Rule) bool { return !r.Off }})
			}
		})
		b.Run(fmt.Sprintf("lines=%d/step=parse", lines), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				yamlfile.Parse(source.NewFile("escape.yml", text))
			}
		})
		b.Run(fmt.Sprintf("lines=%d/step=decode", lines), func(b *testing.B) {
			tree, _ := yamlfile.Parse(source.NewFile("escape.yml", text))
			b.ReportAllocs()
			for b.Loop() {
				plan.Decode(tree, plan.Options{})
			}
		})
		b.Run(fmt.Sprintf("lines=%d/step=check", lines), func(b *testing.B) {
			tree, _ := yamlfile.Parse(source.NewFile("escape.yml", text))
			p, _ := plan.Decode(tree, plan.Options{})
			b.ReportAllocs()
			for b.Loop() {
				check.Check(p, nil, check.Env{})
			}
		})
		b.Run(fmt.Sprintf("lines=%d/step=lint", lines), func(b *testing.B) {
			an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{})
			b.ReportAllocs()
			for b.Loop() {
				lint.Run(lint.Pass{Plan: an.Plan, Info: an.Info}, func(r *lint.Rule) bool { return !r.Off })
			}
		})
		b.Run(fmt.Sprintf("lines=%d/step=yaml.v3", lines), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				var doc yaml.Node
				if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
