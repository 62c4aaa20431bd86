package plan

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// script reads t as a literal or an expression. original makes the whole message of the original from what is wrong
// with the expression; nil means that the original finds out when the step runs.
func (d *decoder) script(t Text, original func(reason string) string) Script {
	if !expr.IsScript(t.Value) {
		return Script{Text: t}
	}
	text := strings.TrimRight(t.Value, "\r\n") // nothing may follow an expression, but a block scalar ends in a line break
	e, list := d.parse(text)
	if len(list) > 0 {
		d.exprFindings(t, list, original)
	} else if len(text) < len(t.Value) {
		d.trailingBreak(t, len(text), original)
	}
	return Script{Text: t, Expr: e}
}

// parse is expr.Parse, which is not asked twice for an expression without mistakes.
func (d *decoder) parse(text string) (expr.Expr, diag.List) {
	if e := d.former.expr(text); e != nil {
		return e, nil
	}
	if e, ok := d.exprs.Get(text); ok {
		return e, nil
	}
	e, list := expr.Parse(text)
	if len(list) == 0 {
		d.exprs.Put(strings.Clone(text), e)
	}
	return e, list
}

// exprFindings takes over what is wrong with the expression t.
func (d *decoder) exprFindings(t Text, list diag.List, original func(string) string) {
	if list[0].Code == diag.ExprUnclosed {
		if whole, by, ok := d.cutExpression(t); ok {
			text := d.src.Slice(whole)
			x := d.report(diag.ExprCut, whole, fmt.Sprintf("this expression ends at %s; it has to stand in quotes", by))
			x.Original = list[0].Message
			if original != nil {
				x.Original = original(list[0].Message)
			}
			if rest := d.src.Text()[whole.End:]; rest == "" || strings.ContainsAny(rest[:1], " \t\r\n,]}") { // else more belongs to it
				x.Fixes = []diag.Fix{{Title: "put it in quotes", Preferred: true, Edits: []source.Edit{
					{Span: whole, New: "'" + strings.ReplaceAll(text, "'", "''") + "'"},
				}}}
			}
			return
		}
	}
	if list[0].Code == diag.ExprName && strings.HasPrefix(t.Value, "${") {
		if script, ok := expr.Interpolated(t.Value, func(string) bool { return true }); ok {
			list, list[0].Hint = list[:1], "write "+script
			defer func() { d.rewrite(&d.list[len(d.list)-1], t, script) }()
		} else if name, ok := shellVariable(t.Value); ok {
			list, list[0].Hint = list[:1], "only scripts see "+name+", and here is none: write $this."+referenceTo(name)
		}
	}
	for i := range list {
		reason := list[i].Original
		if reason == "" {
			reason = list[i].Message
		}
		if original != nil {
			list[i].Original = original(reason)
		}
		if strings.Contains(list[i].Message, "\n") {
			list[i].Message = oneLine(list[i].Message)
			if original == nil {
				list[i].Original = reason
			}
		}
	}
	d.list = append(d.list, Relocate(list, d.src, t)...)
}

// shellVariable returns the variable of Escape in a text such as "${INPUT_port}".
func shellVariable(text string) (name string, ok bool) {
	name, _, ok = strings.Cut(strings.TrimPrefix(text, "${"), "}")
	return name, ok && (strings.HasPrefix(name, "INPUT_") || strings.HasPrefix(name, "OUTPUT_"))
}

// referenceTo is where expressions find what a script has in a variable.
func referenceTo(name string) string {
	kind, id, _ := strings.Cut(name, "_")
	return strings.ToLower(kind) + "s." + id
}

// rewrite adds to x, a finding about the text t, the fix that writes an expression in its place.
func (d *decoder) rewrite(x *diag.Diagnostic, t Text, script string) {
	if fix, ok := Rewrite(t, script); ok {
		x.Fixes = []diag.Fix{{Title: "write " + script, Preferred: true, Edits: []source.Edit{fix}}}
	}
}

// Rewrite is the edit that puts an expression in place of the text t of a plan in YAML, with quotes if it needs them. It fails
// if t is not a whole value on one line.
func Rewrite(t Text, script string) (edit source.Edit, ok bool) {
	s := t.Scalar()
	if s == nil || t.Value != s.Text || s.Props != nil {
		return edit, false
	}
	switch s.Style {
	case syntax.Plain, syntax.SingleQuoted, syntax.DoubleQuoted:
	default:
		return edit, false
	}
	if s.Style != syntax.Plain || strings.ContainsAny(script, ",:#\"'") {
		script = "'" + strings.ReplaceAll(script, "'", "''") + "'"
	}
	return source.Edit{Span: s.Pos, New: script}, true
}

// cutExpression finds out whether t is only the start of an expression, which YAML ended at a comma, a colon or a
// comment. It returns where all of it stands, and what ended it.
func (d *decoder) cutExpression(t Text) (whole source.Span, by string, ok bool) {
	s := t.Scalar()
	if s == nil || s.Style != syntax.Plain || s.Segments != nil || t.Off != 0 || t.Value != s.Text {
		return whole, "", false
	}
	line := d.src.Line(d.src.LineOf(int(s.Pos.End)))
	rest := d.src.Slice(source.Span{Start: s.Pos.End, End: line.End})
	switch next := strings.TrimLeft(rest, " \t"); {
	case strings.HasPrefix(next, ","):
		by = "the comma"
	case strings.HasPrefix(next, ":"):
		by = "the colon"
	case strings.HasPrefix(next, "#"):
		by = "the comment"
	default:
		return whole, "", false
	}
	whole = source.Span{Start: s.Pos.Start, End: line.End}
	switch _, list := expr.Parse(d.src.Slice(whole)); {
	case len(list) == 1 && list[0].Code == diag.ExprTrailing:
		whole.End = whole.Start + list[0].Span.Start
	case len(list) > 0:
		return whole, "", false
	}
	return whole, by, true
}

// Relocate moves findings about the expression in t, whose spans count from its start, into file. They are spelled as the
// expression is. Text that fixes put into a quoted scalar is quoted the same way; a fix that cannot be written there is dropped.
func Relocate(list diag.List, file *source.File, t Text) diag.List {
	s, hcl := t.Scalar(), t.IsHCL(file)
	for i := range list {
		if hcl {
			respell(&list[i])
		}
		fixes := list[i].Fixes[:0]
		for _, f := range list[i].Fixes {
			if s != nil && s.Style == syntax.Native && list[i].File == nil && !renames(f) {
				if !native(&f, t.Value) {
					continue
				}
			} else if s == nil || list[i].File != nil || !requote(&f, s) {
				continue
			}
			fixes = append(fixes, f)
		}
		list[i].Fixes = fixes
	}
	return list.Relocate(file, t.At)
}

// respell makes the pieces of Escape Script in what a finding says such of HCL.
func respell(x *diag.Diagnostic) {
	x.Message, x.Hint = hcltext.Spelled(x.Message), hcltext.Spelled(x.Hint)
	for i := range x.Related {
		x.Related[i].Message = hcltext.Spelled(x.Related[i].Message)
	}
	for i := range x.Fixes {
		x.Fixes[i].Title = hcltext.Spelled(x.Fixes[i].Title)
	}
}

// renames reports whether a fix replaces names by names, which HCL has as they are.
func renames(f diag.Fix) bool {
	return !slices.ContainsFunc(f.Edits, func(e source.Edit) bool { return !expr.IsName(e.New) || e.Span.Len() == 0 })
}

// native makes of a fix of Escape Script one that writes the whole expression in HCL; false if HCL has no words for it.
func native(f *diag.Fix, text string) bool {
	fixed, err := source.Apply(text, f.Edits)
	if err != nil {
		return false
	}
	e, list := expr.Parse(fixed)
	if len(list) > 0 {
		return false
	}
	written, ok := hcltext.Native(e, true)
	f.Edits = []source.Edit{{Span: source.Span{Start: 0, End: int32(len(text))}, New: written}}
	return ok
}

func requote(f *diag.Fix, s *syntax.Scalar) bool {
	for i := range f.Edits {
		text := &f.Edits[i].New
		switch s.Style {
		case syntax.DoubleQuoted:
			*text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(*text)
		case syntax.SingleQuoted:
			*text = strings.ReplaceAll(*text, "'", "''")
		case syntax.Plain:
			if strings.ContainsAny(*text, ",[]{}\n") || strings.Contains(*text, ": ") || strings.Contains(*text, " #") {
				return false
			}
		default:
			if strings.Contains(*text, "\n") {
				return false
			}
		}
		if s.Style != syntax.DoubleQuoted && strings.Contains(*text, "\n") {
			return false
		}
	}
	return true
}

// oneLine writes line breaks as escapes.
func oneLine(s string) string { return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(s) }

// trailingBreak reports the line break behind an expression of n bytes.
func (d *decoder) trailingBreak(t Text, n int, original func(string) string) {
	s := t.Scalar()
	message := "Invalid expression, unexpected '" + t.Value[n:] + "'"
	x := d.report(diag.ExprTrailing, t.At(source.Span{Start: int32(n), End: int32(len(t.Value))}), oneLine(message))
	x.Original = message
	if original != nil {
		x.Original = original(message)
	}
	if s == nil || s.Style != syntax.Literal && s.Style != syntax.Folded {
		x.Hint = "nothing may follow an expression: remove the line break at its end"
		if s != nil && s.Style == syntax.DoubleQuoted && !isBinary(s) {
			x.Hint = "nothing may follow an expression: remove " + clip(d.src.Slice(x.Span)) + " at its end"
			x.Fixes = []diag.Fix{{Title: "remove it", Preferred: true, Edits: []source.Edit{{Span: x.Span}}}}
		}
		return
	}
	header := d.src.Slice(source.Span{Start: s.Pos.Start, End: s.Pos.Start + 1})
	end := t.At(source.Span{Start: int32(n), End: int32(n)})
	x.Span = source.Span{Start: s.Pos.Start, End: s.Pos.Start + 1}
	x.Related = []diag.Related{{File: d.src, Span: end, Message: "the expression ends here"}}
	x.Hint = "a block scalar ends in a line break, which an expression may not have: write " + header + "-"
	line := d.src.Line(d.src.LineOf(int(s.Pos.Start)))
	rest := d.src.Slice(source.Span{Start: s.Pos.Start, End: line.End})
	if header == "|" || header == ">" {
		edit := source.Edit{Span: source.Span{Start: s.Pos.Start + 1, End: s.Pos.Start + 1}, New: "-"}
		for i := 1; i < len(rest) && (rest[i] == '+' || rest[i] >= '1' && rest[i] <= '9'); i++ {
			if rest[i] == '+' {
				edit.Span = source.Span{Start: s.Pos.Start + int32(i), End: s.Pos.Start + int32(i) + 1}
			}
		}
		x.Fixes = []diag.Fix{{Title: "end the block without a line break", Preferred: true, Edits: []source.Edit{edit}}}
	}
}
