package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
)

func (a *app) newConfigCreateProfile() *cobra.Command {
	return &cobra.Command{
		Use:   "create-profile <name>",
		Short: "Create a profile.",
		Long: `Create a profile.

It does not become the current one; 'escape config set-profile' does that. Its first values come from the environment
variables ESCAPE_API_SERVER, ESCAPE_AUTH_TOKEN, BASIC_AUTH_USERNAME and BASIC_AUTH_PASSWORD where these are set.`,
		Args: oneArg("name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.updateConfig(func(d *config.Document) error { return d.Create(args[0]) }); err != nil {
				return err
			}
			done := fmt.Sprintf("Profile '%s' has been created.", args[0])
			return a.configResult(cmd, done, done)
		},
	}
}
