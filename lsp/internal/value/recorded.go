package value

import (
	"fmt"
	"slices"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
)

// A Deployment is what is recorded of the last run of a deployment.
type Deployment struct {
	// Name is its path, such as "shop/app:db".
	Project, Environment, Name string
	Package, Version           string // "shop/db" and "1.2"
	// Build says that it was built there and not deployed.
	Build           bool
	Inputs, Outputs map[string]any
	// Secret holds the ids of inputs and outputs that are recorded as secret. Others may be too.
	Secret map[string]bool
	// Depends are the deployments of dependencies, and Providers those that serve consumers, by their names in expressions.
	Depends, Providers map[string]*Deployment
}

func (d *Deployment) source() string {
	what := "deployment"
	if d.Build {
		what = "build of"
	}
	return fmt.Sprintf("state of environment %s, %s %s", d.Environment, what, d.Name)
}

func (d *Deployment) group(name string) map[string]any {
	if name == "outputs" {
		return d.Outputs
	}
	return d.Inputs
}

// A Recorder returns what is recorded of deployments of a plan. It does not wait for long.
type Recorder func(an *cache.Analyzed) []*Deployment

// RecordedExpr returns the values that a part of an expression has where the plan is deployed, one for each deployment of which
// something goes into it.
func RecordedExpr(an *cache.Analyzed, x *check.Expr, node expr.Expr, deployments []*Deployment) []Value {
	return recorded(an, deployments, func(p *place) Value {
		return evaluate(node, func(ref []expr.Name) Value { return p.reference(x, ref) })
	})
}

// RecordedVariable returns the values that an input or output of the plan has where that is deployed.
func RecordedVariable(an *cache.Analyzed, v *plan.Variable, deployments []*Deployment) []Value {
	group := "inputs"
	if slices.Contains(an.Plan.AllOutputs(), v) {
		group = "outputs"
	}
	return recorded(an, deployments, func(p *place) Value { return p.take(p.own(group, v.ID.Value)) })
}

// RecordedInput returns the values that an input of a dependency has where the plan is deployed.
func RecordedInput(an *cache.Analyzed, d *plan.Dependency, id string, deployments []*Deployment) []Value {
	return recorded(an, deployments, func(p *place) Value { return p.take(p.dependency(d, "inputs", id)) })
}

func recorded(an *cache.Analyzed, deployments []*Deployment, find func(*place) Value) []Value {
	if len(deployments) == 0 {
		return nil
	}
	w := of(an)
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Value
	for _, d := range deployments {
		p := &place{w: w, d: d}
		if v := find(p); v.Known && p.used {
			all = append(all, v)
		}
	}
	return all
}

// A place is where the plan is deployed.
type place struct {
	w    *world
	d    *Deployment
	used bool // something that is recorded was asked for
}

// take notes that a value is recorded, if it is.
func (p *place) take(v Value, ok bool) Value {
	p.used = p.used || ok
	return v
}

// reference returns what a reference of an expression of the plan gives in this place; what is not recorded is as anywhere.
func (p *place) reference(x *check.Expr, ref []expr.Name) Value {
	root, _ := x.Scope.Names.Field(ref[0].Text)
	var d *Deployment
	var variable func(group, id string) (Value, bool)
	switch def := root.Def.(type) {
	case *plan.Plan:
		d, variable = p.d, p.own
	case *plan.Dependency:
		d = p.d.Depends[def.Alias()]
		variable = func(group, id string) (Value, bool) { return p.dependency(def, group, id) }
	case *plan.Consumer:
		d = p.d.Providers[ref[0].Text]
		variable = func(group, id string) (Value, bool) { return p.provider(def, d, group, id) }
	}
	if d != nil {
		if v, ok := d.key(ref, variable); ok {
			return p.take(v, ok)
		}
	}
	return p.w.reference(x, ref)
}

// key returns what a key behind the name of a deployment gives; variable finds inputs and outputs. It reports false if that is
// not recorded.
func (d *Deployment) key(ref []expr.Name, variable func(group, id string) (Value, bool)) (Value, bool) {
	switch group := ref[1].Text; group {
	case "inputs", "outputs":
		return variable(group, ref[2].Text)
	case "project":
		return literal(d.Project, d.source()), true
	case "environment":
		return literal(d.Environment, d.source()), true
	case "deployment":
		return literal(d.Name, d.source()), true
	}
	return Value{}, false
}

// value is a recorded value. It is not known if nobody can tell whether it may be seen.
func (d *Deployment) value(group, id string, declared, sensitive bool) (Value, bool) {
	v, ok := d.group(group)[id]
	switch out := literal(v, d.source()); {
	case !ok:
		return Value{}, false
	case sensitive || d.Secret[id]:
		return out.hidden(), true
	case !declared:
		return unknown("whether it is secret is not known here"), true
	default:
		return out, true
	}
}

// own is an input or output of the plan.
func (p *place) own(group, id string) (Value, bool) {
	declared, sensitive := p.w.sensitive(group, id)
	return p.d.value(group, id, declared, sensitive)
}

// sensitive reports whether the plan, or a package that it needs, declares an input or output, and whether its value is secret:
// because one of them says so, or by its name if nobody says that it is none.
func (w *world) sensitive(group, id string) (declared, sensitive bool) {
	list := w.an.Plan.AllInputs()
	if group == "outputs" {
		list = w.an.Plan.AllOutputs()
	}
	for _, v := range list {
		if v.ID.Value == id {
			declared, sensitive = true, sensitive || v.Sensitive.Value || w.variable(v).Secret || v.Sensitive.Node == nil && lint.IsSecretName(id)
		}
	}
	for _, m := range w.an.Deps {
		if v, ok := stored(m, group, id); ok {
			declared, sensitive = true, sensitive || v.Sensitive || lint.IsSecretName(id) && !declared
		}
	}
	return declared, sensitive
}

func stored(m *release.Metadata, group, id string) (*release.Variable, bool) {
	if group == "outputs" {
		return m.Output(id)
	}
	return m.Input(id)
}

// dependency is an input or output of a dependency of the plan.
func (p *place) dependency(def *plan.Dependency, group, id string) (Value, bool) {
	d, u := p.d.Depends[def.Alias()], p.w.unitOf(def)
	if d == nil || u != nil && u.m.VersionlessID() != d.Package {
		return Value{}, false // another package stood there
	}
	if u == nil {
		return d.value(group, id, false, false)
	}
	declared, sensitive := u.sensitive(group, id)
	return d.value(group, id, declared, sensitive)
}

// sensitive reports whether the release declares an input or output, and whether its value is secret.
func (u *unit) sensitive(group, id string) (declared, sensitive bool) {
	static := u.input
	if group == "outputs" {
		static = u.output
	}
	declared, sensitive = declares(u.m, group, id)
	return declared, sensitive || declared && static(id).Secret
}

// declares reports whether a release, of which nothing may be known, declares an input or output, and whether that is secret, if
// only by its name.
func declares(m *release.Metadata, group, id string) (declared, sensitive bool) {
	if m == nil {
		return false, false
	}
	v, ok := stored(m, group, id)
	return ok, ok && (v.Sensitive || lint.IsSecretName(id))
}

// provider is an input or output of the deployment that serves a consumer of the plan.
func (p *place) provider(def *plan.Consumer, d *Deployment, group, id string) (Value, bool) {
	declared, sensitive := declares(p.w.providing(def, d), group, id)
	return d.value(group, id, declared, sensitive)
}

// providing returns what is known of the package whose deployment serves a consumer of the plan; nil if nothing is.
func (w *world) providing(def *plan.Consumer, d *Deployment) *release.Metadata {
	if w.an.Env.Providers == nil {
		return nil
	}
	for _, m := range w.an.Env.Providers(def.Interface.Value) {
		if m.VersionlessID() == d.Package {
			return m
		}
	}
	return nil
}
