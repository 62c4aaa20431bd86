package infer

import (
	"fmt"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/types"
)

// A Scope says what an expression may use at its place.
type Scope struct {
	// Names is an object: its keys are the names behind "$". A key that exists but cannot be used at this place is a
	// field with a reason in Absent, and so it is at every level below: "outputs exist only after the main step".
	Names types.Type
	// Deny are effects that functions may not have here, because of DenyReason.
	Deny       builtin.Effects
	DenyReason string
	// Observe, if set, is called for every node with its type, children first. The field is where the type comes from:
	// the name or key that the node selects; nil if there is none.
	Observe func(e expr.Expr, t types.Type, field *types.Field)
	// HCL says that the expression is written in HCL, where all arguments of a function stand behind its name. Findings say
	// so; their pieces of Escape Script are spelled by whoever shows them.
	HCL bool
}

// NewScope returns a scope of these names. In an open one any other name may exist too.
func NewScope(open bool, names ...types.Field) Scope {
	return Scope{Names: types.Object(open, names...)}
}

// A Want is what may come out of an expression at some place.
type Want uint8

// The wants. A lambda is wanted nowhere.
const (
	WantAny    Want = iota // anything
	WantValue              // a string, integer, bool or list: the value of a variable
	WantText               // a string or integer: commands, versions, metadata
	WantString             // a string: a deployment path
	WantItems              // a string or list: the items of a variable
)

// CheckResult reports whether an expression e of type t, written as text, gives what is wanted at its place. Pass the
// type that Infer returned.
func CheckResult(e expr.Expr, text string, t types.Type, want Want) diag.List {
	original, need := "", ""
	switch kind := t.Kind(); {
	case kind == types.KindAny:
		return nil
	case kind == types.KindFunc:
		original = "Function application can not be converted to Go value (forgot to eval?)"
		need = "a value is needed here; call it with arguments in parentheses"
	case want == WantValue && (kind == types.KindMap || kind == types.KindObject):
		need = "only strings, integers, bools and lists can be used here; select one of its keys"
	case want == WantText && kind != types.KindString && kind != types.KindInt:
		original = fmt.Sprintf("Expression '%s' did not return a string value", text)
		need = "text is needed here"
	case want == WantString && kind != types.KindString:
		need = "a string is needed here"
	case want == WantItems && kind != types.KindString && kind != types.KindList:
		need = "a list is needed here"
	default:
		return nil
	}
	d := diag.New(diag.ResultType, nil, e.Span(), fmt.Sprintf("this expression gives %s, but %s", t.Describe(), need))
	d.Original = original
	return diag.List{d}
}
