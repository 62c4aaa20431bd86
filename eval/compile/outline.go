package compile

import (
	"context"
	"slices"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/syntax"
)

// Outline returns what a release of p would say as far as its text tells: without files, facts of git, and the values of
// expressions. The plan may be wrong anywhere; what could not be decoded is left out. In the outline
//
//   - the version is empty if it is a pattern or an expression,
//   - an expression in metadata is its own value, as text,
//   - packages that are not known add nothing, and ids are not resolved if known returns metadata without a version.
//
// Known returns the metadata of a release, nil if nothing is known of it.
func Outline(p *plan.Plan, known func(release.ID) *release.Metadata) *release.Metadata {
	c := &compiler{ctx: context.Background(), plan: p, meta: release.New(), nodes: map[any]syntax.Node{}}
	c.files = &fileSet{c: c, blind: true}
	c.deps = outlineDeps(p, known)
	c.basics()
	c.consumers()
	for _, e := range c.deps.Extensions {
		_ = c.extend(e) // it fails only over files
	}
	c.depend()
	if v := strings.TrimSpace(p.Version.Value); p.Version.Expr == nil {
		if _, err := release.ParseVersion(v); err == nil {
			c.meta.Version = v
		}
	}
	for _, pair := range p.Metadata {
		c.meta.Metadata[pair.Key.Value] = pair.Value.Value
	}
	c.steps()
	c.variables()
	c.errands()
	c.templates()
	_ = c.allFiles()
	unknownTypes(c.meta.Inputs, p.Inputs, p.BuildInputs, p.DeployInputs)
	unknownTypes(c.meta.Outputs, p.Outputs, p.BuildOutputs, p.DeployOutputs)
	return c.meta
}

// unknownTypes marks variables whose type could not be read, which is text to compiling.
func unknownTypes(vars []*release.Variable, lists ...[]*plan.Variable) {
	for _, v := range slices.Concat(lists...) {
		if v != nil && v.NoType {
			if i := indexOf(vars, v.ID.Value); i >= 0 {
				vars[i].Type = v.Type.Value
			}
		}
	}
}

// outlineDeps are the packages of p. Those that are not known are empty.
func outlineDeps(p *plan.Plan, known func(release.ID) *release.Metadata) *Deps {
	deps := &Deps{}
	entry := func(ref plan.Text, alias string) *Package {
		id, err := release.ParseID(ref.Value)
		if err != nil {
			return nil
		}
		pkg := &Package{ID: id, Alias: alias, Release: known(id)}
		if pkg.Alias == "" {
			pkg.Alias = id.Package()
		}
		if pkg.Release != nil && pkg.Release.Version != "" {
			pkg.ID = id.WithVersion(release.Version(pkg.Release.Version))
		}
		return pkg
	}
	for _, e := range p.Extends {
		if e == nil {
			continue
		}
		if pkg := entry(e.Release, e.As.Value); pkg != nil {
			deps.Extensions = append(deps.Extensions, pkg)
		}
	}
	for _, d := range p.Depends {
		if d == nil {
			continue
		}
		if pkg := entry(d.Release, d.Alias()); pkg != nil {
			pkg.plan = d
			deps.Depends = append(deps.Depends, pkg)
		}
	}
	for _, e := range deps.Extensions {
		if e.Release != nil {
			for _, d := range e.Release.Depends {
				deps.outlineInherited(d, known)
			}
		}
	}
	for _, pkg := range slices.Concat(deps.Extensions, deps.Depends) {
		if pkg.Release == nil {
			pkg.Release = release.New()
		}
	}
	return deps
}

// outlineInherited adds a dependency of an extension, unless it is there.
func (d *Deps) outlineInherited(inherited *release.Dependency, known func(release.ID) *release.Metadata) {
	id, err := release.ParseID(inherited.ReleaseID)
	if err != nil {
		return
	}
	for _, have := range d.Depends {
		if check.SameDependency(inherited, have.ID, have.Alias, have.written()) {
			return
		}
	}
	d.Depends = append(d.Depends, &Package{ID: id, Alias: inherited.Variable, Release: known(id), inherited: inherited})
}
