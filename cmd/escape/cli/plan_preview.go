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
		m, _, err := a.compileFor(cmd.Context(), &flags)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.env.Stdout, "%s\n", m.Encode())
		return printError(err)
	}
	return cmd
}
