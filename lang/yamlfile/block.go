package yamlfile

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// node reads the value at pos, where a block collection may start: at a line start, or behind "- " or "? ". Its entries
// stand in column p.col; outer is the column of the collection around it, and list says that a sequence may stand there
// too. props stood above it.
func (p *parser) node(outer int, list bool, props *syntax.Props) syntax.Node {
	if p.pos >= len(p.src) || p.stopped {
		return p.empty(p.pos)
	}
	if !p.enter() {
		return &syntax.Bad{Pos: at(len(p.src), 0)}
	}
	n := p.nodeInside(outer, list, props)
	p.leave()
	return n
}

func (p *parser) nodeInside(outer int, list bool, props *syntax.Props) syntax.Node {
	if p.dash(p.pos) {
		return p.sequence(p.col, outer, props)
	}
	if p.keyAhead(p.pos) {
		return p.mapping(p.col, outer, props)
	}
	if c := p.src[p.pos]; c == '&' || c == '!' {
		props = p.props(props)
		p.spaces()
		if p.lineDone() {
			return p.below(outer, list, props)
		}
		return p.leaf(outer, props)
	}
	if props != nil {
		return p.leaf(outer, props)
	}
	return p.leafOrEntries(outer)
}

// leafOrEntries reads a value that is no block collection by its first line. If an entry follows in the same column, that
// line was a key being typed, and the first of a mapping.
func (p *parser) leafOrEntries(outer int) syntax.Node {
	before := p.saved()
	n := p.leaf(outer, nil)
	switch n := n.(type) {
	case *syntax.Scalar:
		if n.Style == syntax.Literal || n.Style == syntax.Folded {
			return n
		}
	case *syntax.Alias:
	default:
		return n
	}
	if next, col := p.nextLine(p.pos); next >= len(p.src) || col != before.col || !p.keyAhead(next) {
		return n
	}
	p.restore(before)
	return p.mapping(before.col, outer, nil)
}

// nextLine finds the next line with text behind the one of i, or from i on if a line starts there. It returns where the
// text starts and its indentation.
func (p *parser) nextLine(i int) (text, col int) {
	if i > 0 && !lineBreak(p.src[i-1]) {
		i = p.afterBreak(p.eol(i))
	}
	for i < len(p.src) {
		line := i
		for i < len(p.src) && p.src[i] == ' ' {
			i++
		}
		col = i - line
		for i < len(p.src) && blank(p.src[i]) {
			i++
		}
		if i < len(p.src) && !lineBreak(p.src[i]) && p.src[i] != '#' {
			return i, col
		}
		i = p.afterBreak(p.eol(i))
	}
	return i, 0
}

// below reads the value that stands on the lines below pos, or the empty one if the next line is no deeper than outer.
// sameCol says that a sequence may also stand in column outer, as the value of a mapping entry may.
func (p *parser) below(outer int, sameCol bool, props *syntax.Props) syntax.Node {
	place := p.pos
	p.skip()
	if p.tabs && !p.tabFits && p.col <= outer && p.lineStart >= place && p.pos < len(p.src) {
		p.col = p.belowTabs(outer, sameCol)
		p.tabFix()
	}
	if p.pos >= len(p.src) || p.stopped || p.col < outer || p.col == outer && !p.flush(sameCol) {
		e := p.empty(place)
		e.Props = props
		if props != nil {
			e.Kind = p.tagged(e.Kind, props, "", syntax.Empty)
		}
		return p.named(e, props)
	}
	return p.node(outer, sameCol, props)
}

// flush reports whether what stands at pos, in the column of the collection around it, can be a value all the same: a
// list below a key, or a block scalar.
func (p *parser) flush(list bool) bool {
	c := p.src[p.pos]
	return list && p.dash(p.pos) || c == '|' || c == '>'
}

// mapping reads the block mapping whose entries stand in column col. outer is the column of the collection around it:
// a line between both belongs here, badly indented.
func (p *parser) mapping(col, outer int, props *syntax.Props) *syntax.Mapping {
	m := p.mappings.one()
	m.Props, m.Pos = props, at(p.pos, 0)
	p.count()
	p.open = append(p.open, level{col: col, tabs: p.tabWidth()})
	base := len(p.entries)
	p.mappingEntries(col, outer)
	p.open = p.open[:len(p.open)-1]
	m.Entries = p.takeEntries(base)
	setSpan(m)
	m.Foot = p.mappingFoot(col, outer)
	p.named(m, props)
	return m
}

// setSpan finds where a block mapping stands by its entries.
func setSpan(m *syntax.Mapping) {
	if n := len(m.Entries); n > 0 {
		m.Pos = m.Entries[0].Key.Pos.To(m.Entries[n-1].Span())
		if odd := m.Entries[0].Odd; odd != nil {
			m.Pos.Start = min(m.Pos.Start, odd.Span().Start)
		}
	}
}

// mappingFoot takes the comments behind the last entry.
func (p *parser) mappingFoot(col, outer int) []syntax.Comment {
	if p.pos >= len(p.src) {
		return nil
	}
	return p.inner(max(col, outer+1))
}

// mappingEntries reads the entries of a block mapping onto p.entries.
func (p *parser) mappingEntries(col, outer int) {
	base := len(p.entries)
	var list cutList
	odd := -1
	for p.pos < len(p.src) && !p.full() && !p.caughtUp() {
		dash := p.dash(p.pos)
		if p.col <= outer && (dash || !p.straddled(col, list)) {
			return
		}
		if dash {
			if p.col < col && (list.seq == nil || list.col != p.col) {
				return // an item of the list around, badly indented
			}
			list.odd = odd >= 0
			p.itemInMapping(base, col, &list)
			continue
		}
		if p.col > outer {
			if p.col < col && len(p.entries) == base+1 && p.firstIsOdd(col) {
				p.badIndent(p.entries[base].Key.Pos, "this entry is indented more than the one below it")
				col = p.col
			}
			if p.col > col && (p.lineOfItem(&list) || p.blockOfBroken(base, &list)) {
				continue
			}
			p.indented(col, "entry", &odd)
		}
		reports, quiet := p.reports, p.quiet
		p.quiet = quiet || odd >= 0 && !p.keyAhead(p.pos)
		p.lastList = cutList{}
		e := p.entry(p.col)
		p.quiet = quiet
		p.entries = append(p.entries, e)
		if seq := p.lastList.seq; seq != nil && e.Value == syntax.Node(seq) {
			list = p.lastList
			list.entry = len(p.entries) - 1
		}
		list.broken = p.reports > reports
		p.skip()
	}
}

// sequence reads the block sequence whose dashes stand in column col.
func (p *parser) sequence(col, outer int, props *syntax.Props) *syntax.Sequence {
	s := p.sequences.one()
	s.Props, s.Pos = props, at(p.pos, 1)
	p.count()
	p.open = append(p.open, level{col: col, sequence: true, tabs: p.tabWidth()})
	base := len(p.items)
	p.sequenceItems(col, outer)
	p.open = p.open[:len(p.open)-1]
	s.Items = p.takeItems(base)
	setEnd(s)
	s.Foot = p.sequenceFoot(col, outer)
	p.lastList.col = col
	p.named(s, props)
	return s
}

// sequenceItems reads the items of a block sequence onto p.items.
func (p *parser) sequenceItems(col, outer int) {
	odd := -1
	for p.pos < len(p.src) && !p.full() && !p.caughtUp() {
		dash := p.dash(p.pos)
		if p.col < col && (p.col <= outer || !dash) || p.col == col && !dash && outer == col {
			return
		}
		if !dash {
			p.strayInList(col, &odd)
			continue
		}
		p.indented(col, "item", &odd)
		p.items = append(p.items, p.item())
		p.skip()
	}
}

// setEnd finds the end of a block sequence.
func setEnd(s *syntax.Sequence) {
	for i := range s.Items {
		s.Pos.End = max(s.Pos.End, s.Items[i].Value.Span().End, s.Items[i].Dash+1)
	}
}

// sequenceFoot takes the comments behind the last item.
func (p *parser) sequenceFoot(col, outer int) []syntax.Comment {
	if p.pos >= len(p.src) {
		return nil
	}
	need := max(col, outer+1)
	if outer == col {
		need = col + 1
	}
	return p.inner(need)
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
	it.Value = p.node(col, false, nil)
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
	if seq, ok := n.(*syntax.Sequence); ok && !seq.Flow {
		p.lastList.seq = seq
	} else {
		p.lastList.seq = nil
	}
	if e, ok := n.(*syntax.Scalar); ok && e.Style == syntax.Empty {
		e.Pos, e.Content = at(start, 0), int32(start)
	}
	tail := p.takeTail()
	switch {
	case trail == nil:
		trail = tail
	case tail != nil:
		p.attached = len(p.comments) - 1 // there is room for one; this is left to what follows
	}
	return trail, n
}

// named remembers n under the anchor of props.
func (p *parser) named(n syntax.Node, props *syntax.Props) syntax.Node {
	if props != nil && props.Anchor != "" {
		p.anchors[props.Anchor] = n
	}
	return n
}
