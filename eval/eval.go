// Package eval computes the values of expressions. Values are go-cty values: unknown where something is not known yet,
// and marked Sensitive where they hold a secret; a mark on anything that goes in is on everything that comes out of it.
//
// It does not parse (lang/expr) and does not check before the fact (lang/infer). What an expression can reach is in its
// Scope; files and the clock too, so that evaluation has no effects of its own.
//
// go-cty keeps strings in Unicode normal form C: a text in another form that passes through an expression comes out
// normalised. Texts that are no expressions must therefore not become cty values; ScriptGo and ScriptText see to that.
//
// Read scope.go, eval.go, then value.go (plain Go values), script.go (fields of a plan) and unit.go (what "$this" is).
// How secrets are kept out of texts is in eval/redact.
package eval

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
)

// Limits bound an evaluation. A zero field means its default.
type Limits struct {
	Steps int // nodes evaluated
	Depth int // nodes and functions within one another
	Size  int // bytes of all texts and lists made on the way
}

// The defaults of Limits.
const (
	DefaultSteps = 1_000_000
	DefaultDepth = 2_000
	DefaultSize  = 64 << 20
)

// An Error says why an expression has no value. Its text is that of the original, perhaps with a suggestion behind a
// semicolon.
type Error struct {
	Span source.Span // of the guilty part, within the text of the expression
	Msg  string
	Code *diag.Entry
}

// Error implements error.
func (e *Error) Error() string { return e.Msg }

// Eval returns the value of e in scope s. It always ends, within the limits, and never panics: it fails with an *Error.
// The value may be unknown, or marked as Sensitive, in whole or in part.
func Eval(e expr.Expr, s *Scope, l Limits) (v cty.Value, err error) {
	ev := evaluator{scope: s, steps: l.Steps, depth: l.Depth, size: l.Size}
	if ev.steps <= 0 {
		ev.steps = DefaultSteps
	}
	if ev.depth <= 0 {
		ev.depth = DefaultDepth
	}
	if ev.size <= 0 {
		ev.size = DefaultSize
	}
	defer func() {
		// The last line of defence: whatever a library finds wrong with a value is our mistake, not the user's, and must
		// not take the whole run down. Tests find none.
		if r := recover(); r != nil {
			v, err = cty.NilVal, &Error{e.Span(), fmt.Sprintf("internal error while evaluating '%s': %v", expr.String(e), r), diag.ExprFailed}
		}
	}()
	return ev.eval(e, nil)
}

// A frame holds the arguments of a lambda that is being applied.
type frame struct {
	params []expr.Name
	args   []cty.Value
	caller *frame
	// def is the frame in which the lambda was written, if that is not among the callers.
	def *frame
}

// A closure is a lambda as a value.
type closure struct {
	fn  *expr.Func
	env *frame
}

var closureType = cty.Capsule("lambda", reflect.TypeFor[closure]())

type evaluator struct {
	scope              *Scope
	steps, depth, size int // what is left of the limits
}

func fail(code *diag.Entry, span source.Span, format string, args ...any) (cty.Value, error) {
	return cty.NilVal, &Error{span, fmt.Sprintf(format, args...), code}
}

func (ev *evaluator) eval(e expr.Expr, f *frame) (cty.Value, error) {
	if ev.steps--; ev.steps < 0 {
		return fail(diag.ExprFailed, e.Span(), "the expression takes too many steps")
	}
	if ev.depth--; ev.depth < 0 {
		return fail(diag.ExprFailed, e.Span(), "the expression calls functions too deeply within one another")
	}
	defer func() { ev.depth++ }()
	switch e := e.(type) {
	case *expr.Literal:
		return literal(e), nil
	case *expr.Ref:
		return ev.ref(e, f)
	case *expr.Select:
		return ev.selected(e, f)
	case *expr.Index:
		if e.At != nil {
			return ev.list(listIndex(), e, e.X, f, e.At)
		}
	case *expr.Slice:
		lo := e.Lo
		if lo == nil {
			lo = &expr.Literal{Pos: e.Pos, Kind: expr.IntLit}
		}
		if e.Hi == nil {
			return ev.list(listSlice(), e, e.X, f, lo)
		}
		return ev.list(listSlice(), e, e.X, f, lo, e.Hi)
	case *expr.Call:
		return ev.call(e, f)
	case *expr.Func:
		return ev.lambda(e, f)
	}
	return fail(diag.ExprSyntax, e.Span(), "the expression could not be read")
}

// listIndex and listSlice are what brackets behind a value mean.
func listIndex() *builtin.Builtin { b, _ := builtin.Lookup("list_index"); return b }
func listSlice() *builtin.Builtin { b, _ := builtin.Lookup("list_slice"); return b }

func literal(l *expr.Literal) cty.Value {
	if l.Kind == expr.IntLit {
		return cty.NumberIntVal(l.Int)
	}
	return cty.StringVal(l.Str)
}

func (ev *evaluator) ref(e *expr.Ref, f *frame) (cty.Value, error) {
	name := e.Name.Text
	if f != nil {
		v, ok, err := ev.param(f, name, e)
		if ok || err != nil {
			return v, err
		}
	}
	v, reason, err := ev.scope.lookup(name)
	switch {
	case err == nil:
		return v, nil
	case !errors.Is(err, errUnknown):
		return fail(diag.ExprFailed, e.Pos, "%s", err)
	case reason != "":
		return fail(diag.NotAvailable, e.Pos, "%s; %s", notFound(name, ev.scope.Names()), reason)
	}
	return fail(diag.UnknownName, e.Pos, "%s", suggest(name, ev.scope.Names()))
}

// param looks for a parameter: first in the lambda around, then in those that called it, as the original does, then
// where the lambda was written.
func (ev *evaluator) param(f *frame, name string, e expr.Expr) (cty.Value, bool, error) {
	for g := f; g != nil; g = g.caller {
		for i := len(g.params) - 1; i >= 0; i-- {
			if g.params[i].Text == name {
				return g.args[i], true, nil
			}
		}
	}
	for g := f; g != nil; g = g.caller {
		if g.def == nil {
			continue
		}
		if ev.steps--; ev.steps < 0 {
			_, err := fail(diag.ExprFailed, e.Span(), "the expression takes too many steps")
			return cty.NilVal, false, err
		}
		if v, ok, err := ev.param(g.def, name, e); ok || err != nil {
			return v, ok, err
		}
	}
	return cty.NilVal, false, nil
}

func notFound(key string, keys []string) string {
	if len(keys) == 0 {
		return fmt.Sprintf("Field '%s' was not found (target collection was empty)", key)
	}
	return fmt.Sprintf("Field '%s' was not found (%s)", key, strings.Join(keys, ", "))
}

func suggest(key string, keys []string) string {
	text := notFound(key, keys)
	if near, ok := diag.Nearest(key, keys); ok {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return text
}

func (ev *evaluator) selected(e *expr.Select, f *frame) (cty.Value, error) {
	x, err := ev.eval(e.X, f)
	if err != nil {
		return x, err
	}
	key := e.Name.Text
	if key == "" {
		return fail(diag.ExprName, e.Pos, "the expression could not be read")
	}
	if !x.IsMarked() {
		return ev.field(x, e, f)
	}
	x, marks := x.Unmark()
	v, err := ev.field(x, e, f)
	if err != nil {
		return v, err
	}
	return v.WithMarks(marks), nil
}

func (ev *evaluator) field(x cty.Value, e *expr.Select, f *frame) (cty.Value, error) {
	key := e.Name.Text
	switch t := x.Type(); {
	case t.IsObjectType():
		if !t.HasAttribute(key) {
			return fail(diag.UnknownKey, e.Name.Pos, "%s", suggest(key, keys(x)))
		}
		return noNull(x.GetAttr(key)), nil
	case t.IsMapType():
		if !x.IsKnown() {
			return cty.UnknownVal(t.ElementType()), nil
		}
		index := cty.StringVal(key)
		if has, _ := x.HasIndex(index).Unmark(); has.IsKnown() && has.False() {
			return fail(diag.UnknownKey, e.Name.Pos, "%s", suggest(key, keys(x)))
		}
		return noNull(x.Index(index)), nil
	case t == cty.DynamicPseudoType:
		return cty.DynamicVal, nil
	case t == cty.String:
		if key == "file" {
			return ev.file(x, e)
		}
		text := fmt.Sprintf("Calling unknown function '%s' on string", key)
		if b, ok := builtin.Lookup(key); ok {
			text += fmt.Sprintf(`; did you mean ".%s()"?`, b.Name)
		}
		return fail(diag.NoKeys, e.Name.Pos, "%s", text)
	case t == closureType:
		if !x.IsKnown() {
			return cty.DynamicVal, nil
		}
		return ev.apply(x.EncapsulatedValue().(*closure), []cty.Value{cty.StringVal(key)}, e, f)
	}
	return fail(diag.NoKeys, e.Name.Pos, "Expecting function, map or string for apply, but got '%s'", builtin.Kind(x))
}

// keys returns the sorted keys of a map or object.
func keys(x cty.Value) []string {
	var names []string
	if x.Type().IsObjectType() {
		for name := range x.Type().AttributeTypes() {
			names = append(names, name)
		}
	} else if x.IsKnown() {
		for name := range x.AsValueMap() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// noNull returns v, or an empty string for null, which the language does not have.
func noNull(v cty.Value) cty.Value {
	if v == cty.NilVal || v.Type() == cty.DynamicPseudoType && !v.IsKnown() {
		return v
	}
	if v.IsNull() {
		_, marks := v.Unmark()
		return cty.StringVal("").WithMarks(marks)
	}
	return v
}

// file writes a string to a new file and returns its path.
func (ev *evaluator) file(x cty.Value, e *expr.Select) (cty.Value, error) {
	if !x.IsKnown() {
		return cty.UnknownVal(cty.String), nil
	}
	if ev.scope.Env.TempFile == nil {
		return fail(diag.NotAvailable, e.Name.Pos, "files are not available here")
	}
	path, err := ev.scope.Env.TempFile(x.AsString())
	if err != nil {
		return fail(diag.ExprFailed, e.Name.Pos, "%s", err)
	}
	return cty.StringVal(path), nil
}

// list applies list_index or list_slice for the bracket forms.
func (ev *evaluator) list(b *builtin.Builtin, e, x expr.Expr, f *frame, bounds ...*expr.Literal) (cty.Value, error) {
	v, err := ev.eval(x, f)
	if err != nil {
		return v, err
	}
	args := []cty.Value{v, cty.NilVal, cty.NilVal}[:1+len(bounds)]
	for i, l := range bounds {
		args[i+1] = literal(l)
	}
	return ev.builtin(b, args, func(i int) source.Span {
		if i == 0 {
			return x.Span()
		}
		return bounds[i-1].Pos
	}, e.Span())
}

func (ev *evaluator) call(e *expr.Call, f *frame) (cty.Value, error) {
	b, ok := builtin.Lookup(e.Name.Text)
	if !ok {
		return ev.noFunction(e)
	}
	if e.Args.Open < 0 {
		return fail(diag.ExprSyntax, e.Pos, "the expression could not be read")
	}
	var buf [4]cty.Value
	args := buf[:0]
	if e.Recv != nil {
		v, err := ev.eval(e.Recv, f)
		if err != nil {
			return v, err
		}
		args = append(args, v)
	}
	for _, a := range e.Args.List {
		v, err := ev.eval(a, f)
		if err != nil {
			return v, err
		}
		args = append(args, v)
	}
	return ev.builtin(b, args, func(i int) source.Span {
		if e.Recv != nil {
			i--
		}
		if i < 0 {
			return e.Recv.Span()
		}
		return e.Args.List[i].Span()
	}, e.Pos)
}

func (ev *evaluator) noFunction(e *expr.Call) (cty.Value, error) {
	name := e.Name.Text
	if name == "" {
		return fail(diag.ExprName, e.Pos, "the expression could not be read")
	}
	text := notFound("__"+name, ev.scope.Names())
	if e.Method() && name == "file" {
		text += `; "file" is no function, write ".file" without parentheses`
	} else if near, ok := diag.Nearest(name, builtin.Names()); ok {
		if !e.Method() {
			near = "__" + near
		}
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return fail(diag.UnknownFunction, e.Name.Pos, "%s", text)
}

// builtin applies b; span finds the place of an argument.
func (ev *evaluator) builtin(b *builtin.Builtin, args []cty.Value, span func(int) source.Span, whole source.Span) (cty.Value, error) {
	v, err := b.Call(ev, args)
	if err == nil {
		return noNull(v), nil
	}
	if e, ok := err.(*Error); ok { // a limit
		if e.Span == (source.Span{}) {
			e.Span = whole
		}
		return cty.NilVal, e
	}
	if a, ok := err.(*builtin.ArgError); ok {
		code := diag.ArgumentType
		if a.Value {
			code = diag.ArgumentValue
			if b == listIndex() || b == listSlice() {
				code = diag.IndexRange
			}
		}
		return fail(code, span(a.Index), "%s", a.Msg)
	}
	if a, ok := err.(*builtin.CountError); ok {
		return fail(diag.ArgumentCount, whole, "%s", a.Msg)
	}
	return fail(diag.ExprFailed, whole, "%s", err)
}

// Environ, Globals and Charge make the evaluator the builtin.World of the functions it calls.

// Environ implements builtin.World.
func (ev *evaluator) Environ() *builtin.Env { return &ev.scope.Env }

// Globals implements builtin.World.
func (ev *evaluator) Globals() cty.Value { return ev.scope.object() }

// Charge implements builtin.World.
func (ev *evaluator) Charge(bytes int) error {
	if ev.size -= bytes; ev.size < 0 || bytes < 0 {
		ev.size = 0
		return &Error{Msg: "the expression makes too large a value", Code: diag.ExprFailed}
	}
	return nil
}

func (ev *evaluator) lambda(e *expr.Func, f *frame) (cty.Value, error) {
	if e.Args == nil {
		return cty.CapsuleVal(closureType, &closure{e, f}), nil
	}
	args := make([]cty.Value, 0, len(e.Args.List))
	for _, a := range e.Args.List {
		v, err := ev.eval(a, f)
		if err != nil {
			return v, err
		}
		args = append(args, v)
	}
	return ev.apply(&closure{e, f}, args, e, f)
}

func (ev *evaluator) apply(c *closure, args []cty.Value, e expr.Expr, caller *frame) (cty.Value, error) {
	if len(args) != len(c.fn.Params) {
		return fail(diag.ArgumentCount, e.Span(), "%s", builtin.ArityText(len(c.fn.Params), len(args)))
	}
	f := &frame{params: c.fn.Params, args: args, caller: caller, def: c.env}
	for g := caller; g != nil; g = g.caller {
		if g == c.env {
			f.def = nil
			break
		}
	}
	return ev.eval(c.fn.Body, f)
}
