package complete

import (
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/syntax"
)

// A Call is a call that is being written.
type Call struct {
	Function *builtin.Builtin
	// Label is the signature, and Params are the parts of it that stand for parameters. Docs describe them.
	Label  string
	Params [][2]int // in bytes, which are ASCII
	Docs   []string
	// Active is the parameter at the cursor; -1 if there is none left.
	Active int
}

// Signature returns the innermost call around the place of r; false if there is none.
func Signature(r Request) (Call, bool) {
	r.Source = withLines(r.Source)
	r.Offset = min(max(r.Offset, 0), len(r.Source.Text()))
	s := r.spot()
	if s.kind != atValue && s.kind != inValue {
		return Call{}, false
	}
	slot, ok := slotOf(s.trail)
	if !ok || !slot.scripted() {
		return Call{}, false
	}
	if r.Notation == syntax.HCL && s.function != "script" {
		if s.function == "" {
			return Call{}, false
		}
		return newCall(strings.TrimPrefix(s.function, "__"), s.argument, false)
	}
	if !expr.IsScript(s.text) {
		return Call{}, false
	}
	root, _ := expr.Parse(strings.ReplaceAll(s.text, "\n", " "))
	call, n := callAt(root, len(s.text))
	if call == nil {
		return Call{}, false
	}
	return newCall(call.Name.Text, n, call.Method())
}

// newCall describes the call of a builtin at its argument n.
func newCall(name string, n int, method bool) (Call, bool) {
	b, ok := builtin.Lookup(name)
	if !ok {
		return Call{}, false
	}
	c := Call{Function: b, Label: b.Signature(method), Active: n}
	at := strings.IndexByte(c.Label, '(') + 1
	inner := c.Label[at:strings.LastIndexByte(c.Label, ')')]
	first := 0
	if method && !(b.Variadic && len(b.Params) == 1) {
		first = 1
		c.Active--
	}
	for i, part := range splitParams(inner) {
		c.Params = append(c.Params, [2]int{at, at + len(part)})
		at += len(part) + len(", ")
		if first+i < len(b.Params) {
			c.Docs = append(c.Docs, b.Params[first+i].Doc)
		}
	}
	if last := len(c.Params) - 1; c.Active > last {
		c.Active = -1
		if b.Variadic {
			c.Active = last
		}
	}
	return c, true
}

// splitParams cuts a list of parameters at the commas that are in no brackets.
func splitParams(text string) []string {
	if text == "" {
		return nil
	}
	var parts []string
	depth, start := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[start:i])
				start = i + 2
			}
		}
	}
	return append(parts, text[start:])
}
