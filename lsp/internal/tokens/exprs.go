package tokens

import (
	"sort"
	"strings"

	"escape.build/escape/lang"
	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// expressions returns the tokens of the expressions that reach into a span.
func expressions(an *lang.Analysis, span source.Span) []Token {
	all := an.Info.Exprs
	first := sort.Search(len(all), func(i int) bool { return all[i].Pos.Start >= span.Start })
	for first > 0 && all[first-1].Pos.End > span.Start {
		first--
	}
	w := expression{}
	last := source.Span{Start: -1}
	for i := first; i < len(all) && all[i].Pos.Start <= span.End; i++ {
		if all[i].Pos == last {
			continue // an alias of YAML: the text is the same
		}
		last = all[i].Pos
		w.x, w.bound = &all[i], w.bound[:0]
		w.walk(all[i].Root)
	}
	return w.out
}

// An expression walks over one expression after the other. It resolves names by itself: that is cheaper than to infer all types
// again, and enough for paths.
type expression struct {
	x     *check.Expr
	bound []string // parameters of the lambdas around
	out   []Token
}

func (w *expression) add(span source.Span, t Type, mods Mods) {
	if at := w.x.Text.At(span); at.Len() > 0 {
		w.out = append(w.out, Token{at, t, mods})
	}
}

// A place is what is known of a node: its type, and the name of the key behind which it stands.
type place struct {
	t    types.Type
	name string
}

// walk adds the tokens of e and returns what is known of it.
func (w *expression) walk(e expr.Expr) place {
	switch e := e.(type) {
	case *expr.Literal:
		if e.Kind == expr.IntLit {
			w.add(e.Pos, Number, 0)
		} else {
			w.add(e.Pos, String, 0)
		}
	case *expr.Ref:
		return w.ref(e)
	case *expr.Select:
		return w.selected(e)
	case *expr.Index:
		w.walk(e.X)
		if e.At != nil {
			w.walk(e.At)
		}
	case *expr.Slice:
		w.walk(e.X)
		for _, l := range []*expr.Literal{e.Lo, e.Hi} {
			if l != nil {
				w.walk(l)
			}
		}
	case *expr.Call:
		w.call(e)
	case *expr.Func:
		w.lambda(e)
	}
	return place{}
}

func (w *expression) ref(e *expr.Ref) place {
	for _, name := range w.bound {
		if name == e.Name.Text {
			w.add(e.Pos, Parameter, 0)
			return place{}
		}
	}
	names := w.x.Scope.Names
	f, ok := names.Field(e.Name.Text)
	switch {
	case !ok && names.Open():
		w.add(e.Pos, Variable, 0)
	case !ok || f.Absent != "":
		w.add(e.Pos, Variable, Unresolved)
	default:
		t, mods := typeOf(f, "")
		w.add(e.Pos, t, mods)
	}
	return place{f.Type, e.Name.Text}
}

func (w *expression) selected(e *expr.Select) place {
	x := w.walk(e.X)
	f, ok := x.t.Field(e.Name.Text)
	switch {
	case e.Name.Text == "":
	case ok && f.Absent == "":
		t, mods := typeOf(f, x.name)
		w.add(e.Name.Pos, t, mods)
	case ok || x.t.Kind() == types.KindObject && !x.t.Open():
		w.add(e.Name.Pos, Property, Unresolved)
	default:
		t, _ := typeOf(f, x.name)
		w.add(e.Name.Pos, t, 0)
	}
	return place{f.Type, e.Name.Text}
}

// typeOf says what a known name is that stands behind the key called parent.
func typeOf(f types.Field, parent string) (Type, Mods) {
	switch d := f.Def.(type) {
	case *plan.Plan:
		return Variable, Readonly | DefaultLibrary
	case *plan.Dependency, *plan.Extension:
		return Namespace, 0
	case *plan.Consumer:
		return Interface, 0
	case *plan.Pair:
		return Property, Readonly
	case *plan.Variable:
		if d.Field != nil {
			return variableType(d.Field), 0
		}
		return Parameter, 0
	}
	switch parent {
	case "inputs":
		return Parameter, 0
	case "outputs":
		return Variable, 0
	case "metadata":
		return Property, Readonly
	case "":
		return Namespace, 0 // a package that an extension brings, or a provider
	}
	return Property, Readonly | DefaultLibrary
}

func (w *expression) call(e *expr.Call) {
	t, mods := Function, DefaultLibrary
	if e.Method() {
		w.walk(e.Recv)
		t = Method
	}
	if _, ok := builtin.Lookup(e.Name.Text); !ok {
		mods = Unresolved
	}
	w.add(e.Name.Pos, t, mods)
	w.args(&e.Args)
}

func (w *expression) args(a *expr.Args) {
	for _, arg := range a.List {
		w.walk(arg)
	}
}

func (w *expression) lambda(e *expr.Func) {
	const word = "$func"
	if strings.HasPrefix(w.x.Text.Value[e.Pos.Start:], word) {
		w.add(source.Span{Start: e.Pos.Start, End: e.Pos.Start + int32(len(word))}, Keyword, 0)
	}
	n := len(w.bound)
	for _, p := range e.Params {
		w.add(p.Pos, Parameter, Declaration)
		w.bound = append(w.bound, p.Text)
	}
	w.walk(e.Body)
	w.bound = w.bound[:n]
	if e.Args != nil {
		w.args(e.Args)
	}
}
