package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/syntax"
)

func (a *app) newDepsFetch() *cobra.Command {
	var plan planFlag
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Fetch the dependencies and extensions of the plan into deps.",
		Long: `Fetch the dependencies and extensions of the plan into deps.

They are unpacked into deps/PROJECT/NAME, and what they need themselves into deps below that. Every command that compiles
the plan does so too; this one does nothing else, and needs nothing of the plan but what it depends on and extends.`,
		Args: noArgs,
	}
	plan.add(cmd)
	addFetchedJSON(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		profile, err := a.profile(true)
		if err != nil {
			return err
		}
		an, err := a.loadPlan(plan.plan)
		if err != nil {
			return err
		}
		ids, err := a.fetchDeps(cmd.Context(), an, a.resolver(profile).plan())
		if err != nil {
			return in(err, compileSection)
		}
		var done []fetched
		for _, id := range ids {
			if f := fetchedInto(id); !slices.Contains(done, f) {
				done = append(done, f)
			}
		}
		return a.printFetched(done, asJSON)
	}
	return cmd
}

// fetchDeps makes the packages available that a plan names, and those that its extensions bring along.
func (a *app) fetchDeps(ctx context.Context, an *lang.Analysis, r compile.Resolver) ([]release.ID, error) {
	if err := findingErrors(findingsIn(an, "depends", "extends")); err != nil {
		return nil, err
	}
	deps, list, err := compile.Resolve(ctx, an.Plan, r)
	if err := errors.Join(findingErrors(list), err); err != nil {
		return nil, err
	}
	var ids []release.ID
	for _, p := range slices.Concat(deps.Extensions, deps.Depends) {
		ids = append(ids, p.ID)
	}
	return ids, nil
}

// findingsIn returns what was found in some fields of a plan.
func findingsIn(an *lang.Analysis, fields ...string) diag.List {
	root, ok := an.Syntax.Root.(*syntax.Mapping)
	if !ok {
		return nil
	}
	var list diag.List
	for i := range root.Entries {
		e := &root.Entries[i]
		if !slices.Contains(fields, e.Key.Text) {
			continue
		}
		span := e.Span()
		for _, d := range an.Findings {
			if span.Start <= d.Span.Start && d.Span.End <= span.End {
				list = append(list, d)
			}
		}
	}
	return list
}
