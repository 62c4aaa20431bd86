package check

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// depends checks the mappings of dependencies.
func (c *checker) depends() {
	c.place = make(map[string]int, len(c.dependencies))
	for i, b := range c.dependencies {
		c.place[b.alias] = i
	}
	for i, b := range c.dependencies {
		d := b.own
		if d == nil {
			c.requiredInputs(b)
			continue
		}
		// see notices what belongs to a dependency that is deployed later.
		var found []late
		see := func(e expr.Expr, f *types.Field) {
			if _, ok := f.Def.(deployed); !ok {
				return
			}
			if s, ok := e.(*expr.Select); ok {
				if ref, ok := s.X.(*expr.Ref); ok && c.place[ref.Name.Text] >= i {
					found = append(found, late{e, ref.Name.Text})
				}
			}
		}
		check := func(s plan.Script, stages plan.Stages, want infer.Want) given {
			found = found[:0]
			t, _ := c.expr(s, use{key: scopeKey{stages, mapping}, want: want, see: see, original: failedToEvaluate})
			for _, l := range found {
				c.late(d, s.Text, l)
			}
			return t
		}
		values := func(pairs []plan.ValuePair, stages plan.Stages) {
			for j := range pairs {
				pair := &pairs[j]
				c.mapped(b, pair, func(s plan.Script) given { return check(s, stages, infer.WantValue) })
			}
		}
		values(d.Mapping, b.stages)
		values(d.BuildMapping, plan.StageBuild)
		values(d.DeployMapping, plan.StageDeploy)
		c.mappingConflict(d)
		for j := range d.Consumes {
			pair := &d.Consumes[j]
			check(pair.Value, b.stages, infer.WantString)
			l, ok := deploymentOf(pair.Value)
			if at, isDependency := c.place[l.alias]; ok && (isDependency && at >= i || l.alias == "this") {
				c.late(d, pair.Value.Text, l)
				continue
			}
			c.provider(b, pair)
		}
		c.requiredInputs(b)
	}
}

// late reports that the entry d uses what is deployed only after it.
func (c *checker) late(d *plan.Dependency, at plan.Text, l late) {
	when := "is deployed after this one"
	switch l.alias {
	case d.Alias():
		when = "is the one that is about to be deployed"
	case "this":
		when = "is deployed after its dependencies"
	}
	c.report(diag.NotAvailable, spanOf(at, l.node), c.p.Say(fmt.Sprintf("%q is not available here: \"$%s\" %s", expr.String(l.node), l.alias, when)))
}

// deploymentOf returns whose deployment an expression names, if it is "$alias.deployment".
func deploymentOf(s plan.Script) (late, bool) {
	sel, ok := s.Expr.(*expr.Select)
	if !ok || sel.Name.Text != "deployment" {
		return late{}, false
	}
	ref, ok := sel.X.(*expr.Ref)
	if !ok {
		return late{}, false
	}
	return late{sel, ref.Name.Text}, true
}

// A late is a use of a dependency that is not deployed yet.
type late struct {
	node  expr.Expr
	alias string
}

// mapped checks one value for an input of a dependency, against the input if the dependency is known.
func (c *checker) mapped(b *bundled, pair *plan.ValuePair, check func(plan.Script) given) {
	m := b.m
	script, isText := pair.Value.Script()
	t := given{}
	if isText {
		t = check(script)
	}
	if m == nil {
		return
	}
	in, ok := m.Input(pair.Key.Value)
	if !ok {
		if b.open&Inputs != 0 {
			return
		}
		var names []string
		for _, in := range m.Inputs {
			names = append(names, in.ID)
		}
		x := c.unknownKey(pair.Key, fmt.Sprintf("%q has no input %q", m.Name, pair.Key.Value), names)
		c.declared(x, m, "inputs", pair.Key.Value)
		return
	}
	before := len(c.list)
	defer func() {
		for i := before; i < len(c.list); i++ {
			c.declared(&c.list[i], m, "inputs", in.ID)
		}
	}()
	if !in.InScope(release.Deploy) {
		c.report(diag.UnknownMapping, pair.Key.Span(), fmt.Sprintf("%q has the input %q only when it is built itself, and a dependency is only deployed", m.Name, in.ID))
		return
	}
	v, err := types.StoredVar(in.Type, in.Options)
	if err != nil || pair.Value.Kind == plan.Absent {
		return
	}
	if v.IsMagic() {
		c.report(diag.MagicVariable, pair.Key.Span(), fmt.Sprintf("%q has no effect: Escape fills in the input %q of %q, which is of type %q", pair.Key.Value, in.ID, m.Name, v.Name)).Fixes = c.removeMapped(b.own, pair.Key)
		return
	}
	if isText && script.Expr != nil {
		c.fits(script.Text, t, target{what: fmt.Sprintf("the input %q of %q", in.ID, m.Name), id: in.ID, typ: v, items: in.Items})
		return
	}
	c.literal(&pair.Value, in.ID, v, in.Items)
}

// unknownKey reports a key of an entry that the dependency does not know.
func (c *checker) unknownKey(key plan.Text, message string, names []string) *diag.Diagnostic {
	x := c.report(diag.UnknownMapping, key.Span(), message)
	if near, ok := c.nearest(key.Value, names); ok {
		x.Message += fmt.Sprintf("; did you mean %q?", near)
		x.Fixes = replaceFix(key.Span(), near, fmt.Sprintf("replace with %q", near))
	}
	return x
}

// provider checks that the dependency consumes what is bound for it, and that what is bound offers it.
func (c *checker) provider(b *bundled, pair *plan.Pair) {
	if b.m == nil {
		return
	}
	var names []string
	var wanted *release.Consumer
	for _, consumer := range b.m.Consumes {
		if consumer.Variable == pair.Key.Value {
			wanted = consumer
		}
		names = append(names, consumer.Variable)
	}
	switch {
	case wanted == nil && b.open&Consumers != 0:
	case wanted == nil:
		x := c.unknownKey(pair.Key, fmt.Sprintf("%q consumes nothing called %q", b.m.Name, pair.Key.Value), names)
		c.declared(x, b.m, "consumes", pair.Key.Value)
	case !wanted.InScope(release.Deploy):
		c.report(diag.UnknownMapping, pair.Key.Span(), fmt.Sprintf("%q consumes %q only when it is built itself, and a dependency is only deployed", b.m.Name, pair.Key.Value))
	default:
		c.offers(b, wanted, pair.Value)
	}
}

// offers reports a provider for a dependency that is known not to offer what it wants. Only other dependencies can be known:
// which deployment a consumer of this package gets is decided in the environment.
func (c *checker) offers(b *bundled, wanted *release.Consumer, value plan.Script) {
	l, ok := deploymentOf(value)
	if !ok {
		return
	}
	i, ok := c.place[l.alias]
	if !ok || c.dependencies[i].m == nil || c.dependencies[i].open&Providers != 0 {
		return
	}
	var offered []string
	for _, p := range c.dependencies[i].m.Provides {
		if p.Name == wanted.Name {
			return
		}
		offered = append(offered, p.Name)
	}
	x := c.report(diag.ProviderInterface, spanOf(value.Text, l.node), fmt.Sprintf("%q needs a provider of %q, which %q is not", b.m.Name, wanted.Name, l.alias))
	x.Hint = "it provides nothing"
	if len(offered) > 0 {
		x.Hint = "it provides " + strings.Join(offered, ", ")
	}
	c.declared(x, c.dependencies[i].m, "provides", wanted.Name)
}

// requiredInputs looks at the inputs that reach a dependency because this package has one of the same name: what it needs
// must be passed on, and what is passed on must fit.
func (c *checker) requiredInputs(b *bundled) {
	if b.m == nil {
		return
	}
	for _, in := range b.m.Inputs {
		v, err := types.StoredVar(in.Type, in.Options)
		if err != nil || v.IsMagic() || !in.InScope(release.Deploy) {
			continue
		}
		passed := c.passed(in.ID)
		if passed == nil {
			continue
		}
		for _, stage := range []plan.Stages{plan.StageBuild, plan.StageDeploy} {
			if b.stages&stage == 0 || b.sets(stage, in.ID) {
				continue
			}
			if c.passOn(b, in, v, passed, stage) {
				c.declared(&c.list[len(c.list)-1], b.m, "inputs", in.ID)
				break
			}
		}
	}
}

// A passed is an input of this package, its own or inherited. Dependencies get it under its name.
type passed struct {
	typ    types.Var
	stages plan.Stages
	eager  bool
	own    *plan.Variable // nil if it is inherited only
	from   *bundled       // nil if it is not inherited
}

// passed returns the input of this package with the id; nil if there is none.
func (c *checker) passed(id string) *passed {
	if v := c.inputs.get(id); v != nil {
		p := &passed{typ: v.typ, stages: v.stages, eager: v.eager, own: v.Variable}
		if v.inherits != nil {
			p.from = v.inherits.from
		}
		return p
	}
	if in := c.inherited.inputs.byID[id]; in != nil {
		return &passed{typ: in.Var(), stages: in.stages, eager: in.eager, from: in.from}
	}
	return nil
}

// passOn reports, once, that an input of this package does not reach the input in of a dependency, or does not fit it.
func (c *checker) passOn(b *bundled, in *release.Variable, v types.Var, p *passed, stage plan.Stages) bool {
	at, related := b.at.Span(), []diag.Related(nil)
	if p.own != nil {
		related = []diag.Related{{File: c.src, Span: p.own.ID.Span(), Message: "declared here"}}
	}
	owner := "this package computes its own"
	if p.own == nil {
		owner = fmt.Sprintf("%q computes its", p.from.id.Package())
	}
	switch {
	case !p.eager:
		if in.HasDefault() {
			return false
		}
		x := c.report(diag.InputNotPassed, at, fmt.Sprintf("%q needs the input %q in the %s stage, but %s %q only after its dependencies", b.m.Name, in.ID, stage, owner, in.ID))
		x.Related = related
		x.Hint = "map it, or remove " + c.p.Spelled("\"eval_before_dependencies: false\"", "\"eval_before_dependencies = false\"")
		if p.own == nil {
			x.Hint = "map it, or declare it here with " + c.p.Spelled("\"eval_before_dependencies: true\"", "\"eval_before_dependencies = true\"")
		}
		return true
	case p.stages&stage != 0 && types.Assignable(p.typ.Type(), v.Type()) == types.FitsNot:
		x := c.report(diag.ValueType, at, fmt.Sprintf("the input %q of %q is %s, but it gets this package's %q, which is %s", in.ID, b.m.Name, v.Type().Describe(), in.ID, p.typ.Type().Describe()))
		x.Related = related
		x.Hint = "map it to another value, or give one of them another name"
		return true
	case p.stages&stage != 0 && p.own != nil && in.Items != nil && !holdsScript(in.Items):
		return c.passItems(b, in, v, p)
	}
	return false
}

// passItems reports an input of this package that can never have a value which the input in of a dependency allows.
func (c *checker) passItems(b *bundled, in *release.Variable, v types.Var, p *passed) bool {
	if p.own.Items.Kind != plan.List {
		return false
	}
	items, _ := p.own.ItemsGo().([]any)
	if len(items) == 0 || holdsScript(items) {
		return false
	}
	for _, item := range items {
		coerced, err := v.Coerce(item)
		if err == nil && types.CheckItems(in.ID, v, coerced, in.Items) == nil {
			return false
		}
	}
	x := c.report(diag.ValueItems, b.at.Span(), fmt.Sprintf("%q allows none of the values of this package's input %q, which it gets", b.m.Name, in.ID))
	x.Related = []diag.Related{{File: c.src, Span: spanOfValue(&p.own.Items), Message: "these are its values"}}
	x.Hint = "map it to another value, or give one of them another name"
	return true
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
	build, deploy := keysOf(d.BuildMapping), keysOf(d.DeployMapping)
	var parted []diag.Fix
	if len(build) == 0 {
		parted = c.parted(d, deploy, "build_mapping")
	} else if len(deploy) == 0 {
		parted = c.parted(d, build, "deploy_mapping")
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
				switch {
				case s.name == "build_mapping" && deploy[key.Value], s.name == "deploy_mapping" && build[key.Value]:
					x.Fixes = c.edit().RemovePair(d.Node, "mapping", general.Node, true) // it counts nowhere
				default:
					x.Fixes = parted
				}
			}
		}
	}
}

// removeMapped is the fix that takes a key out of the mapping of a dependency which holds it.
func (c *checker) removeMapped(d *plan.Dependency, key plan.Text) []diag.Fix {
	for _, field := range []string{"mapping", "build_mapping", "deploy_mapping"} {
		if fixes := c.edit().RemovePair(d.Node, field, key.Node, true); fixes != nil {
			return fixes
		}
	}
	return nil
}

func keysOf(pairs []plan.ValuePair) map[string]bool {
	keys := make(map[string]bool, len(pairs))
	for i := range pairs {
		keys[pairs[i].Key.Value] = true
	}
	return keys
}

// parted is the fix of a mapping that counts in the stage of the field other only, as all of its keys are in taken: it can
// say so.
func (c *checker) parted(d *plan.Dependency, taken map[string]bool, other string) []diag.Fix {
	m, e := edit.Entry(d.Node, "mapping")
	if _, written := edit.Entry(d.Node, other); e == nil || written != nil || m.Props != nil || e.Key.Props != nil {
		return nil
	}
	for i := range d.Mapping {
		if !taken[d.Mapping[i].Key.Value] {
			return nil
		}
	}
	return replaceFix(e.Key.Pos, other, fmt.Sprintf("call it %q", other))
}

// consumers reports consumers that have no effect, and odd providers.
func (c *checker) consumers() {
	seen := map[string]bool{}
	for _, p := range c.p.Provides {
		switch {
		case p.Value == "":
			span := p.Raw()
			c.report(diag.OddProvider, span, "an empty interface name").Fixes = c.edit().RemoveFrom("provides", p.Node, true)
		case seen[p.Value]:
			c.report(diag.OddProvider, p.Span(), fmt.Sprintf("%q is provided already", p.Value)).Fixes = c.edit().RemoveFrom("provides", p.Node, true)
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
			if consumer.SkipActivate.Value && !c.used[consumer] && !c.usedElsewhere(consumer) {
				x := c.report(diag.UnusedConsumer, first(consumer.As, consumer.Interface).Span(),
					fmt.Sprintf("the provider %q is neither activated nor used in an expression", consumer.Alias()))
				x.Hint = "remove the consumer, or \"skip_activate\""
			}
			c.forcedScopes(consumer.Scopes, consumer.Field.Name, consumer.Node)
			if consumer.Variable.Node != nil {
				c.ignoredKey(consumer.Variable.Node, consumer.Node, "variable", "write the alias behind the interface: \"name: INTERFACE as ALIAS\"")
			}
		}
	}
}

// usedElsewhere reports whether another package has a use for a consumer of the plan, or may have one: an extension in its
// expressions, or a dependency which gets the same provider.
func (c *checker) usedElsewhere(consumer *plan.Consumer) bool {
	for _, e := range c.extensions {
		if e.m == nil || e.open != 0 || mentions(e.m, consumer.Alias()) {
			return true
		}
	}
	for _, d := range c.dependencies {
		if d.m == nil || d.open&Consumers != 0 {
			return true
		}
	}
	return slices.ContainsFunc(c.inherited.consumers, func(other inheritedConsumer) bool {
		return other.Name == consumer.Interface.Value && other.Variable == consumer.Alias()
	})
}
