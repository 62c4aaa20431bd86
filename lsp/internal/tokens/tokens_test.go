package tokens_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
	"escape.build/escape/lsp/internal/plantest"
	"escape.build/escape/lsp/internal/tokens"
)

func analyze(name, text string) *lang.Analysis {
	return lang.Analyze(source.NewFile(name, text), lang.Options{})
}

func whole(text string) source.Span { return source.Span{End: int32(len(text))} }

// decode returns where encoded tokens stand.
func decode(f *source.File, data []uint32) []source.Span {
	var spans []source.Span
	line, char := 0, 0
	for i := 0; i < len(data); i += tokens.Width {
		if data[i] > 0 {
			char = 0
		}
		line += int(data[i])
		char += int(data[i+1])
		from, _ := f.OffsetUTF16(line, char)
		to, _ := f.OffsetUTF16(line, char+int(data[i+2]))
		spans = append(spans, source.Span{Start: int32(from), End: int32(to)})
	}
	return spans
}

// check fails if what is said of tokens does not hold for a text.
func check(t interface{ Fatalf(string, ...any) }, name, text string) {
	an := analyze(name, text)
	list := tokens.Of(an, whole(text))
	end := int32(0)
	for _, x := range list {
		if x.Span.Start < end || x.Span.Len() <= 0 || int(x.Span.End) > len(text) {
			t.Fatalf("token at %v behind %d of %d in %q", x.Span, end, len(text), text)
		}
		end = x.Span.End
	}
	data := tokens.Encode(an.Source, list, true)
	spans, n := decode(an.Source, data), 0
	for _, s := range spans {
		for n < len(list) && list[n].Span.End < s.End {
			n++
		}
		if n == len(list) || !list[n].Span.Encloses(s) || strings.ContainsAny(text[s.Start:s.End], "\n") {
			t.Fatalf("an encoded token is %q at %v, which is no part of a token of %q", text[s.Start:s.End], s, text)
		}
	}
	// A range gives what the whole gives there.
	mid := source.Span{Start: int32(len(text) / 3), End: int32(len(text) * 2 / 3)}
	touches := func(x tokens.Token) bool { return x.Span.End >= mid.Start && x.Span.Start <= mid.End }
	var want, got []tokens.Token
	for _, x := range list {
		if touches(x) {
			want = append(want, x)
		}
	}
	for _, x := range tokens.Of(an, mid) {
		if touches(x) {
			got = append(got, x)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the tokens of %v are %v, want %v in %q", mid, got, want, text)
	}
}

func plans(t testing.TB) map[string]string {
	all := plantest.Plans(t, 300)
	for _, name := range []string{"storefront.yml", "storefront.hcl"} {
		text, err := os.ReadFile(filepath.Join("../../../lang/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

func fileName(name string) string {
	if strings.HasSuffix(name, "hcl") {
		return "escape.hcl"
	}
	return "escape.yml"
}

func TestTokensLieApart(t *testing.T) {
	for name, text := range plans(t) {
		t.Run(name, func(t *testing.T) {
			check(t, fileName(name), text)
			rapid.Check(t, func(r *rapid.T) {
				at := rapid.IntRange(0, len(text)).Draw(r, "at")
				end := min(len(text), at+rapid.IntRange(0, 40).Draw(r, "cut"))
				more := rapid.SampledFrom([]string{"", "\"", "{", "[", "$", "$this.", "é😀", "\t", "|\n", ": ", "\n- ", "EOF", "${", "\r\n"}).Draw(r, "more")
				check(r, fileName(name), text[:at]+more+text[end:])
			})
		})
	}
}

func FuzzTokens(f *testing.F) {
	for name, text := range plans(f) {
		f.Add(fileName(name), text[:min(len(text), 2000)])
	}
	f.Add("escape.yml", "version: >\n  $a\n  .b\ninputs:\n- &x a\n- *x\n- id: b\n  default: \"$this.\\u0069nputs.a\"\n")
	f.Fuzz(func(t *testing.T, name, text string) { check(t, fileName(name), text) })
}

func TestDelta(t *testing.T) {
	text := plangen.Plan(200)
	was := encoded("escape.yml", text)
	rapid.Check(t, func(r *rapid.T) {
		at := rapid.IntRange(0, len(text)).Draw(r, "at")
		end := min(len(text), at+rapid.IntRange(0, 300).Draw(r, "cut"))
		now := encoded("escape.yml", text[:at]+rapid.SampledFrom([]string{"", "x", "\n", "\n- y\n"}).Draw(r, "more")+text[end:])
		start, count, data := tokens.Delta(was, now)
		if got := slices.Concat(was[:start], data, was[start+count:]); !slices.Equal(got, now) {
			r.Fatalf("applied, the delta (%d, %d, %v) does not give what it should", start, count, data)
		}
	})
	now := encoded("escape.yml", strings.Replace(text, "shop/storefront", "shop/store", 1))
	if start, count, data := tokens.Delta(was, now); count > 10 || len(data) > 10 {
		t.Errorf("for one word %d numbers from %d on are replaced by %d", count, start, len(data))
	}
}

func encoded(name, text string) []uint32 {
	an := analyze(name, text)
	return tokens.Encode(an.Source, tokens.Of(an, whole(text)), true)
}

func BenchmarkTokens(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		for name, text := range plantest.Plans(b, lines) {
			an := analyze(name, text)
			f := an.Source
			b.Run(fmt.Sprintf("%s/lines=%d/full", name, lines), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					tokens.Encode(f, tokens.Of(an, whole(text)), true)
				}
			})
			b.Run(fmt.Sprintf("%s/lines=%d/delta", name, lines), func(b *testing.B) {
				was := encoded(name, strings.Replace(text, "storefront", "store", 1))
				for b.Loop() {
					tokens.Delta(was, tokens.Encode(f, tokens.Of(an, whole(text)), true))
				}
			})
			b.Run(fmt.Sprintf("%s/lines=%d/range", name, lines), func(b *testing.B) {
				n := max(1, f.LineCount()/2)
				span := source.Span{Start: f.Line(n).Start, End: f.Line(min(n+60, f.LineCount())).End}
				for b.Loop() {
					tokens.Encode(f, tokens.Of(an, span), true)
				}
			})
		}
	}
}
