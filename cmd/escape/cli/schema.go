package cli

import (
	"io"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/refdoc"
)

func (a *app) newSchema() *cobra.Command {
	var lintConfig bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of plans.",
		Long: `Print the JSON schema of plans.

Editors without a language server use it to complete and check plans, and that of --lint-config for .escapelint.yml.`,
		Example: "  escape schema > plan.schema.json\n  escape schema --lint-config > escapelint.schema.json",
		Args:    noArgs,
	}
	cmd.Flags().BoolVar(&lintConfig, "lint-config", false, "Print that of the linter's configuration instead")
	cmd.RunE = func(*cobra.Command, []string) error {
		text := refdoc.JSONSchema
		if lintConfig {
			text = config.Schema
		}
		_, err := io.WriteString(a.env.Stdout, text())
		return printError(err)
	}
	return cmd
}
