package action

import (
	"fmt"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// inline puts the constant default of an input in place of a reference to it that stands alone.
func inline(p place) []Action {
	x, ok := p.an.Info.At(int(p.span.Start))
	if !ok {
		return nil
	}
	sel, ok := x.Root.(*expr.Select)
	if !ok {
		return nil
	}
	v, ok := x.DefOf(sel).(*plan.Variable)
	if !ok || v.Default.Expr != nil || v.Field == nil {
		return nil
	}
	s, ok := v.Default.Node.(*syntax.Scalar)
	if !ok || s.Props != nil || x.Text.Scalar() == nil || x.Text.Node != syntax.Node(x.Text.Scalar()) {
		return nil
	}
	f := p.an.Source
	if f.LineOf(int(s.Pos.Start)) != f.LineOf(int(s.Pos.End)) || f.LineOf(int(x.Pos.Start)) != f.LineOf(int(x.Pos.End)) {
		return nil
	}
	return []Action{{
		Title: fmt.Sprintf("Inline the default of %q", v.ID.Value), Kind: Inline,
		Changes: one(f, source.Edit{Span: x.Text.Scalar().Pos, New: f.Slice(s.Pos)}),
	}}
}
