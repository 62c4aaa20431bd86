package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
)

func (a *app) newConfigDeleteProfile() *cobra.Command {
	return &cobra.Command{
		Use:   "delete-profile <name>",
		Short: "Delete a profile that is not the current one.",
		Args:  oneArg("name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.updateConfig(func(d *config.Document) error { return d.Delete(args[0]) }); err != nil {
				return err
			}
			done := fmt.Sprintf("Profile '%s' has been deleted.", args[0])
			return a.configResult(cmd, done, done)
		},
	}
}
