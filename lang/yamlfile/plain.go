package yamlfile

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/syntax"
)

// plain reads a plain scalar in block context. It goes on over lines deeper than outer, up to one that reads like a
// mapping entry: that one is badly indented.
func (p *parser) plain(outer int) *syntax.Scalar {
	start := p.pos
	end, stop := p.plainLine(start)
	if stop < len(p.src) && p.src[stop] == ':' {
		d := p.report(diag.UnexpectedColon, at(stop, 1), `a second ": " in a value needs quotes`)
		d.Hint, d.Original = "put the whole value in quotes, or start the inner mapping on a line of its own", "mapping values are not allowed in this context"
		n := p.restOfLine()
		d.Fixes = quoteFix(n)
		d.Fixes[0].Preferred = p.src[start] == '$' // else perhaps a mapping was meant
		return n
	}
	if stop >= len(p.src) || p.src[stop] == '#' || !p.continues(stop, outer) {
		s := p.plainScalar(start, end)
		p.pos = end
		return s
	}
	return p.plainLines(start, end, outer)
}

// plainLine finds the end of the text of a plain scalar on the line of i, and the place where reading stopped: a line
// break, a comment, the ":" of a mapping entry, or the end.
func (p *parser) plainLine(i int) (end, stop int) {
	src := p.src
	end = i
	for ; i < len(src); i++ {
		switch c := src[i]; c {
		case ' ', '\t':
			continue
		case '\n', '\r':
			return end, i
		case '#':
			if i > 0 && blank(src[i-1]) {
				return end, i
			}
		case ':':
			if i+1 >= len(src) || blankOrBreak(src[i+1]) {
				return end, i
			}
		}
		end = i + 1
	}
	return end, i
}

// continues reports whether the first line with text behind the break at i belongs to a plain scalar deeper than outer.
func (p *parser) continues(i, outer int) bool {
	_, ok := p.continuation(i, outer)
	return ok
}

// continuation finds the text with which a plain scalar goes on behind the break at i.
func (p *parser) continuation(i, outer int) (text int, ok bool) {
	for i < len(p.src) {
		line := p.afterBreak(i)
		i = line
		for i < len(p.src) && p.src[i] == ' ' {
			i++
		}
		deep := i-line > outer
		for i < len(p.src) && blank(p.src[i]) {
			i++
		}
		if i >= len(p.src) {
			return 0, false
		}
		if lineBreak(p.src[i]) {
			continue
		}
		if !deep || p.src[i] == '#' || i == line && conflictMarker(p.src[i:]) {
			return 0, false
		}
		if p.src[i] == ':' && p.blankAt(i+1) {
			return 0, false
		}
		_, key := p.plainKey(i)
		return i, !key
	}
	return 0, false
}

// plainLines reads a plain scalar of several lines whose first ends at end.
func (p *parser) plainLines(start, end, outer int) *syntax.Scalar {
	b := p.build.reset()
	b.raw(p.src, start, end)
	stop := p.eol(end)
	for {
		text, ok := p.continuation(stop, outer)
		if !ok {
			break
		}
		b.fold(p.src, end, text)
		p.lineStart = p.lineOf(text)
		end, stop = p.plainLine(text)
		b.raw(p.src, text, end)
		if stop >= len(p.src) || !lineBreak(p.src[stop]) {
			break
		}
	}
	s := p.scalar()
	s.Pos, s.Content = at(start, end-start), int32(start)
	s.Text, s.Segments = p.built()
	s.Kind = Resolve(s.Text)
	p.pos = end
	return s
}

// A builder puts a scalar's value together and notes where each piece came from.
type builder struct {
	text     []byte
	segments []syntax.Segment
	verbatim bool // the last segment is source text as it is, and may grow
}

// raw adds source text as it is.
func (b *builder) raw(src string, start, end int) {
	if end > start {
		b.piece(src[start:end], start, end)
	}
}

// piece adds text that stands for src[start:end].
func (b *builder) piece(text string, start, end int) {
	at := int32(len(b.text))
	n, m := int32(len(text)), int32(end-start)
	b.text = append(b.text, text...)
	if k := len(b.segments); k > 0 && b.verbatim {
		last := &b.segments[k-1]
		if last.Src+last.SrcLen == int32(start) && last.Value+last.Len == at {
			last.Len += n
			last.SrcLen += m
			return
		}
	}
	b.verbatim = true
	b.segments = append(b.segments, syntax.Segment{Value: at, Src: int32(start), Len: n, SrcLen: m})
}

// fold adds what the line breaks between two texts of a flow scalar become: one is a blank, n are n-1 line feeds.
func (b *builder) fold(src string, start, end int) {
	n := breaks(src[start:end])
	if n <= 1 {
		b.escape(" ", start, end)
		return
	}
	b.escape(strings.Repeat("\n", n-1), start, end)
}

// escape adds text for source text of which no part stands for a part of it. Two bytes for two others become a segment
// for the first and one of no source for the second, as equal lengths mean equal bytes.
func (b *builder) escape(text string, start, end int) {
	b.verbatim = false
	value, n := int32(len(b.text)), int32(len(text))
	b.text = append(b.text, text...)
	if n == int32(end-start) && n > 1 {
		b.segments = append(b.segments,
			syntax.Segment{Value: value, Src: int32(start), Len: 1, SrcLen: n},
			syntax.Segment{Value: value + 1, Src: int32(end), Len: n - 1})
		return
	}
	b.segments = append(b.segments, syntax.Segment{Value: value, Src: int32(start), Len: n, SrcLen: int32(end - start)})
}

// reset empties b and returns it.
func (b *builder) reset() *builder {
	b.text, b.segments, b.verbatim = b.text[:0], b.segments[:0], false
	return b
}

// built returns the value that p.build holds, with its segments.
func (p *parser) built() (string, []syntax.Segment) {
	segments := p.segments.list(p.build.segments)
	if segments == nil {
		segments = []syntax.Segment{}
	}
	return string(p.build.text), segments
}

// breaks counts the line breaks in s.
func breaks(s string) (n int) {
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' || s[i] == '\r' && (i+1 >= len(s) || s[i+1] != '\n') {
			n++
		}
	}
	return n
}
