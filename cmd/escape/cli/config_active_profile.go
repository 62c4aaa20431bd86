package cli

import "github.com/spf13/cobra"

func (a *app) newConfigActiveProfile() *cobra.Command {
	return &cobra.Command{
		Use:   "active-profile",
		Short: "Print the name of the profile in use.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config(false)
			if err != nil {
				return err
			}
			return a.configResult(cmd, c.Name, c.Name)
		},
	}
}
