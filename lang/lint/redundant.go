package lint

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// redundant are the rules about what says nothing, or says it in more words than it needs.
var redundant = []Rule{
	{Code: diag.RedundantScopes, Category: Style, Check: redundantScopes},
	{Code: diag.DefaultWritten, Category: Style, Off: true, Check: defaultWritten},
	{Code: diag.EmptyField, Category: Style, Off: true, Check: emptyField},
	{Code: diag.Longhand, Category: Style, Off: true, Check: longhand},
	{Code: diag.WrappedText, Category: Style, Check: wrappedText},
	{Code: diag.RedundantAlias, Category: Style, Check: redundantAlias},
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
	p.ownVariables(func(v *plan.Variable) { report(v.Scopes, v.Node) })
	p.consumers(func(c *plan.Consumer) { report(c.Scopes, c.Node) })
	p.templates(func(t *plan.Template) { report(t.Scopes, t.Node) })
	for _, d := range p.Plan.Downloads {
		report(d.Scopes, d.Node)
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
	p.ownVariables(func(v *plan.Variable) {
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
	for n := range p.Info.Exprs {
		x := &p.Info.Exprs[n]
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
	var text strings.Builder
	for _, arg := range call.Args.List {
		l, ok := arg.(*expr.Literal)
		if !ok || l.Kind != expr.StringLit {
			return "", false
		}
		text.WriteString(l.Str)
	}
	return text.String(), true
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
