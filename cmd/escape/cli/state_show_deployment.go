package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

func (a *app) newStateShowDeployment() *cobra.Command {
	var flags viewFlags
	var name deploymentFlag
	var clear bool
	cmd := &cobra.Command{
		Use:   "show-deployment",
		Short: "Show what is recorded about a deployment, as JSON.",
		Long: `Show what is recorded about a deployment, as JSON.

Without -d it is the deployment of the plan in escape.yml. Values of sensitive inputs and outputs are masked.`,
		Args: noArgs,
	}
	flags.add(cmd)
	name.add(cmd)
	cmd.Flags().BoolVar(&clear, "show-secrets", false, "Do not mask sensitive values")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		view, err := a.view(cmd.Context(), flags)
		if err != nil {
			return err
		}
		if err := checkDeployment(name.deployment); err != nil {
			return err
		}
		m, err := a.metadataForState(cmd, flags.file, name.deployment == "")
		if err != nil {
			return err
		}
		wanted := name.deployment
		if wanted == "" {
			wanted = m.VersionlessID()
		}
		d, ok := view.State.Environment(flags.environment).Deployment(wanted)
		if !ok {
			return &reported{
				err:    fmt.Errorf("Deployment '%s' not found", wanted),
				detail: nearby(view.State, flags.environment, wanted),
			}
		}
		return a.printDeployment(d, m, clear)
	}
	return cmd
}

// metadataForState compiles the plan in the working directory. If it is not needed, a plan that is not there or does not
// compile is none.
func (a *app) metadataForState(cmd *cobra.Command, stateFile string, needed bool) (*release.Metadata, error) {
	if !needed {
		if file, err := a.planPath(defaultPlan); err != nil || !a.exists(file) {
			return nil, nil
		}
	}
	profile, err := a.profile(false)
	if err != nil {
		return nil, err
	}
	m, err := a.compile(cmd.Context(), defaultPlan, stateFile, profile)
	if err != nil && !needed {
		return nil, nil
	}
	return m, err
}

func (a *app) printDeployment(d *state.Deployment, m *release.Metadata, clear bool) error {
	if !clear {
		d = maskDeployment(d, m)
	}
	text, err := d.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.env.Stdout, "%s\n", text)
	return printError(err)
}
