package check

import (
	"fmt"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// dependencies checks the mappings of depends.
func (c *checker) dependencies() {
	place := make(map[string]int, len(c.p.Depends))
	for i, d := range c.p.Depends {
		place[d.Alias()] = i
	}
	for i, d := range c.p.Depends {
		m := c.deps[d.Alias()]
		// see notices what belongs to a dependency that is deployed later.
		var found []late
		see := func(e expr.Expr, f *types.Field) {
			if _, ok := f.Def.(part); !ok {
				return
			}
			if s, ok := e.(*expr.Select); ok {
				if ref, ok := s.X.(*expr.Ref); ok && place[ref.Name.Text] >= i {
					found = append(found, late{e, ref.Name.Text})
				}
			}
		}
		check := func(s plan.Script, stages plan.Stages, want infer.Want) types.Type {
			found = found[:0]
			t, _ := c.expr(s, use{key: scopeKey{stages, mapping}, want: want, see: see, original: failedToEvaluate})
			for _, l := range found {
				when := "is deployed after this one"
				if l.alias == d.Alias() {
					when = "is the one that is about to be deployed"
				}
				c.report(diag.NotAvailable, spanOf(s.Text, l.node), fmt.Sprintf("%q is not available here: \"$%s\" %s", expr.String(l.node), l.alias, when))
			}
			return t
		}
		values := func(pairs []plan.ValuePair, stages plan.Stages) {
			for j := range pairs {
				pair := &pairs[j]
				c.mapped(d, m, pair, func(s plan.Script) types.Type { return check(s, stages, infer.WantValue) })
			}
		}
		stages := d.Scopes.Stages()
		values(d.Mapping, stages)
		values(d.BuildMapping, plan.StageBuild)
		values(d.DeployMapping, plan.StageDeploy)
		c.mappingConflict(d)
		for j := range d.Consumes {
			c.provider(d, m, &d.Consumes[j])
			check(d.Consumes[j].Value, stages, infer.WantString)
		}
		if m != nil {
			c.requiredInputs(d, m)
		}
	}
}

// A late is a use of a dependency that is not deployed yet.
type late struct {
	node  expr.Expr
	alias string
}

// mapped checks one value for an input of a dependency, against the input if the dependency is known.
func (c *checker) mapped(d *plan.Dependency, m *release.Metadata, pair *plan.ValuePair, check func(plan.Script) types.Type) {
	script, isText := pair.Value.Script()
	t := types.Any
	if isText && script.Expr != nil {
		t = check(script)
	}
	if m == nil {
		return
	}
	for _, in := range m.Inputs {
		if in.ID != pair.Key.Value {
			continue
		}
		v, err := types.StoredVar(in.Type, in.Options)
		if err != nil || v.IsMagic() || pair.Value.Kind == plan.Absent {
			return
		}
		if isText && script.Expr != nil {
			c.fits(script.Text, t, v, fmt.Sprintf("the input %q of %q", in.ID, m.Name), false)
			return
		}
		c.literal(&pair.Value, in.ID, v, in.Items)
		return
	}
	var names []string
	for _, in := range m.Inputs {
		names = append(names, in.ID)
	}
	x := c.report(diag.UnknownMapping, pair.Key.Span(), fmt.Sprintf("%q has no input %q", m.Name, pair.Key.Value))
	if near, ok := c.nearest(pair.Key.Value, names); ok {
		x.Message += fmt.Sprintf("; did you mean %q?", near)
		x.Fixes = replaceFix(pair.Key.Span(), near, fmt.Sprintf("replace with %q", near))
	}
}

// provider checks that the dependency consumes what is bound for it.
func (c *checker) provider(d *plan.Dependency, m *release.Metadata, pair *plan.Pair) {
	if m == nil {
		return
	}
	var names []string
	for _, consumer := range m.Consumes {
		if consumer.Variable == pair.Key.Value {
			return
		}
		names = append(names, consumer.Variable)
	}
	x := c.report(diag.UnknownMapping, pair.Key.Span(), fmt.Sprintf("%q consumes nothing called %q", m.Name, pair.Key.Value))
	if near, ok := c.nearest(pair.Key.Value, names); ok {
		x.Message += fmt.Sprintf("; did you mean %q?", near)
		x.Fixes = replaceFix(pair.Key.Span(), near, fmt.Sprintf("replace with %q", near))
	}
}

// requiredInputs reports inputs that the dependency needs and that reach it neither by a mapping nor by the input of
// the same name that this package inherits: the inherited one must be passed on before dependencies are deployed.
func (c *checker) requiredInputs(d *plan.Dependency, m *release.Metadata) {
	for _, in := range m.Inputs {
		v, err := types.StoredVar(in.Type, in.Options)
		if in.Default != nil || err != nil || v.IsMagic() {
			continue
		}
		own := c.byID[in.ID]
		if own == nil || own.EvalBeforeDependencies.Value {
			continue
		}
		for _, s := range []struct {
			stage plan.Stages
			pairs []plan.ValuePair
		}{{plan.StageBuild, d.BuildMapping}, {plan.StageDeploy, d.DeployMapping}} {
			if d.Scopes.Stages()&s.stage == 0 || has(d.Mapping, in.ID) || has(s.pairs, in.ID) {
				continue
			}
			x := c.report(diag.InputNotPassed, d.Release.Span(), fmt.Sprintf("%q needs the input %q in the %s stage, but this package computes its own %q only after its dependencies", m.Name, in.ID, s.stage, in.ID))
			x.Related = []diag.Related{{File: c.src, Span: own.ID.Span(), Message: "declared here"}}
			x.Hint = "map it, or remove \"eval_before_dependencies: false\""
			break
		}
	}
}

func has(pairs []plan.ValuePair, key string) bool {
	for i := range pairs {
		if pairs[i].Key.Value == key {
			return true
		}
	}
	return false
}

func (c *checker) mappingConflict(d *plan.Dependency) {
	if len(d.Mapping) == 0 {
		return
	}
	at := make(map[string]plan.Text, len(d.Mapping))
	for i := range d.Mapping {
		at[d.Mapping[i].Key.Value] = d.Mapping[i].Key
	}
	for _, s := range []struct {
		name  string
		pairs []plan.ValuePair
	}{{"build_mapping", d.BuildMapping}, {"deploy_mapping", d.DeployMapping}} {
		for i := range s.pairs {
			key := s.pairs[i].Key
			if general, ok := at[key.Value]; ok {
				x := c.report(diag.MappingConflict, key.Span(), fmt.Sprintf("%q is in \"mapping\" too; the value in %q counts", key.Value, s.name))
				x.Related = []diag.Related{{File: c.src, Span: general.Span(), Message: "in \"mapping\""}}
			}
		}
	}
}

// consumers reports consumers that have no effect, and odd providers.
func (c *checker) consumers() {
	seen := map[string]bool{}
	for _, p := range c.p.Provides {
		switch {
		case p.Value == "":
			span := p.Raw()
			c.report(diag.OddProvider, span, "an empty interface name")
		case seen[p.Value]:
			c.report(diag.OddProvider, p.Span(), fmt.Sprintf("%q is provided already", p.Value))
		case containsBlank(p.Value):
			x := c.report(diag.OddProvider, p.Span(), fmt.Sprintf("%q holds a blank: no consumer can ask for it", p.Value))
			x.Hint = "write one interface per entry"
		}
		seen[p.Value] = true
	}
}

func containsBlank(s string) bool {
	for i := range len(s) {
		if s[i] == ' ' {
			return true
		}
	}
	return false
}

// unusedConsumers runs after all expressions have been looked at.
func (c *checker) unusedConsumers() {
	for _, list := range [][]*plan.Consumer{c.p.Consumes, c.p.BuildConsumes, c.p.DeployConsumes} {
		for _, consumer := range list {
			if consumer.SkipActivate.Value && !c.used[consumer] {
				x := c.report(diag.UnusedConsumer, first(consumer.As, consumer.Interface).Span(),
					fmt.Sprintf("the provider %q is neither activated nor used in an expression", consumer.Alias()))
				x.Hint = "remove the consumer, or \"skip_activate\""
			}
			if consumer.Variable.Node != nil {
				c.ignoredKey(consumer.Variable.Node, consumer.Node, "variable", "write the alias behind the interface: \"name: INTERFACE as ALIAS\"")
			}
		}
	}
}
