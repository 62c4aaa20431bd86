package lint

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// style are the rules about how a plan is written.
var style = []Rule{
	{Code: diag.FieldOrder, Category: Style, Off: true, Check: fieldOrder},
	{Code: diag.IDCase, Category: Style, Off: true, Check: idCase},
	{Code: diag.InterfaceCase, Category: Style, Off: true, Check: interfaceCase},
	{Code: diag.RedundantScopes, Category: Style, Check: redundantScopes},
	{Code: diag.DefaultWritten, Category: Style, Off: true, Check: defaultWritten},
	{Code: diag.EmptyField, Category: Style, Off: true, Check: emptyField},
	{Code: diag.TrailingBlank, Category: Style, Off: true, Check: trailingBlank},
	{Code: diag.Longhand, Category: Style, Off: true, Check: longhand},
	{Code: diag.WrappedText, Category: Style, Check: wrappedText},
	{Code: diag.RedundantAlias, Category: Style, Check: redundantAlias},
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
			p.Report(e.Key.Pos, fmt.Sprintf("%q stands before %q in most plans", e.Key.Text, lastName)).Hint = "\"escape plan fmt\" puts all fields in order"
			return
		}
		last, lastName = at, e.Key.Text
	}
}

// idCase reports ids with capital letters.
func idCase(p *Pass) {
	p.variables(func(v *plan.Variable) {
		if lower := strings.Join(words(v.ID.Value), "_"); hasCapital(v.ID.Value) {
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

// redundantScopes reports stages that an entry has anyway. For dependencies the original needs them.
func redundantScopes(p *Pass) {
	report := func(s plan.Scopes, of syntax.Node) {
		if len(s.List) != 2 || s.Stages() != plan.StageBoth || s.Forced != 0 {
			return
		}
		x := p.Report(s.Node.Span(), "an entry without \"scopes\" is in both stages anyway")
		m, e := entryOf(of, "scopes")
		x.Fixes = p.remove(m, e, true)
	}
	p.variables(func(v *plan.Variable) { report(v.Scopes, v.Node) })
	p.consumers(func(c *plan.Consumer) { report(c.Scopes, c.Node) })
	p.templates(func(t *plan.Template) { report(t.Scopes, t.Node) })
	for _, d := range p.Plan.Downloads {
		report(d.Scopes, d.Node)
	}
}

// bools calls fn for every truth value that is written, with its key and the entry it belongs to.
func (p *Pass) bools(fn func(b plan.Bool, key string, of syntax.Node)) {
	p.variables(func(v *plan.Variable) {
		fn(v.Visible, "visible", v.Node)
		fn(v.Sensitive, "sensitive", v.Node)
		fn(v.EvalBeforeDependencies, "eval_before_dependencies", v.Node)
	})
	p.consumers(func(c *plan.Consumer) {
		fn(c.SkipActivate, "skip_activate", c.Node)
		fn(c.SkipDeactivate, "skip_deactivate", c.Node)
	})
	for _, d := range p.Plan.Downloads {
		fn(d.Overwrite, "overwrite", d.Node)
		fn(d.Unpack, "unpack", d.Node)
	}
}

// defaultWritten reports truth values that a key has anyway. "sensitive: false" is left alone: it says that somebody has
// thought of it.
func defaultWritten(p *Pass) {
	p.bools(func(b plan.Bool, key string, of syntax.Node) {
		if b.Node == nil || key == "sensitive" || b.Value != (key == "visible" || key == "eval_before_dependencies") {
			return
		}
		x := p.Report(b.Node.Span(), fmt.Sprintf("%q is %t if it is left out", key, b.Value))
		m, e := entryOf(of, key)
		x.Fixes = p.remove(m, e, true)
	})
}

// emptyField reports fields without a value. An empty step has a meaning: it switches an inherited one off.
func emptyField(p *Pass) {
	root, ok := p.Plan.File.Root.(*syntax.Mapping)
	if !ok || p.Env.Partial {
		return
	}
	written := map[string]int{}
	for i := range root.Entries {
		if root.Entries[i].Key.Kind == syntax.Merge {
			return
		}
		written[root.Entries[i].Key.Text]++
	}
	for i := range root.Entries {
		e := &root.Entries[i]
		row, _, known := plan.Lookup(e.Key.Text)
		if !known || e.Block || row.Required || written[row.Name] > 1 || !isEmpty(e.Value, row.Shape == plan.ShapeStep) {
			continue
		}
		x := p.Report(e.Key.Pos, fmt.Sprintf("%q has no value", e.Key.Text))
		x.Fixes = p.remove(root, e, true)
	}
}

func isEmpty(n syntax.Node, isStep bool) bool {
	switch n := n.(type) {
	case *syntax.Scalar:
		return n.Kind == syntax.Null || n.Text == "" && !isStep
	case *syntax.Sequence:
		return len(n.Items) == 0 && !isStep
	case *syntax.Mapping:
		return len(n.Entries) == 0 && !isStep
	}
	return false
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

// longhand reports entries with one key that could be written as a word.
func longhand(p *Pass) {
	report := func(of syntax.Node, key string) {
		m, e := entryOf(of, key)
		if e == nil || len(m.Entries) != 1 || m.Props != nil || !p.isYAML(e) {
			return
		}
		s, ok := plainWord(e.Value)
		if !ok || s.Kind != syntax.String && s.Kind != syntax.Bool {
			return
		}
		whole := e.Span()
		if m.Flow {
			whole = m.Pos
		}
		if p.hasComment(whole) {
			return
		}
		x := p.Report(e.Key.Pos, fmt.Sprintf("an entry with %q only can be written as a word", key))
		x.Fixes = replace(whole, s.Text, "write the word only", true)
	}
	p.variables(func(v *plan.Variable) {
		if !types.KnownVar(v.ID.Value) { // as a word it would not have that type
			report(v.Node, "id")
		}
	})
	p.consumers(func(c *plan.Consumer) { report(c.Node, "name") })
	p.templates(func(t *plan.Template) { report(t.Node, "file") })
	for _, d := range p.Plan.Depends {
		report(d.Node, "release_id")
	}
}

// wrappedText reports expressions that give the same text whenever they are evaluated.
func wrappedText(p *Pass) {
	for _, x := range p.Info.Exprs {
		text, ok := constant(x.Root)
		if !ok || strings.HasPrefix(text, "$") || x.Root.Span().Len() != len(x.Text.Value) {
			continue // that is how a text with a leading dollar sign is written
		}
		d := p.Report(x.Text.Span(), "this expression is always the same text")
		if s := x.Text.Scalar(); s != nil && s == x.Text.Node && s.Props == nil && x.Text.Off == 0 && x.Text.Value == s.Text &&
			s.Style != syntax.Literal && s.Style != syntax.Folded && s.Style != syntax.Heredoc && !strings.ContainsAny(text, "\\\"\n\r\t") && !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
			d.Fixes = replace(s.Pos, `"`+text+`"`, "write the text", true)
		}
	}
}

// constant returns the text that e gives, if it joins nothing but literals.
func constant(e expr.Expr) (string, bool) {
	call, ok := e.(*expr.Call)
	if !ok || call.Name.Text != "concat" && call.Name.Text != "id" || call.Recv != nil || call.Args.Close < 0 || len(call.Args.List) == 0 ||
		call.Name.Text == "id" && len(call.Args.List) != 1 {
		return "", false
	}
	text := ""
	for _, arg := range call.Args.List {
		l, ok := arg.(*expr.Literal)
		if !ok || l.Kind != expr.StringLit {
			return "", false
		}
		text += l.Str
	}
	return text, true
}

// redundantAlias reports aliases that are the name anyway.
func redundantAlias(p *Pass) {
	p.consumers(func(c *plan.Consumer) {
		if c.As.Set() && c.As.Value == c.Interface.Value {
			x := p.Report(c.As.Span(), fmt.Sprintf("the provider is called %q anyway", c.As.Value))
			x.Fixes = p.removeAlias(c.As)
		}
	})
	for _, d := range p.Plan.Depends {
		if d.Variable.Set() && d.Variable.Value == d.As.Value {
			x := p.Report(d.Variable.Span(), fmt.Sprintf("the dependency is called %q anyway", d.As.Value))
			x.Related = []diag.Related{{File: p.Plan.File.Source, Span: d.As.Span(), Message: "it gets the name here"}}
			m, e := entryOf(d.Node, "variable")
			x.Fixes = p.remove(m, e, true)
		}
	}
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
	p.variables(func(v *plan.Variable) {
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
