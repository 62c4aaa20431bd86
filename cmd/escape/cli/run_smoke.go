package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/planner"
)

func (a *app) newRunSmoke() *cobra.Command {
	f := &workFlags{}
	cmd := a.newRunStep("smoke", "Run the smoke test of the plan against the deployment.", f, func() []planner.Target {
		return []planner.Target{{Action: planner.ActionSmoke}}
	}, nil)
	f.planStateFlags.add(cmd)
	f.lockTimeout.add(cmd)
	return cmd
}
