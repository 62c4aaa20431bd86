package yamlfile

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// node reads the value at pos, where a block collection may start: at a line start, or behind "- " or "? ". Its entries
// stand in column p.col; outer is the column of the collection around it.
func (p *parser) node(outer int) syntax.Node {
	if p.pos >= len(p.src) || p.stopped {
		return p.empty(p.pos)
	}
	if !p.enter() {
		return &syntax.Bad{Pos: at(len(p.src), 0)}
	}
	defer p.leave()
	col := p.col
	if p.dash(p.pos) {
		return p.sequence(col, outer, nil)
	}
	if p.keyAhead(p.pos) {
		return p.mapping(col, outer, nil)
	}
	if c := p.src[p.pos]; c == '&' || c == '!' {
		props := p.props()
		p.spaces()
		if p.pos >= len(p.src) || lineBreak(p.src[p.pos]) || p.src[p.pos] == '#' {
			return p.below(outer, false, props)
		}
		return p.leaf(outer, props)
	}
	return p.leaf(outer, nil)
}

// below reads the value that stands on the lines below pos, or the empty one if the next line is no deeper than outer.
// sameCol says that a sequence may also stand in column outer, as the value of a mapping entry may.
func (p *parser) below(outer int, sameCol bool, props *syntax.Props) syntax.Node {
	place := p.pos
	p.skip()
	deeper := p.col > outer || sameCol && p.col == outer && p.pos < len(p.src) && p.dash(p.pos)
	if p.pos >= len(p.src) || p.stopped || !deeper {
		e := p.empty(place)
		e.Props = props
		if props != nil {
			e.Kind = p.tagged(e.Kind, props, "", syntax.Empty)
		}
		return p.named(e, props)
	}
	if props != nil {
		return p.propsBelow(outer, props)
	}
	return p.node(outer)
}

// propsBelow reads the value for properties that stand on the line above it.
func (p *parser) propsBelow(outer int, props *syntax.Props) syntax.Node {
	if !p.enter() {
		return &syntax.Bad{Pos: at(len(p.src), 0)}
	}
	defer p.leave()
	switch {
	case p.dash(p.pos):
		return p.sequence(p.col, outer, props)
	case p.keyAhead(p.pos):
		return p.mapping(p.col, outer, props)
	default:
		return p.leaf(outer, props)
	}
}

// mapping reads the block mapping whose entries stand in column col. outer is the column of the collection around it:
// a line between both belongs here, badly indented.
func (p *parser) mapping(col, outer int, props *syntax.Props) *syntax.Mapping {
	m := &syntax.Mapping{Props: props, Pos: at(p.pos, 0)}
	p.count()
	p.open = append(p.open, level{col: col})
	base := len(p.entries)
	var list *syntax.Sequence // the last list that is a value here, for items that follow a broken line
	listCol := 0
	for p.pos < len(p.src) && !p.stopped {
		if p.col <= outer {
			break
		}
		p.indented(col, "entry")
		if p.dash(p.pos) && p.col <= col+1 {
			if list != nil {
				p.resume(list, listCol, outer)
				p.skip()
				continue
			}
			p.strayDash()
			continue
		}
		e := p.entry(p.col)
		p.entries = append(p.entries, e)
		if s, ok := e.Value.(*syntax.Sequence); ok && !s.Flow {
			list, listCol = s, p.column(int(s.Pos.Start))
		} else if _, bad := e.Value.(*syntax.Bad); !bad {
			list = nil
		}
		p.skip()
	}
	p.open = p.open[:len(p.open)-1]
	m.Entries = append([]syntax.Entry(nil), p.entries[base:]...)
	clear(p.entries[base:])
	p.entries = p.entries[:base]
	if n := len(m.Entries); n > 0 {
		m.Pos = m.Entries[0].Key.Pos.To(m.Entries[n-1].Span())
		if odd := m.Entries[0].Odd; odd != nil {
			m.Pos.Start = min(m.Pos.Start, odd.Span().Start)
		}
	}
	if p.pos < len(p.src) {
		m.Foot = p.inner(max(col, outer+1))
	}
	p.named(m, props)
	return m
}

// indented reports a line that is not in column col. A run of lines with the same wrong indentation gives one finding.
func (p *parser) indented(col int, what string) {
	if p.col == col {
		p.oddCol = -1
		return
	}
	if p.oddCol == p.col+1 {
		return
	}
	p.oddCol = p.col + 1
	how := "more"
	if p.col < col {
		how = "less"
	}
	span := at(p.pos, 1)
	if colon, ok := p.plainKey(p.pos); ok {
		span = at(p.pos, colon-p.pos)
	}
	d := p.report(diag.BadIndentation, span, "this "+what+" is indented "+how+" than the one above it")
	d.Hint, d.Original = "entries of one collection stand in one column", "did not find expected key"
}

// resume reads more items of a list that a broken line had cut.
func (p *parser) resume(list *syntax.Sequence, col, outer int) {
	more := p.sequence(p.col, outer, nil)
	list.Items = append(list.Items, more.Items...)
	list.Pos.End = max(list.Pos.End, more.Pos.End)
}

// strayDash reports a "- " in a mapping, and reads past what it introduces.
func (p *parser) strayDash() {
	p.report(diag.UnexpectedSequence, at(p.pos, 1), `a list item cannot stand among the entries of a mapping`).Original = "did not find expected key"
	p.sequence(p.col, p.col-1, nil)
	p.skip()
}

// sequence reads the block sequence whose dashes stand in column col.
func (p *parser) sequence(col, outer int, props *syntax.Props) *syntax.Sequence {
	s := &syntax.Sequence{Props: props, Pos: at(p.pos, 1)}
	p.count()
	p.open = append(p.open, level{col: col, sequence: true})
	base := len(p.items)
	sameCol := outer == col
	for p.pos < len(p.src) && !p.stopped {
		dash := p.dash(p.pos)
		if p.col < col && (p.col <= outer || !dash) || p.col == col && !dash {
			break
		}
		if !dash {
			if !p.strayInList(col) {
				break
			}
			continue
		}
		p.indented(col, "item")
		p.items = append(p.items, p.item())
		p.skip()
	}
	p.open = p.open[:len(p.open)-1]
	s.Items = append([]syntax.Item(nil), p.items[base:]...)
	clear(p.items[base:])
	p.items = p.items[:base]
	for i := range s.Items {
		s.Pos.End = max(s.Pos.End, s.Items[i].Value.Span().End, s.Items[i].Dash+1)
	}
	if p.pos < len(p.src) {
		need := max(col, outer+1)
		if sameCol {
			need = col + 1
		}
		s.Foot = p.inner(need)
	}
	p.named(s, props)
	return s
}

// strayInList reads a line among the items of a list that is indented more than their dashes and is no item.
func (p *parser) strayInList(col int) bool {
	n := len(p.items)
	if n > 0 {
		if m, ok := p.items[n-1].Value.(*syntax.Mapping); ok && !m.Flow && p.keyAhead(p.pos) {
			p.indented(col+2, "entry")
			more := p.mapping(p.col, col, nil)
			m.Entries = append(m.Entries, more.Entries...)
			m.Pos.End = max(m.Pos.End, more.Pos.End)
			return true
		}
	}
	p.report(diag.BadIndentation, p.lineSpan(p.pos), "this line is neither an item of the list nor part of one").Original = "did not find expected '-' indicator"
	p.pos = p.eol(p.pos)
	p.skip()
	return true
}

// item reads one "- value".
func (p *parser) item() syntax.Item {
	it := syntax.Item{Lead: p.lead(), Dash: int32(p.pos)}
	col := p.col
	p.pos++
	p.spaces()
	if p.pos >= len(p.src) || lineBreak(p.src[p.pos]) || p.src[p.pos] == '#' {
		p.pos = int(it.Dash) + 1
		it.Trail, it.Value = p.headTrail(col, false, nil)
		return it
	}
	p.col = p.pos - p.lineStart
	if tabs := p.src[it.Dash+1 : p.pos]; strings.IndexByte(tabs, '\t') >= 0 && (p.dash(p.pos) || p.keyAhead(p.pos)) {
		p.report(diag.TabIndentation, source.Span{Start: it.Dash + 1, End: int32(p.pos)}, "a tab stands behind this dash").Hint = "use a space"
	}
	it.Value = p.node(col)
	it.Trail = p.takeTail()
	return it
}

// headTrail reads the comment behind "key:" or "-" and then the value below.
func (p *parser) headTrail(outer int, sameCol bool, props *syntax.Props) (*syntax.Comment, syntax.Node) {
	start := p.pos
	var trail *syntax.Comment
	p.spaces()
	if p.pos < len(p.src) && p.src[p.pos] == '#' {
		trail = p.trailing()
	}
	n := p.below(outer, sameCol, props)
	if e, ok := n.(*syntax.Scalar); ok && e.Style == syntax.Empty {
		e.Pos, e.Content = at(start, 0), int32(start)
	}
	tail := p.takeTail()
	if trail == nil {
		trail = tail
	}
	return trail, n
}

// named remembers n under the anchor of props.
func (p *parser) named(n syntax.Node, props *syntax.Props) syntax.Node {
	if props != nil && props.Anchor != "" {
		if p.anchors == nil {
			p.anchors = map[string]syntax.Node{}
		}
		p.anchors[props.Anchor] = n
	}
	return n
}
