package yamlfile

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// plainKey looks for the ":" behind a plain key that starts at i, on its line. What it found last is kept, as most lines
// are asked for more than once.
func (p *parser) plainKey(i int) (colon int, ok bool) {
	if p.keyStart != i {
		p.keyStart, p.keyColon = i, p.findColon(i)
	}
	return p.keyColon, p.keyColon >= 0
}

func (p *parser) findColon(i int) int {
	src := p.src
	for ; i < len(src); i++ {
		switch src[i] {
		case ':':
			if i+1 >= len(src) || blankOrBreak(src[i+1]) {
				return i
			}
		case '#':
			if i > 0 && blank(src[i-1]) {
				return -1
			}
		case '\n', '\r':
			return -1
		}
	}
	return -1
}

// keyAhead reports whether an entry of a block mapping starts at i.
func (p *parser) keyAhead(i int) bool {
	start := i
	i, ok := p.pastProps(i)
	if !ok || i >= len(p.src) {
		return false
	}
	switch c := p.src[i]; c {
	case '"', '\'':
		end := p.closingOnLine(i)
		return end >= 0 && p.colonAt(end)
	case '[', '{':
		return p.flowKey(i)
	case '*':
		return p.colonAt(p.nameEnd(i))
	case '?':
		if p.blankAt(i + 1) {
			return i == start
		}
	case ':':
		if p.blankAt(i + 1) {
			return true
		}
	case '|', '>', '#', ',', ']', '}', '\n', '\r':
		return false
	case '-':
		if p.blankAt(i + 1) {
			return false
		}
	}
	_, ok = p.plainKey(i)
	return ok
}

// colonAt reports whether the next text on the line from i on is the ":" behind a key.
func (p *parser) colonAt(i int) bool {
	for i < len(p.src) && blank(p.src[i]) {
		i++
	}
	return i < len(p.src) && p.src[i] == ':' && p.blankAt(i+1)
}

// pastProps moves over an anchor and a tag on the line, and reports whether they are proper ones.
func (p *parser) pastProps(i int) (int, bool) {
	for i < len(p.src) && (p.src[i] == '&' || p.src[i] == '!') {
		start := i
		if p.src[i] == '&' {
			i = p.nameEnd(i)
			if i == start+1 || !p.nameEnds(i) {
				return i, false
			}
		} else if i = p.tagEnd(i); !p.blankAt(i) {
			return i, false
		}
		for i < len(p.src) && blank(p.src[i]) {
			i++
		}
	}
	return i, true
}

// flowKey reports whether a flow collection starts at i which is a key: it ends on its line, with a ":" behind it. It is
// read for trial if the line looks like that at all.
func (p *parser) flowKey(i int) bool {
	line := p.src[i:p.eol(i)]
	n := strings.LastIndexByte(line, ':')
	for n > 0 && n+1 < len(line) && !blank(line[n+1]) {
		n = strings.LastIndexByte(line[:n], ':')
	}
	if n <= 0 || !strings.ContainsAny(line[:n], "]}") {
		return false
	}
	before := p.saved()
	p.pos = i
	p.trying, p.failed, p.oneLine = true, false, true
	p.collection(-1)
	isKey := !p.failed && p.colonAt(p.pos)
	p.trying, p.failed, p.oneLine = false, false, false
	p.restore(before)
	return isKey
}

// entry reads one "key: value" of a block mapping. Its value stands deeper than col.
func (p *parser) entry(col int) syntax.Entry {
	e := syntax.Entry{Lead: p.lead()}
	if p.src[p.pos] == '?' && p.blankAt(p.pos+1) {
		p.explicit(&e, col)
		return e
	}
	if !p.keyAhead(p.pos) {
		p.noColon(&e)
		return e
	}
	before := p.saved()
	p.key(&e)
	if e.Odd == nil && e.Key.Style == syntax.Plain && e.Key.Text == "<<" {
		e.Key.Kind = syntax.Merge
	}
	p.spaces()
	if p.pos >= len(p.src) || p.src[p.pos] != ':' {
		p.restore(before)
		e = syntax.Entry{Lead: e.Lead}
		p.noColon(&e)
		return e
	}
	p.pos++
	p.entryValue(&e, col)
	return e
}

// entryValue reads what stands behind the ":" of a key.
func (p *parser) entryValue(e *syntax.Entry, col int) {
	colon := p.pos
	p.spaces()
	if p.lineDone() {
		p.pos = colon
		e.Trail, e.Value = p.headTrail(col, true, nil)
		return
	}
	var props *syntax.Props
	if c := p.src[p.pos]; c == '&' || c == '!' {
		props = p.props(nil)
		end := p.pos
		p.spaces()
		if p.lineDone() {
			p.pos = end
			e.Trail, e.Value = p.headTrail(col, true, props)
			return
		}
	}
	e.Value = p.leaf(col, props)
	e.Trail = p.takeTail()
}

// lineDone reports whether nothing but a comment is left on the line.
func (p *parser) lineDone() bool {
	return p.pos >= len(p.src) || lineBreak(p.src[p.pos]) || p.src[p.pos] == '#'
}

// key reads the key at pos.
func (p *parser) key(e *syntax.Entry) {
	var props *syntax.Props
	if c := p.src[p.pos]; c == '&' || c == '!' {
		props = p.props(nil)
		p.spaces()
	}
	switch c := p.src[p.pos]; {
	case c == '"' || c == '\'':
		e.Key = p.quoted(-1)
	case c == '*':
		e.Odd = p.alias()
	case c == '[' || c == '{':
		e.Odd = p.flow(-1)
	case c == ':' && p.blankAt(p.pos+1):
		if props == nil {
			p.report(diag.SyntaxError, at(p.pos, 1), "a key is missing before this colon").Original = "did not find expected key"
		}
		e.Key = p.empty(p.pos)
	default:
		e.Key = p.plainKeyScalar()
	}
	p.finishKey(e, props)
}

// finishKey gives a key its properties, and one that is no scalar an empty scalar in its place.
func (p *parser) finishKey(e *syntax.Entry, props *syntax.Props) {
	if e.Key == nil {
		e.Key = p.empty(int(e.Odd.Span().Start))
		e.Key.Pos = e.Odd.Span()
		p.setProps(e.Odd, props)
		return
	}
	if props != nil {
		e.Key.Props = props
		e.Key.Kind = p.tagged(e.Key.Kind, props, e.Key.Text, e.Key.Style)
		p.named(e.Key, props)
	}
}

func (p *parser) plainKeyScalar() *syntax.Scalar {
	colon, _ := p.plainKey(p.pos)
	end := colon
	for end > p.pos && blank(p.src[end-1]) {
		end--
	}
	s := p.plainScalar(p.pos, end)
	if strings.IndexByte(reserved, p.src[p.pos]) >= 0 {
		p.reserved().Fixes = quoteFix(s)
	}
	p.pos = end
	return s
}

func (p *parser) plainScalar(start, end int) *syntax.Scalar {
	s := p.scalar()
	s.Pos, s.Content, s.Text = at(start, end-start), int32(start), p.src[start:end]
	s.Kind = Resolve(s.Text)
	return s
}

// noColon reads a line that should be an entry but has no ":": a key that is being typed.
func (p *parser) noColon(e *syntax.Entry) {
	span := p.lineSpan(p.pos)
	if i := strings.Index(p.file.Slice(span), " #"); i >= 0 {
		span = source.Span{Start: span.Start, End: span.Start + int32(len(strings.TrimRight(p.src[span.Start:int(span.Start)+i], " \t")))}
	}
	text := p.file.Slice(span)
	s := p.scalar()
	s.Pos, s.Content, s.Text = span, span.Start, text
	switch c := p.src[p.pos]; {
	case c == '"' || c == '\'':
		p.report(diag.UnclosedQuote, span, fmt.Sprintf("this text has no closing %c", c)).Original = "could not find expected ':'"
	case strings.IndexByte(reserved, c) >= 0:
		p.reserved()
	case (c == '&' || c == '*') && p.name() == "":
	case p.missingBlank(e, span):
	default:
		d := p.report(diag.MissingColon, span, fmt.Sprintf(`missing ":" after %q`, shorten(text)))
		d.Original = "could not find expected ':'"
		d.Fixes = []diag.Fix{{Title: `write ":" behind it`, Edits: []source.Edit{{Span: at(int(span.End), 0), New: ":"}}}}
	}
	if e.Key == nil {
		e.Key, e.Value = s, &syntax.Bad{Pos: at(int(span.End), 0)}
	}
	p.pos = int(span.End)
	e.Trail = p.trail()
	p.pos = p.eol(p.pos)
}

// explicit reads "? key" and ": value".
func (p *parser) explicit(e *syntax.Entry, col int) {
	mark := p.pos
	p.pos++
	p.spaces()
	var key syntax.Node
	if p.lineDone() {
		p.pos = mark + 1
		var trail *syntax.Comment
		trail, key = p.headTrail(col, true, nil)
		addLead(e, trail)
	} else {
		p.col = p.pos - p.lineStart
		key = p.node(col, true, nil)
		addLead(e, p.takeTail())
	}
	if s, ok := key.(*syntax.Scalar); ok {
		e.Key = s
	} else {
		e.Odd = key
		p.finishKey(e, nil)
	}
	p.skip()
	if p.pos >= len(p.src) || p.col != col || p.src[p.pos] != ':' || !p.blankAt(p.pos+1) {
		e.Value = p.empty(int(e.Key.Pos.End))
		return
	}
	colon := p.pos
	p.pos++
	p.spaces()
	if p.lineDone() {
		p.pos = colon + 1
		e.Trail, e.Value = p.headTrail(col, true, nil)
		return
	}
	p.col = p.pos - p.lineStart
	e.Value = p.node(col, true, nil)
	e.Trail = p.takeTail()
}

// addLead gives e a comment that stands behind its key, before the value.
func addLead(e *syntax.Entry, c *syntax.Comment) {
	if c != nil {
		e.Lead = append(e.Lead[:len(e.Lead):len(e.Lead)], *c)
	}
}
