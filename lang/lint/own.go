package lint

import (
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// Many rules look at one variable at a time, and what they say depends on nothing else. A plan has many variables, and an edit
// changes one of them: those about which no such rule said anything before are not looked at again.

// A ruleSet is a set of rules that are on.
type ruleSet struct{ on string }

// of returns the set of the rules for which on returns true: s, if it is that; s may be nil.
func (s *ruleSet) of(on func(*Rule) bool) *ruleSet {
	set := make([]byte, len(Rules))
	for i := range Rules {
		if Rules[i].Check != nil && on(&Rules[i]) {
			set[i] = 1
		}
	}
	if s != nil && s.on == string(set) {
		return s
	}
	return &ruleSet{string(set)}
}

// A silence says of a unit that no rule of a set finds anything in what is its own.
type silence struct{ of *ruleSet }

// A part is an input or output of the plan, or an errand with its inputs.
type part struct {
	unit     *syntax.Unit
	variable *plan.Variable
	errand   *plan.Errand
	said     bool // whether a rule has found something
}

// eachPart calls fn for the parts of the plan about which a rule may have something to say that depends on nothing but the part.
// What fn reports must not depend on anything else.
func (p *Pass) eachPart(fn func(*part)) {
	if p.parts == nil {
		p.parts = p.openParts()
	}
	for i := range p.parts {
		said := len(p.list)
		fn(&p.parts[i])
		p.parts[i].said = p.parts[i].said || len(p.list) > said
	}
}

// ownVariables calls fn for inputs and outputs as variables does, but not for those of which it is known that no rule has
// anything to say about them by themselves. What fn reports must depend on the variable only.
func (p *Pass) ownVariables(fn func(v *plan.Variable)) {
	p.eachPart(func(x *part) {
		if x.variable != nil {
			fn(x.variable)
			return
		}
		for _, v := range x.errand.Inputs {
			fn(v)
		}
	})
}

// openParts returns the parts that have to be looked at.
func (p *Pass) openParts() []part {
	silent := func(u *syntax.Unit) bool {
		if u == nil || !p.keeps() {
			return false
		}
		s, _ := u.Linted.Load().(silence)
		return s.of == p.Kept.rules
	}
	parts := []part{}
	for _, v := range append(p.Plan.AllInputs(), p.Plan.AllOutputs()...) {
		if !silent(v.Unit()) {
			parts = append(parts, part{unit: v.Unit(), variable: v})
		}
	}
	for _, e := range p.Plan.Errands {
		if !silent(e.Unit()) {
			parts = append(parts, part{unit: e.Unit(), errand: e})
		}
	}
	return parts
}

// keeps reports whether it can be known what rules say about parts: an extension may say more about them.
func (p *Pass) keeps() bool { return p.Kept != nil && len(p.Plan.Extends) == 0 }

// keep notes about which parts nothing was said.
func (p *Pass) keep() {
	if !p.keeps() || p.Env.Partial { // less is said then
		return
	}
	for i := range p.parts {
		if x := &p.parts[i]; x.unit != nil && !x.said {
			x.unit.Linted.Store(silence{p.Kept.rules})
		}
	}
}
