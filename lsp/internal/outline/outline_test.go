package outline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/outline"
	"escape.build/escape/lsp/internal/plantest"
)

// check fails if what is said of outlines does not hold for a text.
func check(t plantest.TB, name, text string, step int) {
	an := lang.Analyze(source.NewFile(name, text), lang.Options{})
	whole := source.Span{End: int32(len(text))}
	var symbols func(in source.Span, list []outline.Symbol)
	symbols = func(in source.Span, list []outline.Symbol) {
		for _, s := range list {
			if strings.TrimSpace(s.Name) == "" || !in.Encloses(s.Span) || !s.Span.Encloses(s.NameSpan) {
				t.Fatalf("the symbol %q at %v with the name at %v in %q", s.Name, s.Span, s.NameSpan, text)
			}
			symbols(s.Span, s.Children)
		}
	}
	symbols(whole, outline.Symbols(an.Syntax))
	last := 0
	for _, f := range outline.Folds(an.Syntax) {
		if f.First <= last || f.Last <= f.First || f.Last > an.Source.LineCount() || f.Span.End <= f.Span.Start || !whole.Encloses(f.Span) {
			t.Fatalf("the fold %+v behind line %d of %q", f, last, text)
		}
		last = f.First
	}
	for off := 0; off <= len(text); off += step {
		spans := outline.Selection(an, off)
		for i, s := range spans {
			if !s.Contains(off) || i > 0 && (!s.Encloses(spans[i-1]) || s == spans[i-1]) {
				t.Fatalf("at %d the selection grows over %v in %q", off, spans, text)
			}
		}
		if spans[len(spans)-1] != whole {
			t.Fatalf("at %d the selection does not end with the whole text: %v", off, spans)
		}
	}
}

func TestOutlinesAreNested(t *testing.T) { plantest.Broken(t, check) }

// TestLargeOutline: the outline of a very large plan is no larger than editors can draw after each change, and each element is in it.
func TestLargeOutline(t *testing.T) {
	for name, text := range plantest.Plans(t, 20_000) {
		t.Run(name, func(t *testing.T) {
			an := lang.Analyze(source.NewFile(name, text), lang.Options{})
			n, inputs := 0, []source.Span{}
			var count func(list []outline.Symbol)
			count = func(list []outline.Symbol) {
				n += len(list)
				for _, s := range list {
					if s.Kind == outline.Input {
						inputs = append(inputs, s.Span)
					}
					count(s.Children)
				}
			}
			count(outline.Symbols(an.Syntax))
			if n > 1_400 || len(inputs) == 0 || len(inputs) == len(an.Plan.Inputs) {
				t.Errorf("there are %d symbols, %d of them for %d inputs", n, len(inputs), len(an.Plan.Inputs))
			}
			for _, v := range an.Plan.AllInputs() {
				at := v.ID.Span()
				if !slices.ContainsFunc(inputs, func(s source.Span) bool { return s.Encloses(at) }) {
					t.Fatalf("the input %q is missing", v.ID.Value)
				}
			}
			check(t, name, text, len(text)/3)
		})
	}
}

func FuzzOutline(f *testing.F) {
	plantest.Fuzz(f, "inputs: &a\n- &b {id: x}\n- *b\noutputs: *a\n? [x]\n: y\n# region\n# region\n# endregion\n", check)
}

func BenchmarkOutline(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		for name, text := range plantest.Plans(b, lines) {
			an := lang.Analyze(source.NewFile(name, text), lang.Options{})
			b.Run(fmt.Sprintf("%s/lines=%d/symbols", name, lines), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					outline.Symbols(an.Syntax)
				}
			})
			b.Run(fmt.Sprintf("%s/lines=%d/folds", name, lines), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					outline.Folds(an.Syntax)
				}
			})
			b.Run(fmt.Sprintf("%s/lines=%d/selection", name, lines), func(b *testing.B) {
				for b.Loop() {
					outline.Selection(an, len(text)/2)
				}
			})
		}
	}
}
