package check

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// overrides reports what extensions take from each other, and what the plan changes, or cannot change, in a variable that
// it inherits from one. What the plan puts over an extension on purpose, such as a step or a default, is not worth a word.
func (c *checker) overrides() {
	if len(c.extensions) == 0 || len(c.p.Lost.Fields()) > 0 { // what could not be read may say which one is meant
		return
	}
	o := overriding{c: c, own: c.ownParts(), have: map[part]claimed{}}
	seen := map[release.ID]bool{}
	for _, e := range c.extensions {
		if e.m != nil && !seen[e.id] {
			seen[e.id] = true
			o.extension(e)
		}
	}
	p := c.p
	c.overInherited(partInputType, &c.inherited.inputs, p.Inputs, p.BuildInputs, p.DeployInputs)
	c.overInherited(partOutputType, &c.inherited.outputs, p.Outputs, p.BuildOutputs, p.DeployOutputs)
}

// A part is what an extension gives the package and others may give too.
type part struct{ kind, name string }

// The kinds of parts, as messages call them.
const (
	partStep          = "step"
	partErrand        = "errand"
	partMetadata      = "metadata"
	partDownload      = "download"
	partInputDefault  = "default of the input"
	partOutputDefault = "default of the output"
	partInputType     = "input"
	partOutputType    = "output"
)

// ownParts returns the parts that the plan gives itself; they win over those of extensions.
func (c *checker) ownParts() map[part]bool {
	p := c.p
	own := map[part]bool{}
	for _, f := range stepFields {
		row, _, _ := plan.Lookup(f.name)
		if *row.Bind(p).(**plan.Step) != nil {
			own[part{partStep, f.name}] = true
		}
	}
	for _, e := range p.Errands {
		if e != nil {
			own[part{partErrand, e.Name.Value}] = true
		}
	}
	for i := range p.Metadata {
		own[part{partMetadata, p.Metadata[i].Key.Value}] = true
	}
	for _, d := range p.Downloads {
		if d != nil {
			own[part{partDownload, d.Dest.Value}] = true
		}
	}
	variables := func(kind, defaults string, lists ...[]*plan.Variable) {
		for _, v := range slices.Concat(lists...) {
			if v != nil && v.Type.Set() {
				own[part{kind, v.ID.Value}] = true
			}
			if v != nil && v.Default.Set() {
				own[part{defaults, v.ID.Value}] = true
			}
		}
	}
	variables(partInputType, partInputDefault, p.Inputs, p.BuildInputs, p.DeployInputs)
	variables(partOutputType, partOutputDefault, p.Outputs, p.BuildOutputs, p.DeployOutputs)
	return own
}

// overriding looks at one extension after the other.
type overriding struct {
	c    *checker
	own  map[part]bool
	have map[part]claimed
}

// A claimed part belongs to an extension. Value is compared with that of the next one.
type claimed struct {
	by    *bundled
	value any
}

func (o *overriding) extension(e *bundled) {
	m := e.m
	for _, name := range slices.Sorted(maps.Keys(m.Stages)) {
		if s := m.Stages[name]; !s.IsZero() {
			o.later(e, part{partStep, name}, inFolder(e, s))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Errands)) {
		o.earlier(e, part{partErrand, name}, []any{inFolder(e, m.Errands[name].Run), m.Errands[name].Inputs})
	}
	for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
		if o.c.origin(m) == nil || !expr.IsScript(m.Metadata[key]) { // else nobody knows what it gives
			o.later(e, part{partMetadata, key}, m.Metadata[key])
		}
	}
	for _, d := range m.Downloads {
		if d.Platform == "" && d.Arch == "" { // others may well stand side by side
			o.earlier(e, part{partDownload, d.Dest}, d.URL)
		}
	}
	for _, v := range m.Inputs {
		if v.HasDefault() {
			o.later(e, part{partInputDefault, v.ID}, v.Default)
		}
		o.types(e, partInputType, v, o.c.inherited.inputs.byID[v.ID])
	}
	for _, v := range m.Outputs {
		if v.HasDefault() {
			o.earlier(e, part{partOutputDefault, v.ID}, v.Default)
		}
		o.types(e, partOutputType, v, o.c.inherited.outputs.byID[v.ID])
	}
}

// inFolder is what a stage runs. Scripts of equal names are different ones in different packages.
func inFolder(e *bundled, s *release.Stage) any {
	if s != nil && s.Script != "" {
		return []any{e.id.Package(), *s}
	}
	return s
}

// later takes a part of which the last one counts.
func (o *overriding) later(e *bundled, p part, value any) {
	if old, ok := o.clash(e, p, value); ok {
		x := o.c.report(diag.ExtensionOverride, e.at.Span(), fmt.Sprintf("the %s %q of %q is replaced by that of %q", p.kind, p.name, old.by.id.Package(), e.id.Package()))
		o.explain(x, old, p)
	}
	o.have[p] = claimed{e, value}
}

// earlier takes a part of which the first one counts.
func (o *overriding) earlier(e *bundled, p part, value any) {
	old, ok := o.clash(e, p, value)
	if ok {
		x := o.c.report(diag.ExtensionOverride, e.at.Span(), fmt.Sprintf("the %s %q of %q is left out: %q has one too", p.kind, p.name, e.id.Package(), old.by.id.Package()))
		o.explain(x, old, p)
	}
	if old.by == nil {
		o.have[p] = claimed{e, value}
	}
}

// clash returns who has the part, and whether that is another extension with another value, and the plan does not replace
// both.
func (o *overriding) clash(e *bundled, p part, value any) (claimed, bool) {
	old, ok := o.have[p]
	return old, ok && old.by != e && !o.own[p] && !reflect.DeepEqual(old.value, value)
}

func (o *overriding) explain(x *diag.Diagnostic, old claimed, p part) {
	x.Related = []diag.Related{{File: o.c.src, Span: old.by.at.Span(), Message: "extended here"}}
	x.Hint = "write it in this plan to say which one is meant"
	if p.kind == partStep || p.kind == partErrand {
		x.Hint = "write the " + p.kind + " in this plan; it can run the scripts of both"
	}
}

// types reports a variable that an earlier extension declares with another type, which stays.
func (o *overriding) types(e *bundled, what string, v *release.Variable, in *inheritedVar) {
	if in == nil || in.from == e || in.from.ext == nil || in.from.id == e.id || o.own[part{what, v.ID}] {
		return
	}
	mine := (&inheritedVar{v: v}).Var()
	if is := in.Var(); !sameVar(is, mine) {
		x := o.c.report(diag.InheritedType, e.at.Span(), fmt.Sprintf("the %s %q is %s in the extension %q, and %s in %q", what, v.ID, is, in.from.id.Package(), mine, e.id.Package()))
		x.Related = []diag.Related{{File: o.c.src, Span: in.from.at.Span(), Message: "extended here; its type counts"}}
	}
}

func sameVar(a, b types.Var) bool { return a.Name == b.Name && a.Type().Equal(b.Type()) }

// overInherited reports variables of the plan that an extension declares with another type or in more stages.
func (c *checker) overInherited(what string, inherited *inheritedVars, lists ...[]*plan.Variable) {
	stages := map[string]plan.Stages{}
	for _, v := range slices.Concat(lists...) {
		if v != nil {
			stages[v.ID.Value] |= v.Scopes.Stages()
		}
	}
	for _, v := range slices.Concat(lists...) {
		if v == nil || inherited.byID[v.ID.Value] == nil || inherited.byID[v.ID.Value].from.ext == nil {
			continue
		}
		in := inherited.byID[v.ID.Value]
		from := in.from.id.Package()
		if is := in.Var(); v.Type.Set() && !sameVar(is, v.Var) {
			x := c.report(diag.InheritedType, v.Type.Span(), fmt.Sprintf("the %s %q is %s in the extension %q, and %s here", what, v.ID.Value, is, from, v.Var))
			x.Related = []diag.Related{{File: c.src, Span: in.from.at.Span(), Message: "extended here"}}
			x.Hint = "scripts of the extension expect its type"
		}
		if more := in.stages &^ stages[v.ID.Value]; more != 0 {
			stages[v.ID.Value] |= more
			x := c.report(diag.ExtensionOverride, v.ID.Span(), fmt.Sprintf("the %s %q exists in the %s stage too: stages of an extension cannot be taken away", what, v.ID.Value, more))
			x.Related = []diag.Related{{File: c.src, Span: in.from.at.Span(), Message: fmt.Sprintf("extended here; %q has it there", from)}}
		}
	}
}
