package convert

import (
	"strconv"
	"strings"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// expression returns Escape Script as HCL has it: natively if that reads back as the same text, else inside of script().
func expression(text string) string {
	if e, list := expr.Parse(text); len(list) == 0 {
		if quoted, ok := dollarText(e); ok && expr.String(e) == text {
			return hclfile.Quote(quoted)
		}
		for _, templates := range []bool{true, false} {
			if s, ok := (printer{templates}).native(e); ok && lowers(s, text) {
				return s
			}
		}
	}
	return "script(" + hclfile.Quote(text) + ")"
}

// dollarText returns the text in $__id("$5"), which is how Escape Script writes a text that begins with a dollar sign. A text
// that reads like an expression is left as it is: HCL warns of it.
func dollarText(e expr.Expr) (string, bool) {
	call, ok := e.(*expr.Call)
	if !ok || call.Method() || call.Name.Text != "id" || len(call.Args.List) != 1 {
		return "", false
	}
	lit, ok := call.Args.List[0].(*expr.Literal)
	if !ok || lit.Kind != expr.StringLit || !expr.IsScript(lit.Str) {
		return "", false
	}
	_, list := expr.Parse(lit.Str)
	return lit.Str, len(list) > 0
}

// lowers reports whether a value of HCL reads as the Escape Script in text.
func lowers(native, text string) bool {
	tree, findings := hclfile.Parse(source.NewFile("escape.hcl", "x = "+native+"\n"))
	m, ok := tree.Root.(*syntax.Mapping)
	if !ok || len(findings) > 0 || len(m.Entries) != 1 {
		return false
	}
	s, ok := m.Entries[0].Value.(*syntax.Scalar)
	return ok && s.Style == syntax.Native && s.Text == text
}

// A printer writes expressions of HCL.
type printer struct {
	templates bool // $__concat may be a template
}

// native returns e in HCL; false if HCL has no words for it.
func (p printer) native(e expr.Expr) (string, bool) {
	switch e := e.(type) {
	case *expr.Literal:
		if e.Kind == expr.IntLit {
			return strconv.FormatInt(e.Int, 10), true
		}
		return hclfile.Quote(e.Str), true
	case *expr.Ref:
		return e.Name.Text, true
	case *expr.Select:
		x, ok := p.native(e.X)
		return x + "." + e.Name.Text, ok
	case *expr.Index:
		x, ok := p.native(e.X)
		if !ok || e.At == nil || e.At.Kind != expr.IntLit {
			return "", false
		}
		return x + "[" + strconv.FormatInt(e.At.Int, 10) + "]", true
	case *expr.Call:
		return p.call(e)
	}
	return "", false
}

func (p printer) call(e *expr.Call) (string, bool) {
	if s, ok := p.template(e); ok {
		return s, true
	}
	args, name := e.Args.List, e.Name.Text
	if e.Method() {
		args = append([]expr.Expr{e.Recv}, args...)
	} else if len(args) > 0 && !isLiteral(args[0]) {
		name = "__" + name
	}
	list := make([]string, len(args))
	for i, a := range args {
		s, ok := p.native(a)
		if !ok {
			return "", false
		}
		list[i] = s
	}
	return name + "(" + strings.Join(list, ", ") + ")", true
}

func isLiteral(e expr.Expr) bool {
	_, ok := e.(*expr.Literal)
	return ok
}

// template writes $__concat as a template.
func (p printer) template(e *expr.Call) (string, bool) {
	if !p.templates || e.Method() || e.Name.Text != "concat" || len(e.Args.List) < 2 {
		return "", false
	}
	var b strings.Builder
	b.WriteByte('"')
	text, exprs := false, 0
	for i, a := range e.Args.List {
		lit, ok := a.(*expr.Literal)
		if ok && lit.Kind == expr.StringLit {
			if text || lit.Str == "" {
				return "", false // parts of text that touch would become one
			}
			b.WriteString(hclfile.QuoteIn(lit.Str, i+1 < len(e.Args.List)))
			text = true
			continue
		}
		s, ok := p.native(a)
		if !ok {
			return "", false
		}
		b.WriteString("${" + s + "}")
		text = false
		exprs++
	}
	b.WriteByte('"')
	return b.String(), exprs > 0
}
