package syntax

import (
	"strings"

	"escape.build/escape/lang/source"
)

// A Shifter copies parts of a tree to another place in the text: all offsets of the copy are By higher. It takes memory
// for many nodes at once.
type Shifter struct {
	By int32
	// Own says that the copy gets texts of its own, so that it does not keep the whole source alive.
	Own bool
	// Moved, if it is not nil, gets the copies of nodes with an anchor, for which aliases behind them stand then.
	Moved map[Node]Node

	scalars   block[Scalar]
	mappings  block[Mapping]
	sequences block[Sequence]
	entries   block[Entry]
	items     block[Item]
	comments  block[Comment]
	segments  block[Segment]
	copied    int // entries of the outermost mapping and items of the outermost sequence
	inside    int // how many are being copied
}

// group is how many units share memory. All of it lives as long as a part does, and what it refers to: without an end to it one
// entry that stays would keep the whole tree alive that it comes from.
const group = 64

// enter begins the copy of an entry or item; leave ends it.
func (s *Shifter) enter() {
	if s.inside++; s.inside > 1 {
		return
	}
	if s.copied++; s.copied%group == 0 {
		*s = Shifter{By: s.By, Own: s.Own, Moved: s.Moved, inside: 1}
	}
}

func (s *Shifter) leave() { s.inside-- }

// A block is memory for values of one type.
type block[T any] struct{ free []T }

const blockSize = 32

// list returns room for n values.
func (b *block[T]) list(n int) []T {
	if len(b.free) < n {
		if n > blockSize/2 {
			return make([]T, n)
		}
		b.free = make([]T, blockSize)
	}
	out := b.free[:n:n]
	b.free = b.free[n:]
	return out
}

func (b *block[T]) one() *T { return &b.list(1)[0] }

func (s *Shifter) span(at source.Span) source.Span { return at.Shift(int(s.By)) }

func (s *Shifter) text(t string) string {
	if s.Own {
		return strings.Clone(t)
	}
	return t
}

// stays reports whether nothing has to be copied.
func (s *Shifter) stays() bool { return s.By == 0 && !s.Own }

// moved notes the copy of a node with these properties.
func (s *Shifter) moved(n, c Node, props *Props) {
	if s.Moved != nil && props != nil && props.Anchor != "" {
		s.Moved[n] = c
	}
}

// Node copies n with all that is below. What an alias names is not copied.
func (s *Shifter) Node(n Node) Node {
	switch n := n.(type) {
	case *Scalar:
		return s.Scalar(n)
	case *Mapping:
		m := s.mappings.one()
		*m = Mapping{Pos: s.span(n.Pos), Props: n.Props, Flow: n.Flow, Foot: s.Comments(n.Foot), Entries: s.Entries(n.Entries)}
		s.moved(n, m, n.Props)
		return m
	case *Sequence:
		q := s.sequences.one()
		*q = Sequence{Pos: s.span(n.Pos), Props: n.Props, Flow: n.Flow, Foot: s.Comments(n.Foot), Items: s.Items(n.Items)}
		s.moved(n, q, n.Props)
		return q
	case *Alias:
		target := n.Target
		if c, ok := s.Moved[target]; ok {
			target = c
		}
		return &Alias{Pos: s.span(n.Pos), Name: n.Name, Target: target}
	case *Bad:
		return &Bad{Pos: s.span(n.Pos)}
	}
	return n
}

// Scalar copies a scalar; nil stays nil.
func (s *Shifter) Scalar(n *Scalar) *Scalar {
	if n == nil {
		return nil
	}
	c := s.scalars.one()
	*c = *n
	s.moved(n, c, n.Props)
	c.Pos, c.Content, c.Text = s.span(n.Pos), n.Content+s.By, s.text(n.Text)
	if n.Segments != nil {
		c.Segments = s.segments.list(len(n.Segments))
		for i, g := range n.Segments {
			g.Src += s.By
			c.Segments[i] = g
		}
	}
	return c
}

// Entries copies the entries of a mapping.
func (s *Shifter) Entries(list []Entry) []Entry {
	if list == nil {
		return nil
	}
	out := s.entries.list(len(list))
	for i := range list {
		s.Entry(&out[i], &list[i])
	}
	return out
}

// Entry writes a copy of e to a place.
func (s *Shifter) Entry(to, e *Entry) {
	if s.stays() {
		*to = *e
		return
	}
	s.enter()
	defer s.leave()
	*to = Entry{Lead: s.Comments(e.Lead), Key: s.Scalar(e.Key), Block: e.Block, Value: s.Node(e.Value), Trail: s.comment(e.Trail), Unit: e.Unit}
	if e.Odd != nil {
		to.Odd = s.Node(e.Odd)
	}
	if e.Labels != nil {
		to.Labels = make([]*Scalar, len(e.Labels))
		for i, l := range e.Labels {
			to.Labels[i] = s.Scalar(l)
		}
	}
}

// Items copies the items of a sequence.
func (s *Shifter) Items(list []Item) []Item {
	if list == nil {
		return nil
	}
	out := s.items.list(len(list))
	for i := range list {
		s.Item(&out[i], &list[i])
	}
	return out
}

// Item writes a copy of it to a place.
func (s *Shifter) Item(to, it *Item) {
	if s.stays() {
		*to = *it
		return
	}
	s.enter()
	defer s.leave()
	*to = Item{Lead: s.Comments(it.Lead), Dash: it.Dash, Value: s.Node(it.Value), Trail: s.comment(it.Trail), Unit: it.Unit}
	if it.Dash >= 0 {
		to.Dash += s.By
	}
}

// Comments copies comments.
func (s *Shifter) Comments(list []Comment) []Comment {
	if list == nil || s.stays() {
		return list
	}
	out := s.comments.list(len(list))
	for i := range list {
		out[i] = Comment{Pos: s.span(list[i].Pos), Text: s.text(list[i].Text)}
	}
	return out
}

func (s *Shifter) comment(c *Comment) *Comment {
	if c == nil {
		return nil
	}
	out := s.comments.one()
	*out = Comment{Pos: s.span(c.Pos), Text: s.text(c.Text)}
	return out
}
