package lint

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// portable are the rules about what the original Escape does not read, or reads in another way. All are off: they are for
// those who still have clients of it.
var portable = []Rule{
	{Code: diag.ListElementType, Category: Portability, Off: true, Check: listElementType},
	{Code: diag.ChainedIndex, Category: Portability, Off: true, Check: chainedIndex},
	{Code: diag.ScriptExpression, Category: Portability, Off: true, Check: scriptExpression},
	{Code: diag.ScopesText, Category: Portability, Off: true, Check: scopesText},
	{Code: diag.DependencyOutputs, Category: Portability, Off: true, Check: dependencyOutputs},
	{Code: diag.DeploymentName, Category: Portability, Off: true, Check: deploymentName},
	{Code: diag.DependencyScopes, Category: Portability, Off: true, Check: dependencyScopes},
	{Code: diag.DependencyForm, Category: Portability, Off: true, Check: dependencyForm},
	{Code: diag.FloatText, Category: Portability, Off: true, Check: floatText},
	{Code: diag.ListItems, Category: Portability, Off: true, Check: listItems},
	{Code: diag.IntegerBool, Category: Portability, Off: true, Check: integerBool},
	{Code: diag.SplitEntry, Category: Portability, Off: true, Check: splitEntry},
}

// listElementType reports lists of anything but text: the original refuses their elements.
func listElementType(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Type.Set() && v.Var.Name == "list" && v.Var.Elem != "string" && v.Var.Elem != "" {
			p.Report(v.Type.Span(), fmt.Sprintf("the original Escape refuses the elements of %s: it knows lists of text only", v.Type.Value))
		}
	})
}

// chainedIndex reports brackets behind brackets and empty ones, which the original cannot parse.
func chainedIndex(p *Pass) {
	for n := range p.Info.Exprs {
		x := &p.Info.Exprs[n]
		expr.Walk(x.Root, func(e expr.Expr) bool {
			var of expr.Expr
			switch e := e.(type) {
			case *expr.Index:
				of = e.X
			case *expr.Slice:
				of = e.X
				if e.Lo == nil && e.Hi == nil {
					d := p.Report(x.Text.At(e.Pos), "the original Escape cannot read [:]")
					d.Fixes = replace(x.Text.At(source.Span{Start: of.Span().End, End: e.Pos.End}), "", "leave it out", true)
					return false
				}
			}
			if !isBracket(of) {
				return true
			}
			d := p.Report(x.Text.At(e.Span()), "the original Escape cannot read brackets behind brackets")
			d.Hint = p.Plan.Spelled("write .id() between them", "write id(...) around the first of them")
			if p.Plan.File.Notation == syntax.YAML {
				between := source.Span{Start: of.Span().End, End: of.Span().End}
				d.Fixes = replace(x.Text.At(between), ".id()", "write .id() between them", true)
			}
			return false
		})
	}
}

func isBracket(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Index, *expr.Slice:
		return true
	}
	return false
}

// scriptExpression reports scripts whose file an expression names: the original looks for a file of that name.
func scriptExpression(p *Pass) {
	p.steps(func(s *plan.Step, _ *plan.Errand) {
		if s.Form == plan.File && s.Script.Expr != nil {
			x := p.Report(s.Script.Span(), "the original Escape takes this expression for the name of a file")
			x.Hint = "write " + p.Plan.Spelled("{cmd: ...}", "{ cmd = ... }") + ", which may be an expression"
		}
	})
}

// scopesText reports stages that are text where the original needs a list.
func scopesText(p *Pass) {
	report := func(s plan.Scopes) {
		word, ok := plainWord(s.Node)
		if len(s.List) != 1 || s.Node == nil {
			return
		}
		if _, isList := s.Node.(*syntax.Sequence); isList {
			return
		}
		x := p.Report(s.Node.Span(), "the original Escape needs a list here")
		if ok {
			x.Fixes = replace(word.Pos, "["+word.Text+"]", "write a list", true)
		}
	}
	p.variables(func(v *plan.Variable) { report(v.Scopes) })
	for _, d := range p.Plan.Downloads {
		report(d.Scopes)
	}
}

// dependencyOutputs reports mappings that use outputs of an earlier dependency.
func dependencyOutputs(p *Pass) {
	aliases := map[string]bool{}
	for _, d := range p.Plan.Depends {
		aliases[d.Alias()] = true
	}
	p.mappings(func(of any, pairs []plan.ValuePair) {
		if _, ok := of.(*plan.Dependency); !ok {
			return
		}
		for i := range pairs {
			s, _ := pairs[i].Value.Script()
			if s.Expr == nil {
				continue
			}
			for _, r := range expr.Refs(s.Expr) {
				if len(r.Names) > 1 && aliases[r.Names[0].Text] && (r.Names[1].Text == "outputs" || r.Names[1].Text == "inputs") {
					p.Report(s.At(r.Node.Span()), fmt.Sprintf("in the original Escape a mapping cannot use %s of another dependency", r.Names[1].Text))
				}
			}
		}
	})
}

// deploymentName reports a key that the original overwrites.
func deploymentName(p *Pass) {
	for _, d := range p.Plan.Depends {
		if d.DeploymentName.Value != "" && d.DeploymentName.Value != d.Alias() {
			p.Report(d.DeploymentName.Span(), fmt.Sprintf("the original Escape calls the deployment %q, whatever is written here", d.Alias()))
		}
	}
}

// dependencyScopes reports dependencies of one stage: the original deploys them in both.
func dependencyScopes(p *Pass) {
	for _, d := range p.Plan.Depends {
		if s := d.Scopes.Stages(); s != plan.StageBoth && d.Scopes.Node != nil {
			p.Report(d.Scopes.Node.Span(), fmt.Sprintf("the original Escape deploys this dependency not only for the stage %s, but for the other one too", s))
		}
	}
}

// dependencyForm reports mappings without stages which leave an input of the dependency to the parent: the original then
// never passes it on.
func dependencyForm(p *Pass) {
	for _, d := range p.Plan.Depends {
		m := p.Deps[d.Alias()]
		if d.Short || d.Scopes.Node != nil || m == nil {
			continue
		}
		mapped := map[string]bool{}
		for i := range d.Mapping {
			mapped[d.Mapping[i].Key.Value] = true
		}
		for i := range d.DeployMapping {
			mapped[d.DeployMapping[i].Key.Value] = true
		}
		for _, in := range m.Inputs {
			if in.Default != nil || mapped[in.ID] {
				continue
			}
			x := p.Report(d.Release.Span(), fmt.Sprintf("the original Escape does not pass the input %q on to a dependency without \"scopes\"", in.ID))
			owner, e := entryOf(d.Node, "release_id")
			if p.Plan.File.Notation == syntax.YAML {
				x.Fixes = p.add(owner, e, "scopes", "[build, deploy]", true)
			}
			break
		}
	}
}

// floatText reports numbers with a fraction as defaults of text.
func floatText(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Var.Name != "string" || v.Default.Kind != plan.Float {
			return
		}
		x := p.Report(v.Default.Node.Span(), fmt.Sprintf("the original Escape cuts %s to a whole number", v.Default.Text))
		if s, ok := plainWord(v.Default.Node); ok {
			x.Fixes = replace(s.Pos, `"`+s.Text+`"`, "quote it", true)
		}
	})
}

// listItems reports lists with allowed values: no value of theirs satisfies the original.
func listItems(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Var.Name == "list" && v.Items.Set() {
			x := p.Report(v.Items.Node.Span(), fmt.Sprintf("the original Escape accepts no value for %q: it compares the whole list with each of these", v.ID.Value))
			x.Fixes = p.drop(v.Node, "items")
		}
	})
}

// integerBool reports numbers as defaults of truth values: the original refuses them in a release.
func integerBool(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Var.Name != "bool" || v.Default.Kind != plan.Int {
			return
		}
		word := "false"
		if v.Default.Int >= 1 {
			word = "true"
		}
		x := p.Report(v.Default.Node.Span(), fmt.Sprintf("the original Escape refuses a number for %q once it is released", v.ID.Value))
		if s, ok := plainWord(v.Default.Node); ok {
			x.Fixes = replace(s.Pos, word, "write "+word, true)
		}
	})
}

// splitEntry reports what is in the list for the build and in that for the deployment: the original keeps the first only.
func splitEntry(p *Pass) {
	var fixes []diag.Fix
	twice := func(first map[string]plan.Text, key string, t plan.Text, build bool) {
		if build {
			first[key] = t
			return
		}
		if other, ok := first[key]; ok {
			x := p.Report(t.Span(), fmt.Sprintf("the original Escape knows %q in the build only, where it is declared first", t.Value))
			x.Related = []diag.Related{{File: p.Plan.File.Source, Span: other.Span(), Message: "declared here for the build"}}
			x.Hint = "declare it once, for both stages"
			x.Fixes = fixes
		}
	}
	both := func(field string, build, deploy []*plan.Variable) {
		fixes = p.joined(field)
		first := map[string]plan.Text{}
		for _, v := range build {
			twice(first, v.ID.Value, v.ID, true)
		}
		for _, v := range deploy {
			twice(first, v.ID.Value, v.ID, false)
		}
	}
	both("inputs", p.Plan.BuildInputs, p.Plan.DeployInputs)
	both("outputs", p.Plan.BuildOutputs, p.Plan.DeployOutputs)
	fixes = p.joined("consumes")
	first := map[string]plan.Text{}
	for _, c := range p.Plan.BuildConsumes {
		twice(first, c.Interface.Value+" "+c.Alias(), c.Interface, true)
	}
	for _, c := range p.Plan.DeployConsumes {
		twice(first, c.Interface.Value+" "+c.Alias(), c.Interface, false)
	}
}

// joined is the fix that makes one list of those of a field for the build and for the deployment, if both are written alike.
func (p *Pass) joined(field string) []diag.Fix {
	if isWritten(p.Plan.File.Root, field) {
		return nil
	}
	build, deploy := edit.Of(p.Plan.File).List("build_"+field), edit.Of(p.Plan.File).List("deploy_"+field)
	f := p.Plan.File.Source
	if build == nil || deploy == nil || f.Slice(build.Pos) != f.Slice(deploy.Pos) ||
		strings.Contains(f.Slice(build.Pos), "scopes") { // which count in the list for both stages only
		return nil
	}
	root, e := entryOf(p.Plan.File.Root, "deploy_"+field)
	fixes := p.remove(root, e, true)
	_, e = entryOf(root, "build_"+field)
	if fixes == nil || e.Key.Style != syntax.Plain || e.Key.Props != nil {
		return nil
	}
	fixes[0].Title = "declare all of them in " + quoted(field)
	fixes[0].Edits = append(fixes[0].Edits, source.Edit{Span: e.Key.Pos, New: field})
	return fixes
}
