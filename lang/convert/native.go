package convert

import (
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// expression returns Escape Script as HCL has it: natively if that reads back as the same text, else inside of script().
func expression(text string) string {
	if e, list := expr.Parse(text); len(list) == 0 {
		if quoted, ok := dollarText(e); ok && expr.String(e) == text {
			return hcltext.Quote(quoted)
		}
		for _, templates := range []bool{true, false} {
			if s, ok := hcltext.Native(e, templates); ok && lowers(s, text) {
				return s
			}
		}
	}
	return "script(" + hcltext.Quote(text) + ")"
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
