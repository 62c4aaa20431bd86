package symbol

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// inExpression returns what stands at an offset of the plan, if an expression does.
func (x *Index) inExpression(off int) (found Occurrence, ok bool) {
	e, ok := x.an.Info.At(off)
	if !ok {
		return found, false
	}
	ok = false
	x.expression(&e, func(o Occurrence) {
		if o.Span.Contains(off) && (!ok || found.Span.End == o.Span.Start) {
			found, ok = o, true
		}
	})
	return found, ok
}

// expression calls fn with the words of an expression.
func (x *Index) expression(e *check.Expr, fn func(Occurrence)) {
	w := wordsOf{x: x, e: e, fn: fn, fields: map[expr.Expr]*types.Field{}}
	scope := e.Scope
	scope.Observe = w.observe
	infer.Infer(e.Root, scope)
	w.parameters(e.Root, nil)
}

// wordsOf finds the words of an expression.
type wordsOf struct {
	x      *Index
	e      *check.Expr
	fn     func(Occurrence)
	fields map[expr.Expr]*types.Field // what the names refer to that are no parameters
}

// say tells of a word.
func (w *wordsOf) say(o Occurrence, name expr.Name) {
	if name.Text == "" {
		return
	}
	o.File, o.Scalar = w.x.an.Source, w.e.Text.Scalar()
	o.Span = narrow(o.File, w.e.Text.At(name.Pos), name.Text)
	w.fn(o)
}

func (w *wordsOf) observe(e expr.Expr, _ types.Type, f *types.Field) {
	switch e := e.(type) {
	case *expr.Ref:
		if f != nil {
			w.fields[e] = f
			w.name(e, f)
		}
	case *expr.Select:
		w.selection(e, f)
	case *expr.Call:
		if _, ok := builtin.Lookup(e.Name.Text); ok {
			w.say(Occurrence{ID: ID{Kind: Builtin, Name: e.Name.Text}}, e.Name)
		}
		w.fileRead(e)
	}
}

// name tells of a name of the scope.
func (w *wordsOf) name(e *expr.Ref, f *types.Field) {
	word := e.Name
	o := Occurrence{Def: f.Def}
	switch f.Def.(type) {
	case *plan.Plan:
		o.ID, o.Use = ID{Kind: Package, Package: w.x.own, Name: w.x.own}, Indirect
	case *plan.Consumer:
		o.ID = w.x.mine(Consumer, f.Name)
	case *plan.Extension:
		o.ID = w.x.mine(Extension, f.Name)
	default: // nil for a dependency that an extension brings along
		o.ID = w.x.mine(Dependency, f.Name)
	}
	w.say(o, word)
}

// groups are the keys of packages that hold names.
var groups = map[string]Kind{"inputs": Input, "outputs": Output, "metadata": Metadata}

// deploymentKeys are the keys of packages that their plans do not give.
var deploymentKeys = []string{"project", "environment", "deployment"}

// selection tells of a key that is selected.
func (w *wordsOf) selection(e *expr.Select, f *types.Field) {
	if v, ok := defOf(f).(*plan.Variable); ok {
		w.say(Occurrence{ID: w.x.variable(v), Def: v}, e.Name)
		return
	}
	root, path := chain(e)
	field := w.fields[root]
	if root == nil || field == nil {
		return
	}
	kind, isGroup := groups[path[0]]
	switch {
	case len(path) == 1:
		if f != nil {
			o := Occurrence{ID: ID{Kind: Field, Name: e.Name.Text}}
			if !isGroup && !slices.Contains(deploymentKeys, o.Name) {
				w.owned(&o, field)
			}
			w.say(o, e.Name)
		}
	case len(path) == 2 && isGroup:
		o := Occurrence{ID: ID{Kind: kind, Name: path[1]}, Def: defOf(f)}
		w.owned(&o, field)
		if c, ok := field.Def.(*plan.Consumer); ok {
			o.Within = c.Interface.Value
		}
		if o.Package != "" || o.Within != "" {
			w.say(o, e.Name)
		}
	}
}

// owned says which package has what is selected on a name of the scope.
func (w *wordsOf) owned(o *Occurrence, name *types.Field) {
	switch def := name.Def.(type) {
	case *plan.Plan:
		o.Package = w.x.own
	case *plan.Dependency:
		o.Package, o.Release = PackageIn(def.Release), w.x.an.ReleaseOf(def.Release, name.Name)
	case *plan.Extension:
		o.Package, o.Release = PackageIn(def.Release), w.x.an.ReleaseOf(def.Release, name.Name)
	case *plan.Consumer: // any of those that provide it
	default:
		if o.Release = w.x.an.Deps[w.x.brought(name.Name)]; o.Release != nil {
			o.Package = o.Release.VersionlessID()
		}
	}
}

func defOf(f *types.Field) any {
	if f == nil {
		return nil
	}
	return f.Def
}

// variable is the id of an input or output of the plan.
func (x *Index) variable(v *plan.Variable) ID {
	switch e := x.errands[v]; {
	case e != nil:
		return ID{Kind: ErrandInput, Package: x.own, Within: e.Name.Value, Name: v.ID.Value}
	case strings.HasSuffix(v.Field.Name, "outputs"):
		return x.mine(Output, v.ID.Value)
	}
	return x.mine(Input, v.ID.Value)
}

// brought returns the release id of the dependency with an alias that an extension brings along; "" if none does.
func (x *Index) brought(alias string) string {
	for _, e := range x.an.Plan.Extends {
		if e == nil {
			continue
		}
		if m := x.an.ReleaseOf(e.Release, e.Alias()); m != nil {
			for _, d := range m.Depends {
				if d.Variable == alias {
					return d.ReleaseID
				}
			}
		}
	}
	return ""
}

// PackageIn returns the package of a release id; "" if it cannot be read.
func PackageIn(t plan.Text) string {
	id, err := release.ParseID(t.Value)
	if err != nil {
		return ""
	}
	return id.Package()
}

// chain returns the name that a chain of selections begins with, and the keys; nil if it begins with something else.
func chain(e expr.Expr) (root *expr.Ref, path []string) {
	for {
		switch n := e.(type) {
		case *expr.Select:
			path = append(path, n.Name.Text)
			e = n.X
		case *expr.Ref:
			slices.Reverse(path)
			return n, path
		default:
			return nil, path
		}
	}
}

// fileRead tells of the file that a call reads.
func (w *wordsOf) fileRead(call *expr.Call) {
	if call.Name.Text != "read_file" || w.x.dir == "" {
		return
	}
	args := call.Args.List
	if call.Method() {
		args = append([]expr.Expr{call.Recv}, args...)
	}
	if len(args) != 1 {
		return
	}
	if lit, ok := args[0].(*expr.Literal); ok && lit.Kind == expr.StringLit && lit.Str != "" && !path.IsAbs(lit.Str) {
		w.say(Occurrence{ID: ID{Kind: File, Name: w.x.abs(lit.Str)}}, expr.Name{Text: lit.Str, Pos: lit.Pos})
	}
}

// parameters tells of the parameters of lambdas below e, where those of the lambdas around it are bound.
func (w *wordsOf) parameters(e expr.Expr, bound []ID) {
	switch e := e.(type) {
	case *expr.Ref:
		for _, id := range slices.Backward(bound) {
			if id.Name == e.Name.Text {
				w.say(Occurrence{ID: id}, e.Name)
				return
			}
		}
		return
	case *expr.Func:
		inner := slices.Clip(bound)
		for _, p := range e.Params {
			at := w.e.Text.At(source.Span{Start: p.Pos.Start, End: p.Pos.End})
			id := ID{Kind: Parameter, Package: w.x.own, Within: strconv.Itoa(int(at.Start)), Name: p.Text}
			w.say(Occurrence{ID: id, Use: Declare}, p)
			inner = append(inner, id)
		}
		w.parameters(e.Body, inner)
		if e.Args != nil {
			for _, a := range e.Args.List {
				w.parameters(a, bound)
			}
		}
		return
	}
	expr.Children(e, func(c expr.Expr) bool {
		w.parameters(c, bound)
		return true
	})
}
