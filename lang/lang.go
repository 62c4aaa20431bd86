// Package lang is the front end in one call: it reads the text of a plan and says what it means and what is wrong with
// it. The packages below do the work: yamlfile and hclfile read text, plan decodes fields, check finds mistakes, lint gives advice.
//
// Nothing here runs or evaluates anything, asks the network, or fails: whatever the text is, there is an Analysis.
//
// An editor analyses a text again after each key. Options.Before lets it pass on what is known, so that an edit costs what stands
// around it, and some copying: notation.Edit reads no more than that, and hands on the units of what stays; plan, check and lint
// note in a unit what they found out about it, and on what that depends (see syntax.Unit, and Kept in these packages).
package lang

import (
	"slices"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/kept"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Options says what Analyze may see besides the text. The zero value sees nothing, and nothing is said about what
// cannot be seen.
type Options struct {
	// Env is the folder of the plan and the commands of the machine; see Folder.
	Env check.Env
	// Deps is the release metadata of dependencies and extensions by alias.
	Deps check.Deps
	// Find returns Deps for a plan; it is called once that is decoded. nil leaves Deps as they are.
	Find func(*plan.Plan) check.Deps
	// Lint says which rules of lang/lint.All are on. nil means that those run which the checker has, and that no comment
	// silences them.
	Lint func(*lint.Rule) bool
	// Before is what was found in the text before it was edited; nil if nothing is known. The result does not depend on it, but
	// comes faster if Before was made with Keep.
	Before *Analysis
	// Keep says that the result will be the Before of another call. It then holds more than it tells.
	Keep bool
}

// An Analysis is everything known about a plan from its text. It is not changed after Analyze.
type Analysis struct {
	Source *source.File
	Syntax *syntax.File
	Plan   *plan.Plan
	Info   *check.Info
	// Findings are sorted by place.
	Findings diag.List
	// Ignored are those that comments silence; see lang/lint.
	Ignored []lint.Ignored

	kept memory
	// base is the tree of the last text that notation.Edit can go on from; nil if there was none.
	base *syntax.File
}

// A memory is what helps to analyse a text again after an edit.
type memory struct {
	plan  *plan.Kept
	check *check.Kept
	lint  *lint.Kept
	tries *kept.Map[try, found]
}

// remember makes the memory for an analysis from that of the one before.
func (an *Analysis) remember(opts *Options) {
	var m memory
	if opts.Before != nil {
		m = opts.Before.kept
	}
	an.kept = memory{m.plan.After(), m.check.After(), m.lint.After(), m.tries.After()}
	opts.Env.Kept = an.kept.check
}

// Decode reads f and says what it means, without checking it. It reports whether the text could be read in full.
func Decode(f *source.File) (p *plan.Plan, whole bool) {
	tree, findings := notation.Parse(f)
	broken := isBroken(findings)
	p, _ = plan.Decode(tree, plan.Options{Partial: broken})
	return p, !broken
}

func isBroken(list diag.List) bool {
	return slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Code.IsText() })
}

// read makes the tree of f, of that of its former text if there is one.
func read(f *source.File, before *Analysis) (*syntax.File, diag.List) {
	if before == nil || before.base == nil || before.base.Source.Name() != f.Name() {
		return notation.Parse(f)
	}
	return notation.Edit(f, before.base, source.Compare(before.base.Source.Text(), f.Text()))
}

// Analyze reads f, decodes it and checks it. It takes time linear in the size of f.
func Analyze(f *source.File, opts Options) *Analysis {
	an := &Analysis{Source: f}
	if opts.Keep {
		an.remember(&opts)
	}
	tree, findings := read(f, opts.Before)
	if opts.Keep && tree.Memory != nil {
		syntax.Mark(tree)
		an.base = tree
	} else if opts.Keep && opts.Before != nil {
		an.base = opts.Before.base
	}
	broken := isBroken(findings)
	opts.Env.Partial = opts.Env.Partial || broken
	seen := ignores{plan: f}
	if opts.Lint != nil {
		opts.Env = seen.watch(opts.Env)
	}
	p, more := plan.Decode(tree, plan.Options{Stat: opts.Env.Stat, Partial: broken, Kept: an.kept.plan})
	if opts.Find != nil {
		opts.Deps = opts.Find(p)
	}
	info, checked := check.Check(p, opts.Deps, opts.Env)
	more = append(more, checked...)
	if opts.Lint != nil {
		more = append(more, lint.Run(lint.Pass{Plan: p, Info: info, Env: opts.Env, Deps: opts.Deps, Kept: an.kept.lint}, opts.Lint)...)
	}
	if broken {
		more = quiet(tree, findings.Sort(), more)
	}
	findings = oncePerCut(append(findings, oncePerName(tree, more)...))
	findings = quietMissing(append(findings, further(tree)...))
	if !broken {
		findings = append(findings, strayQuotes(tree)...)
	}
	keepComments(f, findings)
	an.Syntax, an.Plan, an.Info = tree, p, info
	if opts.Lint != nil {
		findings, an.Ignored = seen.silence(findings, p, opts)
	}
	an.Findings = Limit(withoutConsequences(p, findings.Sort()))
	tryFixes(tree, an.Findings, an.kept.tries)
	return an
}
