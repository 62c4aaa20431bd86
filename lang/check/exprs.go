package check

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// A use is an expression to check: where and when it is evaluated, and what for.
type use struct {
	key  scopeKey
	want infer.Want
	of   *plan.Variable // whose default it is; nil if it is none of an input
	// names replaces the scope of key if it is set.
	names *types.Type
	// see is called for every name and key that the expression uses; nil if nobody wants to know.
	see func(e expr.Expr, f *types.Field)
	// element is called for the expressions in a list; nil if nobody wants to know.
	element func(at plan.Text, t given)
	// original makes the message of the original from the expression and what is wrong with it; nil leaves the latter.
	original func(text, reason string) string
}

// A given is what is known of an expression. The type of one with errors is Any.
type given struct {
	types.Type
	value any // as in infer.Result
}

// expr checks s if it is an expression, and says what is known of it.
func (c *checker) expr(s plan.Script, u use) (given, bool) {
	if s.Expr == nil {
		c.textReference(s.Text, u)
		return given{}, false
	}
	scope := infer.Scope{}
	if u.names != nil {
		scope.Names = *u.names
	} else {
		scope.Names = c.scope(u.key)
	}
	i := len(c.info.Exprs)
	c.info.Exprs = append(c.info.Exprs, Expr{Text: s.Text, Pos: placeOf(s.Text), Root: s.Expr, Scope: scope, Want: u.want})
	c.see = u.see
	scope.Observe, scope.HCL = c.observe, s.Text.IsHCL(c.src)
	result := infer.Work(s.Expr, scope)
	t, list := given{result.Type, result.Value}, result.Findings
	if len(list) == 0 {
		list = infer.CheckResult(s.Expr, s.Value, t.Type, u.want)
	}
	if len(list) == 0 {
		list = c.provided(s.Expr)
	} else {
		c.fromPlans(list, s.Expr)
	}
	if len(list) > 0 {
		if u.original != nil {
			text := diag.Shorten(s.Value) // each finding holds it
			for i := range list {
				if list[i].Original != "" {
					list[i].Original = u.original(text, list[i].Original)
				}
			}
		}
		for i := range list {
			if list[i].Code == diag.UnknownName && len(list[i].Fixes) == 0 {
				c.unnamed(&list[i], s.Value)
				c.environment(&list[i], s.Value)
			}
		}
		c.list = append(c.list, plan.Relocate(list, c.src, s.Text)...)
		if list.HasErrors() {
			t = given{}
		}
	}
	c.info.Exprs[i].Type = t.Type
	c.filesRead(s)
	return t, true
}

// textReference warns of a text that holds a reference, which is only evaluated if the text is an expression as a whole.
func (c *checker) textReference(t plan.Text, u use) {
	if !looksReferring(t.Value) {
		return
	}
	known := func(name string) bool {
		_, ok := c.scope(u.key).Field(name)
		return ok
	}
	if e, list := expr.Parse("$" + t.Value); len(list) == 0 {
		name, _, _ := strings.Cut(t.Value, ".")
		if _, ok := e.(*expr.Select); ok && known(name) {
			why := c.p.Spelled("an expression begins with \"$\"", "an expression stands without quotes")
			x := c.report(diag.TextReference, t.Span(), fmt.Sprintf("%q is only text: %s", t.Value, why))
			if c.sound(e, u) {
				c.write(x, t, e)
			}
		}
		return
	}
	script, ok := expr.Interpolated(t.Value, known)
	if !ok {
		return
	}
	x := c.report(diag.TextReference, t.Span(), "a reference in this text is only text")
	x.Hint = c.p.Spelled("", "write ${...} around it, without another \"$\"")
	e, list := expr.Parse(script)
	if len(list) == 0 && c.sound(e, u) {
		c.write(x, t, e)
		x.Hint = c.p.Spelled("write "+script, x.Hint)
		if len(x.Fixes) > 0 {
			x.Hint = x.Fixes[0].Title
		}
	}
}

func looksReferring(text string) bool {
	return strings.Contains(text, ".inputs.") || strings.Contains(text, ".outputs.")
}

// write adds to x, a finding about the text t, the fix that writes the expression e in its place, if it can be written there.
func (c *checker) write(x *diag.Diagnostic, t plan.Text, e expr.Expr) {
	written := expr.String(e)
	fix, ok := plan.Rewrite(t, written)
	if c.p.File.Notation == syntax.HCL {
		s := t.Scalar()
		if written, ok = hcltext.Native(e, true); !ok || s == nil || s.Text != t.Value || s.Style != syntax.DoubleQuoted {
			return
		}
		fix = source.Edit{Span: s.Pos, New: written}
	}
	if ok {
		x.Fixes = []diag.Fix{{Title: "write " + written, Preferred: true, Edits: []source.Edit{fix}}}
	}
}

// sound reports whether nothing is wrong with an expression as far as it is seen by itself.
func (c *checker) sound(e expr.Expr, u use) bool {
	scope := infer.Scope{Names: c.scope(u.key)}
	if u.names != nil {
		scope.Names = *u.names
	}
	own := false
	scope.Observe = func(_ expr.Expr, _ types.Type, f *types.Field) {
		own = own || f != nil && u.of != nil && f.Def == any(u.of)
	}
	result := infer.Work(e, scope)
	return len(result.Findings) == 0 && !own && len(infer.CheckResult(e, expr.String(e), result.Type, u.want)) == 0
}

// filesRead reports files that an expression reads and that are not there.
func (c *checker) filesRead(s plan.Script) {
	if c.env.Stat == nil || !strings.Contains(s.Value, "read_file") {
		return
	}
	expr.Walk(s.Expr, func(e expr.Expr) bool {
		call, ok := e.(*expr.Call)
		if !ok || call.Name.Text != "read_file" {
			return true
		}
		args := call.Args.List
		if call.Method() {
			args = append([]expr.Expr{call.Recv}, args...)
		}
		if len(args) != 1 {
			return true
		}
		lit, ok := args[0].(*expr.Literal)
		if !ok || lit.Kind != expr.StringLit || lit.Str == "" || c.isMade(lit.Str) {
			return true
		}
		if _, err := c.env.Stat(lit.Str); err != nil {
			x := c.report(diag.FileToRead, spanOf(s.Text, lit), fmt.Sprintf("there is no file %q", lit.Str))
			x.Hint = "nothing in the plan makes it either"
			if near, ok := c.similarFile(lit.Str); ok {
				x.Message += fmt.Sprintf("; did you mean %q?", near)
				if quoted := fmt.Sprintf("%q", lit.Str); c.src.Slice(x.Span) == quoted && edit.IsPath(near) {
					x.Fixes = replaceFix(x.Span, fmt.Sprintf("%q", near), fmt.Sprintf("replace with %q", near))
				}
			}
		}
		return true
	})
}

// foreignNames are what expressions of other tools begin with, and what to write instead.
var foreignNames = map[string]string{
	"var":       "this.inputs",
	"inputs":    "this.inputs",
	"input":     "this.inputs",
	"outputs":   "this.outputs",
	"output":    "this.outputs",
	"metadata":  "this.metadata",
	"local":     "there are no local values: make it an input with a default and visible = false",
	"module":    "outputs of a dependency are ALIAS.outputs.NAME",
	"data":      "what a step finds out it writes as an output",
	"each":      "nothing is repeated: write the entries out",
	"count":     "nothing is repeated: write the entries out",
	"self":      "this package is \"this\"",
	"path":      "scripts run in the folder of the package",
	"env":       "expressions do not see the environment: make it an input",
	"terraform": "the environment is this.environment",
}

// environment gives a hint where the unknown name of finding d about the expression text looks like that of a variable of
// the shell, which expressions do not see.
func (c *checker) environment(d *diag.Diagnostic, text string) {
	name := strings.TrimLeft(text[d.Span.Start:d.Span.End], "$ ")
	kind, id, ok := strings.Cut(name, "_")
	instead := foreignNames[name]
	if _, isFunction := builtin.Lookup(name); isFunction {
		return
	}
	switch {
	case instead != "" && strings.HasPrefix(instead, "this."):
		ref := c.p.Spelled("$"+instead, instead)
		d.Hint = "write " + ref
		if rest, is := strings.CutPrefix(text[d.Span.End:], "."); is && rest != "" {
			span := source.Span{Start: d.Span.Start + int32(len(text[d.Span.Start:d.Span.End])-len(name)), End: d.Span.End}
			d.Fixes = replaceFix(span, instead, "write "+ref)
		}
	case instead != "":
		d.Hint = instead
	case c.p.File.Notation == syntax.HCL && text == "$"+name && name != strings.ToUpper(name):
		d.Hint = "a text stands in quotes"
		d.Fixes = replaceFix(source.Span{Start: d.Span.End - int32(len(name)), End: d.Span.End}, `"`+name+`"`, "put it in quotes")
		d.Fixes[0].Preferred = strings.Contains(name, "-")
	case ok && kind == "INPUT" && c.inputs.get(id) != nil, ok && kind == "OUTPUT":
		d.Hint = fmt.Sprintf("only scripts see %s; write $this.%ss.%s", name, strings.ToLower(kind), id)
	case name != "" && name == strings.ToUpper(name):
		d.Hint = fmt.Sprintf("expressions do not see the environment; text that begins with a dollar sign is written $__id(\"$%s\")", name)
	}
}

// unnamed notices that the unknown name of finding d about the expression text is that of a package without an alias.
func (c *checker) unnamed(d *diag.Diagnostic, text string) {
	name := strings.TrimLeft(text[d.Span.Start:d.Span.End], "$ ")
	for _, b := range c.dependencies {
		if b.id.Name != name || b.own == nil || b.alias != b.id.Package() {
			continue
		}
		d.Hint = "the dependency has no alias; write " + c.p.Spelled(fmt.Sprintf("\"%s as %s\"", b.at.Value, name), fmt.Sprintf("as = %q", name))
		d.Related = append(d.Related, diag.Related{File: c.src, Span: b.at.Span(), Message: "this dependency"})
		return
	}
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
		c.consumed = true
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
func (c *checker) value(v *plan.Value, inList bool, u use) (given, bool) {
	switch v.Kind {
	case plan.String:
		s, _ := v.Script()
		return c.expr(s, u)
	case plan.List:
		if inList {
			u.want = infer.WantValue
			for i := range v.List {
				t, isExpr := c.value(&v.List[i], false, u)
				if isExpr && u.element != nil {
					u.element(plan.Text{Value: v.List[i].Text, Node: v.List[i].Node}, t)
				}
			}
		}
	}
	return given{}, false
}

// A target is the variable that gets a value.
type target struct {
	what  string // how messages call it
	id    string
	typ   types.Var
	items any  // allowed values; nil if they are not known
	typed bool // its type is written
}

// fits reports an expression whose type cannot become one of its variable, or whose value, if that can be worked out, is
// none that the variable takes.
func (c *checker) fits(s plan.Text, t given, to target) {
	switch types.Assignable(t.Type, to.typ.Type()) {
	case types.FitsNot:
		c.report(diag.ValueType, s.Span(), fmt.Sprintf("%s is %s, but this expression gives %s", to.what, to.typ.Type().Describe(), t.Describe()))
		return
	case types.FitsAsJSON:
		if to.typed {
			c.report(diag.ListAsText, s.Span(), fmt.Sprintf("%s is a string: it gets this list as JSON text", to.what))
		}
	}
	if t.value == nil {
		return
	}
	coerced, err := to.typ.CoerceFor(to.id, t.value)
	if err != nil {
		c.report(diag.ValueType, s.Span(), fmt.Sprintf("this expression gives %s: %s", shown(t.value), err)).Original = err.Error()
		return
	}
	if to.items == nil || holdsScript(to.items) {
		return
	}
	if err := types.CheckItems(to.id, to.typ, coerced, to.items); err != nil {
		c.report(diag.ValueItems, s.Span(), err.Error())
	}
}

// shown is a value in a message.
func shown(v any) string {
	if text, ok := v.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(v)
}

// spanOf is where node lies in the file.
func spanOf(t plan.Text, node expr.Expr) source.Span { return t.At(node.Span()) }
