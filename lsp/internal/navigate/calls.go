package navigate

import (
	"cmp"
	"context"
	"slices"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// A Package is a package that has a plan in the workspace, or metadata below deps.
type Package struct {
	Name    string // "project/name"
	Version string // as it is written, of a plan; empty if it is an expression
	At      symbol.Place
}

// A Need is a package that needs another one, or is needed, and where the one that needs says so.
type Need struct {
	Package
	From *source.File
	At   []source.Span
}

// PackageAt returns the package that a symbol is, or that its alias stands for.
func PackageAt(snap *cache.Snapshot, s symbol.Symbol) (Package, bool) {
	switch s.Kind {
	case symbol.Package:
		if s.Package == symbol.PackageOf(s.Plan) {
			return ofPlan(s.Plan), true
		}
		return packageOf(snap, s.Plan, s.Package)
	case symbol.Dependency, symbol.Extension:
		switch def := s.Def.(type) {
		case *plan.Dependency:
			return packageOf(snap, s.Plan, symbol.PackageIn(def.Release))
		case *plan.Extension:
			return packageOf(snap, s.Plan, symbol.PackageIn(def.Release))
		}
	}
	return Package{}, false
}

// ofPlan is the package of a plan.
func ofPlan(an *cache.Analyzed) Package {
	p := Package{Name: symbol.PackageOf(an), At: symbol.Place{File: an.Source, Span: an.Plan.Name.Span()}}
	if an.Plan.Version.Expr == nil {
		p.Version = an.Plan.Version.Value
	}
	return p
}

// packageOf is a package as a plan knows it.
func packageOf(snap *cache.Snapshot, an *cache.Analyzed, pkg string) (Package, bool) {
	owners := symbol.Resolve(snap, an, symbol.ID{Kind: symbol.Package, Package: pkg, Name: pkg})
	o := owners[0]
	if len(o.Places) == 0 {
		return Package{}, false
	}
	p := Package{Name: o.Package, Version: o.Version, At: o.Places[0]}
	if o.Version == "" {
		if there := snap.Analyze(snap.File(p.At.File.Name())); there != nil {
			return ofPlan(there), true
		}
	}
	return p, true
}

// Needing returns the plans of the workspace that depend on a package or extend it. near is a file of the workspace.
func Needing(ctx context.Context, snap *cache.Snapshot, near, pkg string) []Need {
	an := snap.Analyze(snap.File(near))
	if an == nil {
		return nil
	}
	var all []Need
	for _, file := range snap.Workspace(dirOf(an)).Needing(pkg) {
		if ctx.Err() != nil {
			return all
		}
		user := snap.Analyze(snap.File(file))
		if user == nil {
			continue
		}
		n := Need{Package: ofPlan(user), From: user.Source}
		eachNeed(user.Plan, func(id string, at source.Span) {
			if id == pkg {
				n.At = append(n.At, at)
			}
		})
		all = append(all, n)
	}
	return all
}

// Needs returns the packages that the plan of a file depends on and extends, as far as they can be opened.
func Needs(ctx context.Context, snap *cache.Snapshot, file string) []Need {
	an := snap.Analyze(snap.File(file))
	if an == nil {
		return nil
	}
	var all []Need
	eachNeed(an.Plan, func(pkg string, at source.Span) {
		for i := range all {
			if all[i].Name == pkg {
				all[i].At = append(all[i].At, at)
				return
			}
		}
		if p, ok := packageOf(snap, an, pkg); ok && ctx.Err() == nil {
			all = append(all, Need{p, an.Source, []source.Span{at}})
		}
	})
	slices.SortStableFunc(all, func(a, b Need) int { return cmp.Compare(a.At[0].Start, b.At[0].Start) })
	return all
}

// eachNeed calls fn with each package that a plan depends on or extends, and where.
func eachNeed(p *plan.Plan, fn func(pkg string, at source.Span)) {
	for _, n := range p.Needs() {
		if id, err := release.ParseID(n.Release.Value); err == nil {
			fn(id.Package(), n.Release.Span())
		}
	}
}
