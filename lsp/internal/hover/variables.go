package hover

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/symbol"
	"escape.build/escape/lsp/internal/value"
)

// variable explains an input or output, where it is declared or used.
func (e *explainer) variable(s *symbol.Symbol) {
	if v := e.declared(s); v != nil {
		e.own(s, v)
		return
	}
	if v := e.stored(s); v != nil {
		e.foreign(s, v)
		return
	}
	e.line(title(s.Kind.String()), say(" "), word(s.Name))
	switch {
	case s.Within != "" && s.Kind != symbol.ErrandInput:
		e.line(say("An output of whichever deployment provides "), word(s.Within), say("."))
		e.value(e.foreignValue(s))
	case s.Package != "" && s.Package != symbol.PackageOf(e.an):
		e.line(say("Of "), word(s.Package), say(", of which nothing is known here."))
		e.value(e.foreignValue(s))
	default:
		e.line(say("The plan does not declare it."))
	}
}

// declared returns the variable of the plan that a symbol means; nil if it is none of the plan.
func (e *explainer) declared(s *symbol.Symbol) *plan.Variable {
	if v, ok := s.Def.(*plan.Variable); ok {
		return v
	}
	return symbol.VariableOf(e.an, s.ID)
}

// own explains a variable of the plan.
func (e *explainer) own(s *symbol.Symbol, v *plan.Variable) {
	kind := s.Kind.String()
	e.line(title(kind), say(" "), word(v.ID.Value), say(": "), word(v.Var.String()))
	e.user(v.Friendly.Value)
	e.user(v.Description.Value)
	if v.Sensitive.Value {
		e.item(say("Sensitive: its value is masked wherever it would be shown."))
	}
	switch {
	case v.Var.IsMagic():
		e.item(say("Escape fills it in."))
	case v.Default.Set():
		e.defaultOf(v)
	case s.Kind == symbol.Output:
		e.item(say("No default: a script must write it."))
	default:
		e.item(say("Required: it has no default."))
	}
	if s.Kind != symbol.ErrandInput {
		e.recorded(value.RecordedVariable(e.an, v, e.deployed()))
	}
	if v.Items.Set() && !v.Sensitive.Value {
		e.item(say("Allowed: "), word(value.Cut(written(&v.Items), maxValue)))
	}
	if n := v.Scopes.Stages(); n != plan.StageBoth && n != 0 {
		e.item(say("Only in the " + n.String() + " stage."))
	}
	e.environment(s, v)
	if s.Use == symbol.Declare {
		e.users(s, v)
	}
}

// written is a value as a plan writes it.
func written(v *plan.Value) string {
	switch v.Kind {
	case plan.List:
		parts := make([]string, len(v.List))
		for i := range v.List {
			parts[i] = written(&v.List[i])
		}
		return strings.Join(parts, ", ")
	case plan.Map:
		return "{…}"
	}
	return v.Text
}

func (e *explainer) defaultOf(v *plan.Variable) {
	if v.Sensitive.Value {
		e.item(say("Default: "), word(value.Masked))
		return
	}
	e.item(say("Default: "), word(value.Cut(written(&v.Default), maxValue)))
	known := value.OfVariable(e.an, v)
	if s, ok := v.Default.Script(); ok && s.Expr != nil || !known.Known {
		e.value(known, nil)
	}
}

// environment says how scripts get it.
func (e *explainer) environment(s *symbol.Symbol, v *plan.Variable) {
	if s.Kind == symbol.Output {
		e.item(say("Scripts see it as "), word("OUTPUT_"+v.ID.Value), say(" once it is there."))
	} else {
		e.item(say("Scripts see it as "), word("INPUT_"+v.ID.Value), say("."))
	}
}

// maxUsers is how many scripts are named that use a variable.
const maxUsers = 5

// users says what uses a variable of the plan.
func (e *explainer) users(s *symbol.Symbol, v *plan.Variable) {
	env, group := "INPUT_"+v.ID.Value, "inputs"
	if s.Kind == symbol.Output {
		env, group = "OUTPUT_"+v.ID.Value, "outputs"
	}
	n := 0
	for i := range e.an.Info.Exprs {
		if uses(&e.an.Info.Exprs[i], group, v.ID.Value) {
			n++
		}
	}
	var parts []part
	if n > 0 {
		parts = append(parts, say(count(n, "expression")))
	}
	for i, name := range e.scripts(env) {
		if len(parts) > 0 {
			parts = append(parts, say(", "))
		}
		if i == maxUsers {
			parts = append(parts, say("…"))
			break
		}
		parts = append(parts, word(name))
	}
	if len(parts) == 0 {
		if used, _ := e.an.Info.InputUse(v.ID.Value); used && s.Kind == symbol.Input {
			parts = append(parts, say("a template or another package"))
		}
	}
	if len(parts) > 0 {
		e.item(append([]part{say("Used by ")}, append(parts, say("."))...)...)
	}
}

func uses(x *check.Expr, group, id string) bool {
	if !strings.Contains(x.Text.Value, id) {
		return false
	}
	return slices.ContainsFunc(expr.Refs(x.Root), func(r expr.Reference) bool {
		n := r.Names
		return len(n) > 2 && n[0].Text == "this" && n[1].Text == group && n[2].Text == id
	})
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// scripts are the names of those that use a variable.
func (e *explainer) scripts(env string) []string {
	var names []string
	for _, s := range e.an.Info.Scripts() {
		for i := range s.Uses {
			if s.Uses[i].Name != env {
				continue
			}
			name := s.Path
			if name == "" && len(s.Runs) > 0 {
				name = s.Runs[0].Name
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			break
		}
	}
	return names
}

// stored returns the variable of another package that a symbol means; nil if nothing is known of it.
func (e *explainer) stored(s *symbol.Symbol) *release.Variable {
	all := []*release.Metadata{s.Release}
	for _, n := range e.an.Plan.Needs() {
		all = append(all, e.an.ReleaseOf(n.Release, n.Alias))
	}
	for _, m := range all {
		if m == nil || s.Package != "" && m.VersionlessID() != s.Package && s.Package != symbol.PackageOf(e.an) {
			continue
		}
		if v, ok := m.Input(s.Name); ok && s.Kind == symbol.Input {
			return v
		}
		if v, ok := m.Output(s.Name); ok && s.Kind == symbol.Output {
			return v
		}
	}
	return nil
}

// foreign explains a variable of another package.
func (e *explainer) foreign(s *symbol.Symbol, v *release.Variable) {
	e.line(title(s.Kind.String()), say(" "), word(v.ID), say(": "), word(storedType(v)))
	e.user(v.Description)
	if s.Package != "" {
		e.item(say("Of "), word(s.Package))
	}
	known, recorded := e.foreignValue(s)
	switch {
	case v.Sensitive:
		e.item(say("Sensitive: its value is masked wherever it would be shown."))
	case !v.HasDefault() && s.Kind == symbol.Input:
		e.item(say("Required: it has no default."))
	case v.HasDefault() && !(known.Known && value.Script(known.Go) == value.Script(v.Default)): // else it is shown once
		e.item(say("Default: "), word(value.Cut(value.Script(v.Default), maxValue)))
	}
	e.value(known, recorded)
}

// foreignValue returns what is known of the value of a variable of another package, which stands in an expression or is given a
// value by the mapping of a dependency.
func (e *explainer) foreignValue(s *symbol.Symbol) (known value.Value, recorded []value.Value) {
	if e.file != e.an.Source {
		return known, nil
	}
	if x, ok := e.an.Info.At(e.off); ok {
		if at := e.selected(&x); at != nil {
			return value.OfExpr(e.an, &x, at), value.RecordedExpr(e.an, &x, at, e.deployed())
		}
	}
	for _, d := range e.an.Plan.Depends {
		for _, pair := range slices.Concat(d.Mapping, d.BuildMapping, d.DeployMapping) {
			if pair.Key.Span().Contains(e.off) {
				return value.OfInput(e.an, d, s.Name), value.RecordedInput(e.an, d, s.Name, e.deployed())
			}
		}
	}
	return known, nil
}

// valueAt says what a part of an expression gives.
func (e *explainer) valueAt(x *check.Expr, node expr.Expr) {
	e.value(value.OfExpr(e.an, x, node), value.RecordedExpr(e.an, x, node, e.deployed()))
}

// pair explains an entry of metadata, or of the mapping of a template.
func (e *explainer) pair(s *symbol.Symbol) {
	e.line(title(s.Kind.String()), say(" "), word(s.Name))
	switch def := s.Def.(type) {
	case *plan.Pair:
		e.item(say("Value: "), word(value.Cut(def.Value.Value, maxValue)))
		e.scriptValue(def.Value)
	case *plan.ValuePair:
		e.item(say("Value: "), word(value.Cut(written(&def.Value), maxValue)))
		if script, ok := def.Value.Script(); ok {
			e.scriptValue(script)
		}
	default:
		if s.Release != nil {
			if text, ok := s.Release.Metadata[s.Name]; ok {
				e.item(say("Value: "), word(value.Cut(text, maxValue)))
			}
		}
	}
	if s.Kind == symbol.Metadata && s.Package != "" {
		e.line(say("Of "), word(s.Package), say(". Scripts see it as "), word("METADATA_"+s.Name), say("."))
	}
}

// scriptValue says what an expression of the plan gives.
func (e *explainer) scriptValue(s plan.Script) {
	if s.Expr == nil {
		return
	}
	if x, ok := e.an.Info.At(int(s.At(source.Span{}).Start)); ok && x.Root == s.Expr {
		e.valueAt(&x, s.Expr)
	}
}
