// Package value says what values of a plan are as far as that is known before anything runs, and why others are not. What is
// secret is never given out.
//
// Read value.go (the answers), then known.go (what names give) and secret.go.
package value

import (
	"fmt"
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
}

type worldKey struct{}

func of(an *cache.Analyzed) *world {
	return an.Keep(worldKey{}, func() any {
		return &world{an: an, inputs: map[*plan.Variable]*Value{}}
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

// limits bound what is worked out: it must not take long.
var limits = eval.Limits{Steps: 10_000, Size: 1 << 20}

func (w *world) expression(x *check.Expr, node expr.Expr) Value {
	n := names{w: w, x: x, of: map[string]map[string]any{}}
	for _, ref := range expr.Refs(node) {
		if why := n.add(ref.Names); why != "" {
			return Value{Why: why, Default: n.isDefault}
		}
	}
	scope, err := n.scope()
	if err != nil {
		return Value{Why: "its parts cannot be put together"}
	}
	v, err := eval.Eval(node, scope, limits)
	if err != nil {
		return Value{Why: "it can only be worked out in a stage", Default: n.isDefault}
	}
	plain, secret, err := eval.ToGo(v)
	if err != nil {
		return Value{Why: "it is not known yet", Default: n.isDefault}
	}
	if secret {
		plain = nil
	}
	return Value{Known: true, Go: plain, Secret: secret, Default: n.isDefault}
}

// variable returns the default of an input or output as its type has it.
func (w *world) variable(v *plan.Variable) Value {
	if known := w.inputs[v]; known != nil {
		return *known
	}
	known := &Value{Why: "it is defined by itself"}
	w.inputs[v] = known // as long as it is being worked out
	*known = w.work(v)
	if known.Secret = known.Secret || v.Sensitive.Value; known.Secret {
		known.Go = nil
	}
	return *known
}

const noDefault = "it comes from an input without a default, which is given when the release is built or deployed"

// work works out the default of an input or output.
func (w *world) work(v *plan.Variable) Value {
	switch {
	case v.Var.IsMagic():
		return Value{Why: "Escape sets it"}
	case !v.Default.Set():
		return Value{Why: noDefault}
	}
	out := Value{Known: true, Go: v.DefaultGo()}
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
			list[i], out.Default = one.Go, out.Default || one.Default
		}
	}
	coerced, err := v.Var.Coerce(out.Go)
	if err != nil {
		return Value{Why: "the default does not fit the type"}
	}
	out.Go, out.Default = coerced, true
	return out
}

// script returns the value of an expression of the plan.
func (w *world) script(s plan.Script) Value {
	x, ok := w.an.Info.At(int(s.Span().Start))
	if !ok || x.Root != s.Expr {
		return Value{Why: "it cannot be read"}
	}
	return w.expression(&x, s.Expr)
}
