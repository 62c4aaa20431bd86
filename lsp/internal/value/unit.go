package value

import (
	"fmt"
	"slices"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// A unit is a release as it is deployed for something else: for the plan, or for another release.
type unit struct {
	w *world
	m *release.Metadata
	// mapped returns what is given for an input; false if nothing is.
	mapped func(id string) (Value, bool)
	depth  int // how many releases are around it

	known map[[2]string]*Value // inputs and outputs, by group and id
	units map[*release.Dependency]*unit
}

// maxDepth is how many releases are looked at that need each other one after the other.
const maxDepth = 8

// unitOf returns the unit of a dependency of the plan; nil if nothing is known of its release.
func (w *world) unitOf(d *plan.Dependency) *unit {
	u, ok := w.units[d]
	if !ok {
		if m := w.an.ReleaseOf(d.Release, d.Alias()); m != nil {
			u = newUnit(w, m, func(id string) (Value, bool) { return w.mapped(d, id) })
		}
		w.units[d] = u
	}
	return u
}

func newUnit(w *world, m *release.Metadata, mapped func(string) (Value, bool)) *unit {
	return &unit{w: w, m: m, mapped: mapped, known: map[[2]string]*Value{}, units: map[*release.Dependency]*unit{}}
}

// mapped returns what the plan gives for an input of a dependency.
func (w *world) mapped(d *plan.Dependency, id string) (Value, bool) {
	field, list := "deploy_mapping", d.DeployMapping
	if !d.Scopes.Deploy {
		field, list = "build_mapping", d.BuildMapping
	}
	pair := pairOf(list, id)
	if pair == nil {
		field, pair = "mapping", pairOf(d.Mapping, id)
	}
	if pair != nil {
		v := literal(pair.Value.Go())
		if s, ok := pair.Value.Script(); ok && s.Expr != nil {
			v = w.script(s)
		}
		line := w.an.Source.LineOf(int(pair.Key.Span().Start))
		return v.from(fmt.Sprintf("%s in line %d", field, line)), true
	}
	// An input that is known before dependencies are there goes on to all of them that have one of that name.
	for _, v := range w.an.Plan.AllInputs() {
		if v.ID.Value == id && v.EvalBeforeDependencies.Value {
			out := w.variable(v)
			out.Default = true
			return out.from("input " + id + " of the plan"), true
		}
	}
	return Value{}, false
}

// from is v, which comes from a source first of all.
func (v Value) from(source string) Value {
	v.From = append([]string{source}, slices.DeleteFunc(slices.Clone(v.From), func(f string) bool { return f == source })...)
	return v
}

func pairOf(list []plan.ValuePair, key string) *plan.ValuePair {
	for i := range list {
		if list[i].Key.Value == key {
			return &list[i]
		}
	}
	return nil
}

// field is a value behind the name of the unit.
func (u *unit) field(ref []expr.Name) Value {
	switch ref[1].Text {
	case "inputs":
		return u.input(ref[2].Text)
	case "outputs":
		return u.output(ref[2].Text)
	}
	return fact(ref, u.m)
}

// reference returns what a reference of an expression of the release gives.
func (u *unit) reference(ref []expr.Name) Value {
	if ref[0].Text == "this" {
		return u.field(ref)
	}
	for _, d := range u.m.Depends {
		if d.Variable != ref[0].Text {
			continue
		}
		if next := u.unitOf(d); next != nil {
			return next.field(ref)
		}
		return unknown(nothing)
	}
	return unknown("it depends on a provider or package of " + u.m.VersionlessID())
}

// unitOf returns the unit of a dependency of the release; nil if nothing is known of it.
func (u *unit) unitOf(d *release.Dependency) *unit {
	next, ok := u.units[d]
	if !ok {
		if m := u.w.an.Needed(u.m, d.ReleaseID); m != nil && u.depth < maxDepth {
			next = newUnit(u.w, m, func(id string) (Value, bool) { return u.given(d, id) })
			next.depth = u.depth + 1
		}
		u.units[d] = next
	}
	return next
}

// given returns what the release gives for an input of one of its dependencies.
func (u *unit) given(d *release.Dependency, id string) (Value, bool) {
	if v, ok := d.MappingFor(release.Deploy)[id]; ok {
		return u.written(v).from("mapping of " + u.m.VersionlessID()), true
	}
	if v, ok := u.m.Input(id); ok && v.EvalBeforeDependencies {
		return u.input(id), true
	}
	return Value{}, false
}

// written returns the value of what metadata writes for one: text may be an expression of the release.
func (u *unit) written(v any) Value {
	text, ok := v.(string)
	if !ok || !expr.IsScript(text) {
		return literal(v)
	}
	node, findings := expr.Parse(text)
	if findings.HasErrors() {
		return unknown("it cannot be read")
	}
	return evaluate(node, u.reference)
}

// elements returns the value of a list in which text may be an expression.
func (u *unit) elements(list []any) Value {
	all := make([]any, len(list))
	out := literal(all)
	for i := range list {
		one := u.written(list[i])
		if !one.Known || one.Secret {
			return one
		}
		all[i], out = one.Go, out.with(one)
	}
	return out
}

// once returns the value of an input or output, which is worked out when it is first wanted.
func (u *unit) once(group, id string, work func() Value) Value {
	key := [2]string{group, id}
	if known := u.known[key]; known != nil {
		return *known
	}
	known := &Value{Why: circular}
	u.known[key] = known // as long as it is being worked out
	*known = work()
	return *known
}

// input returns the value of an input: what is given for it, or else its default.
func (u *unit) input(id string) Value {
	return u.once("inputs", id, func() Value {
		v, ok := u.m.Input(id)
		if !ok {
			return unknown(u.m.VersionlessID() + " declares no such input")
		}
		if given, ok := u.mapped(id); ok {
			return typed(v, given)
		}
		if !v.HasDefault() {
			return unknown(noDefault)
		}
		return typed(v, u.byDefault("input", v))
	})
}

// output returns the value of an output if no script writes another than the default.
func (u *unit) output(id string) Value {
	return u.once("outputs", id, func() Value {
		v, ok := u.m.Output(id)
		if !ok || !v.HasDefault() {
			return unknown("it is there when " + u.m.VersionlessID() + " is deployed")
		}
		out := u.byDefault("output", v)
		for _, step := range []string{"deploy", "post_deploy"} {
			if s := u.m.Stage(step); s.Runs() {
				out.Guess = true
			}
		}
		return typed(v, out)
	})
}

// byDefault is the default of a variable.
func (u *unit) byDefault(kind string, v *release.Variable) Value {
	out := u.written(v.Default)
	if list, ok := v.Default.([]any); ok {
		out = u.elements(list)
	}
	out.Default = true
	return out.from(fmt.Sprintf("default of %s %s of %s", kind, v.ID, u.m.VersionlessID()))
}

// typed is a value as the type of its variable has it.
func typed(v *release.Variable, out Value) Value {
	t, err := types.StoredVar(v.Type, v.Options)
	switch {
	case err == nil && t.IsMagic():
		return unknown(magic)
	case v.Sensitive || out.Secret:
		return out.hidden()
	case !out.Known || err != nil:
		return out
	}
	coerced, err := t.Coerce(out.Go)
	if err != nil {
		return unknown("it does not fit the type")
	}
	out.Go = coerced
	return out
}
