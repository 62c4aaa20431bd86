package source_test

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"escape.build/escape/lang/source"
)

// TestLineEnds: LF, CRLF and CR alone end a line, and nothing else does.
func TestLineEnds(t *testing.T) {
	f := source.NewFile("f.yml", source.BOM+"a\rb\r\nc\n\r\r\n\nd\u2028\u0085\v\fe\r")
	var lines []string
	for n := 1; n <= f.LineCount(); n++ {
		lines = append(lines, f.Slice(f.Line(n)))
	}
	if got, want := strings.Join(lines, "|"), "a|b|c||||d\u2028\u0085\v\fe|"; got != want {
		t.Errorf("the lines are %q, want %q", got, want)
	}
}

// naive finds the lines of a text as the Language Server Protocol words it: each with where it starts and what is in it.
func naive(text string) (starts []int, lines []string) {
	start := 0
	for i := 0; i < len(text); i++ {
		if c := text[i]; c != '\n' && c != '\r' {
			continue
		}
		starts, lines = append(starts, start), append(lines, text[start:i])
		if strings.HasPrefix(text[i:], "\r\n") {
			i++
		}
		start = i + 1
	}
	return append(starts, start), append(lines, text[start:])
}

// TestLinesProperty: places are those of a naive reading, there and back.
func TestLinesProperty(t *testing.T) {
	letters := []rune{'\r', '\n', 'a', ' ', 'é', '😀', '\ufeff', '\u2028', '\u0085', '\t'}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom(letters)).Draw(t, "text")
		f := source.NewFile("f", text)
		starts, lines := naive(text)
		if f.LineCount() != len(lines) {
			t.Fatalf("%q has %d lines, want %d", text, f.LineCount(), len(lines))
		}
		for n, line := range lines {
			units := utf16.Encode([]rune(line))
			for at := 0; at <= len(line); at++ {
				if at < len(line) && !utf8.RuneStart(line[at]) {
					continue
				}
				off, char := starts[n]+at, len(utf16.Encode([]rune(line[:at])))
				if gotLine, gotChar := f.UTF16(off); gotLine != n || gotChar != char {
					t.Fatalf("%q: UTF16(%d) = %d:%d, want %d:%d", text, off, gotLine, gotChar, n, char)
				}
				if got, ok := f.OffsetUTF16(n, char); got != off || !ok {
					t.Fatalf("%q: OffsetUTF16(%d, %d) = %d, %t, want %d", text, n, char, got, ok, off)
				}
				column := utf8.RuneCountInString(line[:at]) + 1
				if n == 0 && strings.HasPrefix(text, source.BOM) {
					column = max(1, column-1)
				}
				if got, want := f.Position(off), (source.Position{Line: n + 1, Column: column}); got != want {
					t.Fatalf("%q: Position(%d) = %v, want %v", text, off, got, want)
				}
			}
			// In the middle of a surrogate pair, and past the end of the line.
			for char := range len(units) + 3 {
				want := starts[n] + len(line)
				if char < len(units) {
					kept := char
					if units[kept] >= 0xdc00 && units[kept] < 0xe000 {
						kept--
					}
					want = starts[n] + len(string(utf16.Decode(units[:kept])))
				}
				if got, ok := f.OffsetUTF16(n, char); got != want || !ok {
					t.Fatalf("%q: OffsetUTF16(%d, %d) = %d, %t, want %d", text, n, char, got, ok, want)
				}
			}
			if off := starts[n] + len(line); strings.HasPrefix(text[off:], "\r\n") {
				if gotLine, gotChar := f.UTF16(off + 1); gotLine != n || gotChar != len(units) {
					t.Fatalf("%q: between CR and LF is %d:%d, want %d:%d", text, gotLine, gotChar, n, len(units))
				}
			}
		}
	})
}
