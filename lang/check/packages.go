package check

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// Packages returns what is wrong with how the packages of p fit together: releases that need each other in a circle,
// names that two of them claim, and parts that one takes from another. Check finds it too; this is for who learns only
// later, by fetching them, what the packages are.
func Packages(p *plan.Plan, deps Deps) diag.List {
	c := checker{p: p, deps: deps}
	if p.File != nil {
		c.src = p.File.Source
	}
	c.bundle()
	c.inherit()
	c.packages()
	c.overrides()
	return c.list
}

func (c *checker) packages() {
	c.loops()
	c.sharedNames()
	c.sharedFolders()
	c.extraDependencies()
}

// loops reports packages that need, over others, a release of this package or of themselves. What they need is only
// known as far as metadata is.
func (c *checker) loops() {
	project, name := release.SplitName(c.p.Name.Value)
	w := walk{c: c, own: project + "/" + name, seen: map[release.ID]bool{}, on: map[release.ID]bool{}}
	for _, list := range [][]*bundled{c.extensions, c.dependencies} {
		for _, b := range list {
			if b.from != nil || b.id.Package() == w.own {
				continue // seen from the extension, or reported where its id is read
			}
			if path := w.visit(b.id, b.m); path != nil {
				c.loop(b, w.own, path)
			}
			w.path = nil
			clear(w.on)
		}
	}
}

// A walk follows what releases need. Each release is looked at once, whichever ways lead to it.
type walk struct {
	c    *checker
	own  string
	seen map[release.ID]bool
	path []release.ID // how the release at hand was reached
	on   map[release.ID]bool
}

// visit returns the way on which a release that id needs leads back: to this package, or to a release on the way.
func (w *walk) visit(id release.ID, m *release.Metadata) []release.ID {
	if w.seen[id] || m == nil {
		return nil
	}
	w.seen[id], w.on[id] = true, true
	w.path = append(w.path, id)
	needs := w.c.needs(m)
	if i := slices.IndexFunc(needs, func(id release.ID) bool { return id.Package() == w.own }); i >= 0 {
		return append(w.path, needs[i])
	}
	for _, next := range needs {
		if w.on[next] {
			return append(w.path, next)
		}
		if path := w.visit(next, w.c.deps[next.String()]); path != nil {
			return path
		}
	}
	w.path = w.path[:len(w.path)-1]
	delete(w.on, id)
	return nil
}

// needs returns the releases that m needs; none if one of the ids is no good. Those of a plan need not be resolved.
func (c *checker) needs(m *release.Metadata) []release.ID {
	ids, err := m.Packages()
	if err == nil || c.origin(m) == nil {
		return ids
	}
	ids = nil
	for _, d := range m.Depends {
		if id, err := release.ParseID(d.ReleaseID); err == nil {
			ids = append(ids, id)
		}
	}
	for _, e := range m.Extends {
		if id, err := release.ParseID(e.ReleaseID); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// loop reports the way on which b leads back.
func (c *checker) loop(b *bundled, own string, path []release.ID) {
	x := c.loopOf(b, own, path)
	m := b.m
	for i, id := range path {
		if i > 0 {
			m = c.deps[id.String()]
		}
		o := c.origin(m)
		if o == nil || i+1 == len(path) {
			continue
		}
		if span, ok := o.Places[Place{"depends", path[i+1].Package()}]; ok {
			x.Related = append(x.Related, diag.Related{File: o.File, Span: span, Message: fmt.Sprintf("%q needs %q", m.VersionlessID(), path[i+1].Package())})
		}
		if x.Code == diag.ReleaseCycle {
			x.Severity = diag.Warning
			x.Hint = "so say their plans; a release of each needs an older one of the other"
		}
	}
}

func (c *checker) loopOf(b *bundled, own string, path []release.ID) *diag.Diagnostic {
	last := path[len(path)-1]
	if last.Package() == own {
		names := []string{own}
		for _, id := range path {
			names = append(names, id.Package())
		}
		x := c.report(diag.SelfDependency, b.at.Span(), fmt.Sprintf("%q depends on itself: %s", own, way(names)))
		x.Hint = fmt.Sprintf("%q needs the older release %q; move what both need into a package of its own", path[len(path)-2], last)
		return x
	}
	var names []string
	for _, id := range path[slices.Index(path, last):] {
		names = append(names, id.String())
	}
	x := c.report(diag.ReleaseCycle, b.at.Span(), fmt.Sprintf("%q depends on itself: %s", last, way(names)))
	x.Hint = "it can never be deployed; ask for releases that do not need each other"
	return x
}

// way joins the stations of a path; the middle of a long one is left out.
func way(names []string) string {
	const ends = 4
	if len(names) > 2*ends {
		names = slices.Concat(names[:ends], []string{"..."}, names[len(names)-ends:])
	}
	return strings.Join(names, " → ")
}

// sharedNames reports dependencies that would be one deployment, and aliases that mean two things, where an extension or a
// dependency has part in it. What the plan says alone is reported where aliases are.
func (c *checker) sharedNames() {
	deployed := map[string][]*bundled{}
	byAlias := map[string]*bundled{}
	for _, b := range c.dependencies {
		name := b.deployment()
		meets := func(other *bundled) bool { return other.stages&b.stages != 0 }
		if i := slices.IndexFunc(deployed[name], meets); i >= 0 {
			c.sameDeployment(deployed[name][i], b, name)
		} else {
			deployed[name] = append(deployed[name], b)
		}
		byAlias[b.alias] = b
	}
	c.sharedProviders(byAlias)
}

// what is how messages call a dependency.
func (b *bundled) what() string {
	if b.from != nil {
		return fmt.Sprintf("%q of the extension %q", b.as.ReleaseID, b.from.id.Package())
	}
	return fmt.Sprintf("%q", b.at.Value)
}

// named is what gives the package its alias.
func (b *bundled) named() plan.Text {
	switch {
	case b.own != nil:
		return first(b.own.Variable, b.own.As, b.own.Release)
	case b.ext != nil:
		return first(b.ext.As, b.ext.Release)
	}
	return b.at
}

// sameDeployment reports two dependencies of one deployment name.
func (c *checker) sameDeployment(old, b *bundled, name string) {
	if old.alias == b.alias && b.from == nil {
		return // two entries of the plan: their alias is reported
	}
	related := []diag.Related{{File: c.src, Span: old.named().Span(), Message: "first one"}}
	if old.alias == b.alias {
		x := c.report(diag.DuplicateAlias, b.at.Span(), fmt.Sprintf("the dependency %s is called %q, like %s", b.what(), b.alias, old.what()))
		x.Related = related
		if old.from == nil {
			x.Hint = "give the dependency of this plan another name with \"as\""
		}
		return
	}
	at := b.named()
	if b.own != nil {
		at = first(b.own.DeploymentName, at)
	}
	x := c.report(diag.DuplicateDeployment, at.Span(), fmt.Sprintf("%s would be deployed as %q, like %s", b.what(), name, old.what()))
	x.Related = related
	x.Hint = "give one of them another \"deployment_name\""
}

// sharedProviders reports aliases that a provider shares with a dependency or with a provider of another interface in the
// same stage, if another package has part in it.
func (c *checker) sharedProviders(dependencies map[string]*bundled) {
	type claim struct {
		name, by string
		stages   plan.Stages
	}
	claims := map[string][]claim{}
	add := func(alias string, n claim, other bool) {
		if b := dependencies[alias]; b != nil && b.stages&n.stages != 0 && (other || b.from != nil) && len(claims[alias]) == 0 {
			c.hidden(b, n.by)
		}
		claims[alias] = append(claims[alias], n)
	}
	for _, list := range [][]*plan.Consumer{c.p.Consumes, c.p.BuildConsumes, c.p.DeployConsumes} {
		for _, consumer := range list {
			if consumer != nil {
				add(consumer.Alias(), claim{consumer.Interface.Value, "this package", consumer.Scopes.Stages()}, false)
			}
		}
	}
	for _, consumer := range c.inherited.consumers {
		n := claim{consumer.Name, fmt.Sprintf("%q", consumer.from.id.Package()), consumer.stages}
		for _, old := range claims[consumer.Variable] {
			if old.name != n.name && old.stages&n.stages != 0 {
				x := c.report(diag.DuplicateAlias, consumer.from.at.Span(), fmt.Sprintf("%s consumes %q as %q, and %s %q: both get the same provider", n.by, n.name, consumer.Variable, old.by, old.name))
				x.Severity = diag.Warning
				if consumer.from.own != nil {
					x.Hint = "bind the provider in \"consumes\" of the dependency"
				}
				break
			}
		}
		add(consumer.Variable, n, true)
	}
}

func (c *checker) hidden(b *bundled, by string) {
	x := c.report(diag.DuplicateAlias, b.named().Span(), c.p.Say(fmt.Sprintf("\"$%s\" is the provider that %s consumes; it hides the dependency %s", b.alias, by, b.what())))
	x.Severity = diag.Warning
	x.Hint = "give one of them another name with \"as\""
}

// sharedFolders reports an extension that is needed in another version too: scripts and templates of extensions are looked
// for in the one folder that a package has below "deps".
func (c *checker) sharedFolders() {
	extended := map[string]*bundled{}
	report := func(b, other *bundled) {
		if b.m == nil || other.m == nil || b.id == other.id {
			return
		}
		x := c.report(diag.ExtensionVersions, b.at.Span(), fmt.Sprintf("%q and the extension %q need the same folder, \"deps/%s\"", b.id, other.id, b.id.Package()))
		x.Related = []diag.Related{{File: c.src, Span: other.at.Span(), Message: "extended here"}}
		x.Hint = "use one version of it"
	}
	for _, b := range c.extensions {
		if other := extended[b.id.Package()]; other != nil {
			report(b, other)
			continue
		}
		extended[b.id.Package()] = b
	}
	for _, b := range c.dependencies {
		if other := extended[b.id.Package()]; other != nil {
			report(b, other)
		}
	}
}

// extraDependencies reports what becomes of dependencies that extensions bring along, where it may surprise: another one
// is deployed in its place, or the package is deployed twice.
func (c *checker) extraDependencies() {
	for _, a := range c.absorbed {
		lost, kept := a.lost, a.kept
		from := lost.from.id.Package()
		switch {
		case lost.alias == kept.alias && kept.m != nil && lost.id != kept.id:
			x := c.report(diag.ExtensionOverride, lost.at.Span(), fmt.Sprintf("%q needs %q; %s is deployed in its place", from, lost.id, kept.what()))
			x.Related = []diag.Related{{File: c.src, Span: kept.at.Span(), Message: "it is called the same"}}
		case lost.alias != kept.alias && mentions(lost.from.m, lost.alias):
			x := c.report(diag.ExtensionOverride, lost.at.Span(), c.p.Say(fmt.Sprintf("%q calls %q \"%s\", which means nothing here: it is called %q", from, lost.id, "$"+lost.alias, kept.alias)))
			x.Related = []diag.Related{{File: c.src, Span: kept.named().Span(), Message: "named here"}}
			if kept.own != nil {
				x.Hint = "write " + c.p.Spelled(fmt.Sprintf("%q", kept.at.Value+" as "+lost.alias), fmt.Sprintf("as = %q", lost.alias))
			}
		}
	}
	byPackage := map[string]*bundled{}
	for _, b := range c.dependencies {
		old := byPackage[b.id.Package()]
		if old == nil {
			byPackage[b.id.Package()] = b
			continue
		}
		switch {
		case b.from == nil || old.stages&b.stages == 0:
			continue // the plan says so twice, and means it
		case b.alias == b.id.Package() && old.id.NeedsResolving():
			continue // it may turn out to be the same release
		}
		x := c.report(diag.DoubledDependency, b.at.Span(), fmt.Sprintf("%q is deployed twice: as %q, and as %q for the extension %q", b.id.Package(), old.alias, b.alias, b.from.id.Package()))
		x.Related = []diag.Related{{File: c.src, Span: old.named().Span(), Message: fmt.Sprintf("called %q here", old.alias)}}
		if old.own != nil {
			x.Hint = fmt.Sprintf("call it %q in this plan too, and it is deployed once", b.alias)
			if b.alias == b.id.Package() {
				x.Hint = "give it no alias in this plan, or ask for the same release, and it is deployed once"
			}
		}
	}
}

// mentions reports whether an expression of the release may use the alias.
func mentions(m *release.Metadata, alias string) bool {
	return expr.IsName(alias) && bytes.Contains(m.EncodeCompact(), []byte("$"+alias))
}
