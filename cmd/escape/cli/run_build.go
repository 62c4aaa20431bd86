package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/planner"
)

func (a *app) newRunBuild() *cobra.Command {
	f := &workFlags{}
	cmd := a.newRunStep("build", "Run the build steps of the plan.", f, func() []planner.Target {
		return []planner.Target{{Action: planner.ActionBuild}}
	}, nil)
	f.add(cmd)
	return cmd
}
