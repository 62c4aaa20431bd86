package action

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// extract turns a constant into the default of a new input, which stands in its place.
func extract(p place) []Action {
	name, v, ok := p.constant()
	if !ok {
		return nil
	}
	a := p.an
	id := freeInput(a.Plan, name)
	keys := []keyed{{"default", a.Source.Slice(v.Node.Span())}}
	switch v.Kind {
	case plan.Int:
		keys = append([]keyed{{"type", "integer"}}, keys...)
	case plan.Boolean:
		keys = append([]keyed{{"type", "bool"}}, keys...)
	}
	added, ok := addVariable(a.Syntax, "inputs", "input", id, keys...)
	if !ok {
		return nil
	}
	use := source.Edit{Span: v.Node.Span(), New: a.Plan.Spelled("$this.inputs."+id, "this.inputs."+id)}
	return []Action{{
		Title: fmt.Sprintf("Extract to a new input %q", id), Kind: Extract, Changes: one(a.Source, use, added),
	}}
}

// constant returns the constant at the place, if it is one where an input could stand, and what it is for.
func (p place) constant() (name string, v plan.Value, ok bool) {
	each := func(n string, x plan.Value) {
		s, is := x.Node.(*syntax.Scalar)
		if ok || !is || x.Expr != nil || !p.in(s) || s.Props != nil {
			return
		}
		simple := x.Kind == plan.String || x.Kind == plan.Int || x.Kind == plan.Boolean
		if simple && !strings.ContainsAny(p.an.Source.Slice(s.Pos), "\r\n") && s.Style != syntax.Native && !strings.Contains(s.Text, "{{") {
			name, v, ok = n, x, true
		}
	}
	pairs := func(list []plan.ValuePair) {
		for _, pair := range list {
			each(pair.Key.Value, pair.Value)
		}
	}
	doc := p.an.Plan
	for _, list := range [][]*plan.Variable{doc.Outputs, doc.BuildOutputs, doc.DeployOutputs} {
		for _, o := range list {
			if o != nil {
				each(o.ID.Value, o.Default)
			}
		}
	}
	for _, d := range doc.Depends {
		if d != nil {
			pairs(d.Mapping)
			pairs(d.BuildMapping)
			pairs(d.DeployMapping)
		}
	}
	for _, list := range [][]*plan.Template{doc.Templates, doc.BuildTemplates, doc.DeployTemplates} {
		for _, t := range list {
			if t != nil {
				pairs(t.Mapping)
			}
		}
	}
	return name, v, ok
}

// freeInput returns an id for a new input that nothing has yet.
func freeInput(p *plan.Plan, name string) string {
	id := name
	for n := 2; ; n++ {
		if _, taken := inputOf(p, id); !taken {
			return id
		}
		id = fmt.Sprintf("%s_%d", name, n)
	}
}
