package outline

import (
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Selection returns what a selection at an offset grows to, from the word to the whole text. Each span encloses the one before
// and is larger.
func Selection(an *lang.Analysis, off int) []source.Span {
	text := an.Source.Text()
	off = min(max(off, 0), len(text))
	s := selection{off: off, out: []source.Span{{End: int32(len(text))}}}
	s.node(an.Syntax.Root)
	s.comment(an)
	if x, ok := an.Info.At(off); ok {
		s.expression(&x)
	}
	s.add(word(text, off))
	out := s.out
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// A selection collects spans from the outside in.
type selection struct {
	off int
	out []source.Span
}

// add adds a span if it holds the offset and is smaller than the last one.
func (s *selection) add(span source.Span) bool {
	last := s.out[len(s.out)-1]
	if !span.Contains(s.off) {
		return false
	}
	if last.Encloses(span) && last != span {
		s.out = append(s.out, span)
	}
	return true
}

func (s *selection) node(n syntax.Node) {
	if n == nil || !s.add(n.Span()) {
		return
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			e := &n.Entries[i]
			if !s.add(e.Span()) {
				continue
			}
			if e.Key.Pos.Contains(s.off) {
				s.scalar(e.Key)
				return
			}
			for _, l := range e.Labels {
				if l.Pos.Contains(s.off) {
					s.scalar(l)
					return
				}
			}
			s.node(e.Value)
			return
		}
	case *syntax.Sequence:
		for i := range n.Items {
			span := n.Items[i].Value.Span()
			if d := n.Items[i].Dash; d >= 0 {
				span.Start = d
			}
			if s.add(span) {
				s.node(n.Items[i].Value)
				return
			}
		}
	case *syntax.Scalar:
		s.scalar(n)
	}
}

// scalar adds a scalar and, if it is quoted, the text between its quotes.
func (s *selection) scalar(n *syntax.Scalar) {
	s.add(n.Pos)
	if n.Text != "" && n.Style != syntax.Native {
		s.add(n.Source(source.Span{End: int32(len(n.Text))}))
	}
}

func (s *selection) comment(an *lang.Analysis) {
	for i := range an.Syntax.Comments {
		if s.add(an.Syntax.Comments[i].Pos) {
			return
		}
	}
}

// expression adds the nodes of an expression that hold the offset.
func (s *selection) expression(x *check.Expr) {
	s.add(x.Pos)
	expr.Walk(x.Root, func(e expr.Expr) bool {
		span := x.Text.At(e.Span())
		if c, ok := e.(*expr.Call); ok { // HCL writes the name of a method first
			span.Start = min(span.Start, x.Text.At(c.Name.Pos).Start)
		}
		return s.add(span)
	})
}

// word is the word that an offset stands on.
func word(text string, off int) source.Span {
	from, to := off, off
	for from > 0 && inWord(text[from-1]) {
		from--
	}
	for to < len(text) && inWord(text[to]) {
		to++
	}
	if from == to {
		return source.Span{Start: -1, End: -2} // none
	}
	return source.Span{Start: int32(from), End: int32(to)}
}

func inWord(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b >= 0x80
}
