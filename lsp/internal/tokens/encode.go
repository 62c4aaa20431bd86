package tokens

import (
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/source"
)

// Width is how many numbers stand for a token in the form that editors get.
const Width = 5

// Encode returns tokens as editors get them: for each one how many lines and characters it stands behind the one before, its
// length, its type, and its modifiers. Characters are UTF-16 units, or bytes. A token of several lines
// becomes one for each.
func Encode(f *source.File, list []Token, utf16 bool) []uint32 {
	e := encoder{f: f, text: f.Text(), utf16: utf16, data: make([]uint32, 0, len(list)*Width), line: 1}
	if len(list) > 0 {
		e.line = f.LineOf(int(list[0].Span.Start))
	}
	e.from(e.line)
	for _, t := range list {
		e.add(t)
	}
	return e.data
}

type encoder struct {
	f     *source.File
	text  string
	utf16 bool
	data  []uint32

	line        int         // that is looked at, from 1
	span        source.Span // of it
	at          int32       // up to where characters of it are counted
	chars       uint32      // and how many they are
	last, lastC uint32      // line and character of the token before
}

// from goes to a line.
func (e *encoder) from(line int) {
	e.line, e.span = line, e.f.Line(line)
	e.at, e.chars = e.span.Start, 0
	if line == 1 {
		e.at = 0 // a byte order mark is a character for clients
	}
}

func (e *encoder) add(t Token) {
	for t.Span.Start > e.span.End && e.line < e.f.LineCount() {
		e.from(e.line + 1)
	}
	for {
		part := source.Span{Start: max(t.Span.Start, e.span.Start), End: min(t.Span.End, e.span.End)}
		if t.Span.Start < e.span.Start { // it goes on in this line
			indent := e.text[part.Start:max(part.End, part.Start)]
			part.Start += int32(len(indent) - len(strings.TrimLeft(indent, " \t")))
		}
		if part.Len() > 0 {
			e.put(part, t)
		}
		if t.Span.End <= e.span.End || e.line >= e.f.LineCount() {
			return
		}
		e.from(e.line + 1)
	}
}

// put adds a part that lies in the line.
func (e *encoder) put(part source.Span, t Token) {
	e.count(part.Start)
	start := e.chars
	e.count(part.End)
	line := uint32(e.line - 1)
	if line != e.last || len(e.data) == 0 {
		e.lastC = 0
	}
	e.data = append(e.data, line-e.last, start-e.lastC, e.chars-start, uint32(t.Type), uint32(t.Mods))
	e.last, e.lastC = line, start
}

// count counts the characters up to an offset.
func (e *encoder) count(to int32) {
	s := e.text[e.at:to]
	e.at = to
	if !e.utf16 {
		e.chars += uint32(len(s))
		return
	}
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			e.chars++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if e.chars++; r > 0xFFFF {
			e.chars++
		}
	}
}

// Delta returns how to make one encoding of another: how many numbers from start on are replaced by which. count is 0 and data
// empty if they are the same.
func Delta(was, now []uint32) (start, count int, data []uint32) {
	for start < len(was) && start < len(now) && was[start] == now[start] {
		start++
	}
	start -= start % Width
	end := 0
	for end < len(was)-start && end < len(now)-start && was[len(was)-1-end] == now[len(now)-1-end] {
		end++
	}
	end -= end % Width
	return start, len(was) - start - end, now[start : len(now)-end]
}
