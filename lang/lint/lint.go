// Package lint gives advice about plans that work: what will not be the same tomorrow, what leaks a secret, what nobody
// can maintain. It does not find what is wrong (see lang/check), and knows no files of configuration and no formats of
// reports (see cmd/escape/cli).
//
// Read lint.go (how a rule is run), then rules.go (the table of all rules), then the file of the category in question; for
// rules about scripts shell.go (their commands) and shellrules.go.
package lint

import (
	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/kept"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// A Rule is a row of the table of rules. Its explanation and its examples are those of its code.
type Rule struct {
	Code     *diag.Entry
	Category Category
	// Off says that the rule runs only if it is asked for.
	Off bool
	// Check reports what the rule finds; nil for a rule whose findings the checker makes.
	Check func(*Pass)
}

// A Pass is what a rule sees of one plan. Rules do not change it.
type Pass struct {
	Plan *plan.Plan
	Info *check.Info
	Env  check.Env
	Deps check.Deps
	// Kept is what is known from linting the plan before it was edited; nil if nothing is to be kept.
	Kept *Kept

	rule *Rule
	list diag.List
	// shell are the shell scripts, once walked is set.
	shell  []*shellScript
	walked bool
	calls  map[string]*[]callPlace // their commands by name; nil before eachCall
	// parts are those that eachPart is about; nil before it is called for the first time.
	parts []part
}

// Kept is what helps to lint a plan again after an edit.
type Kept struct {
	shells *kept.Map[*syntax.File, *shellFacts]
	rules  *ruleSet
}

// After returns what helps to lint a plan that was linted with k before it was edited; k may be nil.
func (k *Kept) After() *Kept {
	if k == nil {
		k = &Kept{}
	}
	return &Kept{shells: k.shells.After(), rules: k.rules}
}

// Report adds a finding of the rule that runs, at a span of the plan. The pointer is good until the next one.
func (p *Pass) Report(span source.Span, message string) *diag.Diagnostic {
	return p.ReportIn(p.Plan.File.Source, span, message)
}

// ReportIn adds a finding of the rule that runs, in another file such as a script.
func (p *Pass) ReportIn(f *source.File, span source.Span, message string) *diag.Diagnostic {
	p.list = append(p.list, diag.New(p.rule.Code, f, span, message))
	return &p.list[len(p.list)-1]
}

// Run returns what the rules find for which on returns true.
func Run(p Pass, on func(*Rule) bool) diag.List {
	if p.Kept != nil {
		p.Kept.rules = p.Kept.rules.of(on)
	}
	for i := range Rules {
		if r := &Rules[i]; r.Check != nil && on(r) {
			p.rule = r
			r.Check(&p)
		}
	}
	p.keep()
	return p.list
}
