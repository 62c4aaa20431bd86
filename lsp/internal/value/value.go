// Package value says what values of a plan are as far as that is known without running anything: from what plans and metadata
// say, and from what is recorded of deployments. It says where each comes from, or why it is not known. What is secret is never
// given out.
//
// Read value.go (the answers), then known.go (what names of the plan give), unit.go (what other packages do), recorded.go
// (deployments) and secret.go.
package value

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"escape.build/escape/eval"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lsp/internal/cache"
)

// A Value is what is known of a value.
type Value struct {
	// Known says that Go holds it: a string, int64, bool or list. If it is Secret, Go is nil all the same.
	Known, Secret bool
	Go            any
	// Default says that it is so unless inputs are given other values than their defaults.
	Default bool
	// Guess says that it is so unless a script writes another value.
	Guess bool
	// From says where it comes from, besides the defaults of the plan itself: "mapping in line 12".
	From []string
	// Why says why it is not known, in half a sentence.
	Why string
}

// Masked stands for a secret.
const Masked = "(sensitive)"

// maxShown is how many bytes of a value are shown.
const maxShown = 200

// String returns a known value as Escape Script writes it, or the beginning of a long one.
func (v Value) String() string {
	if v.Secret {
		return Masked
	}
	return Cut(Script(v.Go), maxShown)
}

// maxFrom is how many places are named where a value comes from.
const maxFrom = 4

// Source says where the value comes from, in a few words; "" if that goes without saying.
func (v Value) Source() string {
	text := strings.Join(v.From[:min(len(v.From), maxFrom)], "; ")
	if len(v.From) > maxFrom {
		text += "; …"
	}
	if v.Guess {
		text += ", unless a script writes another"
	}
	return text
}

// unknown is a value of which nothing is known.
func unknown(why string) Value { return Value{Why: why} }

// literal is a value that a plan or release writes as it is.
func literal(v any, from ...string) Value { return Value{Known: true, Go: v, From: from} }

// hidden is v with nothing of it to be seen.
func (v Value) hidden() Value {
	v.Secret, v.Go = v.Known, nil
	return v
}

// with is v that is made of another value too.
func (v Value) with(other Value) Value {
	v.Default, v.Guess = v.Default || other.Default, v.Guess || other.Guess
	for _, f := range other.From {
		if !slices.Contains(v.From, f) {
			v.From = append(slices.Clip(v.From), f)
		}
	}
	return v
}

// Cut returns a text, or the beginning of one that is longer than n bytes.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// Script returns a plain value as Escape Script writes it.
func Script(v any) string {
	switch v := v.(type) {
	case string:
		return expr.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = Script(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case nil:
		return `""`
	}
	return fmt.Sprint(v)
}

// A world is what is known of the values of one plan.
type world struct {
	an *cache.Analyzed

	mu     sync.Mutex // guards the following
	inputs map[*plan.Variable]*Value
	units  map[*plan.Dependency]*unit
}

type worldKey struct{}

func of(an *cache.Analyzed) *world {
	return an.Keep(worldKey{}, func() any {
		return &world{an: an, inputs: map[*plan.Variable]*Value{}, units: map[*plan.Dependency]*unit{}}
	}).(*world)
}

// OfExpr returns the value of a part of an expression.
func OfExpr(an *cache.Analyzed, x *check.Expr, node expr.Expr) Value {
	w := of(an)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.expression(x, node)
}

// OfVariable returns the value of an input or output if no other is given, which is its default.
func OfVariable(an *cache.Analyzed, v *plan.Variable) Value {
	w := of(an)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.variable(v)
}

// OfInput returns the value that an input of a dependency gets.
func OfInput(an *cache.Analyzed, d *plan.Dependency, id string) Value {
	w := of(an)
	w.mu.Lock()
	defer w.mu.Unlock()
	if u := w.unitOf(d); u != nil {
		return u.input(id)
	}
	return unknown(nothing)
}

// limits bound what is worked out: it must not take long.
var limits = eval.Limits{Steps: 10_000, Size: 1 << 20}

// expression returns the value of a part of an expression of the plan.
func (w *world) expression(x *check.Expr, node expr.Expr) Value {
	return evaluate(node, func(ref []expr.Name) Value { return w.reference(x, ref) })
}

// evaluate returns the value of an expression whose references have the values that resolve says.
func evaluate(node expr.Expr, resolve func(ref []expr.Name) Value) Value {
	var out Value
	n := names{}
	for _, ref := range expr.Refs(node) {
		v := unknown("only one of its keys has a value")
		if isWhole(ref.Names) {
			v = resolve(ref.Names)
		}
		if out = out.with(v); !v.Known {
			out.Why = v.Why
			return out
		}
		n.add(ref.Names, v)
	}
	scope, err := n.scope()
	if err != nil {
		out.Why = "its parts cannot be put together"
		return out
	}
	v, err := eval.Eval(node, scope, limits)
	if err != nil {
		out.Why = "it can only be worked out in a stage"
		return out
	}
	plain, secret, err := eval.ToGo(v)
	if err != nil {
		out.Why = "it is not known yet"
		return out
	}
	out.Known, out.Go = true, plain
	if secret {
		return out.hidden()
	}
	return out
}

// variable returns the default of an input or output as its type has it.
func (w *world) variable(v *plan.Variable) Value {
	if known := w.inputs[v]; known != nil {
		return *known
	}
	known := &Value{Why: circular}
	w.inputs[v] = known // as long as it is being worked out
	*known = w.work(v)
	if known.Secret || v.Sensitive.Value {
		*known = known.hidden()
	}
	return *known
}

// Why values are not known.
const (
	circular  = "it is defined by itself"
	noDefault = "it comes from an input without a default, which is given when the release is built or deployed"
	nothing   = "nothing is known of that release"
	misfit    = "the default does not fit the type"
	magic     = "Escape sets it"
)

// work works out the default of an input or output.
func (w *world) work(v *plan.Variable) Value {
	switch {
	case v.Var.IsMagic():
		return unknown(magic)
	case !v.Default.Set():
		return unknown(noDefault)
	}
	out := literal(v.DefaultGo())
	if s, ok := v.Default.Script(); ok && s.Expr != nil {
		if out = w.script(s); !out.Known || out.Secret {
			return out
		}
	}
	if list, ok := out.Go.([]any); ok && v.Default.Kind == plan.List {
		for i := range v.Default.List {
			s, ok := v.Default.List[i].Script()
			if !ok || s.Expr == nil || i >= len(list) {
				continue
			}
			one := w.script(s)
			if !one.Known || one.Secret {
				return one
			}
			list[i], out = one.Go, out.with(one)
		}
	}
	coerced, err := v.Var.Coerce(out.Go)
	if err != nil {
		return unknown(misfit)
	}
	out.Go, out.Default = coerced, true
	return out
}

// script returns the value of an expression of the plan.
func (w *world) script(s plan.Script) Value {
	x, ok := w.an.Info.At(int(s.Span().Start))
	if !ok || x.Root != s.Expr {
		return unknown("it cannot be read")
	}
	return w.expression(&x, s.Expr)
}
