package lint

import (
	"fmt"
	"strconv"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// values are the rules about types and values of variables.
var values = []Rule{
	{Code: diag.SingleItem, Category: Maintainability, Check: singleItem},
	{Code: diag.TruthItems, Category: Maintainability, Check: truthItems},
	{Code: diag.UntypedDefault, Category: Maintainability, Check: untypedDefault},
	{Code: diag.OctalInteger, Category: Maintainability, Check: octalInteger},
	{Code: diag.QuotedDefault, Category: Style, Check: quotedDefault},
}

// singleItem reports variables that can have one value only.
func singleItem(p *Pass) {
	if p.Env.Partial {
		return // there may be more of them
	}
	p.ownVariables(func(v *plan.Variable) {
		list := v.Items.List
		if v.Items.Kind == plan.List && len(list) == 1 && list[0].Expr == nil && v.Var.Name != "list" && !v.Var.IsMagic() {
			x := p.Report(v.Items.Node.Span(), fmt.Sprintf("%q can have one value only", v.ID.Value))
			x.Hint = "write the value where it is used, or leave \"items\" out"
			x.Fixes = p.drop(v.Node, "items")
		}
	})
}

// truthItems reports text that is one of two words for true and false.
func truthItems(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Var.Name != "string" || v.Items.Kind != plan.List || len(v.Items.List) != 2 {
			return
		}
		a, b := strings.ToLower(v.Items.List[0].Text), strings.ToLower(v.Items.List[1].Text)
		if v.Items.List[0].Expr != nil || opposites[a] != b || b == "" {
			return
		}
		x := p.Report(v.Items.Node.Span(), fmt.Sprintf("%q is one of two words for true and false", v.ID.Value))
		x.Hint = "the type \"bool\" says so; scripts get 1 and 0"
	})
}

var opposites = map[string]string{"true": "false", "false": "true", "yes": "no", "no": "yes", "on": "off", "off": "on",
	"enabled": "disabled", "disabled": "enabled"}

// untypedDefault reports variables without a type whose default is a number or a truth value: they are text all the same.
func untypedDefault(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Short || isWritten(v.Node, "type") || v.Type.Set() || v.Var.Name != "string" || v.Items.Set() || len(p.Plan.Extends) > 0 && v.Field.Name != "errands" {
			return // an extension may give the type
		}
		var x *diag.Diagnostic
		typ := "integer"
		switch v.Default.Kind {
		case plan.Int:
			if s := (plan.Text{Node: v.Default.Node}).Scalar(); s == nil || s.Text != strconv.FormatInt(v.Default.Int, 10) {
				return // 007 is hardly a number
			}
			x = p.Report(v.Default.Node.Span(), fmt.Sprintf("%q is text, as it has no type: any value is accepted", v.ID.Value))
		case plan.Boolean:
			typ = "bool"
			as := "0"
			if v.Default.Bool {
				as = "1"
			}
			x = p.Report(v.Default.Node.Span(), fmt.Sprintf("%q is text, as it has no type: its default is %q, and any value is accepted", v.ID.Value, as))
		default:
			return
		}
		m, e := entryOf(v.Node, "id")
		x.Fixes = p.add(m, e, "type", typ, false)
		x.Hint = "give it a type, or quote the default"
	})
}

// octalInteger reports numbers that do not mean what they seem to: YAML reads a leading zero as base 8.
func octalInteger(p *Pass) {
	if p.Plan.File.Notation != syntax.YAML {
		return
	}
	p.ownVariables(func(v *plan.Variable) {
		list := []plan.Value{v.Default}
		if v.Default.Kind == plan.List {
			list = v.Default.List
		}
		if v.Var.Name != "integer" && v.Var.Elem != "integer" {
			return
		}
		for i := range list {
			s, ok := plainWord(list[i].Node)
			if !ok || list[i].Kind != plan.Int || len(s.Text) < 2 || s.Text[0] != '0' || strings.Trim(s.Text, "01234567") != "" || list[i].Int < 8 {
				continue
			}
			decimal := strconv.FormatInt(list[i].Int, 10)
			x := p.Report(s.Pos, fmt.Sprintf("%s is %s: a number that begins with 0 is one in base 8", s.Text, decimal))
			x.Fixes = []diag.Fix{
				replace(s.Pos, decimal, "write "+decimal, true)[0],
				replace(s.Pos, strings.TrimLeft(s.Text, "0"), "write "+strings.TrimLeft(s.Text, "0"), false)[0],
			}
		}
	})
}

// quotedDefault reports numbers and truth values in quotes.
func quotedDefault(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		t, ok := literal(&v.Default)
		s := t.Scalar()
		if !ok || s == nil || s.Style != syntax.DoubleQuoted && s.Style != syntax.SingleQuoted || s.Props != nil {
			return
		}
		switch v.Var.Name {
		case "bool":
			if t.Value != "true" && t.Value != "false" {
				return
			}
		case "integer":
			if n, err := strconv.ParseInt(t.Value, 10, 64); err != nil || strconv.FormatInt(n, 10) != t.Value {
				return
			}
		default:
			return
		}
		x := p.Report(s.Pos, fmt.Sprintf("%q is of type %s: its default needs no quotes", v.ID.Value, v.Var.Name))
		if s == v.Default.Node {
			x.Fixes = replace(s.Pos, t.Value, "remove the quotes", true)
		}
	})
}
