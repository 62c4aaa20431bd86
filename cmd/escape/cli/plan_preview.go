package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) newPlanPreview() *cobra.Command {
	var flags planStateFlags
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Print the release metadata that the plan compiles to.",
		Long: `Print the release metadata that the plan compiles to.

Only --plan changes the result; the other flags are accepted because the original has them.`,
		Args: noArgs,
	}
	flags.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		profile, err := a.profile(false)
		if err != nil {
			return err
		}
		if err := checkEnvironment(flags.environment); err != nil {
			return err
		}
		m, err := a.compile(cmd.Context(), flags.plan, flags.file, profile)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.env.Stdout, "%s\n", m.Encode())
		return printError(err)
	}
	return cmd
}
