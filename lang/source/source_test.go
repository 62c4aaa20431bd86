package source_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"escape.build/escape/lang/source"
)

func TestPosition(t *testing.T) {
	const text = source.BOM + "a: é😀x\r\nb:\n\n"
	f := source.NewFile("f.yml", text)
	for _, c := range []struct {
		off, line, column, line16, char16 int
	}{
		{0, 1, 1, 0, 0},
		{3, 1, 1, 0, 1},  // behind the byte order mark
		{6, 1, 4, 0, 4},  // é
		{8, 1, 5, 0, 5},  // 😀, one character, two UTF-16 units
		{12, 1, 6, 0, 7}, // x
		{15, 2, 1, 1, 0}, // b
		{18, 3, 1, 2, 0}, // the empty line
		{19, 4, 1, 3, 0}, // the end
		{99, 4, 1, 3, 0}, // cut to the file
		{-1, 1, 1, 0, 0},
	} {
		if got, want := f.Position(c.off), (source.Position{Line: c.line, Column: c.column}); got != want {
			t.Errorf("Position(%d) = %v, want %v", c.off, got, want)
		}
		if line, char := f.UTF16(c.off); line != c.line16 || char != c.char16 {
			t.Errorf("UTF16(%d) = %d:%d, want %d:%d", c.off, line, char, c.line16, c.char16)
		}
	}
	if got := f.Slice(f.Line(1)); got != "a: é😀x" {
		t.Errorf("Line(1) = %q, want the text without mark and line break", got)
	}
	if got := f.LineCount(); got != 4 {
		t.Errorf("LineCount() = %d, want 4", got)
	}
}

func TestOffsetUTF16(t *testing.T) {
	f := source.NewFile("f.yml", "é😀\nx")
	for _, c := range []struct {
		line, char, off int
		ok              bool
	}{
		{0, 0, 0, true}, {0, 1, 2, true}, {0, 3, 6, true}, {0, 99, 6, true}, {1, 1, 8, true}, {2, 0, 8, false}, {-1, 0, 8, false},
	} {
		if off, ok := f.OffsetUTF16(c.line, c.char); off != c.off || ok != c.ok {
			t.Errorf("OffsetUTF16(%d, %d) = %d, %t, want %d, %t", c.line, c.char, off, ok, c.off, c.ok)
		}
	}
}

// TestFileEdit: a file that was edited knows its lines as one that was made of its text does.
func TestFileEdit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("a\n\ré"))).Draw(t, "text")
		more := rapid.StringOf(rapid.SampledFrom([]rune("b\n\r"))).Draw(t, "more")
		span := source.Span{Start: rapid.Int32Range(-2, 20).Draw(t, "start"), End: rapid.Int32Range(-2, 20).Draw(t, "end")}
		got := source.NewFile("f", text).Edit(span, more)
		want := source.NewFile("f", got.Text())
		if got.Name() != "f" || got.LineCount() != want.LineCount() {
			t.Fatalf("%q: %d lines, want %d", got.Text(), got.LineCount(), want.LineCount())
		}
		for n := range want.LineCount() {
			if got.Line(n+1) != want.Line(n+1) {
				t.Fatalf("%q: line %d is at %v, want %v", got.Text(), n+1, got.Line(n+1), want.Line(n+1))
			}
		}
		if span.Start >= 0 && span.Start <= span.End && int(span.End) <= len(text) {
			if want, _ := source.Apply(text, []source.Edit{{Span: span, New: more}}); got.Text() != want {
				t.Fatalf("%q, want %q", got.Text(), want)
			}
		}
	})
}

// FuzzUTF16: offset to position to offset is the identity on character boundaries.
func FuzzUTF16(f *testing.F) {
	for _, s := range []string{"", "a\nb", "é😀\r\nx", source.BOM + "a", "\xff\n\xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("f", text)
		for off := 0; off <= len(text); off++ {
			if off < len(text) && !utf8.RuneStart(text[off]) && utf8.ValidString(text) {
				continue
			}
			if !utf8.ValidString(text) {
				file.UTF16(off) // must not panic; the round trip is promised for valid text only
				continue
			}
			if off > 0 && text[off-1] == '\r' && off < len(text) && text[off] == '\n' {
				continue // between CR and LF: inside a line break
			}
			line, char := file.UTF16(off)
			if got, ok := file.OffsetUTF16(line, char); !ok || got != off {
				t.Fatalf("%q: offset %d gives %d:%d gives %d, %t", text, off, line, char, got, ok)
			}
		}
	})
}

func TestApply(t *testing.T) {
	edit := func(start, end int32, s string) source.Edit {
		return source.Edit{Span: source.Span{Start: start, End: end}, New: s}
	}
	got, err := source.Apply("hello world", []source.Edit{edit(6, 11, "you"), edit(0, 1, "J"), edit(5, 5, ","), edit(5, 5, "!")})
	if want := "Jello,! you"; got != want || err != nil {
		t.Errorf("Apply = %q, %v, want %q", got, err, want)
	}
	for _, bad := range [][]source.Edit{{edit(0, 3, ""), edit(2, 4, "")}, {edit(3, 99, "")}, {edit(4, 2, "")}, {edit(-1, 2, "")}} {
		if _, err := source.Apply("hello", bad); !errors.Is(err, source.ErrOverlap) {
			t.Errorf("Apply(%v) = %v, want ErrOverlap", bad, err)
		}
	}
}
