package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/planner/state"
)

// viewFlags are the flags of commands that look at a state.
type viewFlags struct {
	stateFlags
	environmentFlag
	remoteFlag
}

func (f *viewFlags) add(cmd *cobra.Command) {
	f.stateFlags.add(cmd)
	f.environmentFlag.add(cmd)
	f.remoteFlag.add(cmd)
}

// view reads the state without locking it. Whoever works on it may go on, so it may be old at once.
func (a *app) view(ctx context.Context, f viewFlags) (*state.View, error) {
	profile, err := a.profile(false)
	if err != nil {
		return nil, err
	}
	if err := checkEnvironment(f.environment); err != nil {
		return nil, err
	}
	store, err := a.openState(f.stateFlags, f.remoteFlag, f.environment, profile)
	if err != nil {
		return nil, err
	}
	return a.look(ctx, store)
}

func (a *app) newStateListDeployments() *cobra.Command {
	var flags viewFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list-deployments",
		Short: "List the deployments of an environment.",
		Args:  noArgs,
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print a JSON array")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if flags.environment == "" {
			return state.CheckEnvironmentName("") // this command says so, the others that it is missing
		}
		view, err := a.view(cmd.Context(), flags)
		if err != nil {
			return err
		}
		names := view.State.Environment(flags.environment).Names()
		text := strings.Join(names, "\n")
		if asJSON {
			if names == nil {
				names = []string{}
			}
			if text, err = toJSON(names); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintln(a.env.Stdout, text)
		return printError(err)
	}
	return cmd
}
