package check

import (
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// inherited is what extensions and dependencies add to the package.
type inherited struct {
	// open is set if a package that may add things is not known.
	open            bool
	inputs, outputs []inheritedVar
	metadata        []string
	consumers       []*release.Consumer
	dependencies    []*release.Dependency
	steps           map[string]bool
	hasExtensions   bool
}

type inheritedVar struct {
	v      *release.Variable
	stages plan.Stages
}

func stagesOf(scopes []string) plan.Stages {
	var s plan.Stages
	for _, name := range scopes {
		switch name {
		case release.Build:
			s |= plan.StageBuild
		case release.Deploy:
			s |= plan.StageDeploy
		}
	}
	if len(scopes) == 0 {
		s = plan.StageBoth
	}
	return s
}

func (c *checker) inherit() {
	in := &c.inherited
	in.steps = map[string]bool{}
	for _, e := range c.p.Extends {
		in.hasExtensions = true
		m := c.deps[e.Alias()]
		if m == nil {
			in.open = true
			continue
		}
		for _, v := range m.Inputs {
			in.inputs = append(in.inputs, inheritedVar{v, stagesOf(v.Scopes)})
		}
		for _, v := range m.Outputs {
			in.outputs = append(in.outputs, inheritedVar{v, stagesOf(v.Scopes)})
		}
		for key := range m.Metadata {
			in.metadata = append(in.metadata, key)
		}
		for name := range m.Stages {
			in.steps[name] = true
		}
		in.consumers = append(in.consumers, m.Consumes...)
		in.dependencies = append(in.dependencies, m.Depends...)
		if len(m.Depends) > 0 {
			in.open = true // their metadata is not at hand
		}
	}
	for _, d := range c.p.Depends {
		m := c.deps[d.Alias()]
		if m == nil {
			in.open = true
			continue
		}
		for _, v := range m.Inputs {
			if v.Default == nil {
				in.inputs = append(in.inputs, inheritedVar{v, d.Scopes.Stages()})
			}
		}
		in.consumers = append(in.consumers, m.Consumes...)
	}
}

// storedType is the script type of a variable of a known package.
func storedType(v *release.Variable) types.Type {
	t, err := types.StoredVar(v.Type, v.Options)
	if err != nil {
		return types.Any
	}
	return t.Type()
}
