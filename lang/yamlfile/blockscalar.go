package yamlfile

import (
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A blockHeader is what stands behind "|" or ">" (YAML 1.2, section 8.1.1).
type blockHeader struct {
	keep, strip bool
	indent      int  // explicit indentation, 0 if none
	bad         bool // something else stands there
}

// blockScalar reads a literal or folded scalar. Its content is deeper than outer.
func (p *parser) blockScalar(outer int) *syntax.Scalar {
	s := p.scalar()
	start := p.pos
	s.Style = syntax.Literal
	if p.src[start] == '>' {
		s.Style = syntax.Folded
	}
	h := p.blockHeader()
	p.tail = p.trail()
	s.Pos = at(start, p.eol(start)-start)
	if t := p.tail; t != nil {
		s.Pos.End = t.Pos.Start
	}
	for s.Pos.End > s.Pos.Start+1 && blank(p.src[s.Pos.End-1]) {
		s.Pos.End--
	}
	p.pos = p.afterBreak(p.eol(p.pos))
	p.lineStart = p.pos
	indent := 0
	if h.indent > 0 {
		indent = max(outer, 0) + h.indent
	} else {
		indent = p.blockIndent(outer)
	}
	b := p.build.reset()
	end := p.blockLines(b, s.Style == syntax.Folded, outer, indent, h)
	s.Text, s.Segments = p.built()
	s.Content = int32(p.lineStart)
	if len(s.Segments) > 0 {
		s.Content = s.Segments[0].Src
	}
	s.Pos.End = max(s.Pos.End, int32(end))
	return s
}

// blockHeader reads the indicators behind "|" or ">".
func (p *parser) blockHeader() (h blockHeader) {
	p.pos++
	for p.pos < len(p.src) && !blankOrBreak(p.src[p.pos]) && p.src[p.pos] != '#' {
		switch c := p.src[p.pos]; {
		case c == '-' && !h.keep && !h.strip:
			h.strip = true
		case c == '+' && !h.keep && !h.strip:
			h.keep = true
		case c >= '1' && c <= '9' && h.indent == 0:
			h.indent = int(c - '0')
		default:
			p.badHeader()
			h.bad = true
			return h
		}
		p.pos++
	}
	p.spaces()
	if !p.lineDone() {
		p.badHeader()
		h.bad = true
	}
	return h
}

func (p *parser) badHeader() {
	d := p.report(diag.BadBlockHeader, p.lineSpan(p.pos), "only -, + and a digit from 1 to 9 may stand behind | and >")
	d.Hint, d.Original = "the text starts on the next line", "did not find expected comment or line break"
	p.pos = p.eol(p.pos)
}

// blockIndent finds the indentation of a block scalar: that of its first line with text, or of the longest line of
// blanks before it.
func (p *parser) blockIndent(outer int) int {
	indent := 0
	for i := p.pos; i < len(p.src); {
		line := i
		for i < len(p.src) && p.src[i] == ' ' {
			i++
		}
		indent = max(indent, i-line)
		if i < len(p.src) && p.src[i] == '\t' && i-line <= max(outer, 0) && !p.blankRest(i) {
			d := p.report(diag.TabIndentation, at(i, 1), "this line of a block text is indented with a tab")
			d.Hint, d.Original = "indent with spaces", "found a tab character where an indentation space is expected"
			break
		}
		if i >= len(p.src) || !lineBreak(p.src[i]) {
			break
		}
		i = p.afterBreak(i)
	}
	return max(indent, outer+1, 1)
}

func (p *parser) blankRest(i int) bool {
	for i < len(p.src) && blank(p.src[i]) {
		i++
	}
	return i >= len(p.src) || lineBreak(p.src[i])
}

// A blockText is a block scalar while its lines are read.
type blockText struct {
	b      *builder
	folded bool
	outer  int           // column of the collection around it
	indent int           // of its lines
	bare   bool          // not even the first one is indented
	cut    int           // index of the finding about the lines before that are not indented enough; -1 if there is none
	open   bool          // a line with text came before
	more   bool          // it started with a blank: its break is not folded
	last   source.Span   // its break
	empty  []source.Span // the breaks of empty lines behind it, which may yet be cut off
}

// blockLines reads the lines of a block scalar indented by at least indent, and returns where the last of them ends. A
// conflict marker among them is reported and left out; a line that is not indented enough but clearly one of them is
// reported.
func (p *parser) blockLines(b *builder, folded bool, outer, indent int, h blockHeader) (end int) {
	t := blockText{b: b, folded: folded, outer: outer, indent: indent, cut: -1}
	end = p.pos
	for p.pos < len(p.src) {
		line := p.pos
		i := line
		for i < len(p.src) && i-line < indent && p.src[i] == ' ' {
			i++
		}
		if i >= len(p.src) {
			p.pos, p.lineStart = i, line
			break
		}
		if lineBreak(p.src[i]) {
			t.empty = append(t.empty, at(i, p.afterBreak(i)-i))
		} else if i-line < indent {
			if p.conflictInside(line, indent) {
				continue
			}
			if h.bad || !p.inBlock(&t, line) {
				break
			}
			i = p.cutLine(&t, line)
			t.join(p.src, false)
			end = p.eol(i)
			b.raw(p.src, i, end)
			i = end
			t.last = at(i, p.afterBreak(i)-i)
		} else {
			t.cut = -1
			t.join(p.src, blank(p.src[i]))
			end = p.eol(i)
			b.raw(p.src, i, end)
			i = end
			t.last = at(i, p.afterBreak(i)-i)
		}
		p.pos = p.afterBreak(i)
		p.lineStart = p.pos
	}
	t.finish(p.src, h)
	return end
}

// inBlock reports whether the line that starts at line belongs to a block scalar although it is indented less: it is no
// entry of a collection around, and a line that is indented enough follows before there is one. If it is the first line,
// none needs to follow.
func (p *parser) inBlock(t *blockText, line int) bool {
	const patience = 50 // lines to look at
	bare := t.bare || !t.open
	for n := 0; n < patience && line < len(p.src); n++ {
		i := line
		for i < len(p.src) && p.src[i] == ' ' {
			i++
		}
		switch {
		case p.blankRest(i):
		case conflictMarker(p.src[line:]) || p.fits(i, i-line, t.outer) || bare && p.src[i] == '#':
			return false
		case bare:
			return true
		case n > 0 && i-line >= t.indent:
			return true
		}
		line = p.afterBreak(p.eol(i))
	}
	return false
}

// fits reports whether the text at i, in column col, is an entry or an item of a collection around a block scalar, or one
// that is badly indented.
func (p *parser) fits(i, col, outer int) bool {
	if dash := p.dash(i); dash || p.keyAhead(i) {
		return col <= outer || slices.ContainsFunc(p.open, func(o level) bool { return o.col == col && o.sequence == dash })
	}
	return false
}

// cutLine reports the line that starts at line, one of a block scalar that is not indented enough, and returns where its
// text starts. A run of such lines gives one finding.
func (p *parser) cutLine(t *blockText, line int) (text int) {
	text = line
	for text < len(p.src) && blank(p.src[text]) {
		text++
	}
	edit := source.Edit{Span: at(line, text-line), New: strings.Repeat(" ", t.indent)}
	message := "this line of a block text is indented less than the first one"
	if t.bare = t.bare || !t.open; t.bare {
		edit = source.Edit{Span: at(line, 0), New: strings.Repeat(" ", max(t.outer, 0)+2)}
		message = "a block text must be indented more than its key"
	}
	if t.cut < 0 {
		n := len(p.findings)
		d := p.report(diag.BadIndentation, p.lineSpan(text), message)
		d.Original = "could not find expected ':'"
		d.Fixes = []diag.Fix{{Title: "indent it", Preferred: true}}
		if len(p.findings) == n {
			return text
		}
		t.cut = n
	}
	fix := &p.findings[t.cut].Fixes[0]
	fix.Edits = append(fix.Edits, edit)
	return text
}

// join adds what the breaks since the last line with text become, before one that starts with a blank or not.
func (t *blockText) join(src string, blankStart bool) {
	fold := t.folded && !t.more && !blankStart
	switch {
	case t.open && !fold:
		t.b.breakAt(src, t.last)
	case t.open && len(t.empty) == 0:
		t.b.escape(" ", int(t.last.Start), int(t.last.End))
	}
	for _, e := range t.empty {
		t.b.breakAt(src, e)
	}
	t.empty = t.empty[:0]
	t.open, t.more = true, blankStart
}

// finish adds the breaks at the end that h keeps.
func (t *blockText) finish(src string, h blockHeader) {
	if t.open && !h.strip && t.last.Len() > 0 {
		t.b.breakAt(src, t.last)
	}
	if h.keep {
		for _, e := range t.empty {
			t.b.breakAt(src, e)
		}
	}
}

// breakAt adds a line feed for the line break at span.
func (b *builder) breakAt(src string, span source.Span) {
	start, end := int(span.Start), int(span.End)
	if src[start:end] == "\n" {
		b.raw(src, start, end)
		return
	}
	b.escape("\n", start, end)
}

// conflictInside skips a conflict marker at line, if lines of the block scalar follow it.
func (p *parser) conflictInside(line, indent int) bool {
	if !conflictMarker(p.src[line:]) {
		return false
	}
	i := p.afterBreak(p.eol(line))
	for i < len(p.src) && conflictMarker(p.src[i:]) {
		i = p.afterBreak(p.eol(i))
	}
	if !strings.HasPrefix(p.src[i:], strings.Repeat(" ", indent)) {
		return false
	}
	p.pos, p.lineStart = line, line
	p.conflict()
	p.pos = p.afterBreak(p.eol(line))
	p.lineStart = p.pos
	return true
}
