package check

import (
	"fmt"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// A use is an expression to check: where and when it is evaluated, and what for.
type use struct {
	key  scopeKey
	want infer.Want
	// names replaces the scope of key if it is set.
	names *types.Type
	// see is called for every name and key that the expression uses; nil if nobody wants to know.
	see func(e expr.Expr, f *types.Field)
	// original makes the message of the original from the expression and what is wrong with it; nil leaves the latter.
	original func(text, reason string) string
}

// expr checks s if it is an expression and returns its type; Any for one with errors.
func (c *checker) expr(s plan.Script, u use) (types.Type, bool) {
	if s.Expr == nil {
		return types.Any, false
	}
	scope := infer.Scope{}
	if u.names != nil {
		scope.Names = *u.names
	} else {
		scope.Names = c.scope(u.key)
	}
	i := len(c.info.Exprs)
	c.info.Exprs = append(c.info.Exprs, Expr{Text: s.Text, Pos: s.Span(), Root: s.Expr, Scope: scope, Want: u.want})
	c.see = u.see
	scope.Observe = c.observe
	t, list := infer.Infer(s.Expr, scope)
	if len(list) == 0 {
		list = infer.CheckResult(s.Expr, s.Value, t, u.want)
	}
	if len(list) > 0 {
		if u.original != nil {
			for i := range list {
				if list[i].Original != "" {
					list[i].Original = u.original(s.Value, list[i].Original)
				}
			}
		}
		c.list = append(c.list, plan.Relocate(list, c.src, s.Text)...)
		t = types.Any
	}
	c.info.Exprs[i].Type = t
	return t, true
}

// failedToEvaluate is what the original puts around what is wrong with most expressions.
func failedToEvaluate(text, reason string) string {
	return fmt.Sprintf("Failed to evaluate '%s': %s", text, reason)
}

func (c *checker) observed(e expr.Expr, _ types.Type, f *types.Field) {
	if f == nil {
		return
	}
	if consumer, ok := f.Def.(*plan.Consumer); ok {
		c.use(consumer)
	}
	if c.see != nil {
		c.see(e, f)
	}
}

func (c *checker) use(consumer *plan.Consumer) {
	if c.used == nil {
		c.used = map[*plan.Consumer]bool{}
	}
	c.used[consumer] = true
}

// value checks the expressions of an untyped value: v itself, and its elements if inList is set.
func (c *checker) value(v *plan.Value, inList bool, u use) (types.Type, bool) {
	switch v.Kind {
	case plan.String:
		s, _ := v.Script()
		return c.expr(s, u)
	case plan.List:
		if inList {
			u.want = infer.WantValue
			for i := range v.List {
				c.value(&v.List[i], false, u)
			}
		}
	}
	return types.Any, false
}

// fits reports an expression whose type cannot become a value of the variable type to. what names the variable.
func (c *checker) fits(s plan.Text, t types.Type, to types.Var, what string, explicit bool) {
	switch types.Assignable(t, to.Type()) {
	case types.FitsNot:
		c.report(diag.ValueType, s.Span(), fmt.Sprintf("%s is %s, but this expression gives %s", what, to.Type().Describe(), t.Describe()))
	case types.FitsAsJSON:
		if explicit {
			c.report(diag.ListAsText, s.Span(), fmt.Sprintf("%s is a string: it gets this list as JSON text", what))
		}
	}
}

// spanOf is where node lies in the file.
func spanOf(t plan.Text, node expr.Expr) source.Span { return t.At(node.Span()) }
