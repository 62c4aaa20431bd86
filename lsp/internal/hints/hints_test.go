package hints_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/hints"
)

var everything = hints.Kinds{Types: true, Versions: true, Values: true, Parameters: true}

func analyze(text string) *cache.Analyzed {
	snap := cache.New(cache.Options{}).Open("untitled:1", "", "escape-plan", 1, text)
	return snap.Analyze(snap.Document("untitled:1"))
}

func TestHintsOfParts(t *testing.T) {
	text := plangen.Plan(150) + "deploy_outputs:\n- id: x\n  default: $this.name.replace(\"a\", \"b\", 1)\n"
	rapid.Check(t, func(r *rapid.T) {
		at := rapid.IntRange(0, len(text)).Draw(r, "at")
		end := min(len(text), at+rapid.IntRange(0, 30).Draw(r, "cut"))
		text := text[:at] + rapid.SampledFrom([]string{"", "\"", "{", "[", "$", "é😀", ": "}).Draw(r, "more") + text[end:]
		an := analyze(text)
		all := hints.Of(an, source.Span{End: int32(len(text))}, everything, nil)
		from := rapid.IntRange(0, len(text)).Draw(r, "from")
		to := rapid.IntRange(from, len(text)).Draw(r, "to")
		span := source.Span{Start: int32(from), End: int32(to)}
		var want, got []string
		for i := range all {
			if all[i].Text() == "" || all[i].Off < 0 || all[i].Off > len(text) || i > 0 && all[i].Off < all[i-1].Off {
				r.Fatalf("a hint %q at %d", all[i].Text(), all[i].Off)
			}
			if span.Contains(all[i].Off) {
				want = append(want, fmt.Sprint(all[i].Off, all[i].Text()))
			}
		}
		part := hints.Of(an, span, everything, nil)
		for i := range part {
			got = append(got, fmt.Sprint(part[i].Off, part[i].Text()))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			r.Fatalf("the hints of %v are %q, want %q", span, got, want)
		}
	})
}

func TestKinds(t *testing.T) {
	text := "name: a/bc\nversion: 1\ninputs:\n- x\noutputs:\n- id: y\n  default: $this.name.replace(\"a\", \"b\", 1)\n"
	span := source.Span{End: int32(len(text))}
	for _, c := range []struct {
		kinds hints.Kinds
		want  int
	}{{hints.Kinds{}, 0}, {hints.Kinds{Types: true}, 2}, {hints.Kinds{Values: true}, 1}, {hints.Kinds{Parameters: true}, 3}, {hints.Kinds{Versions: true}, 0}, {everything, 6}} {
		if got := hints.Of(analyze(text), span, c.kinds, nil); len(got) != c.want {
			t.Errorf("with %+v there are %d hints, want %d", c.kinds, len(got), c.want)
		}
	}
}

func BenchmarkHints(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		an := analyze(plangen.Plan(lines))
		f := an.Source
		n := max(1, f.LineCount()/5)
		span := source.Span{Start: f.Line(n).Start, End: f.Line(min(n+60, f.LineCount())).End}
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				hints.Of(an, span, everything, nil)
			}
		})
	}
}
