package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
)

func (a *app) newRunPackage() *cobra.Command {
	f := &workFlags{}
	var force, uber bool
	cmd := a.newRunStep("package", "Write the package file.", f, func() []planner.Target {
		return []planner.Target{{Action: planner.ActionPackage}}
	}, func(o *run.Options) { o.Force, o.Uber = force, uber })
	f.planStateFlags.add(cmd)
	cmd.Flags().BoolVarP(&force, "force", "f", false, "Overwrite the package file")
	cmd.Flags().BoolVarP(&uber, "uber", "u", false, "Pack the dependencies and extensions too, with their own, below deps")
	return cmd
}
