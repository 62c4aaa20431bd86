package symbol

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// maxHops is how many packages a name is followed through.
const maxHops = 64

// An Owner is a package that declares a symbol.
type Owner struct {
	ID
	// Version is that of a release, which nobody can change; Unknown if nothing is known of the package, and empty for a plan
	// of the workspace.
	Version string
	// Places are where it says so; none if nobody knows.
	Places []Place
}

// Unknown is the Version of a package of which nothing is known.
const Unknown = "?"

// Resolve returns what declares a symbol of a plan, the nearest first. There may be several: what an extension or dependency
// brings into a package under the same name is the same thing, and so are the outputs of all that provide an interface. If
// nothing declares it, the one Owner is what seems to be meant.
func Resolve(snap *cache.Snapshot, an *cache.Analyzed, id ID) []Owner {
	r := resolver{snap: snap, an: an, seen: map[ID]bool{}}
	return r.resolve(id)
}

// A resolver looks for declarations as a plan sees them.
type resolver struct {
	snap *cache.Snapshot
	an   *cache.Analyzed
	// seen are the symbols that have been followed: several ways may lead to one.
	seen map[ID]bool
}

func (r *resolver) resolve(id ID) []Owner {
	x := Of(r.snap, r.an)
	one := func(places ...Place) []Owner { return []Owner{{ID: id, Places: places}} }
	switch id.Kind {
	case Builtin, Type:
		return one()
	case Field:
		if id.Package != "" && id.Package != x.own {
			return r.elsewhere(id)
		}
		return one(x.ownField(id)...)
	case File, Template:
		if f := r.snap.SourceOf(id.Name); f != nil {
			return one(Place{File: f})
		}
		return one()
	case Variable:
		return one(x.declared[id]...)
	case Interface:
		return one(r.provided(id.Name)...)
	}
	switch {
	case id.Package == "" && id.Kind == Output:
		return append(one(), r.providers(id)...)
	case id.Package == "":
		return one()
	case id.Package != x.own:
		return r.elsewhere(id)
	}
	var all []Owner
	if defs := x.declarations(id); len(defs) > 0 {
		all = one(defs...)
	}
	for _, from := range r.brings(id) {
		all = append(all, r.within(from, id)...)
	}
	if len(all) == 0 {
		return one()
	}
	return all
}

// madeOf are the keys of a release that are made of a field of its plan, or of its metadata, which has another name.
var madeOf = map[string]string{"id": "name", "release": "name", "versionless_release": "name", "revision": "git_revision"}

// ownField is where the plan gives itself what a key such as "name" in $this.name stands for.
func (x *Index) ownField(id ID) []Place {
	if id.Package == "" || id.Package != x.own || x.an.Syntax == nil {
		return nil
	}
	if _, e := edit.Entry(x.an.Syntax.Root, cmp.Or(madeOf[id.Name], id.Name)); e != nil {
		return []Place{{x.an.Source, e.Key.Pos}}
	}
	return nil
}

// declarations are the places of the plan that declare a symbol.
func (x *Index) declarations(id ID) (defs []Place) {
	if id.Kind != Parameter {
		return slices.Clone(x.declared[id])
	}
	x.Named(id.Name, func(o *Occurrence) {
		if o.Use == Declare && o.ID == id {
			defs = append(defs, o.Place)
		}
	})
	return defs
}

// brings returns the packages that bring a symbol into the plan.
func (r *resolver) brings(id ID) []*release.Metadata {
	var all []*release.Metadata
	p := r.an.Plan
	x := Of(r.snap, r.an)
	for _, e := range p.Extends {
		if e != nil {
			if m := x.an.ReleaseOf(e.Release, e.Alias()); m != nil && has(m, id, true) {
				all = append(all, m)
			}
		}
	}
	if id.Kind == Input || id.Kind == Consumer {
		for _, d := range p.Depends {
			if d == nil || sets(d, id) {
				continue
			}
			if m := x.an.ReleaseOf(d.Release, d.Alias()); m != nil && has(m, id, false) {
				all = append(all, m)
			}
		}
	}
	return all
}

// sets reports whether the entry of a dependency gives it a value or provider itself, in both stages.
func sets(d *plan.Dependency, id ID) bool {
	in := func(list []plan.ValuePair) bool {
		return slices.ContainsFunc(list, func(p plan.ValuePair) bool { return p.Key.Value == id.Name })
	}
	if id.Kind == Consumer {
		return slices.ContainsFunc(d.Consumes, func(p plan.Pair) bool { return p.Key.Value == id.Name })
	}
	return in(d.Mapping) || in(d.BuildMapping) && in(d.DeployMapping)
}

// has reports whether a package brings a symbol into one that extends it, or else one that depends on it.
func has(m *release.Metadata, id ID, extended bool) bool {
	switch id.Kind {
	case Input:
		v, ok := m.Input(id.Name)
		return ok && (extended || v.InScope(release.Deploy))
	case Output:
		_, ok := m.Output(id.Name)
		return ok
	case Metadata:
		_, ok := m.Metadata[id.Name]
		return ok
	case Consumer:
		return slices.ContainsFunc(m.Consumes, func(c *release.Consumer) bool { return c.Variable == id.Name })
	case Dependency:
		return slices.ContainsFunc(m.Depends, func(d *release.Dependency) bool { return d.Variable == id.Name })
	case Errand:
		return m.Errands[id.Name] != nil
	case ErrandInput:
		e := m.Errands[id.Within]
		return e != nil && slices.ContainsFunc(e.Inputs, func(v *release.Variable) bool { return v.ID == id.Name })
	}
	return false
}

// elsewhere follows a symbol of another package.
func (r *resolver) elsewhere(id ID) []Owner {
	for _, key := range slices.Sorted(maps.Keys(r.an.Deps)) { // of several versions always the same
		if m := r.an.Deps[key]; m.VersionlessID() == id.Package {
			if all := r.within(m, id); len(all) > 0 {
				return all
			}
		}
	}
	return []Owner{{ID: id, Version: Unknown}}
}

// within follows a symbol into another package.
func (r *resolver) within(m *release.Metadata, id ID) []Owner {
	id.Package = m.VersionlessID()
	if id.Kind == Package {
		id.Name = id.Package
	}
	if r.seen[id] || len(r.seen) == maxHops {
		return nil
	}
	r.seen[id] = true
	o := r.an.Env.Origin(m)
	if o == nil {
		return []Owner{{ID: id, Version: cmp.Or(m.Version, Unknown), Places: r.released(m, id)}}
	}
	if place, ok := written(o, id); ok {
		return []Owner{{ID: id, Places: []Place{place}}}
	}
	d := r.snap.File(o.File.Name())
	an := r.snap.Analyze(d)
	if an == nil || an == r.an {
		return []Owner{{ID: id, Version: Unknown}}
	}
	next := resolver{snap: r.snap, an: an, seen: r.seen}
	id.Package = PackageOf(an)
	return next.resolve(id)
}

// fields are the fields in which symbols are declared.
var fields = map[Kind]string{Input: "inputs", Output: "outputs", Metadata: "metadata"}

// written returns where the plan of a package itself says something.
func written(o *check.Origin, id ID) (Place, bool) {
	field := fields[id.Kind]
	place := check.Place{Field: field, Name: id.Name}
	if id.Kind == Package {
		place = check.Place{Field: "name"}
	} else if field == "" {
		return Place{}, false
	}
	span, ok := o.Places[place]
	if !ok {
		return Place{}, false
	}
	if id.Kind == Package {
		line := o.File.Line(o.File.LineOf(int(span.End)))
		value := source.Span{Start: span.End, End: line.End}
		for _, word := range []string{id.Name, id.Name[strings.IndexByte(id.Name, '/')+1:]} {
			if at := narrow(o.File, value, word); at != value {
				return Place{o.File, at}, true
			}
		}
	}
	return Place{o.File, span}, true
}

// provided returns where the plans of the workspace say that they provide an interface.
func (r *resolver) provided(iface string) (defs []Place) {
	for _, t := range r.an.Plan.Provides {
		if t.Value == iface {
			defs = append(defs, Place{r.an.Source, t.Span()})
		}
	}
	for _, m := range Providers(r.an, iface) {
		if o := r.an.Env.Origin(m); o != nil {
			if span, ok := o.Places[check.Place{Field: "provides", Name: iface}]; ok {
				defs = append(defs, Place{o.File, span})
			}
		}
	}
	return defs
}

// providers returns what the packages that provide an interface have under the name of an output of it.
func (r *resolver) providers(id ID) (all []Owner) {
	for _, m := range Providers(r.an, id.Within) {
		there := ID{Kind: id.Kind, Name: id.Name}
		if has(m, there, true) {
			all = append(all, r.within(m, there)...)
		}
	}
	return all
}

// Providers returns the packages of the workspace, besides that of the plan, that provide an interface.
func Providers(an *cache.Analyzed, iface string) []*release.Metadata {
	if an.Env.Providers == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(an.Env.Providers(iface)), func(m *release.Metadata) bool {
		return !slices.ContainsFunc(m.Provides, func(p *release.Provider) bool { return p.Name == iface })
	})
}
