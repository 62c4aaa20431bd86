package hclfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// lower adds what an expression says in Escape Script. It returns false, with a finding, if Escape Script cannot say it.
func (t *text) lower(e hclsyntax.Expression) bool {
	start := t.p.span(e.Range()).Start
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return t.lower(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return t.lower(e.Wrapped)
	case *hclsyntax.ScopeTraversalExpr:
		return t.reference(e)
	case *hclsyntax.RelativeTraversalExpr:
		return t.whole(e.Source) && t.traversal(e.Traversal)
	case *hclsyntax.IndexExpr:
		return t.whole(e.Collection) && t.index(e)
	case *hclsyntax.FunctionCallExpr:
		return t.call(e)
	case *hclsyntax.TemplateExpr:
		return t.concat(e)
	case *hclsyntax.LiteralValueExpr:
		return t.number(e.Val, t.p.span(e.SrcRange))
	case *hclsyntax.UnaryOpExpr:
		if lit, ok := e.Val.(*hclsyntax.LiteralValueExpr); ok && e.Op == hclsyntax.OpNegate && lit.Val.Type() == cty.Number {
			return t.number(lit.Val.Negate(), t.p.span(e.SrcRange))
		}
		return t.operator(e.Op, e.SrcRange, e.SymbolRange, e.Val)
	case *hclsyntax.BinaryOpExpr:
		return t.operator(e.Op, e.SrcRange, between(e.LHS, e.RHS), e.LHS, e.RHS)
	case *hclsyntax.ConditionalExpr:
		if t.p.src[start] == '%' || start > 0 && t.p.src[start-1] == '{' && start > 1 && t.p.src[start-2] == '%' {
			return t.cannot(e, "template directives", "write %%{ for the characters %{")
		}
		return t.cannot(e, "conditions", "let the step's script choose, or make the choice an input with \"items\"")
	case *hclsyntax.ForExpr:
		return t.cannot(e, "\"for\" expressions", "write the list out, or make it in the step's script")
	case *hclsyntax.SplatExpr:
		return t.cannot(e, "splats", "name the element: list[0]")
	case *hclsyntax.TupleConsExpr:
		return t.cannot(e, "lists inside expressions", "give the list to an input of its own and refer to that")
	case *hclsyntax.ObjectConsExpr:
		return t.cannot(e, "mappings inside expressions", "refer to single values")
	case *hclsyntax.TemplateJoinExpr:
		return t.cannot(e, "template directives", "write %%{ for the characters %{")
	case *hclsyntax.ExprSyntaxError:
		t.synth("$", start)
		return true // its finding is there; the rest is a missing name
	}
	return t.cannot(e, "this expression", "")
}

// whole adds an expression that can stand by itself: a text or a number is an expression only as the argument of a function.
func (t *text) whole(e hclsyntax.Expression) bool {
	if !isLiteral(e) {
		return t.lower(e)
	}
	t.synth("$__id(", t.p.span(e.Range()).Start)
	ok := t.lower(e)
	t.synth(")", t.p.span(e.Range()).End)
	return ok
}

func isLiteral(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return isLiteral(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return isLiteral(e.Wrapped)
	case *hclsyntax.LiteralValueExpr, *hclsyntax.UnaryOpExpr:
		return true
	case *hclsyntax.TemplateExpr:
		return !slices.ContainsFunc(e.Parts, func(part hclsyntax.Expression) bool {
			_, literal := part.(*hclsyntax.LiteralValueExpr)
			return !literal
		})
	}
	return false
}

// cannot reports an expression that Escape Script has no words for.
func (t *text) cannot(e hclsyntax.Expression, what, hint string) bool {
	t.p.report(diag.UnsupportedExpression, t.p.span(e.Range()), "Escape Script has no "+what).Hint = hint
	return false
}

// reference adds a name with what is selected on it: this.inputs.zone.
func (t *text) reference(e *hclsyntax.ScopeTraversalExpr) bool {
	root, ok := e.Traversal[0].(hcl.TraverseRoot)
	if !ok {
		return false
	}
	span := t.p.span(root.SrcRange)
	if !expr.IsName(root.Name) {
		t.p.report(diag.UnsupportedExpression, span, fmt.Sprintf("%q is no name of Escape Script", root.Name)).Hint =
			"names are letters, digits, \"-\" and \"_\", a letter first"
		return false
	}
	t.synth("$", span.Start)
	t.exact(span)
	return t.traversal(e.Traversal[1:])
}

func (t *text) traversal(steps hcl.Traversal) bool {
	for _, step := range steps {
		span := t.p.span(step.SourceRange())
		switch step := step.(type) {
		case hcl.TraverseAttr:
			if !t.name(step.Name, span) {
				return false
			}
		case hcl.TraverseIndex:
			if !t.at(step.Key, span) {
				return false
			}
		default:
			t.p.report(diag.UnsupportedExpression, span, "Escape Script has no splats").Hint = "name the element: list[0]"
			return false
		}
	}
	return true
}

// name selects a key by its name.
func (t *text) name(name string, span source.Span) bool {
	if !expr.IsName(name) {
		t.p.report(diag.UnsupportedExpression, span, fmt.Sprintf("Escape Script cannot select %q: it is no name", name))
		return false
	}
	if strings.HasSuffix(t.p.file.Slice(span), name) {
		span.Start = span.End - int32(len(name))
		t.synth(".", span.Start)
		t.exact(span)
		return true
	}
	t.add("."+name, span)
	return true
}

// at selects an element or a key.
func (t *text) at(key cty.Value, span source.Span) bool {
	switch {
	case key.Type() == cty.String && key.IsKnown() && !key.IsNull():
		return t.name(key.AsString(), span)
	case key.Type() == cty.Number && key.IsKnown():
		if i, exact := key.AsBigFloat().Int64(); exact == 0 {
			t.add(fmt.Sprintf("[%d]", i), span)
			return true
		}
	}
	t.p.report(diag.UnsupportedExpression, span, "an index must be a number or a name")
	return false
}

func (t *text) index(e *hclsyntax.IndexExpr) bool {
	span := t.p.span(e.BracketRange)
	switch key := e.Key.(type) {
	case *hclsyntax.LiteralValueExpr:
		return t.at(key.Val, span)
	case *hclsyntax.TemplateExpr:
		if s, ok := t.p.string(key); ok {
			return t.name(s.Text, span)
		}
	}
	x := t.p.report(diag.UnsupportedExpression, t.p.span(e.Key.Range()), "an index must be a number or a name, not an expression")
	x.Hint = "write list_index(list, i) for an index that is computed"
	if of := t.p.span(e.Key.Range()); t.p.file.Slice(t.p.span(e.Collection.Range())) == "list" { // a type as YAML has it
		fix := "(" + t.p.file.Slice(of) + ")"
		x.Hint = "write list" + fix + " if this is a type"
		x.Fixes = []diag.Fix{{Title: "write list" + fix, Preferred: true, Edits: []source.Edit{{Span: span, New: fix}}}}
	}
	return false
}

// call adds a call. f(x, y) is a method of its first argument, which is how Escape Script is mostly written, if that is a
// reference or a call; __f(x, y) never is.
func (t *text) call(e *hclsyntax.FunctionCallExpr) bool {
	if e.Name == "script" {
		return t.verbatim(e)
	}
	name := t.p.span(e.NameRange)
	if e.ExpandFinal {
		t.p.report(diag.UnsupportedExpression, t.p.span(e.CloseParenRange), "Escape Script cannot spread a list over arguments")
		return false
	}
	plain, function := strings.CutPrefix(e.Name, "__")
	if !expr.IsName(plain) {
		t.p.report(diag.UnsupportedExpression, name, fmt.Sprintf("%q is no name of a function", e.Name))
		return false
	}
	args := e.Args
	if !function && len(args) > 0 && chains(args[0]) {
		if !t.lower(args[0]) {
			return false
		}
		args = args[1:]
		t.synth(".", name.Start)
		t.exact(name)
	} else {
		t.synth("$__", name.Start)
		t.exact(source.Span{Start: name.End - int32(len(plain)), End: name.End})
	}
	return t.args(args, t.p.span(e.OpenParenRange).Start, t.p.span(e.CloseParenRange).End)
}

// chains reports whether a method can follow an expression.
func chains(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return chains(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return chains(e.Wrapped)
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr, *hclsyntax.IndexExpr, *hclsyntax.FunctionCallExpr:
		return true
	}
	return false
}

func (t *text) args(args []hclsyntax.Expression, open, end int32) bool {
	t.add("(", source.Span{Start: open, End: open + 1})
	for i, a := range args {
		if i > 0 {
			t.synth(", ", t.p.span(a.Range()).Start)
		}
		if !t.lower(a) {
			return false
		}
	}
	t.add(")", source.Span{Start: max(end-1, open), End: max(end, open)})
	return true
}

// verbatim adds the text of script("..."), which is Escape Script already.
func (t *text) verbatim(e *hclsyntax.FunctionCallExpr) bool {
	if len(e.Args) == 1 {
		if arg, ok := e.Args[0].(*hclsyntax.TemplateExpr); ok {
			if s, ok := t.p.string(arg); ok && expr.IsScript(s.Text) {
				was := t.quoted
				t.quoted = false
				t.template(arg)
				t.quoted = was
				t.trimBreak()
				return true
			}
		}
	}
	t.p.report(diag.UnsupportedExpression, t.p.span(e.Range()), "script() needs one text that begins with \"$\"").Hint =
		`write Escape Script as it is: script("$this.inputs.names.join(\",\")")`
	return false
}

// trimBreak takes the line breaks at the end off, which a heredoc has and an expression may not have.
func (t *text) trimBreak() {
	n := int32(len(bytes.TrimRight(t.b, "\r\n")))
	t.b = t.b[:n]
	for k := len(t.segments); k > 0 && t.segments[k-1].Value+t.segments[k-1].Len > n; k-- {
		last := &t.segments[k-1]
		if last.Value < n && last.Len == last.SrcLen {
			last.Len, last.SrcLen = n-last.Value, n-last.Value
			break
		}
		t.segments = t.segments[:k-1]
	}
}

// concat adds a template: a string if it has no expressions, else all its parts put together.
func (t *text) concat(e *hclsyntax.TemplateExpr) bool {
	span := t.p.templateSpan(e)
	style := syntax.DoubleQuoted
	if t.p.src[span.Start] == '<' {
		style = syntax.Heredoc
	}
	if isLiteral(e) {
		return t.str(e.Parts, style, span)
	}
	t.synth("$__concat(", span.Start)
	for i, part := range e.Parts {
		if i > 0 {
			t.synth(", ", t.p.span(part.Range()).Start)
		}
		lit, ok := part.(*hclsyntax.LiteralValueExpr)
		switch {
		case ok && lit.Val.Type() == cty.String:
			t.str(e.Parts[i:i+1], style, t.p.span(lit.SrcRange))
		case !t.lower(part):
			return false
		}
	}
	t.add(")", source.Span{Start: max(span.End-1, span.Start), End: span.End})
	return true
}

// str adds a string of Escape Script.
func (t *text) str(parts []hclsyntax.Expression, style syntax.Style, span source.Span) bool {
	t.synth(`"`, span.Start)
	t.quoted = true
	for _, part := range parts {
		t.part(part.(*hclsyntax.LiteralValueExpr), style)
	}
	t.quoted = false
	t.synth(`"`, span.End)
	return true
}

// number adds an integer; Escape Script has no other numbers, and no words for truth values and null.
func (t *text) number(v cty.Value, span source.Span) bool {
	if v.Type() == cty.Number && v.IsKnown() && !v.IsNull() {
		if i, exact := v.AsBigFloat().Int64(); exact == 0 {
			t.add(fmt.Sprint(i), span)
			return true
		}
	}
	x := t.p.report(diag.UnsupportedExpression, span, fmt.Sprintf("Escape Script has no way to write %s inside an expression", t.p.file.Slice(span)))
	if v.Type() == cty.Bool {
		x.Hint = "equals(1, 1) is true, equals(1, 0) is false"
	}
	return false
}

// functions are the builtins that do what an operator does.
var functions = map[*hclsyntax.Operation]string{
	hclsyntax.OpAdd: "add", hclsyntax.OpEqual: "equals", hclsyntax.OpLogicalAnd: "and", hclsyntax.OpLogicalOr: "or",
	hclsyntax.OpLogicalNot: "not",
}

// operator reports an operator, with the builtin that does the same.
func (t *text) operator(op *hclsyntax.Operation, whole, symbol hcl.Range, operands ...hclsyntax.Expression) bool {
	sign := strings.TrimSpace(t.p.file.Slice(t.p.span(symbol)))
	x := t.p.report(diag.UnsupportedExpression, t.p.span(whole), fmt.Sprintf("Escape Script has no operator %q", sign))
	if word := t.p.file.Slice(t.p.span(whole)); op == hclsyntax.OpDivide && !strings.ContainsAny(word, " \t\"$()") {
		x.Hint = "a text stands in quotes"
		x.Fixes = []diag.Fix{{Title: "put it in quotes", Preferred: true, Edits: []source.Edit{{Span: t.p.span(whole), New: `"` + word + `"`}}}}
		return false
	}
	name, ok := functions[op]
	if op == hclsyntax.OpAdd && slices.ContainsFunc(operands, isText) {
		name = "concat"
	}
	if op == hclsyntax.OpNotEqual {
		x.Hint = "write not(equals(a, b))"
	}
	if !ok {
		return false
	}
	args := make([]string, len(operands))
	for i, o := range operands {
		args[i] = t.p.file.Slice(t.p.span(o.Range()))
	}
	call := fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))
	x.Hint = "the builtin \"" + name + "\" does it"
	x.Fixes = []diag.Fix{{Title: "write " + call, Preferred: true, Edits: []source.Edit{{Span: t.p.span(whole), New: call}}}}
	return false
}

// isText reports whether an operand is a text for sure.
func isText(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return isText(e.Expression)
	case *hclsyntax.BinaryOpExpr:
		return e.Op == hclsyntax.OpAdd && (isText(e.LHS) || isText(e.RHS))
	case *hclsyntax.TemplateExpr:
		return true
	}
	return false
}

// between is the range of an operator between its operands.
func between(a, b hclsyntax.Expression) hcl.Range {
	r := a.Range()
	return hcl.Range{Filename: r.Filename, Start: r.End, End: b.Range().Start}
}
