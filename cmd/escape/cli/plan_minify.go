package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/lang/format"
)

func (a *app) newPlanMinify() *cobra.Command {
	return a.newFormatter("minify", "Print the plan with only those fields that have a value, and rewrite the file.", format.Minify)
}
