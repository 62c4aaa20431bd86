package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/fetch"
)

func (a *app) newPull() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pull <release> ...",
		Short: "Fetch packages, with all they need, into deps.",
		Long: `Fetch packages, with all they need, into deps.

A release is a package with an exact version (demo/hello-v1.2.3), the newest that begins with something
(demo/hello-v1.2.@), the newest of all (demo/hello-latest), or a tag (demo/hello:stable). It is unpacked into
deps/PROJECT/NAME below the working directory, and what it depends on and extends into deps below that. An exact version
that is unpacked there, or was fetched before, needs no Inventory.`,
		Example: "  escape pull demo/hello-v1.2.3\n  escape pull demo/hello-latest demo/db:stable --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{cmd, "Missing release argument"}
			}
			return nil
		},
	}
	addFetchedJSON(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		profile, err := a.profile(true)
		if err != nil {
			return err
		}
		r := a.resolver(profile)
		var done []fetched
		for _, arg := range args {
			id, _, err := release.ParseReference(arg)
			if err != nil {
				return err
			}
			if id, err = r.resolve(cmd.Context(), id); err != nil {
				return err
			}
			if _, err := r.fetch(cmd.Context(), a.env.Dir, id, arg, a.logger()); err != nil {
				return err
			}
			done = append(done, fetchedInto(id))
		}
		return a.printFetched(done, asJSON)
	}
	return cmd
}

// A fetched is a release that was made available.
type fetched struct {
	Release string `json:"release"`
	Path    string `json:"path"` // of its folder, below the working directory
}

func fetchedInto(id release.ID) fetched {
	return fetched{id.String(), filepath.ToSlash(fetch.Dir("", id))}
}

func addFetchedJSON(cmd *cobra.Command, asJSON *bool) {
	cmd.Flags().BoolVar(asJSON, "json", false, "Print what was fetched, with exact versions, and where it is, as a JSON array in one line")
}

// printFetched prints what was fetched, if somebody asked for that: the original prints nothing.
func (a *app) printFetched(done []fetched, asJSON bool) error {
	if !asJSON {
		return nil
	}
	if done == nil {
		done = []fetched{}
	}
	text, err := toJSON(done)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.env.Stdout, text)
	return printError(err)
}
