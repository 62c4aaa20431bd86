package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/planner"
)

func (a *app) newRunTest() *cobra.Command {
	f := &workFlags{}
	cmd := a.newRunStep("test", "Run the test of the plan against the build.", f, func() []planner.Target {
		return []planner.Target{{Action: planner.ActionTest}}
	}, nil)
	f.planStateFlags.add(cmd)
	f.lockTimeout.add(cmd)
	return cmd
}
