package check

import (
	"cmp"
	"slices"
	"sort"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// Info says what the expressions of a plan mean and which scripts it runs. It is not changed after Check and safe for
// concurrent use.
type Info struct {
	Plan *plan.Plan
	// Exprs are all expressions in the order of the document.
	Exprs []Expr

	facts scriptFacts
	uses  inputUses
	spots *spots
}

// An Expr is an expression in its place.
type Expr struct {
	Text  plan.Text
	Pos   source.Span // of the text in the file; in HCL of the whole expression
	Root  expr.Expr
	Scope infer.Scope
	Want  infer.Want
	Type  types.Type // what the expression gives

	uses *exprUses // nil if nobody has looked
}

// placeOf is where an expression stands. In HCL it may begin with the name of a function that Escape Script has as a method,
// which stands behind its first argument.
func placeOf(t plan.Text) source.Span {
	if s := t.Scalar(); s != nil && s.Style == syntax.Native && t.Off == 0 {
		return s.Pos
	}
	return t.Span()
}

// At returns the expression that holds the byte offset off of the file; false if there is none.
func (i *Info) At(off int) (Expr, bool) {
	n := sort.Search(len(i.Exprs), func(n int) bool { return int(i.Exprs[n].Pos.Start) > off })
	for n--; n >= 0; n-- {
		if i.Exprs[n].Pos.Contains(off) {
			return i.Exprs[n], true
		}
		if n > 0 && int(i.Exprs[n].Pos.End) < off {
			break
		}
	}
	return Expr{}, false
}

// TypeOf returns the type of node, which is part of x; Any if it is not.
func (x Expr) TypeOf(node expr.Expr) types.Type {
	found := types.Any
	x.each(func(e expr.Expr, t types.Type, _ *types.Field) {
		if e == node {
			found = t
		}
	})
	return found
}

// FieldOf returns the name or key that node selects; nil if it selects none that is known.
func (x Expr) FieldOf(node expr.Expr) *types.Field {
	var found *types.Field
	x.each(func(e expr.Expr, _ types.Type, f *types.Field) {
		if e == node {
			found = f
		}
	})
	return found
}

// DefOf returns what node refers to: a *plan.Variable, *plan.Dependency, *plan.Consumer, *plan.Extension, *plan.Pair
// (of metadata) or the *plan.Plan itself; nil if it refers to nothing in the plan.
func (x Expr) DefOf(node expr.Expr) any {
	f := x.FieldOf(node)
	if f == nil {
		return nil
	}
	if _, ok := f.Def.(deployed); ok {
		return nil
	}
	return f.Def
}

func (x Expr) each(fn func(expr.Expr, types.Type, *types.Field)) {
	scope := x.Scope
	scope.Observe = fn
	infer.Infer(x.Root, scope)
}

// A Use is a node that refers to a definition.
type Use struct {
	Expr Expr
	Node expr.Expr
}

// UsesOf returns all nodes that refer to def, in the order of the document.
func (i *Info) UsesOf(def any) []Use {
	var uses []Use
	for _, x := range i.Exprs {
		x.each(func(e expr.Expr, _ types.Type, f *types.Field) {
			if f != nil && f.Def == def {
				uses = append(uses, Use{x, e})
			}
		})
	}
	return uses
}

func (i *Info) sort() {
	slices.SortStableFunc(i.Exprs, func(a, b Expr) int { return cmp.Compare(a.Pos.Start, b.Pos.Start) })
}
