package lint

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// style are the rules about how a plan is written.
var style = []Rule{
	{Code: diag.FieldOrder, Category: Style, Off: true, Check: fieldOrder},
	{Code: diag.IDCase, Category: Style, Off: true, Check: idCase},
	{Code: diag.InterfaceCase, Category: Style, Off: true, Check: interfaceCase},
	{Code: diag.TrailingBlank, Category: Style, Off: true, Check: trailingBlank},
	{Code: diag.TruthWord, Category: Style, Check: truthWord},
	{Code: diag.AutoVersion, Category: Style, Check: autoVersion},
}

// fieldOrder reports the first field that does not stand where the formatter would write it.
func fieldOrder(p *Pass) {
	root, ok := p.Plan.File.Root.(*syntax.Mapping)
	if !ok || p.Env.Partial || p.Plan.File.Notation != syntax.YAML {
		return
	}
	last, lastName := -1, ""
	for i := range root.Entries {
		e := &root.Entries[i]
		if e.Key.Kind == syntax.Merge || e.Odd != nil {
			return
		}
		_, at, known := plan.Lookup(e.Key.Text)
		if !known {
			continue
		}
		if at < last {
			x := p.Report(e.Key.Pos, fmt.Sprintf("%q stands before %q in most plans", e.Key.Text, lastName))
			x.Hint = "\"escape plan fmt\" puts all fields in order"
			x.Fixes = p.inOrder(root)
			return
		}
		last, lastName = at, e.Key.Text
	}
}

// inOrder is the fix that sorts the fields of a plan, each with the lines above that belong to it; nil if some of them cannot
// be moved.
func (p *Pass) inOrder(root *syntax.Mapping) []diag.Fix {
	f := p.Plan.File.Source
	type chunk struct {
		text string
		at   int
	}
	var chunks []chunk
	first := f.Line(f.LineOf(int(root.Entries[0].Key.Pos.Start))).Start
	end := first
	for i := range root.Entries {
		e := &root.Entries[i]
		start, last := f.Line(f.LineOf(int(e.Key.Pos.Start))), f.Line(f.LineOf(int(e.Value.Span().End)))
		next := f.LineOf(int(last.Start)) + 1
		if e.Key.Pos.Start != start.Start || start.Start < end || next > f.LineCount() || root.Flow || edit.IsShared(e.Value) ||
			isKept(e.Value, f) || strings.Contains(f.Slice(source.Span{Start: end, End: start.Start}), "---") {
			return nil // it shares a line, or its last one has no end
		}
		_, at, known := plan.Lookup(e.Key.Text)
		if !known && i > 0 {
			at = chunks[i-1].at
		} else if !known {
			at = -1
		}
		after := f.Line(next).Start
		chunks = append(chunks, chunk{f.Slice(source.Span{Start: end, End: after}), at})
		end = after
	}
	top := chunks[0].at
	slices.SortStableFunc(chunks, func(a, b chunk) int { return a.at - b.at })
	if len(root.Entries[0].Lead) > 0 && chunks[0].at != top {
		return nil // nobody knows whether the comment on top belongs to the file or to the field
	}
	var text strings.Builder
	for i, c := range chunks {
		if i == 0 {
			c.text = strings.TrimLeft(c.text, "\r\n")
		}
		text.WriteString(c.text)
	}
	return replace(source.Span{Start: first, End: end}, text.String(), "put all fields in order", true)
}

// isKept reports whether the blank lines behind a text may belong to it.
func isKept(n syntax.Node, f *source.File) bool {
	switch n := n.(type) {
	case *syntax.Scalar:
		header, _, _ := strings.Cut(f.Slice(n.Pos), "\n")
		return (n.Style == syntax.Literal || n.Style == syntax.Folded) && strings.Contains(header, "+")
	case *syntax.Mapping:
		return len(n.Entries) > 0 && isKept(n.Entries[len(n.Entries)-1].Value, f)
	case *syntax.Sequence:
		return len(n.Items) > 0 && isKept(n.Items[len(n.Items)-1].Value, f)
	}
	return false
}

// idCase reports ids with capital letters.
func idCase(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if hasCapital(v.ID.Value) {
			lower := strings.Join(words(v.ID.Value), "_")
			p.Report(v.ID.Span(), fmt.Sprintf("ids are written in lower case: %q", lower)).Hint = "scripts, and plans that use this one, have to change with it"
		}
	})
}

func hasCapital(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }) >= 0
}

// interfaceCase reports interfaces with capital letters: providers and consumers have to agree on them.
func interfaceCase(p *Pass) {
	report := func(t plan.Text) {
		if hasCapital(t.Value) {
			p.Report(t.Span(), fmt.Sprintf("interfaces are written in lower case: %q", strings.ToLower(t.Value))).Hint = "all who provide or consume it have to change with it"
		}
	}
	for _, t := range p.Plan.Provides {
		report(t)
	}
	p.consumers(func(c *plan.Consumer) { report(c.Interface) })
}

// trailingBlank reports blanks at the ends of lines, but not inside of texts of several lines.
func trailingBlank(p *Pass) {
	f := p.Plan.File.Source
	texts := multiline(p.Plan.File.Root, f)
	for n, next := 1, 0; n <= f.LineCount() && f.Line(n).Start <= p.Plan.File.End; n++ {
		line := f.Line(n)
		text := f.Slice(line)
		kept := len(strings.TrimRight(text, " \t"))
		if kept == len(text) {
			continue
		}
		for next < len(texts) && texts[next].End < line.End {
			next++
		}
		if next < len(texts) && texts[next].Start <= line.End {
			continue
		}
		span := source.Span{Start: line.Start + int32(kept), End: line.End}
		x := p.Report(span, "blanks at the end of the line")
		x.Fixes = replace(span, "", "remove them", true)
	}
}

// multiline returns where the texts of several lines stand, in order.
func multiline(n syntax.Node, f *source.File) []source.Span {
	var spans []source.Span
	var visit func(n syntax.Node)
	visit = func(n syntax.Node) {
		switch n := n.(type) {
		case *syntax.Mapping:
			for i := range n.Entries {
				visit(n.Entries[i].Value)
			}
		case *syntax.Sequence:
			for i := range n.Items {
				visit(n.Items[i].Value)
			}
		case *syntax.Scalar:
			if n.Style == syntax.Literal || n.Style == syntax.Folded || f.LineOf(int(n.Pos.Start)) != f.LineOf(int(n.Pos.End)) {
				span := n.Pos
				if n.Style == syntax.Literal || n.Style == syntax.Folded {
					span.End = restOfBlock(f, span.End) // blank lines behind it may belong to it
				}
				spans = append(spans, span)
			}
		case *syntax.Bad:
			spans = append(spans, n.Pos)
		}
	}
	if n != nil {
		visit(n)
	}
	return spans
}

// restOfBlock returns the end of the blank lines that begin behind an offset.
func restOfBlock(f *source.File, end int32) int32 {
	rest := f.Text()[end:]
	return end + int32(len(rest)-len(strings.TrimLeft(rest, " \t\r\n")))
}

// truthWord reports truth values that are one in the older YAML only, such as "yes".
func truthWord(p *Pass) {
	report := func(n syntax.Node, value bool) {
		s, ok := plainWord(n)
		if !ok || s.Kind != syntax.Bool || strings.EqualFold(s.Text, "true") || strings.EqualFold(s.Text, "false") {
			return
		}
		word := fmt.Sprint(value)
		x := p.Report(s.Pos, fmt.Sprintf("%q means %s in the older YAML only", s.Text, word))
		x.Fixes = replace(s.Pos, word, "write "+word, true)
	}
	p.bools(func(b plan.Bool, _ string, _ syntax.Node) { report(b.Node, b.Value) })
	p.ownVariables(func(v *plan.Variable) {
		if v.Var.Name == "bool" && v.Default.Kind == plan.Boolean {
			report(v.Default.Node, v.Default.Bool)
		}
	})
}

// autoVersion reports the older spelling of "@".
func autoVersion(p *Pass) {
	t := p.Plan.Version
	if strings.TrimSpace(t.Value) != "auto" {
		return
	}
	x := p.Report(t.Span(), "\"auto\" is the older spelling of \"@\"")
	if s, ok := t.Node.(*syntax.Scalar); ok && s.Props == nil && (s.Style == syntax.Plain || s.Style == syntax.SingleQuoted || s.Style == syntax.DoubleQuoted) {
		x.Fixes = replace(s.Pos, `"@"`, "write \"@\"", true)
	}
}
