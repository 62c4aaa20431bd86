package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// A query asks an Inventory a question: which one, depends on what is given.
type query struct {
	project, application, version string
	json                          bool
}

func (a *app) newInventoryQuery() *cobra.Command {
	var q query
	cmd := &cobra.Command{
		Use:   "query",
		Short: "List projects, applications or versions, or show the metadata of a release.",
		Long: `List projects, applications or versions, or show the metadata of a release.

Without flags it lists the projects; with -p the applications of a project; with -p and -a the versions of an application,
newest first; with -p, -a and -v it shows the metadata of a release. The version may be exact, such as 1.2.3, the newest
that begins with something, such as 1.2.@, "latest", or a tag. The project of packages without one is "_".`,
		Example: `  escape inventory query
  escape inventory query -p demo
  escape inventory query -p demo -a hello --json
  escape inventory query -p demo -a hello -v latest`,
		Args: noArgs,
	}
	cmd.Flags().StringVarP(&q.project, "project", "p", "", "Name of the project")
	cmd.Flags().StringVarP(&q.application, "application", "a", "", "Name of the application, which is the package without project")
	cmd.Flags().StringVarP(&q.version, "version", "v", "", "Version, such as 1.2.3, 1.2.@ or latest, or tag")
	cmd.Flags().BoolVar(&q.json, "json", false, "Print a JSON array or object in one line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := q.check(cmd); err != nil {
			return err
		}
		profile, err := a.profile(false)
		if err != nil {
			return err
		}
		inv, err := a.inventory(profile)
		if err != nil {
			return err
		}
		text, err := q.answer(cmd.Context(), inv)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.env.Stdout, text)
		return printError(err)
	}
	return cmd
}

// check reports flags that say nothing without others.
func (q *query) check(cmd *cobra.Command) error {
	switch {
	case q.application != "" && q.project == "":
		return &usageError{cmd, "--application needs --project"}
	case q.version != "" && q.application == "" && q.project == "":
		return &usageError{cmd, "--version needs --project and --application"}
	case q.version != "" && q.application == "":
		return &usageError{cmd, "--version needs --application"}
	}
	return nil
}

// answer returns the text of the result.
func (q *query) answer(ctx context.Context, inv inventory.Inventory) (string, error) {
	var names []string
	var err error
	switch {
	case q.version != "":
		return q.release(ctx, inv)
	case q.application != "":
		var versions []release.Version
		versions, err = inv.Versions(ctx, q.project, q.application)
		for _, v := range versions {
			names = append(names, "v"+string(v))
		}
	case q.project != "":
		names, err = inv.Packages(ctx, q.project)
	default:
		names, err = inv.Namespaces(ctx)
	}
	switch {
	case err != nil:
		return "", err
	case q.json && len(names) == 0:
		return "[]", nil
	case q.json:
		return toJSON(names)
	case len(names) == 0:
		return "Inventory returned 0 results.", nil
	}
	return strings.Join(names, "\n"), nil
}

func (q *query) release(ctx context.Context, inv inventory.Inventory) (string, error) {
	c, err := release.ParseConstraint(q.version)
	if err != nil {
		return "", err
	}
	m, err := inv.Metadata(ctx, release.ID{Namespace: q.project, Name: q.application, Constraint: c})
	if err != nil {
		return "", err
	}
	if q.json {
		return string(m.EncodeCompact()), nil
	}
	return string(m.Encode()), nil
}
