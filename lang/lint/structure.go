package lint

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// structure are the rules about what a plan has too much of, and what it lacks.
var structure = []Rule{
	{Code: diag.RepeatedScript, Category: Maintainability, Check: repeatedScript},
	{Code: diag.LongInline, Category: Maintainability, Check: longInline},
	{Code: diag.ManyInputs, Category: Maintainability, Off: true, Check: manyInputs},
	{Code: diag.NoDestroy, Category: Maintainability, Off: true, Check: noDestroy},
	{Code: diag.NoTests, Category: Maintainability, Off: true, Check: noTests},
	{Code: diag.EmptyProvider, Category: Maintainability, Check: emptyProvider},
	{Code: diag.ConsumesOwn, Category: Maintainability, Check: consumesOwn},
	{Code: diag.ErrandScript, Category: Maintainability, Check: errandScript},
}

// Limits of what people can still follow.
const (
	maxInline = 30 // lines of a script inside the plan
	minRepeat = 3  // lines of a script that is worth being written once
	maxInputs = 30 // inputs that are to be given, or at least understood
)

// inlineKey is where the inline script of s is written: its key.
func inlineKey(s *plan.Step) source.Span {
	if _, e := entryOf(s.Node, "inline"); e != nil {
		return e.Key.Pos
	}
	return s.Inline.Raw()
}

// repeatedScript reports inline scripts that stand in the plan twice.
func repeatedScript(p *Pass) {
	first := map[string]*plan.Step{}
	p.steps(func(s *plan.Step, _ *plan.Errand) {
		text := strings.TrimSpace(s.Inline.Value)
		if s.Form != plan.Inline || strings.Count(text, "\n")+1 < minRepeat {
			return
		}
		other := first[text]
		if other == nil {
			first[text] = s
			return
		}
		if other.Node == s.Node {
			return
		}
		x := p.Report(inlineKey(s), "this script stands in the plan twice")
		x.Related = []diag.Related{{File: p.Plan.File.Source, Span: inlineKey(other), Message: "first one"}}
		x.Hint = "put it into a file that both run"
	})
}

// longInline reports inline scripts that should be files, where editors and other tools know them as scripts.
func longInline(p *Pass) {
	p.steps(func(s *plan.Step, _ *plan.Errand) {
		if s.Form != plan.Inline {
			return
		}
		if n := strings.Count(strings.TrimSpace(s.Inline.Value), "\n") + 1; n > maxInline {
			p.Report(inlineKey(s), fmt.Sprintf("a script of %d lines is easier to read, to check and to test as a file", n))
		}
	})
}

// manyInputs reports plans that nobody can configure.
func manyInputs(p *Pass) {
	n := 0
	p.variables(func(v *plan.Variable) {
		if isOutput(v) || v.Field.Name == "errands" || v.Var.IsMagic() {
			return
		}
		if n++; n == maxInputs+1 {
			p.Report(v.ID.Span(), fmt.Sprintf("the plan has more than %d inputs", maxInputs)).Hint = "split the package, or take several inputs from a file"
		}
	})
}

// noDestroy reports plans that deploy something, and cannot take it away.
func noDestroy(p *Pass) {
	pl := p.Plan
	if pl.Deploy == nil || pl.Deploy.Form == plan.Empty || p.Env.Partial || len(pl.Extends) > 0 ||
		pl.PreDestroy != nil || pl.Destroy != nil || pl.PostDestroy != nil {
		return
	}
	x := p.Report(p.fieldKey("deploy", pl.Deploy.Node.Span()), "what this step makes stays when the deployment is destroyed")
	x.Hint = "add a \"destroy\" step"
}

// noTests reports plans that never find out whether they work.
func noTests(p *Pass) {
	pl := p.Plan
	if pl.Build == nil && pl.Deploy == nil || p.Env.Partial || len(pl.Extends) > 0 || pl.Test != nil || pl.Smoke != nil || !pl.Name.Set() {
		return
	}
	p.Report(pl.Name.Span(), "nothing tests this package").Hint = "add a \"test\" step for the build, or a \"smoke\" step for deployments"
}

// emptyProvider reports providers that give their consumers nothing: neither variables nor a login. Dependencies may
// leave inputs to the package.
func emptyProvider(p *Pass) {
	pl := p.Plan
	if len(pl.Provides) == 0 || len(pl.Outputs)+len(pl.BuildOutputs)+len(pl.DeployOutputs)+len(pl.Inputs)+len(pl.BuildInputs)+len(pl.DeployInputs)+len(pl.Depends) > 0 || len(pl.Extends) > 0 ||
		pl.ActivateProvider != nil || p.Env.Partial {
		return
	}
	x := p.Report(pl.Provides[0].Span(), fmt.Sprintf("consumers of %q get nothing from it", pl.Provides[0].Value))
	x.Hint = "add outputs, or an \"activate_provider\" step"
}

// consumesOwn reports plans that consume what they provide: from the second deployment on they find two providers, of which
// they are one.
func consumesOwn(p *Pass) {
	provided := map[string]plan.Text{}
	for _, t := range p.Plan.Provides {
		provided[t.Value] = t
	}
	p.consumers(func(c *plan.Consumer) {
		t, ok := provided[c.Interface.Value]
		if !ok {
			return
		}
		x := p.Report(c.Interface.Span(), fmt.Sprintf("a deployment of this release provides %q itself, so there are two to choose from", t.Value))
		x.Related = []diag.Related{{File: p.Plan.File.Source, Span: t.Span(), Message: "provided here"}}
		x.Hint = "give the provided interface another name, or name the provider with -p"
	})
}

// errandScript reports the older spelling of "run".
func errandScript(p *Pass) {
	for _, e := range p.Plan.Errands {
		if e.Run != nil || e.Script.Value == "" {
			continue
		}
		_, entry := entryOf(e.Node, "script")
		if entry == nil {
			continue
		}
		x := p.Report(entry.Key.Pos, "\"script\" of an errand is the older spelling of \"run\"")
		word, _, _ := strings.Cut(e.Script.Value, " ")
		if p.isFile(word) && entry.Key.Style == 0 && entry.Key.Props == nil {
			x.Fixes = replace(entry.Key.Pos, "run", "write \"run\"", true)
		}
	}
}

// isFile reports whether a word at the start of a step is taken for a script file.
func (p *Pass) isFile(word string) bool {
	if p.Env.Stat == nil {
		return plan.LooksLikeScript(word)
	}
	info, err := p.Env.Stat(word)
	return err == nil && info.Mode().IsRegular()
}
