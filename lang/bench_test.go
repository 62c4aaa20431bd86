package lang_test

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
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
				lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Lint: defaultRules})
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
				lint.Run(lint.Pass{Plan: an.Plan, Info: an.Info}, defaultRules)
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

// BenchmarkEdit measures what an editor waits for: one more letter somewhere in a plan that has been analysed before, with all
// rules of the linter.
func BenchmarkEdit(b *testing.B) {
	for _, name := range []string{"escape.yml", "escape.hcl"} {
		for _, lines := range []int{100, 1_000, 10_000} {
			f := source.NewFile("escape.yml", plangen.Plan(lines))
			if name == "escape.hcl" {
				text, _, err := convert.To(f, syntax.HCL)
				if err != nil {
					b.Fatal(err)
				}
				f = source.NewFile(name, text)
			}
			for _, edit := range []struct {
				kind  string
				write func(text string, n int) string
			}{
				{"letter", func(text string, n int) string {
					at := strings.Index(text[len(text)/4:], "Where part") + len(text)/4
					return text[:at] + strings.Repeat("x", n%10) + text[at:]
				}},
				{"id", func(text string, n int) string {
					at := strings.Index(text, "replicas_2") + len("replicas_2")
					return text[:at] + strings.Repeat("x", n%10) + text[at:]
				}},
				{"type", func(text string, n int) string {
					at := strings.LastIndex(text, "integer")
					return text[:at] + []string{"intezer", "integer"}[n%2] + text[at+len("integer"):]
				}},
				{"mistake", func(text string, n int) string {
					at := strings.Index(text[len(text)/2:], "\n\n") + len(text)/2 + 1
					return text[:at] + "wor" + strings.Repeat("d", n%10) + text[at:]
				}},
			} {
				b.Run(fmt.Sprintf("%s/lines=%d/edit=%s", name, lines, edit.kind), func(b *testing.B) {
					opts := lang.Options{Lint: defaultRules, Keep: true}
					opts.Before = lang.Analyze(f, opts)
					b.ReportAllocs()
					for n := 0; b.Loop(); n++ {
						opts.Before = lang.Analyze(source.NewFile(name, edit.write(f.Text(), n)), opts)
					}
				})
			}
		}
	}
}
