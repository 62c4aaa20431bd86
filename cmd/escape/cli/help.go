package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command ...]",
		Short: "Show help about a command.",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd := a.root
			for i, name := range args {
				if cmd = child(cmd, name); cmd == nil {
					topic := strings.Join(args, " ")
					fmt.Fprintf(a.env.Stderr, "Unknown help topic [`%s`]", topic)
					if near := suggest(a.root, args[i]); near != "" {
						fmt.Fprintf(a.env.Stderr, "; did you mean %s?", near)
					}
					fmt.Fprintf(a.env.Stderr, "\n%s", a.root.UsageString())
					return nil
				}
			}
			return cmd.Help()
		},
	}
}
