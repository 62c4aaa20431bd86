package yamlfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// closing finds the end of the quoted scalar that starts at i: the offset behind its closing quote, or -1. multi says
// that it spans several lines.
func (p *parser) closing(i int) (end int, multi bool) {
	src, q := p.src, p.src[i]
	for i++; i < len(src); i++ {
		switch c := src[i]; {
		case c == q:
			if q == '\'' && i+1 < len(src) && src[i+1] == '\'' {
				i++
				continue
			}
			return i + 1, multi
		case c == '\\' && q == '"':
			i++
			if i < len(src) && lineBreak(src[i]) {
				multi = true
			}
		case lineBreak(c):
			multi = true
		}
	}
	return -1, multi
}

// closingOnLine is closing for a scalar that must end on its line; -1 if it does not.
func (p *parser) closingOnLine(i int) int {
	src, q := p.src, p.src[i]
	for i++; i < len(src); i++ {
		switch c := src[i]; {
		case c == q:
			if q == '\'' && i+1 < len(src) && src[i+1] == '\'' {
				i++
				continue
			}
			return i + 1
		case c == '\\' && q == '"' && i+1 < len(src) && !lineBreak(src[i+1]):
			i++
		case lineBreak(c):
			return -1
		}
	}
	return -1
}

// quoted reads a quoted scalar. One that runs over lines which read like entries of the collections around, and makes no
// sense behind its end, has lost its closing quote: it ends with its first line.
func (p *parser) quoted(outer int) *syntax.Scalar {
	start := p.pos
	end, multi := p.closing(start)
	if end < 0 || multi && p.swallows(start, end, max(outer, p.col)) && !p.completes(end) {
		return p.unclosedQuote()
	}
	s := p.scalar()
	s.Pos, s.Content, s.Style = at(start, end-start), int32(start+1), syntax.DoubleQuoted
	if p.src[start] == '\'' {
		s.Style = syntax.SingleQuoted
	}
	s.Text, s.Segments = p.unquote(start+1, end-1, p.src[start])
	p.pos = end
	if multi {
		p.lineStart = p.lineOf(end)
	}
	return s
}

// swallows reports whether a line between start and end reads like an entry of a collection no deeper than outer.
func (p *parser) swallows(start, end, outer int) bool {
	for i := p.afterBreak(p.eol(start)); i < end; i = p.afterBreak(p.eol(i)) {
		if p.resyncs(i, outer) {
			return true
		}
	}
	return false
}

// resyncs reports whether the line that starts at i reads like an entry, an item or a conflict marker no deeper than
// outer: where reading can go on after an unclosed quote or bracket.
func (p *parser) resyncs(i, outer int) bool {
	line := i
	for i < len(p.src) && p.src[i] == ' ' {
		i++
	}
	if i >= len(p.src) || i-line > outer {
		return false
	}
	if p.dash(i) || i == line && conflictMarker(p.src[i:]) {
		return true
	}
	switch c := p.src[i]; {
	case c == '"' || c == '\'':
		return false
	case nameByte(c) || c >= utf8.RuneSelf:
		_, ok := p.plainKey(i)
		return ok
	}
	return false
}

// completes reports whether what stands at i can follow a complete value.
func (p *parser) completes(i int) bool {
	for i < len(p.src) && blank(p.src[i]) {
		i++
	}
	if i >= len(p.src) || lineBreak(p.src[i]) || p.src[i] == '#' {
		return true
	}
	return p.flowing > 0 && strings.IndexByte(",:]}", p.src[i]) >= 0
}

// unclosedQuote reads the quoted scalar at pos up to the end of its line.
func (p *parser) unclosedQuote() *syntax.Scalar {
	span := p.lineSpan(p.pos)
	q := p.src[p.pos]
	d := p.report(diag.UnclosedQuote, span, fmt.Sprintf("this text has no closing %c", q))
	d.Original = "found unexpected end of stream"
	if p.src[span.End-1] != '\\' {
		d.Fixes = []diag.Fix{{Title: fmt.Sprintf("close it with %c at the end of the line", q), Edits: []source.Edit{{Span: at(int(span.End), 0), New: string(q)}}}}
	}
	s := p.scalar()
	s.Pos, s.Content, s.Style, s.Text = span, span.Start+1, syntax.DoubleQuoted, p.src[span.Start+1:span.End]
	if q == '\'' {
		s.Style = syntax.SingleQuoted
	}
	p.pos = int(span.End)
	return s
}

// unquote returns the value of the quoted text src[start:end], and its segments if it is not the text itself.
func (p *parser) unquote(start, end int, q byte) (string, []syntax.Segment) {
	text := p.src[start:end]
	special := "\n\r'"
	if q == '"' {
		special = "\n\r\\"
	}
	if !strings.ContainsAny(text, special) {
		return text, nil
	}
	b := p.build.reset()
	for i := start; i < end; {
		n := strings.IndexAny(p.src[i:end], special)
		if n < 0 {
			b.raw(p.src, i, end)
			break
		}
		b.raw(p.src, i, i+n)
		i = p.unquoteOne(b, i+n, end)
	}
	return p.built()
}

// unquoteOne reads the quote, escape or line break at i and returns where the text goes on.
func (p *parser) unquoteOne(b *builder, i, end int) int {
	switch p.src[i] {
	case '\'':
		b.escape("'", i, i+2)
		return i + 2
	case '\\':
		return p.escape(b, i, end)
	}
	from, least := i, b.rawFrom(i)
	for from > least && blank(p.src[from-1]) {
		from--
	}
	b.trim(from)
	to := i
	for to < end && blankOrBreak(p.src[to]) {
		to++
	}
	b.fold(p.src, from, to)
	return to
}

// rawFrom returns where the source text starts that stands in the value as it is up to end.
func (b *builder) rawFrom(end int) int {
	k := len(b.segments)
	if k == 0 || !b.verbatim || int(b.segments[k-1].Src+b.segments[k-1].SrcLen) != end {
		return end
	}
	return int(b.segments[k-1].Src)
}

// trim takes back blanks before a line break: everything that stands at or behind off in the source.
func (b *builder) trim(off int) {
	k := len(b.segments)
	if k == 0 {
		return
	}
	last := &b.segments[k-1]
	if last.Len != last.SrcLen || last.Src+last.SrcLen <= int32(off) {
		return
	}
	cut := last.Src + last.SrcLen - int32(max(off, int(last.Src)))
	b.text = b.text[:len(b.text)-int(cut)]
	last.Len -= cut
	last.SrcLen -= cut
	if last.Len == 0 {
		b.segments = b.segments[:k-1]
	}
}

var simpleEscapes = [256]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '\'': "'", '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// escape reads the escape at i in a double-quoted scalar (YAML 1.2, section 5.7) and returns where the text goes on.
func (p *parser) escape(b *builder, i, end int) int {
	if i+1 >= end {
		return end
	}
	c := p.src[i+1]
	if lineBreak(c) { // the break and the indentation behind it vanish; empty lines stay
		to := i + 1
		for to < end && blankOrBreak(p.src[to]) {
			to++
		}
		b.escape(strings.Repeat("\n", max(breaks(p.src[i+1:to])-1, 0)), i, to)
		return to
	}
	if text := simpleEscapes[c]; text != "" {
		b.escape(text, i, i+2)
		return i + 2
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		_, size := utf8.DecodeRuneInString(p.src[i+1 : end])
		return p.badEscape(b, i, i+1+size, "is no escape in a double-quoted text", "found unknown escape character")
	}
	value, n := 0, 0
	for ; n < digits && i+2+n < end; n++ {
		d := strings.IndexByte("0123456789abcdef", p.src[i+2+n]|0x20)
		if d < 0 {
			break
		}
		value = value<<4 | d
	}
	if n < digits {
		return p.badEscape(b, i, i+2+n, fmt.Sprintf("needs %d hexadecimal digits", digits), "did not find expected hexdecimal number")
	}
	if value < 0 || value > utf8.MaxRune || !utf8.ValidRune(rune(value)) {
		return p.badEscape(b, i, i+2+n, "is no Unicode character", "found invalid Unicode character escape code")
	}
	b.escape(string(rune(value)), i, i+2+n)
	return i + 2 + n
}

func (p *parser) badEscape(b *builder, start, end int, why, original string) int {
	d := p.report(diag.BadEscape, source.Span{Start: int32(start), End: int32(end)}, fmt.Sprintf("%q %s", p.src[start:end], why))
	d.Message = strings.ReplaceAll(d.Message, `\\`, `\`)
	d.Hint, d.Original = `write \\ for a backslash, or use single quotes`, original
	d.Fixes = []diag.Fix{{Title: `write \\ for the backslash`, Preferred: true, Edits: []source.Edit{{Span: at(start, 1), New: `\\`}}}}
	b.raw(p.src, start, end)
	return end
}
