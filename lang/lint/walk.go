package lint

import (
	"sort"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// variables calls fn for every input and output, those of errands included.
func (p *Pass) variables(fn func(v *plan.Variable)) {
	for _, list := range [][]*plan.Variable{p.Plan.Inputs, p.Plan.BuildInputs, p.Plan.DeployInputs,
		p.Plan.Outputs, p.Plan.BuildOutputs, p.Plan.DeployOutputs} {
		for _, v := range list {
			fn(v)
		}
	}
	for _, e := range p.Plan.Errands {
		for _, v := range e.Inputs {
			fn(v)
		}
	}
}

// isOutput reports whether v is an output.
func isOutput(v *plan.Variable) bool { return strings.HasSuffix(v.Field.Name, "outputs") }

// templates calls fn for every template.
func (p *Pass) templates(fn func(t *plan.Template)) {
	for _, list := range [][]*plan.Template{p.Plan.Templates, p.Plan.BuildTemplates, p.Plan.DeployTemplates} {
		for _, t := range list {
			fn(t)
		}
	}
}

// consumers calls fn for every consumer.
func (p *Pass) consumers(fn func(c *plan.Consumer)) {
	for _, list := range [][]*plan.Consumer{p.Plan.Consumes, p.Plan.BuildConsumes, p.Plan.DeployConsumes} {
		for _, c := range list {
			fn(c)
		}
	}
}

// steps calls fn for every step that runs something, with the field or errand it belongs to.
func (p *Pass) steps(fn func(s *plan.Step, e *plan.Errand)) {
	for i := range plan.Fields {
		if row := &plan.Fields[i]; row.Shape == plan.ShapeStep {
			if s := *row.Bind(p.Plan).(**plan.Step); s != nil && s.Form != plan.Empty {
				fn(s, nil)
			}
		}
	}
	for _, e := range p.Plan.Errands {
		if e.Run != nil && e.Run.Form != plan.Empty {
			fn(e.Run, e)
		}
	}
}

// mappings calls fn for every mapping from names to values, with what it is for: a *plan.Dependency or a *plan.Template.
func (p *Pass) mappings(fn func(of any, pairs []plan.ValuePair)) {
	for _, d := range p.Plan.Depends {
		fn(d, d.Mapping)
		fn(d, d.BuildMapping)
		fn(d, d.DeployMapping)
	}
	p.templates(func(t *plan.Template) { fn(t, t.Mapping) })
}

// named calls fn for every value that has a name: defaults, mappings and metadata. Of a list it gets the elements.
func (p *Pass) named(fn func(name string, v *plan.Value)) {
	value := func(name string, v *plan.Value) {
		if v.Kind != plan.List {
			fn(name, v)
			return
		}
		for i := range v.List {
			fn(name, &v.List[i])
		}
	}
	p.variables(func(v *plan.Variable) { value(v.ID.Value, &v.Default) })
	p.mappings(func(_ any, pairs []plan.ValuePair) {
		for i := range pairs {
			value(pairs[i].Key.Value, &pairs[i].Value)
		}
	})
	for i := range p.Plan.Metadata {
		pair := &p.Plan.Metadata[i]
		fn(pair.Key.Value, &plan.Value{Node: pair.Value.Node, Kind: plan.String, Text: pair.Value.Value, Expr: pair.Value.Expr})
	}
}

// bools calls fn for every truth value that is written, with its key and the entry it belongs to; see ownVariables.
func (p *Pass) bools(fn func(b plan.Bool, key string, of syntax.Node)) {
	p.ownVariables(func(v *plan.Variable) {
		fn(v.Visible, "visible", v.Node)
		fn(v.Sensitive, "sensitive", v.Node)
		fn(v.EvalBeforeDependencies, "eval_before_dependencies", v.Node)
	})
	p.consumers(func(c *plan.Consumer) {
		fn(c.SkipActivate, "skip_activate", c.Node)
		fn(c.SkipDeactivate, "skip_deactivate", c.Node)
	})
	for _, d := range p.Plan.Downloads {
		fn(d.Overwrite, "overwrite", d.Node)
		fn(d.Unpack, "unpack", d.Node)
	}
}

// literal returns the text of v if it is one that stands for itself.
func literal(v *plan.Value) (plan.Text, bool) {
	s, ok := v.Script()
	return s.Text, ok && s.Expr == nil && s.Value != ""
}

// firstComment returns the index of the first comment that begins at or behind an offset.
func (p *Pass) firstComment(off int32) int {
	list := p.Plan.File.Comments
	return sort.Search(len(list), func(i int) bool { return list[i].Pos.Start >= off })
}

// words cuts an id into its words in lower case: at "_", "-", "." and where a capital follows a small letter.
func words(id string) []string {
	var list []string
	start := 0
	flush := func(end int) {
		if end > start {
			list = append(list, strings.ToLower(id[start:end]))
		}
	}
	for i := 0; i < len(id); i++ {
		switch c := id[i]; {
		case c == '_' || c == '-' || c == '.':
			flush(i)
			start = i + 1
		case c >= 'A' && c <= 'Z' && i > start && id[i-1] >= 'a' && id[i-1] <= 'z':
			flush(i)
			start = i
		}
	}
	flush(len(id))
	return list
}
