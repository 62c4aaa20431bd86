package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
)

func (a *app) newConfig() *cobra.Command {
	group := a.newGroup("config", "Look at the configuration file and choose profiles.")
	group.PersistentFlags().Bool("json", false, "Print the result as JSON")
	return group
}

// configResult prints the result of a command of the group: human, or value if JSON is wanted.
func (a *app) configResult(cmd *cobra.Command, human string, value any) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	if asJSON {
		if human, err = toJSON(value); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(a.env.Stdout, human)
	return printError(err)
}

// profileName returns the name of the profile for this run.
func (a *app) profileName(d *config.Document) string {
	if a.global.profile != "" {
		return a.global.profile
	}
	return d.Current()
}

// updateConfig changes the configuration file. The profile of --profile is for this run and does not get into it.
func (a *app) updateConfig(change func(*config.Document) error) error {
	warning, err := config.Update(a.env.places(), a.global.config, func(d *config.Document) error {
		if a.global.profile != "" {
			if _, err := d.Profile(a.global.profile); err != nil {
				return err
			}
		}
		return change(d)
	})
	if warning != "" {
		a.warning(warning)
	}
	return noProfile(err)
}
