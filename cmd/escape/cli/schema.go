package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/refdoc"
)

// schemas are the JSON schemas by the name of what they describe.
var schemas = map[string]func() string{"plan": refdoc.JSONSchema, "lint": config.Schema}

func (a *app) newSchema() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema [plan|lint]",
		Short: "Print the JSON schema of plans, or of the configuration of lint.",
		Long: `Print the JSON schema of plans, or of the configuration of lint.

Editors without a language server use it to complete and check escape.yml, and .escapelint.yml.`,
		Example: "  escape schema > plan.schema.json\n  escape schema lint > escapelint.schema.json",
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) < 2 {
			return nil
		}
		return oneArg("")(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name := strings.Join(args, "")
		if len(args) == 0 {
			name = "plan"
		}
		schema, ok := schemas[name]
		if !ok {
			return &usageError{cmd, fmt.Sprintf("there is no schema of '%s'\n  there are: plan, lint", name)}
		}
		_, err := io.WriteString(a.env.Stdout, schema())
		return printError(err)
	}
	return cmd
}
