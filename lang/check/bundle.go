package check

import (
	"slices"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// A bundled is a package that belongs to the plan: an extension, a dependency, or a dependency that an extension brings
// along.
type bundled struct {
	alias string
	id    release.ID // of the release if it is known, else what the plan asks for
	m     *release.Metadata
	exact bool  // the plan asks for this very release
	open  Parts // of which m may not hold all
	// at is the entry in the plan; for what an extension brings along, that of the extension.
	at     plan.Text
	ext    *plan.Extension     // nil unless it is an extension
	own    *plan.Dependency    // nil unless it is a dependency of the plan itself
	from   *bundled            // the extension that brings it along, or nil
	as     *release.Dependency // what that extension says about it
	stages plan.Stages         // in which it is deployed
}

// deployment returns the name under which a dependency is deployed.
func (b *bundled) deployment() string {
	name := ""
	if b.own != nil {
		name = b.own.DeploymentName.Value
	} else if b.as != nil {
		name = b.as.DeploymentName
	}
	if name == "" {
		return b.alias
	}
	return name
}

// sets reports whether the entry of a dependency gives the input a value in a stage.
func (b *bundled) sets(stage plan.Stages, input string) bool {
	if d := b.own; d != nil {
		pairs := d.BuildMapping
		if stage == plan.StageDeploy {
			pairs = d.DeployMapping
		}
		return has(d.Mapping, input) || has(pairs, input)
	}
	_, ok := b.as.MappingFor(stage.String())[input]
	return ok
}

// binds reports whether the entry of a dependency says which provider a consumer of it gets.
func (b *bundled) binds(consumer string) bool {
	if b.own == nil {
		_, ok := b.as.Consumes[consumer]
		return ok
	}
	return slices.ContainsFunc(b.own.Consumes, func(p plan.Pair) bool { return p.Key.Value == consumer })
}

// bundle collects the packages that belong to the plan, in the order in which they are merged and deployed.
func (c *checker) bundle() {
	for _, e := range c.p.Extends {
		if e != nil {
			b := c.bundled(e.Alias(), e.Release)
			b.ext = e
			c.extensions = append(c.extensions, b)
		}
	}
	byPackage := map[string][]*bundled{}
	deploy := func(b *bundled) {
		c.dependencies = append(c.dependencies, b)
		byPackage[b.id.Package()] = append(byPackage[b.id.Package()], b)
	}
	for _, d := range c.p.Depends {
		if d != nil {
			b := c.bundled(d.Alias(), d.Release)
			b.own, b.stages = d, d.Scopes.Stages()
			deploy(b)
		}
	}
	for _, e := range c.extensions {
		if e.m == nil {
			continue
		}
		for _, d := range e.m.Depends {
			b, ok := c.brought(e, d)
			if !ok {
				continue
			}
			there := func(have *bundled) bool { return SameDependency(d, have.id, have.alias, have.written()) }
			if i := slices.IndexFunc(byPackage[b.id.Package()], there); i >= 0 {
				c.absorbed = append(c.absorbed, absorbed{b, byPackage[b.id.Package()][i]})
				continue
			}
			deploy(b)
		}
	}
}

// written is the text that the original compares with the ids of dependencies.
func (b *bundled) written() string {
	if b.own != nil {
		return b.own.Spec.Value
	}
	return b.as.ReleaseID
}

// An absorbed is a dependency of an extension in whose place another one is deployed.
type absorbed struct{ lost, kept *bundled }

func (c *checker) bundled(alias string, ref plan.Text) *bundled {
	b := &bundled{alias: alias, at: ref}
	id, err := release.ParseID(ref.Value)
	if err == nil {
		b.id = id
		b.m = c.deps[id.String()]
	}
	if b.m == nil {
		b.m = c.deps[alias]
	}
	if b.m != nil && err == nil {
		if o := c.origin(b.m); o != nil {
			b.open = o.Open
		} else {
			v, ok := id.Version()
			b.exact = ok && string(v) == b.m.Version
		}
		if b.m.Version != "" { // that of a plan may not be known yet
			b.id = id.WithVersion(release.Version(b.m.Version))
		}
	}
	return b
}

// brought is the dependency d of the extension e; false if its id cannot be read, which no plan can mend.
func (c *checker) brought(e *bundled, d *release.Dependency) (*bundled, bool) {
	id, err := release.ParseID(d.ReleaseID)
	b := &bundled{alias: d.Variable, id: id, at: e.at, from: e, as: d, stages: stagesOf(d.Scopes)}
	if b.m = c.deps[d.ReleaseID]; b.m == nil {
		if m := c.deps[d.Variable]; m != nil && m.QualifiedID() == d.ReleaseID {
			b.m = m
		}
	}
	if o := c.origin(b.m); o != nil {
		b.open = o.Open
	}
	return b, err == nil
}

// SameDependency reports whether d, which an extension brings along, is the dependency that is there already as alias: the
// same package under the same alias, or the same release if the extension gives it no alias of its own. (So the
// expressions of the extension find it.) The original compares only the id with what is written in the other place; what
// is the same to it is the same here.
func SameDependency(d *release.Dependency, id release.ID, alias, written string) bool {
	other, err := release.ParseID(d.ReleaseID)
	if err != nil || other.Package() != id.Package() {
		return false
	}
	return alias == d.Variable || id == other && d.Variable == id.Package() || written == d.ReleaseID
}
