// Package navigate finds the ways between plans: where else a symbol is used, what a rename changes, which plans need which,
// and what files are named. It knows nothing of the protocol.
//
// Read references.go, then rename.go with check.go (what may not be renamed), and the file of the feature in question.
package navigate

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// A Use is a word that means a symbol, and the plan in which it does.
type Use struct {
	symbol.Occurrence
	Plan *cache.Analyzed
}

// A Found is where a symbol is used.
type Found struct {
	Symbol symbol.Symbol
	// Uses are sorted by file and place, each place once. Those that declare it are among them.
	Uses []Use
	// Owners are all that declare it.
	Owners []symbol.Owner
	// Plans are those that were looked at, by file.
	Plans map[string]*cache.Analyzed
}

// References finds a symbol in all plans of the workspace in which it can stand, and in their scripts and templates. If ctx ends
// before, what was found by then is returned.
func References(ctx context.Context, snap *cache.Snapshot, s symbol.Symbol) *Found {
	f := &finder{
		ctx: ctx, snap: snap, name: s.Name, kind: s.Kind, within: s.Within,
		found: &Found{Symbol: s, Plans: map[string]*cache.Analyzed{}},
		owned: map[owner]bool{}, asked: map[owner]bool{}, owners: map[*cache.Analyzed]map[symbol.ID][]symbol.Owner{},
	}
	f.own(s.Owners)
	f.plan(s.Plan)
	for f.again = true; f.again && ctx.Err() == nil; {
		f.again = false
		f.round()
	}
	f.collect()
	return f.found
}

// Here finds a symbol in the plan at hand, and in its scripts and templates.
func Here(snap *cache.Snapshot, s symbol.Symbol) []Use {
	f := &finder{
		snap: snap, name: s.Name, kind: s.Kind, within: s.Within,
		found: &Found{Symbol: s, Plans: map[string]*cache.Analyzed{}},
		owned: map[owner]bool{}, asked: map[owner]bool{}, owners: map[*cache.Analyzed]map[symbol.ID][]symbol.Owner{},
	}
	f.own(s.Owners)
	f.plan(s.Plan)
	f.collect()
	return f.found.Uses
}

// An owner is something that declares a symbol.
type owner struct {
	symbol.ID
	version string
}

// A finder follows a symbol from plan to plan.
type finder struct {
	ctx    context.Context
	snap   *cache.Snapshot
	name   string
	kind   symbol.Kind
	within string
	found  *Found
	// owned are the owners of the symbol, and asked those whose plans have been looked for.
	owned, asked map[owner]bool
	// owners are those of the ids of a plan.
	owners map[*cache.Analyzed]map[symbol.ID][]symbol.Owner
	again  bool // there is something new
}

// own adds owners.
func (f *finder) own(list []symbol.Owner) {
	for _, o := range list {
		if key := (owner{o.ID, o.Version}); !f.owned[key] {
			f.owned[key], f.again = true, true
			f.found.Owners = append(f.found.Owners, o)
		}
	}
}

// plan adds a plan in which the symbol may stand, and what is the same there.
func (f *finder) plan(an *cache.Analyzed) {
	name := an.Source.Name()
	if f.found.Plans[name] != nil {
		return
	}
	f.found.Plans[name], f.again = an, true
	f.owners[an] = map[symbol.ID][]symbol.Owner{}
}

// round looks once at all plans, and for those of new owners.
func (f *finder) round() {
	for _, o := range slices.Clone(f.found.Owners) {
		if key := (owner{o.ID, o.Version}); !f.asked[key] {
			f.asked[key] = true
			f.around(o)
		}
	}
	for _, an := range f.found.Plans {
		if f.ctx.Err() != nil {
			return
		}
		symbol.Of(f.snap, an).Named(f.name, func(o *symbol.Occurrence) {
			if f.alike(o) && !f.known(an, o.ID) {
				f.ours(an, o.ID)
			}
		})
	}
}

func (f *finder) alike(o *symbol.Occurrence) bool {
	return o.Name == f.name && o.Kind == f.kind && o.Use != symbol.Mention && o.Use != symbol.Indirect &&
		(o.Within == f.within || f.kind == symbol.Output)
}

// known reports whether an id of a plan is known to be the symbol.
func (f *finder) known(an *cache.Analyzed, id symbol.ID) bool {
	list := f.owners[an][id]
	return len(list) > 0 && !slices.ContainsFunc(list, func(o symbol.Owner) bool { return !f.owned[owner{o.ID, o.Version}] })
}

// ours reports whether an id of a plan is the symbol: one of those that declare it does. The others do then, too.
func (f *finder) ours(an *cache.Analyzed, id symbol.ID) bool {
	list, ok := f.owners[an][id]
	if !ok {
		list = symbol.Resolve(f.snap, an, id)
		f.owners[an][id] = list
	}
	if !slices.ContainsFunc(list, func(o symbol.Owner) bool { return f.owned[owner{o.ID, o.Version}] }) {
		return false
	}
	f.own(list)
	return true
}

// collect gathers the uses.
func (f *finder) collect() {
	type place struct {
		file string
		span source.Span
	}
	seen := map[place]bool{}
	for _, an := range f.found.Plans {
		symbol.Of(f.snap, an).Named(f.name, func(o *symbol.Occurrence) {
			key := place{o.File.Name(), o.Span}
			if f.alike(o) && !seen[key] && f.ours(an, o.ID) {
				seen[key] = true
				f.found.Uses = append(f.found.Uses, Use{*o, an})
			}
		})
	}
	slices.SortFunc(f.found.Uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.File.Name(), b.File.Name()), cmp.Compare(a.Span.Start, b.Span.Start))
	})
}

// around adds the plans in which what an owner declares may stand.
func (f *finder) around(o symbol.Owner) {
	dir := filepath.Dir(f.found.Symbol.Plan.Doc.Path)
	if f.found.Symbol.Plan.Doc.Path == "" {
		return
	}
	w := f.snap.Workspace(dir)
	switch o.Kind {
	case symbol.Parameter, symbol.Step, symbol.Builtin, symbol.Field, symbol.Type, symbol.Tag, symbol.Deployment:
		return
	case symbol.File, symbol.Template:
		for _, an := range f.snap.Users(o.Name) {
			f.plan(an)
		}
		return
	case symbol.Variable:
		for _, an := range f.snap.Users(o.Within) {
			f.plan(an)
		}
		return
	case symbol.Interface:
		f.files(w.Files(o.Name), nil)
		return
	}
	if o.Package == "" { // the outputs of all that provide an interface
		f.files(w.Files(o.Within, o.Name), nil)
		return
	}
	if o.Version == "" {
		if file := w.File(o.Package); file != "" {
			f.files([]string{file}, nil)
		}
	}
	f.needing(o.Package, map[string]bool{})
	if owner := f.planOf(o.Package); owner != nil && o.Kind == symbol.Output {
		for _, iface := range owner.Plan.Provides {
			f.files(w.Files(iface.Value, o.Name), nil)
		}
	}
}

// needing adds the plans that need a package and may see the symbol because of that.
func (f *finder) needing(pkg string, seen map[string]bool) {
	if seen[pkg] {
		return
	}
	seen[pkg] = true
	w := f.snap.Workspace(filepath.Dir(f.found.Symbol.Plan.Doc.Path))
	f.files(w.Needing(pkg), func(an *cache.Analyzed) {
		if f.passes(an, pkg) {
			f.needing(symbol.PackageOf(an), seen)
		}
	})
}

// passes reports whether what a package declares is seen by those that need a plan which needs the package.
func (f *finder) passes(an *cache.Analyzed, pkg string) bool {
	switch f.kind {
	case symbol.Package, symbol.Extension:
		return false
	case symbol.Input, symbol.Consumer:
		return true // those that get no value are passed on
	}
	return slices.ContainsFunc(an.Plan.Extends, func(e *plan.Extension) bool { return e != nil && symbol.PackageIn(e.Release) == pkg })
}

// planOf returns the plan of a package among those at hand.
func (f *finder) planOf(pkg string) *cache.Analyzed {
	for _, an := range f.found.Plans {
		if symbol.PackageOf(an) == pkg {
			return an
		}
	}
	return nil
}

// files adds the plans of files if they can hold the symbol, and calls fn with each.
func (f *finder) files(files []string, fn func(*cache.Analyzed)) {
	for _, file := range files {
		if f.ctx.Err() != nil {
			return
		}
		d := f.snap.File(file)
		if d == nil || !f.mayHold(d.Source.Text()) {
			continue
		}
		if an := f.snap.Analyze(d); an != nil {
			f.plan(an)
			if fn != nil {
				fn(an)
			}
		}
	}
}

// mayHold reports whether a plan can mean the symbol although its text does not have the name, in a script or template for
// example.
func (f *finder) mayHold(text string) bool {
	switch f.kind {
	case symbol.Package:
		_, name, _ := strings.Cut(f.name, "/")
		return strings.Contains(text, name)
	case symbol.Input:
		return true // those that depend on the plan may have it, too
	}
	return strings.Contains(text, f.name) || strings.Contains(text, "extends")
}

// qualified is the name of a package with its project.
func qualified(name string) string {
	project, name := release.SplitName(name)
	return project + "/" + name
}

// dirOf is the folder of a plan; "" if it is no file.
func dirOf(an *cache.Analyzed) string {
	if an.Doc.Path == "" {
		return ""
	}
	return filepath.Dir(an.Doc.Path)
}
