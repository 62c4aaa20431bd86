package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/planner"
)

func (a *app) newRunDeploy() *cobra.Command {
	f := &workFlags{}
	cmd := a.newRunStep("deploy", "Deploy the plan.", f, func() []planner.Target {
		return []planner.Target{{Action: planner.ActionDeploy}}
	}, nil)
	cmd.Args = planOnly
	f.add(cmd)
	return cmd
}

// planOnly refuses release ids as arguments: the original takes them, but they need an Inventory.
func planOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if switchValue(args[0]) != "" {
		return &usageError{cmd, unknownCommand(cmd, args[0])}
	}
	return &usageError{cmd, fmt.Sprintf("a release cannot be named yet, but '%s' was; run the command in the folder of its plan", args[0])}
}

// releaseArgs refuses arguments of a command that never had any: what looks like a release is called one.
func releaseArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && strings.ContainsAny(args[0], "/:") {
		return planOnly(cmd, args)
	}
	return noArgs(cmd, args)
}
