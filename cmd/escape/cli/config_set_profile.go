package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
)

func (a *app) newConfigSetProfile() *cobra.Command {
	return &cobra.Command{
		Use:   "set-profile <name>",
		Short: "Make a profile the current one.",
		Args:  oneArg("name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			// An empty name changes nothing, as in the original.
			if name := args[0]; name != "" {
				if err := a.updateConfig(func(d *config.Document) error { return d.SetCurrent(name) }); err != nil {
					return err
				}
			}
			const done = "Profile has been set"
			return a.configResult(cmd, done, done)
		},
	}
}
