package expr

import "slices"

// Children calls yield for each child of e in the order of the text, until it returns false.
func Children(e Expr, yield func(Expr) bool) {
	list := func(es []Expr) {
		for _, e := range es {
			if !yield(e) {
				return
			}
		}
	}
	literals := func(ls ...*Literal) {
		for _, l := range ls {
			if l != nil && !yield(l) {
				return
			}
		}
	}
	switch e := e.(type) {
	case *Select:
		yield(e.X)
	case *Index:
		if yield(e.X) {
			literals(e.At)
		}
	case *Slice:
		if yield(e.X) {
			literals(e.Lo, e.Hi)
		}
	case *Call:
		if e.Recv == nil || yield(e.Recv) {
			list(e.Args.List)
		}
	case *Func:
		if yield(e.Body) && e.Args != nil {
			list(e.Args.List)
		}
	}
}

// Walk calls fn for e and everything below it, parents first, in the order of the text. It does not go below a node
// for which fn returns false.
func Walk(e Expr, fn func(Expr) bool) {
	if e == nil || !fn(e) {
		return
	}
	Children(e, func(c Expr) bool {
		Walk(c, fn)
		return true
	})
}

// PathAt returns the nodes that lie on offset off, from e down to the innermost. The end of a node counts as on it, so
// that a cursor behind a word is still on the word. It returns nil if off lies outside of e.
func PathAt(e Expr, off int) []Expr {
	var path []Expr
	for e != nil && e.Span().Contains(off) {
		path = append(path, e)
		var next Expr
		Children(e, func(c Expr) bool {
			if !c.Span().Contains(off) {
				return true
			}
			if next == nil || off >= int(c.Span().Start) && off < int(c.Span().End) {
				next = c
			}
			return true
		})
		e = next
	}
	return path
}

// A Reference is a path of names such as "$this.inputs.zone": a name of the scope and the keys selected on it.
type Reference struct {
	Names []Name // the first without "$"
	Node  Expr   // the outermost *Select, or the *Ref
}

// Refs returns every reference of e in the order of the text. Parameters of lambdas are no references. A missing name
// at the end stays as an empty one.
func Refs(e Expr) []Reference {
	var refs []Reference
	var bound []string
	var visit func(e Expr)
	visit = func(e Expr) {
		switch e := e.(type) {
		case *Ref, *Select:
			if names, ok := path(e); ok {
				if !slices.Contains(bound, names[0].Text) {
					refs = append(refs, Reference{names, e})
				}
				return
			}
		case *Func:
			n := len(bound)
			for _, p := range e.Params {
				bound = append(bound, p.Text)
			}
			visit(e.Body)
			bound = bound[:n]
			if e.Args != nil {
				for _, a := range e.Args.List {
					visit(a)
				}
			}
			return
		}
		Children(e, func(c Expr) bool { visit(c); return true })
	}
	if e != nil {
		visit(e)
	}
	return refs
}

// path returns the names of e if it is a chain of selections on a Ref.
func path(e Expr) ([]Name, bool) {
	var names []Name
	for {
		switch x := e.(type) {
		case *Select:
			names = append(names, x.Name)
			e = x.X
		case *Ref:
			names = append(names, x.Name)
			slices.Reverse(names)
			return names, true
		default:
			return nil, false
		}
	}
}
