package hclfile

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/source"
)

// longText is how many lines a heredoc has that hclsyntax reads as one line: it takes time that grows with the square of their
// number.
const longText = 64

// folded returns a text with its long heredocs as one line each, of the same length. Those with templates stay. What stood in them
// is read from the source, line by line.
func (p *parser) folded(text []byte, at int) []byte {
	if bytes.Count(text, []byte("\n")) <= longText || !bytes.Contains(text, []byte("<<")) {
		return text
	}
	s, ok := skim(text)
	if !ok {
		return text
	}
	out := text
	for _, span := range s.heredocs {
		from := lineEnd(text, int(span.Start))
		to := lineOf(text, int(span.End))
		body := text[from:to]
		if bytes.Count(body, []byte("\n")) <= longText || !isFoldable(body) {
			continue
		}
		if &out[0] == &text[0] {
			out = bytes.Clone(text)
		}
		for i := from; i < to-1; i++ {
			if out[i] == '\n' || out[i] == '\r' {
				out[i] = 'x'
			}
		}
		if p.long == nil {
			p.long = map[int32]int32{}
		}
		indent := int32(0)
		if text[span.Start+2] == '-' {
			indent = indentOf(body)
		}
		p.long[int32(at+from)] = indent
	}
	return out
}

// isFoldable reports whether a heredoc holds no templates, no lines that end in CR alone, and is indented with blanks only.
func isFoldable(body []byte) bool {
	if bytes.Contains(body, []byte("${")) || bytes.Contains(body, []byte("%{")) || bytes.Count(body, []byte("\r")) != bytes.Count(body, []byte("\r\n")) {
		return false
	}
	for line := range bytes.Lines(body) {
		if rest := bytes.TrimLeft(line, " \t\r\n"); len(rest) > 0 && (rest[0] == '\v' || rest[0] == '\f' || rest[0] >= utf8.RuneSelf) {
			return false
		}
	}
	return true
}

// indentOf is the indentation that all lines of a flush heredoc lose.
func indentOf(body []byte) int32 {
	least := len(body)
	for line := range bytes.Lines(body) {
		if rest := bytes.TrimLeft(line, " \t\r\n"); len(rest) > 0 {
			least = min(least, len(line)-len(rest))
		}
	}
	if least == len(body) {
		return 0
	}
	return int32(least)
}

// longPart adds a heredoc that was folded; false if what stands at span is none.
func (t *text) longPart(span source.Span) bool {
	start := int32(lineOf(t.p.src, int(span.Start)))
	indent, ok := t.p.long[start]
	if !ok {
		return false
	}
	for line := range bytes.Lines(t.p.src[start:span.End]) {
		end := start + int32(len(line))
		strip := indent
		if strings.TrimSpace(string(line)) == "" {
			strip = 0
		}
		t.cook(source.Span{Start: start, End: end}, true, strip)
		start = end
	}
	return true
}
