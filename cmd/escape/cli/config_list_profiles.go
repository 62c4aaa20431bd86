package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) newConfigListProfiles() *cobra.Command {
	return &cobra.Command{
		Use:   "list-profiles",
		Short: "List the names of the profiles.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config(false)
			if err != nil {
				return err
			}
			names := c.File.Names()
			return a.configResult(cmd, strings.Join(names, "\n"), names)
		},
	}
}
