// Package source holds the text of one file and says where things are in it.
//
// Everything above this package speaks of places as byte offsets (Span). Lines, columns and UTF-16 units exist
// only at the edges, and only File converts to them. Read source.go, then edit.go.
package source

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Span is a half-open range of byte offsets in a file. The zero value is the empty span at the start.
type Span struct{ Start, End int32 }

// Len returns the number of bytes in s.
func (s Span) Len() int { return int(s.End - s.Start) }

// Contains reports whether off lies in s; the end counts, so that a cursor behind a word is still on it.
func (s Span) Contains(off int) bool { return int(s.Start) <= off && off <= int(s.End) }

// Encloses reports whether t lies wholly inside s.
func (s Span) Encloses(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Touches reports whether s and t have a place in common, if only an end.
func (s Span) Touches(t Span) bool { return s.Start <= t.End && t.Start <= s.End }

// To returns the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{s.Start, t.End} }

// Shift returns s moved by n bytes.
func (s Span) Shift(n int) Span { return Span{s.Start + int32(n), s.End + int32(n)} }

// A Position is a place for people: line and column count from 1, columns count characters (code points).
type Position struct{ Line, Column int }

// MaxSize is the largest text, in bytes, that a File holds: spans are 32 bits wide.
const MaxSize = 1<<31 - 1

// BOM is the byte order mark that may stand at the start of a text. It stays part of the text (offset 0 to 3) and
// is no column.
const BOM = "\uFEFF"

// A File is a named text. It is immutable and safe for concurrent use.
type File struct {
	name, text string
	once       sync.Once
	lines      []int32 // offsets of line starts, made on first use
}

// NewFile returns a File. The name is how messages call it, normally the path as the user gave it. Text longer than
// MaxSize is cut.
func NewFile(name, text string) *File {
	if len(text) > MaxSize {
		text = text[:MaxSize]
	}
	return &File{name: name, text: text}
}

// Edit returns a File of the same name with other text at a span, which is cut to the file. What is known of the lines of f is
// not found out again.
func (f *File) Edit(s Span, text string) *File {
	start := f.clamp(int(s.Start))
	end := max(start, f.clamp(int(s.End)))
	next := NewFile(f.name, f.text[:start]+text+f.text[end:])
	delta := len(text) - (end - start)
	if len(next.text) != len(f.text)+delta {
		return next // it was cut
	}
	next.once.Do(func() { next.lines = edited(f.table(), start, end, next.text, len(text)) })
	return next
}

// startsLine reports whether a line starts at an offset: what stands on both sides of it decides.
func startsLine(text string, off int) bool {
	if off == 0 || text[off-1] == '\n' {
		return true
	}
	return text[off-1] == '\r' && (off == len(text) || text[off] != '\n')
}

// edited returns where lines start in a text in which n bytes stand between two offsets of an older one, whose lines start at old.
func edited(old []int32, start, end int, text string, n int) []int32 {
	first := sort.Search(len(old), func(i int) bool { return int(old[i]) >= start })
	rest := sort.Search(len(old), func(i int) bool { return int(old[i]) > end })
	lines := make([]int32, 0, len(old)-(rest-first)+strings.Count(text[start:start+n], "\n")+1)
	lines = append(lines, old[:first]...)
	for at := start; at <= start+n; at++ {
		if startsLine(text, at) {
			lines = append(lines, int32(at))
		}
	}
	delta := int32(n - (end - start))
	for _, at := range old[rest:] {
		lines = append(lines, at+delta)
	}
	return lines
}

// Name returns the name given to NewFile.
func (f *File) Name() string { return f.name }

// Text returns the whole text, a byte order mark included.
func (f *File) Text() string { return f.text }

// Slice returns the text of s, cut to the file.
func (f *File) Slice(s Span) string {
	start, end := f.clamp(int(s.Start)), f.clamp(int(s.End))
	if end < start {
		end = start
	}
	return f.text[start:end]
}

func (f *File) clamp(off int) int { return min(max(off, 0), len(f.text)) }

// table returns where lines start. LF, CRLF and CR alone end one, as the Language Server Protocol and YAML 1.2 have it, whatever a
// notation makes of them: a place is the same for the compiler and for every editor.
func (f *File) table() []int32 {
	f.once.Do(func() {
		f.lines = make([]int32, 1, 1+strings.Count(f.text, "\n"))
		cr := strings.IndexByte(f.text, '\r') // the next one; looked for only where there is one
		for i := 0; ; {
			n := strings.IndexByte(f.text[i:], '\n')
			end := len(f.text)
			if n >= 0 {
				end = i + n
			}
			for cr >= 0 && cr < end {
				if cr+1 != end || n < 0 {
					f.lines = append(f.lines, int32(cr+1))
				}
				cr = indexFrom(f.text, cr+1, '\r')
			}
			if n < 0 {
				return
			}
			i = end + 1
			f.lines = append(f.lines, int32(i))
		}
	})
	return f.lines
}

// indexFrom returns the offset of the first c at from or behind it; -1 if there is none.
func indexFrom(s string, from int, c byte) int {
	if n := strings.IndexByte(s[from:], c); n >= 0 {
		return from + n
	}
	return -1
}

// LineCount returns the number of lines; a text that ends in a line break has an empty last line.
func (f *File) LineCount() int { return len(f.table()) }

// LineOf returns the 1-based number of the line that holds off.
func (f *File) LineOf(off int) int {
	lines, off := f.table(), f.clamp(off)
	return sort.Search(len(lines), func(i int) bool { return int(lines[i]) > off })
}

// Line returns the span of the 1-based line n without its line break (LF, CRLF or CR), and without a byte order mark.
func (f *File) Line(n int) Span {
	lines := f.table()
	if n < 1 || n > len(lines) {
		return Span{int32(len(f.text)), int32(len(f.text))}
	}
	start, end := lines[n-1], int32(len(f.text))
	if n < len(lines) {
		end = lines[n] - 1
		if end > start && f.text[end] == '\n' && f.text[end-1] == '\r' {
			end--
		}
	}
	if n == 1 && strings.HasPrefix(f.text, BOM) {
		start += int32(len(BOM))
	}
	return Span{start, max(start, end)}
}

// Position returns the line and column of off, which is cut to the file.
func (f *File) Position(off int) Position {
	off = f.clamp(off)
	n := f.LineOf(off)
	start := int(f.Line(n).Start)
	if off < start {
		off = start
	}
	return Position{n, utf8.RuneCountInString(f.text[start:off]) + 1}
}

// UTF16 returns the zero-based line and UTF-16 unit of off: the position of the Language Server Protocol 3.17
// (section "Position"). Between CR and LF is the end of the line.
func (f *File) UTF16(off int) (line, char int) {
	off = f.clamp(off)
	n := f.LineOf(off)
	start := int(f.table()[n-1])
	off = max(start, min(off, int(f.Line(n).End)))
	for _, r := range f.text[start:off] {
		char += utf16Len(r)
	}
	return n - 1, char
}

// OffsetUTF16 is the inverse of UTF16. A unit in the middle of a character means its start, one past the end of its line the end
// of that line; a line that does not exist gives false.
func (f *File) OffsetUTF16(line, char int) (off int, ok bool) {
	lines := f.table()
	if line < 0 || line >= len(lines) {
		return len(f.text), false
	}
	start, end := int(lines[line]), int(f.Line(line+1).End)
	for i, r := range f.text[start:end] {
		if char -= utf16Len(r); char < 0 {
			return start + i, true
		}
	}
	return end, true
}

func utf16Len(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}
