package format

import (
	"strings"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A place is the column of a block collection as written and as it will be.
type place struct{ from, to int }

func (p place) shift() int { return p.to - p.from }

// indent gives all lines of the chunks their columns: mappings stand two columns to the right of their key, lists below
// it, block scalars two columns to the right of their collection. All other lines move with the collection they are in.
func (l *layout) indent(root *syntax.Mapping) {
	p := place{l.indentOf(l.lineOf(int(root.Entries[0].Key.Pos.Start))), 0}
	for i := range l.chunks {
		c := &l.chunks[i]
		in := indenter{layout: l, places: map[syntax.Node]place{}}
		l.column[c.body.from] = p.to
		in.entry(c.entry, p)
		if in.odd {
			l.shiftAll(c.body, p.shift())
		}
		for n := c.lead.from; n < c.lead.to; n++ {
			l.column[n] = p.to
		}
		if in.odd {
			l.shiftAll(c.tail, p.shift())
		} else {
			in.comments(c.tail, c.entry.Value, p)
		}
		// Behind a comment at the left edge all are: where they stand must not depend on which entry they belong to.
		for n, edge := c.tail.from, false; n < c.tail.to; n++ {
			if edge = edge || l.column[n] == 0 && !l.blank(n); edge {
				l.column[n] = 0
			}
		}
	}
}

// unindent moves the lines of r to the left edge.
func (l *layout) unindent(r lines) {
	for n := r.from; n < r.to; n++ {
		l.column[n] = 0
	}
}

// shiftAll moves lines without a look at what they are and drops the other changes made to them.
func (l *layout) shiftAll(r lines, by int) {
	for n := r.from; n < r.to; n++ {
		l.column[n] = asWritten
		delete(l.edits, n)
		if by != 0 {
			l.column[n] = max(l.indentOf(n)+by, 0)
		}
	}
}

// An indenter moves the lines of one chunk.
type indenter struct {
	*layout
	places map[syntax.Node]place
	// odd says that the chunk holds something that is not moved about, such as an explicit key ("? key").
	odd bool
}

// entry moves the lines behind the key of e, which is in a mapping at p.
func (in *indenter) entry(e *syntax.Entry, p place) {
	if e.Odd != nil || in.explicit(int(e.Key.Pos.Start)) {
		in.odd = true
		return
	}
	in.value(e.Value, in.lineOf(int(e.Key.Pos.Start)), p, p.to, in.lastLineOf(endOf(e)))
}

// explicit reports whether the key at off, or what it stands behind, starts with "? ".
func (in *indenter) explicit(off int) bool {
	n := in.lineOf(off)
	before := strings.TrimLeft(in.text[in.start[n]:off], " -")
	return strings.HasPrefix(before, "?")
}

// value moves the lines of v behind line above, which holds its key or dash. v is in a collection at p; if v is a list
// on lines of its own, it goes to column list.
func (in *indenter) value(v syntax.Node, above int, p place, list, last int) {
	switch v := v.(type) {
	case *syntax.Mapping:
		if v.Flow || len(v.Entries) == 0 {
			break
		}
		in.mapping(v, above, p)
		return
	case *syntax.Sequence:
		if v.Flow || len(v.Items) == 0 {
			break
		}
		in.sequence(v, above, p, list)
		return
	case *syntax.Scalar:
		if isBlock(v) {
			in.block(v, above, p)
			return
		}
	}
	// Continuation lines of flow style, quoted and plain text: the amount of white space means nothing there.
	for n := above + 1; n <= last; n++ {
		if s := in.indentOf(n); !in.blank(n) && p.shift() != 0 {
			in.column[n] = max(s+p.shift(), min(s, 1))
		}
	}
}

// open notes where the first key or dash at off stands and moves the lines above it. It returns the place of the
// collection: inside the line of a dash, or at column to on a line of its own.
func (in *indenter) open(n syntax.Node, off, above int, p place, to int) place {
	first := in.lineOf(off)
	var q place
	if first == above {
		// Only after a dash: what follows it stands two columns behind the dash.
		line := in.line(first)
		dash := in.dashBefore(first, off)
		if dash < 0 {
			in.odd = true
			return p
		}
		q = place{dash + 1 + spaces(line[dash+1:]), p.to + 2}
	} else {
		for i := above + 1; i < first; i++ {
			if !in.blank(i) && !in.comment(i) {
				in.odd = true
			}
			if in.column[i] = to; in.blank(i) {
				in.column[i] = 0
			}
		}
		q = place{in.indentOf(first), to}
		in.column[first] = to
	}
	in.places[n] = q
	return q
}

// dashBefore returns the column of the last dash of a list in front of off on line n; -1 if there is none.
func (in *indenter) dashBefore(n, off int) int {
	dash := -1
	for i := in.start[n]; i < off; i++ {
		switch in.text[i] {
		case ' ':
		case '-':
			dash = i - in.start[n]
		default:
			return dash // an anchor or tag
		}
	}
	return dash
}

func (in *indenter) mapping(m *syntax.Mapping, above int, p place) {
	first := int(m.Entries[0].Key.Pos.Start)
	if in.explicit(first) {
		in.odd = true
		return
	}
	q := in.open(m, first, above, p, p.to+2)
	done := 0
	for i := range m.Entries {
		e := &m.Entries[i]
		key := in.lineOf(int(e.Key.Pos.Start))
		if i > 0 {
			if key < done {
				in.odd = true
				return
			}
			in.comments(lines{done, key}, m.Entries[i-1].Value, q)
			in.column[key] = q.to
		}
		in.entry(e, q)
		done = in.behind(e.Value, in.lastLineOf(endOf(e)))
	}
}

func (in *indenter) sequence(s *syntax.Sequence, above int, p place, to int) {
	q := in.open(s, int(s.Items[0].Dash), above, p, to)
	done := 0
	for i := range s.Items {
		item := &s.Items[i]
		if item.Dash < 0 {
			in.odd = true
			return
		}
		dash := in.lineOf(int(item.Dash))
		if i > 0 {
			if dash < done {
				in.odd = true
				return
			}
			in.comments(lines{done, dash}, s.Items[i-1].Value, q)
			in.column[dash] = q.to
		}
		in.gap(item, dash)
		last := in.lastLineOf(max(item.Dash+1, endOfNode(item.Value)))
		in.value(item.Value, dash, q, q.to+2, last)
		done = in.behind(item.Value, last)
	}
}

// gap makes the white space behind a dash one space wide.
func (in *indenter) gap(item *syntax.Item, n int) {
	from := int(item.Dash) + 1
	rest := in.text[from:in.start[n+1]]
	width := spaces(rest)
	after := strings.TrimLeft(rest, " ")
	switch {
	case after == "" || after[0] == '\n' || after[0] == '\r' || after[0] == '#' || width == 1:
	case after[0] == '\t' || width == 0:
		in.odd = true
	default:
		in.edits[n] = append(in.edits[n], source.Edit{Span: source.Span{Start: int32(from), End: int32(from + width)}, New: " "})
	}
}

// behind returns the first line behind a value whose text ends on line last: blank lines that a block scalar keeps
// belong to it.
func (in *indenter) behind(v syntax.Node, last int) int {
	n := last + 1
	if in.keeps(lastScalar(v)) {
		for n < in.count() && in.blank(n) {
			n++
		}
	}
	return n
}

// block moves the content of a block scalar. Its lines stand two columns behind the collection it is in; with an
// indentation indicator, which counts from there, they move with the collection.
func (in *indenter) block(s *syntax.Scalar, above int, p place) {
	header := in.lineOf(int(s.Pos.Start))
	for n := above + 1; n <= header; n++ {
		if !in.blank(n) {
			in.column[n] = p.to + 2 // the header on a line of its own
		}
	}
	end := in.behind(s, in.lastLineOf(s.Pos.End))
	content, by := -1, 0 // the column where content begins, and how far it moves
	if text, _ := in.indicators(s); strings.ContainsAny(text, "123456789") {
		content, by = p.from+int(strings.Trim(text, "+-")[0]-'0'), p.shift()
	} else {
		for n := header + 1; n < end && content < 0; n++ {
			if !in.blank(n) {
				content = in.indentOf(n)
				by = p.to + 2 - content
			}
		}
	}
	if by == 0 {
		return
	}
	for n := header + 1; n < end; n++ {
		switch width := in.indentOf(n); {
		case !in.blank(n) || width > content:
			in.column[n] = max(width+by, 0)
		case by < 0:
			in.column[n] = max(width+by, 0)
		}
	}
}

// comments moves the comments in r, which follow value prev in the collection at p. One that is indented further than
// the collection belongs to the innermost collection in prev that it is indented as far as.
func (in *indenter) comments(r lines, prev syntax.Node, p place) {
	for n := r.from; n < r.to; n++ {
		in.column[n] = p.to
		if in.blank(n) {
			in.column[n] = 0
			continue
		}
		width := in.indentOf(n)
		if width <= p.from {
			continue
		}
		q, inner := p, prev
		for inner != nil {
			at, ok := in.places[inner]
			if !ok || at.from > width {
				break
			}
			q = at
			inner = lastChild(inner)
		}
		in.column[n] = q.to
		// Further in than all: keep it so, unless it would become part of a block scalar.
		if width > q.from && !isBlock(lastScalar(prev)) {
			in.column[n] = q.to + 2
		}
	}
}

// lastChild returns the value that ends the collection n; nil if n is something else.
func lastChild(n syntax.Node) syntax.Node {
	switch n := n.(type) {
	case *syntax.Mapping:
		if len(n.Entries) > 0 {
			return n.Entries[len(n.Entries)-1].Value
		}
	case *syntax.Sequence:
		if len(n.Items) > 0 {
			return n.Items[len(n.Items)-1].Value
		}
	}
	return nil
}
