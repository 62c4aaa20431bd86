package check

import (
	"maps"
	"slices"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// inherited is what extensions and dependencies add to the package. It follows the rules by which a plan is compiled
// (20-plan-and-release, 5.4).
type inherited struct {
	// unknownExtension is set if an extension is not known: it may bring anything.
	unknownExtension bool
	// unknown is set if that is so or a dependency is not known: it may bring inputs and consumers.
	unknown bool
	// moreNames and the others say what may exist besides what is known, because of such packages or of fields that could
	// not be read in full.
	moreNames, moreInputs, moreOutputs, moreMetadata bool

	inputs, outputs inheritedVars
	metadata        []string
	consumers       []inheritedConsumer
	steps           map[string]bool
}

// inheritedVars are variables in their order, each id once.
type inheritedVars struct {
	list []*inheritedVar
	byID map[string]*inheritedVar
}

// An inheritedVar is a variable as it is before the plan says anything about it.
type inheritedVar struct {
	v      *release.Variable // as the first package that has it declares it
	from   *bundled          // that package
	stages plan.Stages
	eager  bool // its value is there before dependencies are deployed
}

// add takes over a variable. A later package with the same id only adds stages.
func (l *inheritedVars) add(v *release.Variable, from *bundled, stages plan.Stages, eager bool) {
	if old := l.byID[v.ID]; old != nil {
		old.stages |= stages
		return
	}
	if l.byID == nil {
		l.byID = map[string]*inheritedVar{}
	}
	l.byID[v.ID] = &inheritedVar{v: v, from: from, stages: stages, eager: eager}
	l.list = append(l.list, l.byID[v.ID])
}

// Var is the type of the variable, text if it is none that is known.
func (in *inheritedVar) Var() types.Var {
	t, _ := types.StoredVar(in.v.Type, in.v.Options)
	return t
}

// An inheritedConsumer is a provider that a package of the plan asks for.
type inheritedConsumer struct {
	*release.Consumer
	from   *bundled
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

// inherit collects what extensions and dependencies add.
func (c *checker) inherit() {
	in := &c.inherited
	in.steps = map[string]bool{}
	for _, e := range c.extensions {
		if e.m == nil {
			in.unknownExtension, in.unknown = true, true
			continue
		}
		if e.open != 0 {
			in.unknownExtension, in.unknown = true, true
		}
		for _, v := range e.m.Inputs {
			in.inputs.add(v, e, stagesOf(v.Scopes), v.EvalBeforeDependencies)
		}
		for _, v := range e.m.Outputs {
			in.outputs.add(v, e, stagesOf(v.Scopes), true)
		}
		in.metadata = append(in.metadata, slices.Sorted(maps.Keys(e.m.Metadata))...)
		for name, s := range e.m.Stages {
			if !s.IsZero() {
				in.steps[name] = true
			}
		}
		for _, consumer := range e.m.Consumes {
			in.consumers = append(in.consumers, inheritedConsumer{consumer, e, stagesOf(consumer.Scopes)})
		}
	}
	for _, d := range c.dependencies {
		if d.m == nil {
			in.unknown = true
			continue
		}
		if d.open&(Inputs|Consumers) != 0 {
			in.unknown = true
		}
		for _, v := range d.m.Inputs {
			if c.needed(d, v) {
				in.inputs.add(v, d, d.stages, true)
			}
		}
		for _, consumer := range d.m.Consumes {
			if consumer.InScope(release.Deploy) && !d.binds(consumer.Variable) {
				in.consumers = append(in.consumers, inheritedConsumer{consumer, d, stagesOf(consumer.Scopes)})
			}
		}
	}
	c.more()
}

// more works out what may exist besides what is known.
func (c *checker) more() {
	in := &c.inherited
	if c.p.Lost.Field("extends") {
		in.unknownExtension = true
	}
	packages := in.unknown || in.unknownExtension || c.p.Lost.Field("depends")
	in.moreNames = packages || c.aliasLost() || c.p.Lost.Field("consumes", "build_consumes", "deploy_consumes")
	in.moreInputs = packages || c.p.Lost.Field("inputs", "build_inputs", "deploy_inputs")
	in.moreOutputs = in.unknownExtension || c.p.Lost.Field("outputs", "build_outputs", "deploy_outputs")
	in.moreMetadata = in.unknownExtension || c.p.Lost.Field("metadata")
	in.unknown = in.moreNames || in.moreInputs || in.moreOutputs
}

// aliasLost reports whether the alias of a package could not be read.
func (c *checker) aliasLost() bool {
	return slices.ContainsFunc(c.p.Extends, func(e *plan.Extension) bool { return e != nil && !readAlias(e.Spec, e.As) }) ||
		slices.ContainsFunc(c.p.Depends, func(d *plan.Dependency) bool { return d != nil && !hasAlias(d) })
}

// needed reports whether this package must have the input v of its dependency d too: it has no default, and its entry does
// not set it wherever it is deployed. A dependency is only ever deployed, so inputs of its build are not needed.
func (c *checker) needed(d *bundled, v *release.Variable) bool {
	if v.HasDefault() || !v.InScope(release.Deploy) {
		return false
	}
	for _, stage := range []plan.Stages{plan.StageBuild, plan.StageDeploy} {
		if d.stages&stage != 0 && !d.sets(stage, v.ID) {
			return true
		}
	}
	return false
}

// storedType is the script type of a variable of a known package.
func storedType(v *release.Variable) types.Type {
	t, err := types.StoredVar(v.Type, v.Options)
	if err != nil {
		return types.Any
	}
	return t.Type()
}
