package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Version is the version of the client. It is recorded in release metadata.
const Version = "0.29.0"

func (a *app) newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this client.",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.env.Stdout, "Escape v%s\n", Version)
			return printError(err)
		},
	}
}
