package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) newStateShowProviders() *cobra.Command {
	var flags viewFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show-providers",
		Short: "Show which deployments of an environment offer which interfaces.",
		Args:  noArgs,
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print a JSON object of lists")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		view, err := a.view(cmd.Context(), flags)
		if err != nil {
			return err
		}
		providers := view.State.Environment(flags.environment).Providers()
		var text string
		switch {
		case asJSON:
			if text, err = toJSON(providers); err != nil {
				return err
			}
		case len(providers) == 0:
			text = "No providers found in the environment state. Try deploying one."
		default:
			var lines []string
			for _, name := range slices.Sorted(maps.Keys(providers)) {
				lines = append(lines, name+":", "\t"+strings.Join(providers[name], ", "))
			}
			text = strings.Join(lines, "\n")
		}
		_, err = fmt.Fprintln(a.env.Stdout, text)
		return printError(err)
	}
	return cmd
}
