// Package builtin is the table of the functions of Escape Script: one row per function with its parameters, result,
// documentation, examples and implementation. Checker, evaluator, editor and reference all read these rows.
//
// It does not evaluate expressions (see eval) and does not type them (see lang/infer). Values are go-cty values, which
// keep strings in Unicode normal form C. Read builtin.go, then table.go and the files of implementations.
package builtin

import (
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/types"
)

// Effects say what a function does besides computing. Pure functions may run anywhere and any number of times.
type Effects uint8

// The effects, which can be combined.
const (
	Pure       Effects = 0
	ReadsFiles Effects = 1 << iota
	ReadsClock
)

// String returns "pure", or the names of the effects.
func (e Effects) String() string {
	switch e {
	case Pure:
		return "pure"
	case ReadsFiles:
		return "reads files"
	case ReadsClock:
		return "reads the clock"
	default:
		return "reads files and the clock"
	}
}

// A Builtin is a row of the table. "$__name(a, b)" and "a.name(b)" mean the same.
type Builtin struct {
	Name string
	// Shown is the name in messages about wrong arguments. The original names the Go function behind it, and tools may
	// match on that. Empty means Name.
	Shown string
	// Recv says for which values the function is offered as a method: the type of its first parameter, or Any for
	// all. Nobody is its receiver if it has no parameters.
	Recv types.Type
	// Params are all parameters; as a method, the receiver is the first.
	Params   []Param
	Optional int  // how many parameters at the end may be left out
	Variadic bool // the last parameter may be given any number of times, also never
	// Result is the type of the result; ResultOf, if there is one, works it out from the types of the arguments.
	Result   types.Type
	ResultOf func(args []types.Type) types.Type
	Doc      string // a sentence or more for people
	Examples []Example
	Effects  Effects
	Since    string // version of Escape that brought it; empty: it was always there

	// Shape says that the function looks at the shape of lists only: a secret or unknown element of an argument is no
	// matter. All others give an unknown result for arguments that are not wholly known, and a secret result for
	// arguments that hold a secret anywhere.
	Shape bool

	impl       func(c *call) (cty.Value, error)
	countError func(b *Builtin, got int) string
	typeError  func(b *Builtin, i int, kinds []string) string // argument i has the wrong type
}

// A Param is a parameter of a function.
type Param struct {
	Name string
	Type types.Type
	// Or is a second type that is as good: "concat" takes strings and integers.
	Or  *types.Type
	Doc string
}

// Accepts reports whether an argument of type t may be given; one of unknown type may.
func (p Param) Accepts(t types.Type) bool {
	ok := func(want types.Type) bool {
		if want.IsAny() || t.IsAny() {
			return true
		}
		if want.Kind() != t.Kind() {
			return false
		}
		return want.Kind() != types.KindList || want.Elem().IsAny() || t.Elem().IsAny() || want.Elem().Equal(t.Elem())
	}
	return ok(p.Type) || p.Or != nil && ok(*p.Or)
}

// Wants describes the accepted types: "a string or an integer".
func (p Param) Wants() string {
	if p.Or != nil {
		return p.Type.Describe() + " or " + p.Or.Describe()
	}
	return p.Type.Describe()
}

// An Example is an expression and its value, both in the notation of Escape Script; a list is written in brackets. In
// the world of the examples the file "VERSION" holds "1.2.3\n" and "src" is a directory.
type Example struct{ Expr, Want string }

// Min and Max are how many arguments the function takes, a receiver included; Max is -1 if there is no limit.
func (b *Builtin) Min() int {
	n := len(b.Params) - b.Optional
	if b.Variadic {
		n--
	}
	return n
}

// Max returns the largest number of arguments, -1 if there is no limit.
func (b *Builtin) Max() int {
	if b.Variadic {
		return -1
	}
	return len(b.Params)
}

// Param returns the parameter that takes argument i. There must be one.
func (b *Builtin) Param(i int) Param { return b.Params[min(i, len(b.Params)-1)] }

// TypeOf returns the type of the result for arguments of these types.
func (b *Builtin) TypeOf(args []types.Type) types.Type {
	if b.ResultOf != nil && len(args) >= b.Min() {
		return b.ResultOf(args)
	}
	return b.Result
}

// Signature returns the function as documentation shows it: "replace(string, old, new, count)". With method, the
// receiver is left out.
func (b *Builtin) Signature(method bool) string {
	var parts []string
	for i, p := range b.Params {
		last := i == len(b.Params)-1
		if method && i == 0 && !(last && b.Variadic) {
			continue
		}
		part := p.Name + ": " + p.Type.String()
		if p.Or != nil {
			part += "|" + p.Or.String()
		}
		if i >= len(b.Params)-b.Optional {
			part += "?"
		}
		if last && b.Variadic {
			part += "..."
		}
		parts = append(parts, part)
	}
	return b.Name + "(" + strings.Join(parts, ", ") + ") " + b.Result.String()
}

// CountError returns the message for a call with got arguments.
func (b *Builtin) CountError(got int) string { return b.countError(b, got) }

// TypeError returns the message for a call whose argument i has the wrong type; kinds are those of all arguments, as Kind
// names them.
func (b *Builtin) TypeError(i int, kinds []string) string { return b.typeError(b, i, kinds) }

// Table returns all rows, sorted by name.
func Table() []*Builtin { return slices.Clone(all().rows) }

// Names returns the names of all functions, sorted.
func Names() []string { return slices.Clone(all().names) }

// Lookup finds a function by its name, without "__".
func Lookup(name string) (*Builtin, bool) {
	b, ok := all().index[name]
	return b, ok
}

// MethodsOf returns the functions that can be called on a value of type t, sorted by name: all but those without
// parameters if t is unknown.
func MethodsOf(t types.Type) []*Builtin {
	var found []*Builtin
	for _, b := range all().rows {
		if len(b.Params) > 0 && b.Params[0].Accepts(t) {
			found = append(found, b)
		}
	}
	return found
}

// Env is the outside world as expressions may see it. A function whose field is nil is not available, and calling
// what needs it is an error.
type Env struct {
	ReadFile func(path string) ([]byte, error)
	Stat     func(path string) (fs.FileInfo, error)
	// TempFile writes content to a new file that only the user can read, and returns its path.
	TempFile func(content string) (string, error)
	Now      func() time.Time
	// Dir is what relative paths are relative to.
	Dir string
}

// A World is what a running function may use besides its arguments.
type World interface {
	Environ() *Env
	// Globals returns the names of the scope as one object.
	Globals() cty.Value
	// Charge must be called before making something large; its error ends the call.
	Charge(bytes int) error
}

// An ArgError is an error about one argument: about its type, or about this very value.
type ArgError struct {
	Index int
	Msg   string
	Value bool
}

// Error implements error.
func (e *ArgError) Error() string { return e.Msg }

// A CountError says that there are too few or too many arguments.
type CountError struct{ Msg string }

// Error implements error.
func (e *CountError) Error() string { return e.Msg }

// A call is a running function.
type call struct {
	World
	b    *Builtin
	args []cty.Value // without marks, and wholly known, unless b.Shape
	hide []bool      // arguments that were marked; nil if none
}

// Masked is what stands in messages for a value that must not be shown.
const Masked = "(sensitive)"

// show returns text for a message, unless it comes from a secret argument.
func (c *call) show(i int, text string) string {
	if c.hide != nil && c.hide[i] {
		return Masked
	}
	return text
}

// Call applies the function. Arguments may be unknown and marked: marks of arguments are on the result, and an unknown
// argument gives an unknown result. Errors have the texts of the original; those about one argument are *ArgError, those
// about their number *CountError.
func (b *Builtin) Call(w World, args []cty.Value) (cty.Value, error) {
	if len(args) < b.Min() || b.Max() >= 0 && len(args) > b.Max() {
		return cty.NilVal, &CountError{b.countError(b, len(args))}
	}
	c := call{World: w, b: b, args: args}
	var marks cty.ValueMarks
	unknown := false
	for i, v := range args {
		if marked(v, b.Shape) {
			if marks == nil {
				c.args = slices.Clone(args)
				c.hide = make([]bool, len(args))
				marks = cty.ValueMarks{}
			}
			var m cty.ValueMarks
			if b.Shape {
				v, m = v.Unmark()
			} else {
				v, m = v.UnmarkDeep()
			}
			c.args[i], c.hide[i] = v, true
			for mark := range m {
				marks[mark] = struct{}{}
			}
		}
		if !b.accepts(i, v) {
			kinds := make([]string, len(args))
			for j, a := range args {
				kinds[j] = Kind(a)
			}
			return cty.NilVal, &ArgError{Index: i, Msg: b.typeError(b, i, kinds)}
		}
		if b.Shape && !v.IsKnown() || !b.Shape && !known(v) {
			unknown = true
		}
	}
	var result cty.Value
	if unknown {
		result = cty.UnknownVal(b.unknownType(c.args))
	} else {
		var err error
		if result, err = b.impl(&c); err != nil {
			return cty.NilVal, err
		}
	}
	if marks != nil {
		result = result.WithMarks(marks)
	}
	return result, nil
}

func marked(v cty.Value, shape bool) bool {
	if shape || v.Type().IsPrimitiveType() {
		return v.IsMarked()
	}
	return v.ContainsMarked()
}

func known(v cty.Value) bool {
	if v.Type().IsPrimitiveType() {
		return v.IsKnown()
	}
	return v.IsWhollyKnown()
}

func (b *Builtin) accepts(i int, v cty.Value) bool {
	if v.Type() == cty.DynamicPseudoType {
		return true // nothing is known about it yet
	}
	p := b.Param(i)
	return kindFits(p.Type.Kind(), v.Type()) || p.Or != nil && kindFits(p.Or.Kind(), v.Type())
}

func kindFits(k types.Kind, t cty.Type) bool {
	switch k {
	case types.KindAny:
		return true
	case types.KindString:
		return t == cty.String
	case types.KindInt:
		return t == cty.Number
	case types.KindBool:
		return t == cty.Bool
	case types.KindList:
		return isList(t)
	default:
		return isMap(t)
	}
}

func isList(t cty.Type) bool { return t.IsTupleType() || t.IsListType() || t.IsSetType() }
func isMap(t cty.Type) bool  { return t.IsObjectType() || t.IsMapType() }

// unknownType is the type of a result that is not known yet.
func (b *Builtin) unknownType(args []cty.Value) cty.Type {
	if b.Name == "id" {
		return args[0].Type()
	}
	switch b.Result.Kind() {
	case types.KindString:
		return cty.String
	case types.KindInt:
		return cty.Number
	case types.KindBool:
		return cty.Bool
	}
	return cty.DynamicPseudoType // a tuple of unknown length has no type yet
}

// Kind returns the name that messages give to the type of v: "string", "integer", "bool", "list", "map", "lambda", or
// "unknown".
func Kind(v cty.Value) string {
	t := v.Type()
	switch {
	case t == cty.String:
		return "string"
	case t == cty.Number:
		return "integer"
	case t == cty.Bool:
		return "bool"
	case isList(t):
		return "list"
	case isMap(t):
		return "map"
	case t.IsCapsuleType():
		return "lambda"
	default:
		return "unknown"
	}
}
