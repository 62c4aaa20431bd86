package lint

import (
	"fmt"
	"path"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// unused are the rules about what nothing needs.
var unused = []Rule{
	{Code: diag.UnusedInput, Category: Maintainability, Check: unusedInput},
	{Code: diag.UnusedAlias, Category: Maintainability, Off: true, Check: unusedAlias},
}

// unusedInput reports inputs that nothing reads: no expression, no template, no script, and no other file of the folder. It
// says nothing as soon as something that cannot be seen may read them.
func unusedInput(p *Pass) {
	if p.Env.Partial || p.Env.ReadFile == nil || p.Env.ReadDir == nil || !p.runsAnything() {
		return
	}
	open := map[string]bool{}
	p.variables(func(v *plan.Variable) {
		used, known := p.Info.InputUse(v.ID.Value)
		if known && !used && !isOutput(v) && !strings.Contains(v.ID.Value, "-") { // which no shell can name
			open[v.ID.Value] = true
		}
	})
	if len(open) == 0 {
		return
	}
	r := reader{p: p, open: open, known: map[string]bool{path.Base(p.Plan.File.Source.Name()): true}}
	for _, s := range p.shells() {
		r.known[s.Path] = true
	}
	if !r.folder() {
		return
	}
	p.variables(func(v *plan.Variable) {
		if !open[v.ID.Value] || isOutput(v) {
			return
		}
		x := p.Report(v.ID.Span(), fmt.Sprintf("nothing uses the input %q", v.ID.Value))
		x.Hint = "scripts would read it as INPUT_" + v.ID.Value
		x.Fixes = p.removeVariable(v)
	})
}

// removeVariable is the fix that takes v out of its list.
func (p *Pass) removeVariable(v *plan.Variable) []diag.Fix {
	all, ok := v.Field.Bind(p.Plan).(*[]*plan.Variable)
	if !ok {
		return nil // of an errand
	}
	if list := p.listOf(v.Field.Name, len(*all)); list != nil {
		for i := range list.Items {
			if list.Items[i].Value == v.Node {
				return p.removeItem(list, i, false)
			}
		}
	}
	if p.Plan.File.Notation == syntax.HCL && v.Node != nil {
		return edit.Of(p.Plan.File).RemoveFrom(v.Field.Name, v.Node, false)
	}
	return nil
}

// runsAnything reports whether the plan has what could use an input. One that has not may be there to be extended.
func (p *Pass) runsAnything() bool {
	found := len(p.Plan.Depends) > 0
	p.steps(func(*plan.Step, *plan.Errand) { found = true })
	return found
}

// unusedAlias reports aliases that no expression uses.
func unusedAlias(p *Pass) {
	if p.Env.Partial {
		return
	}
	used := map[string]bool{}
	for n := range p.Info.Exprs {
		x := &p.Info.Exprs[n]
		for _, r := range expr.Refs(x.Root) {
			used[r.Names[0].Text] = true
		}
	}
	report := func(as plan.Text, safe bool, what string) {
		if !as.Set() || used[as.Value] {
			return
		}
		x := p.Report(as.Span(), fmt.Sprintf("no expression uses the alias %q", as.Value))
		if safe {
			x.Fixes = p.removeAlias(as)
		} else {
			x.Hint = what
		}
	}
	for _, e := range p.Plan.Extends {
		report(e.As, true, "")
	}
	for _, d := range p.Plan.Depends {
		if !d.Variable.Set() {
			report(d.As, false, "it is also the name of the deployment, so leaving it out deploys another one")
		}
	}
	p.consumers(func(c *plan.Consumer) { report(c.As, false, "it is also what -p calls the provider") })
}

// removeAlias is the fix that takes " as ALIAS" away.
func (p *Pass) removeAlias(as plan.Text) []diag.Fix {
	s, ok := plainWord(as.Node)
	if !ok {
		return nil
	}
	before := strings.TrimRight(s.Text[:as.Off], " ")
	before, ok = strings.CutSuffix(before, " as")
	if !ok || strings.TrimRight(s.Text[int(as.Off)+len(as.Value):], " ") != "" {
		return nil
	}
	kept := int32(len(strings.TrimRight(before, " ")))
	return replace(s.Source(source.Span{Start: kept, End: int32(len(s.Text))}), "", "leave the alias out", true)
}
