package hcltext

import (
	"strconv"
	"strings"

	"escape.build/escape/lang/expr"
)

// Native returns the expression of HCL that means e; false if HCL has no words for it. With templates, a call of concat is
// a template where it can be one.
func Native(e expr.Expr, templates bool) (string, bool) {
	return printer{templates: templates}.native(e)
}

// A printer writes expressions of HCL.
type printer struct {
	templates bool // $__concat may be a template
	simple    bool // f(x, y) will do for what is no method of x
}

// native returns e in HCL; false if HCL has no words for it.
func (p printer) native(e expr.Expr) (string, bool) {
	switch e := e.(type) {
	case *expr.Literal:
		if e.Kind == expr.IntLit {
			return strconv.FormatInt(e.Int, 10), true
		}
		return Quote(e.Str), true
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
	} else if !p.simple && len(args) > 0 && !isLiteral(args[0]) {
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
			b.WriteString(QuoteIn(lit.Str, i+1 < len(e.Args.List)))
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
