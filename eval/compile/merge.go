package compile

import (
	"path"
	"slices"
	"strings"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// mergeVariables puts the plan's variables over those that are there: what an entry says replaces, what it does not
// say stays, scopes add up. (The original only ever replaced the default, even by none.)
func (c *compiler) mergeVariables(vars []*release.Variable, entries []*plan.Variable) []*release.Variable {
	at := make(map[string]int, len(vars)+len(entries))
	for i, v := range vars {
		at[v.ID] = i
	}
	for _, v := range entries {
		if v == nil {
			continue
		}
		i, ok := at[v.ID.Value]
		if !ok {
			made := variableOf(v)
			at[made.ID] = len(vars)
			vars = append(vars, made)
			c.nodes[made] = v.Node
			continue
		}
		old := vars[i]
		made := variableOf(typed(v, old))
		c.nodes[old] = v.Node
		if v.Type.Set() {
			old.Type, old.Options = made.Type, made.Options
		}
		if v.Default.Set() {
			old.Default = made.Default
		}
		if v.Items.Set() {
			old.Items = made.Items
		}
		if v.Description.Set() {
			old.Description = made.Description
		}
		if v.Friendly.Set() {
			old.Friendly = made.Friendly
		}
		if v.Visible.Node != nil {
			old.Visible = made.Visible
		}
		if v.Sensitive.Node != nil {
			old.Sensitive = made.Sensitive
		}
		if v.EvalBeforeDependencies.Node != nil {
			old.EvalBeforeDependencies = made.EvalBeforeDependencies
		}
		old.Scopes = union(old.Scopes, made.Scopes)
	}
	return vars
}

// typed is v with the type that it inherits if its entry gives none: how a value is spelt depends on it.
func typed(v *plan.Variable, old *release.Variable) *plan.Variable {
	if v.Type.Set() {
		return v
	}
	w := *v
	w.Var, _ = types.StoredVar(old.Type, old.Options)
	return &w
}

// inherit adds a copy of a variable of another package. If there is one with its id, that stays, with the new default
// if there is one and defaults wins.
func inherit(vars []*release.Variable, v *release.Variable, defaultWins bool) []*release.Variable {
	i := indexOf(vars, v.ID)
	if i < 0 {
		return append(vars, cloneVariable(v))
	}
	if defaultWins && v.Default != nil {
		vars[i].Default = v.Default
	}
	vars[i].Scopes = union(vars[i].Scopes, v.Scopes)
	return vars
}

func indexOf(vars []*release.Variable, id string) int {
	return slices.IndexFunc(vars, func(v *release.Variable) bool { return v.ID == id })
}

func cloneVariable(v *release.Variable) *release.Variable {
	w := *v
	w.Scopes = slices.Clone(v.Scopes)
	return &w
}

// union returns the scopes of a, and those of b it lacks, build first.
func union(a, b []string) []string {
	out := a
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(slices.Clone(out), s)
		}
	}
	if len(out) > len(a) {
		slices.Sort(out) // "build" is before "deploy"
	}
	return out
}

// addConsumer adds c unless one with its name and alias is there, which then gets its scopes too.
func addConsumer(list []*release.Consumer, c *release.Consumer) []*release.Consumer {
	for _, old := range list {
		if old.Name == c.Name && old.Variable == c.Variable {
			old.Scopes = union(old.Scopes, c.Scopes)
			return list
		}
	}
	return append(list, c)
}

func inheritConsumer(list []*release.Consumer, c *release.Consumer) []*release.Consumer {
	d := *c
	d.Scopes = slices.Clone(c.Scopes)
	return addConsumer(list, &d)
}

// extend merges an extension into the release.
func (c *compiler) extend(e *Package) error {
	m, x := c.meta, e.Release
	id := e.ID.String()
	if slices.ContainsFunc(m.Extends, func(old *release.Extension) bool { return old.ReleaseID == id }) {
		return nil // twice in the list; its alias is known all the same
	}
	dir := "deps/" + e.ID.Package() + "/"
	for _, pattern := range x.Generates {
		c.generated = append(c.generated, pattern)
		c.files.glob(pattern, plan.Text{Value: pattern, Node: e.Node})
	}
	have := m.Downloads
	for _, d := range x.Downloads {
		if d = leftDownload(have, d); d != nil {
			m.Downloads = append(m.Downloads, d)
		}
	}
	for _, consumer := range x.Consumes {
		m.Consumes = inheritConsumer(m.Consumes, consumer)
	}
	for _, p := range x.Provides {
		c.provide(p.Name)
	}
	for _, v := range x.Inputs {
		m.Inputs = inherit(m.Inputs, v, true)
	}
	for _, v := range x.Outputs {
		m.Outputs = inherit(m.Outputs, v, false)
	}
	for name, errand := range x.Errands {
		if _, ok := m.Errands[name]; !ok {
			m.Errands[name] = below(dir, errand)
		}
	}
	for k, v := range x.Metadata {
		m.Metadata[k] = v
	}
	for _, t := range x.Templates {
		t := &release.Template{File: dir + t.File, Target: t.Target, Scopes: slices.Clone(t.Scopes), Mapping: release.CloneValues(t.Mapping)}
		if t.Target != "" {
			t.Target = dir + t.Target
		}
		m.Templates = append(m.Templates, t)
	}
	for name, s := range x.Stages {
		if !s.IsZero() {
			m.Stages[name] = stageBelow(dir, s)
		}
	}
	m.Extends = append(m.Extends, &release.Extension{ReleaseID: id})
	return nil
}

// leftDownload returns a copy of a download for those stages in which none of have is made to its place; nil if these are
// none.
func leftDownload(have []*release.Download, d *release.Download) *release.Download {
	out := *d
	out.IfNotExists = slices.Clone(d.IfNotExists)
	out.Scopes = slices.DeleteFunc(slices.Clone(d.Scopes), func(scope string) bool {
		return slices.ContainsFunc(have, func(old *release.Download) bool {
			return old.Dest == d.Dest && old.Platform == d.Platform && old.Arch == d.Arch && old.InScope(scope)
		})
	})
	if len(out.Scopes) == 0 {
		return nil
	}
	return &out
}

// below is an errand whose script lies in dir.
func below(dir string, e *release.Errand) *release.Errand {
	out := *e
	if e.Script != "" { // beside a stage it is mere data
		out.Script = dir + e.Script
	}
	if out.Run != nil {
		out.Run = stageBelow(dir, out.Run)
	}
	out.Inputs = nil
	for _, v := range e.Inputs {
		out.Inputs = append(out.Inputs, cloneVariable(v))
	}
	return &out
}

// stageBelow is a stage whose script lies in dir. Its words are rejoined by single blanks, as in the original.
func stageBelow(dir string, s *release.Stage) *release.Stage {
	out := *s
	out.Args = slices.Clone(s.Args)
	if words := strings.Fields(s.Script); len(words) > 0 && !expr.IsScript(s.Script) && !path.IsAbs(words[0]) {
		words[0] = dir + words[0]
		out.Script = strings.Join(words, " ")
	}
	return &out
}

// depend makes the dependencies of the release and takes over what their packages need.
func (c *compiler) depend() {
	m := c.meta
	for _, p := range c.deps.Depends {
		d := &release.Dependency{ReleaseID: p.ID.String(), Variable: p.Alias, Mapping: map[string]any{}, Consumes: map[string]string{}}
		c.nodes[d] = p.Node
		switch {
		case p.plan != nil:
			d.Scopes = scopesOf(p.plan.Scopes)
			d.BuildMapping, d.DeployMapping = pairs(p.plan.BuildMapping), pairs(p.plan.DeployMapping)
			for _, both := range p.plan.Mapping {
				v := plain(both.Value.Go())
				fillIn(d.BuildMapping, both.Key.Value, v)
				fillIn(d.DeployMapping, both.Key.Value, v)
			}
			for _, pair := range p.plan.Consumes {
				d.Consumes[pair.Key.Value] = pair.Value.Value
			}
			d.DeploymentName = p.plan.DeploymentName.Value
		default:
			d.Scopes = slices.Clone(p.inherited.Scopes)
			d.BuildMapping, d.DeployMapping = release.CloneValues(p.inherited.BuildMapping), release.CloneValues(p.inherited.DeployMapping)
			for k, v := range p.inherited.Consumes {
				d.Consumes[k] = v
			}
			d.DeploymentName = p.inherited.DeploymentName
		}
		if d.DeploymentName == "" {
			d.DeploymentName = d.Variable
		}
		m.Depends = append(m.Depends, d)
		c.need(d, p.Release)
	}
}

// need adds the consumers and required inputs of a dependency that its entry does not set.
func (c *compiler) need(d *release.Dependency, x *release.Metadata) {
	m := c.meta
	for _, consumer := range x.Consumes {
		if _, set := d.Consumes[consumer.Variable]; set || !consumer.InScope(release.Deploy) {
			continue
		}
		passive := *consumer
		passive.SkipActivate, passive.SkipDeactivate = true, true
		m.Consumes = inheritConsumer(m.Consumes, &passive)
	}
	for _, v := range x.Inputs {
		// A dependency is only ever deployed, so inputs of its build are not needed.
		if v.HasDefault() || !v.InScope(release.Deploy) || isMapped(d, v.ID) {
			continue
		}
		w := cloneVariable(v)
		w.Scopes, w.EvalBeforeDependencies = slices.Clone(d.Scopes), true
		m.Inputs = inherit(m.Inputs, w, false)
	}
}

// isMapped reports whether the entry sets the input in all its scopes.
func isMapped(d *release.Dependency, id string) bool {
	for _, scope := range d.Scopes {
		if _, ok := d.MappingFor(scope)[id]; !ok {
			return false
		}
	}
	return true
}

// mapInputs passes every input that is evaluated before dependencies on to every dependency, whether that knows it or
// not: this is how required inputs of dependencies get their values.
func (c *compiler) mapInputs() {
	for _, d := range c.meta.Depends {
		for _, v := range c.meta.Inputs {
			if !v.EvalBeforeDependencies {
				continue
			}
			for _, scope := range v.Scopes {
				if scope == release.Build || scope == release.Deploy {
					fillIn(d.MappingFor(scope), v.ID, "$this.inputs."+v.ID)
				}
			}
		}
	}
}
