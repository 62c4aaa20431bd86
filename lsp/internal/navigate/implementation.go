package navigate

import (
	"context"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// TypeOf returns what says of which kind a symbol is: the plan of the package that an alias stands for, or the plans that
// provide the interface of a consumer.
func TypeOf(snap *cache.Snapshot, s symbol.Symbol) []symbol.Place {
	id := symbol.ID{}
	switch def := s.Def.(type) {
	case *plan.Dependency:
		id = symbol.ID{Kind: symbol.Package, Package: symbol.PackageIn(def.Release)}
	case *plan.Extension:
		id = symbol.ID{Kind: symbol.Package, Package: symbol.PackageIn(def.Release)}
	case *plan.Consumer:
		id = symbol.ID{Kind: symbol.Interface, Name: def.Interface.Value}
	default:
		return nil
	}
	if id.Kind == symbol.Package {
		id.Name = id.Package
	}
	return placesOf(symbol.Resolve(snap, s.Plan, id))
}

func placesOf(owners []symbol.Owner) (list []symbol.Place) {
	for _, o := range owners {
		list = append(list, o.Places...)
	}
	return list
}

// Implementations returns what does what a symbol promises: the plans that provide an interface or extend a package, the
// scripts that write an output, the script of a step or errand.
func Implementations(ctx context.Context, snap *cache.Snapshot, s symbol.Symbol) []symbol.Place {
	switch s.Kind {
	case symbol.Interface:
		return s.Defs
	case symbol.Consumer:
		return TypeOf(snap, s)
	case symbol.Package:
		return extenders(ctx, snap, s)
	case symbol.Output:
		var list []symbol.Place
		for _, u := range References(ctx, snap, s).Uses {
			if u.Use == symbol.Write && u.Env == "" {
				list = append(list, u.Place)
			}
		}
		return list
	case symbol.Step, symbol.Errand:
		return scriptsOf(snap, s)
	}
	return nil
}

// extenders are the places where plans extend a package.
func extenders(ctx context.Context, snap *cache.Snapshot, s symbol.Symbol) (list []symbol.Place) {
	for _, u := range References(ctx, snap, s).Uses {
		for _, e := range u.Plan.Plan.Extends {
			if e != nil && e.Release.Set() && u.File == u.Plan.Source && e.Release.Span().Encloses(u.Span) {
				list = append(list, u.Place)
			}
		}
	}
	return list
}

// scriptsOf are the scripts that a step or errand runs by itself.
func scriptsOf(snap *cache.Snapshot, s symbol.Symbol) (list []symbol.Place) {
	for _, run := range s.Plan.Info.Runs() {
		if (run.Errand != nil) != (s.Kind == symbol.Errand) || run.Name != s.Name {
			continue
		}
		switch run.Step.Form {
		case plan.File:
			if run.Step.Path.Set() {
				list = append(list, placesOf(symbol.Resolve(snap, s.Plan, symbol.ID{Kind: symbol.File, Name: within(s.Plan, run.Step.Path.Value)}))...)
			}
		default:
			list = append(list, symbol.Place{File: s.Plan.Source, Span: run.At()})
		}
	}
	return list
}
