package yamlfile

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/syntax"
)

// flow reads "[...]" or "{...}". It is tried by the letter first, over all lines up to the closing bracket. If that
// fails it is read again with a guess: an unclosed bracket ends before the first line that reads like an entry of the
// collections around, and the whole collection gives one finding.
func (p *parser) flow(outer int) syntax.Node {
	if p.trying {
		return p.collection(outer)
	}
	p.flowing++
	n := p.flowTwice(outer)
	p.flowing--
	return n
}

func (p *parser) flowTwice(outer int) syntax.Node {
	before := p.saved()
	if len(p.findings) < maxFindings {
		p.trying, p.failed = true, false
		n := p.collection(outer)
		p.trying = false
		if !p.failed || p.stopped {
			return n
		}
		p.restore(before)
	}
	quiet := p.quiet
	p.tolerant, p.cut = true, false
	n := p.collection(outer)
	p.tolerant, p.cut, p.quiet = false, false, quiet
	return n
}

// A place is what the parser must put back to read something again.
type place struct {
	pos, lineStart, col, attached, depth, comments, findings, open, entries, items, nodes int
	tail                                                                                  *syntax.Comment
}

func (p *parser) saved() place {
	return place{p.pos, p.lineStart, p.col, p.attached, p.depth, len(p.comments), len(p.findings), len(p.open), len(p.entries), len(p.items), p.nodes, p.tail}
}

func (p *parser) restore(s place) {
	p.pos, p.lineStart, p.col, p.attached, p.depth, p.nodes, p.tail = s.pos, s.lineStart, s.col, s.attached, s.depth, s.nodes, s.tail
	p.comments, p.findings, p.open = p.comments[:s.comments], p.findings[:s.findings], p.open[:s.open]
	p.entries, p.items = p.entries[:s.entries], p.items[:s.items]
}

// wrong reports a mistake inside a flow collection; while one is read tolerantly, the first one only.
func (p *parser) wrong(code *diag.Entry, off, n int, message, hint, original string) {
	d := p.report(code, at(off, n), message)
	d.Hint, d.Original = hint, original
	if p.tolerant {
		p.quiet = true
	}
}

func (p *parser) collection(outer int) syntax.Node {
	if !p.enter() {
		return &syntax.Bad{Pos: at(len(p.src), 0)}
	}
	p.count()
	c := p.src[p.pos]
	p.brackets = append(p.brackets, closer(c))
	var n syntax.Node
	if c == '[' {
		n = p.flowSequence(outer)
	} else {
		n = p.flowMapping(outer)
	}
	p.brackets = p.brackets[:len(p.brackets)-1]
	p.leave()
	return n
}

// over reports whether the collection around pos is not read further.
func (p *parser) over() bool { return p.cut || p.full() || p.trying && p.failed }

// inside moves to the next text within the collection that was opened at off, and reports whether there is one.
func (p *parser) inside(off, outer int) bool {
	if p.over() {
		return false
	}
	before := p.saved()
	for {
		p.spaces()
		if p.pos >= len(p.src) {
			return p.unclosed(off, before)
		}
		c := p.src[p.pos]
		if c == '#' {
			p.comment()
			continue
		}
		if !lineBreak(c) {
			return true
		}
		if p.oneLine {
			p.failed = true
			return false
		}
		p.pos = p.afterBreak(p.pos)
		p.lineStart = p.pos
		if p.tolerant && p.resyncs(p.pos, outer) {
			return p.unclosed(off, before)
		}
	}
}

// unclosed reports the bracket at off, and ends its collection at before.
func (p *parser) unclosed(off int, before place) bool {
	p.noCloser(off)
	p.restore(p.keepFindings(before))
	p.cut = true
	return false
}

func (p *parser) noCloser(off int) {
	c := closer(p.src[off])
	p.wrong(diag.UnclosedBracket, off, 1, fmt.Sprintf("this %c has no closing %c", p.src[off], c), "", fmt.Sprintf("did not find expected ',' or '%c'", c))
}

func closer(open byte) byte { return open + 2 } // "[" is 0x5b, "]" is 0x5d; "{" is 0x7b, "}" is 0x7d

func (p *parser) flowSequence(outer int) *syntax.Sequence {
	s := p.sequences.one()
	s.Flow, s.Pos = true, at(p.pos, 1)
	open := p.pos
	p.pos++
	base := len(p.items)
	for p.inside(open, outer) {
		if p.closes(open) {
			break
		}
		if p.src[p.pos] == ',' {
			p.wrong(diag.SyntaxError, p.pos, 1, "a value is missing before this comma", "", "did not find expected node content")
			p.pos++
			continue
		}
		it := syntax.Item{Lead: p.lead(), Dash: -1}
		it.Value = p.flowItem(open, outer)
		p.items = append(p.items, it)
		if !p.separated(open, outer) {
			break
		}
	}
	s.Items = p.takeItems(base)
	s.Pos.End = int32(max(p.pos, open+1))
	return s
}

// closes reads the bracket that ends the collection opened at open, also the wrong one, unless it ends a collection
// around.
func (p *parser) closes(open int) bool {
	c := p.src[p.pos]
	if c != ']' && c != '}' {
		return false
	}
	if c != closer(p.src[open]) && slices.Contains(p.brackets, c) {
		p.noCloser(open)
		return true
	}
	if c != closer(p.src[open]) {
		p.wrong(diag.UnclosedBracket, p.pos, 1, fmt.Sprintf("this should be %c", closer(p.src[open])), "", "did not find expected ',' or ']'")
	}
	p.pos++
	return true
}

// separated reads the comma behind a value, and reports whether another value or the end may follow.
func (p *parser) separated(open, outer int) bool {
	if !p.inside(open, outer) {
		return false
	}
	switch c := p.src[p.pos]; c {
	case ',':
		p.pos++
		return true
	case ']', '}':
		return true
	}
	p.wrong(diag.SyntaxError, p.pos, 1, fmt.Sprintf("a comma or %c is missing before this", closer(p.src[open])), "put text with special characters in quotes", "did not find expected ',' or ']'")
	if p.over() {
		return false
	}
	stop := p.eol(p.pos)
	if n := strings.IndexAny(p.src[p.pos:stop], ",]}"); n >= 0 {
		stop = p.pos + n
	}
	p.pos = max(stop, p.pos)
	if p.pos < len(p.src) && p.src[p.pos] == ',' {
		p.pos++
	}
	return true
}

// flowItem reads a value of a flow sequence: a node, or a single "key: value" without braces.
func (p *parser) flowItem(open, outer int) syntax.Node {
	start := p.pos
	var e syntax.Entry
	if c := p.src[p.pos]; c == '?' || c == ':' {
		e = p.flowEntry(open, outer)
	} else {
		n := p.flowNode(open, outer)
		end := p.saved()
		if p.over() || !p.inside(open, outer) {
			return n
		}
		if p.src[p.pos] != ':' || p.lineStart != end.lineStart {
			p.restore(p.keepFindings(end))
			return n
		}
		p.keyNode(&e, n)
		p.flowValue(&e, open, outer)
	}
	p.count()
	m := p.mappings.one()
	m.Flow, m.Entries = true, p.entrySlab.list([]syntax.Entry{e})
	m.Pos = at(start, max(int(e.Span().End), start)-start)
	return m
}

func (p *parser) keepFindings(s place) place {
	s.findings = len(p.findings)
	return s
}

// keyNode makes n the key of e.
func (p *parser) keyNode(e *syntax.Entry, n syntax.Node) {
	if s, ok := n.(*syntax.Scalar); ok {
		e.Key = s
		if s.Style == syntax.Plain && s.Text == "<<" {
			s.Kind = syntax.Merge
		}
		return
	}
	e.Odd = n
	e.Key = p.empty(int(n.Span().Start))
	e.Key.Pos = n.Span()
}

func (p *parser) flowMapping(outer int) *syntax.Mapping {
	m := p.mappings.one()
	m.Flow, m.Pos = true, at(p.pos, 1)
	open := p.pos
	p.pos++
	base := len(p.entries)
	for p.inside(open, outer) {
		if p.closes(open) {
			break
		}
		if p.src[p.pos] == ',' {
			p.wrong(diag.SyntaxError, p.pos, 1, "a key is missing before this comma", "", "did not find expected node content")
			p.pos++
			continue
		}
		lead := p.lead()
		e := p.flowEntry(open, outer)
		e.Lead = lead
		p.entries = append(p.entries, e)
		if !p.separated(open, outer) {
			break
		}
	}
	m.Entries = p.takeEntries(base)
	m.Pos.End = int32(max(p.pos, open+1))
	return m
}

// flowEntry reads "key: value", "key", "? key : value" or ": value".
func (p *parser) flowEntry(open, outer int) (e syntax.Entry) {
	if p.src[p.pos] == '?' {
		p.pos++
		if !p.inside(open, outer) {
			e.Key = p.empty(p.pos)
			e.Value = p.empty(p.pos)
			return e
		}
	}
	if c := p.src[p.pos]; c == ':' || c == ',' || c == ']' || c == '}' {
		e.Key = p.empty(p.pos)
	} else {
		p.keyNode(&e, p.flowNode(open, outer))
	}
	end := p.saved()
	if p.over() || !p.inside(open, outer) || p.src[p.pos] != ':' {
		if !p.over() {
			p.restore(p.keepFindings(end))
		}
		e.Value = p.empty(end.pos)
		return e
	}
	p.flowValue(&e, open, outer)
	return e
}

// flowValue reads the ":" at pos and the value behind it.
func (p *parser) flowValue(e *syntax.Entry, open, outer int) {
	p.pos++
	end := p.saved()
	if !p.inside(open, outer) {
		e.Value = p.empty(end.pos)
		return
	}
	if c := p.src[p.pos]; c == ',' || c == ']' || c == '}' {
		p.restore(p.keepFindings(end))
		e.Value = p.empty(end.pos)
		return
	}
	e.Value = p.flowNode(open, outer)
}

// flowNode reads one value inside a flow collection.
func (p *parser) flowNode(open, outer int) syntax.Node {
	var props *syntax.Props
	for c := p.src[p.pos]; (c == '&' || c == '!') && (props == nil || c == '&' && props.Anchor == "" || c == '!' && props.Tag == ""); c = p.src[p.pos] {
		props = p.props(props)
		end := p.pos
		if !p.inside(open, outer) || strings.IndexByte(",]}:", p.src[p.pos]) >= 0 {
			e := p.empty(end)
			p.setProps(e, props)
			return e
		}
	}
	n := p.flowLeaf(outer)
	p.setProps(n, props)
	return n
}

func (p *parser) flowLeaf(outer int) syntax.Node {
	switch c := p.src[p.pos]; c {
	case '"', '\'':
		return p.quoted(outer)
	case '[', '{':
		return p.collection(outer)
	case '*':
		return p.alias()
	case '@', '`', '%', '|', '>', '&', '!':
		p.wrong(diag.ReservedCharacter, p.pos, 1, fmt.Sprintf("a value cannot start with %q without quotes", p.src[p.pos:p.pos+1]), "put the value in quotes", "found character that cannot start any token")
	case '-':
		if p.blankAt(p.pos + 1) {
			p.wrong(diag.UnexpectedSequence, p.pos, 1, `a "- " cannot stand inside brackets`, "separate values with commas", "block sequence entries are not allowed in this context")
			p.pos++
			p.spaces()
			if p.lineDone() || strings.IndexByte(",]}", p.src[p.pos]) >= 0 {
				return p.empty(p.pos)
			}
		}
	}
	return p.flowPlain(outer)
}

// flowPlain reads a plain scalar inside a flow collection; it may go on over lines.
func (p *parser) flowPlain(outer int) *syntax.Scalar {
	start := p.pos
	end := max(p.flowPlainLine(start), start+1) // a character that starts nothing here is taken, so that reading goes on
	text, ok := p.flowContinuation(end, outer)
	if !ok {
		p.pos = end
		return p.plainScalar(start, end)
	}
	b := p.build.reset()
	b.raw(p.src, start, end)
	for ; ok; text, ok = p.flowContinuation(end, outer) {
		b.fold(p.src, end, text)
		end = max(p.flowPlainLine(text), text+1)
		b.raw(p.src, text, end)
		p.lineStart = p.lineOf(text)
	}
	p.pos = end
	s := p.scalar()
	s.Pos, s.Content = at(start, end-start), int32(start)
	s.Text, s.Segments = p.built()
	s.Kind = Resolve(s.Text)
	return s
}

// flowContinuation finds the text with which a plain scalar, of which a line ends at i, goes on in another line.
func (p *parser) flowContinuation(i, outer int) (text int, ok bool) {
	for i < len(p.src) && blank(p.src[i]) {
		i++
	}
	if i >= len(p.src) || !lineBreak(p.src[i]) {
		return 0, false
	}
	for i < len(p.src) && blankOrBreak(p.src[i]) {
		if !lineBreak(p.src[i]) {
			i++
			continue
		}
		i = p.afterBreak(i)
		if p.tolerant && p.resyncs(i, outer) {
			return 0, false
		}
	}
	if i >= len(p.src) || strings.IndexByte(",[]{}#", p.src[i]) >= 0 {
		return 0, false
	}
	mark := (p.src[i] == ':' || p.src[i] == '?') && p.blankAt(i+1)
	return i, !mark
}

// flowPlainLine finds the end of a plain scalar on the line of i.
func (p *parser) flowPlainLine(i int) int {
	end := i
	for ; i < len(p.src); i++ {
		switch c := p.src[i]; c {
		case ' ', '\t':
			continue
		case '\n', '\r', ',', '[', ']', '{', '}':
			return end
		case '#':
			if i > 0 && blank(p.src[i-1]) {
				return end
			}
		case ':':
			if p.blankAt(i + 1) {
				return end
			}
		}
		end = i + 1
	}
	return end
}
