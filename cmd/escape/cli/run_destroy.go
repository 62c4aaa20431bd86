package cli

import (
	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

func (a *app) newRunDestroy() *cobra.Command {
	f := &workFlags{}
	var skipBuild, skipDeployment bool
	cmd := a.newRunStep("destroy", "Destroy the build and the deployment of the plan.", f, nil, nil)
	f.planStateFlags.add(cmd)
	f.lockTimeout.add(cmd)
	cmd.Flags().BoolVar(&skipBuild, "skip-build", false, "Do not destroy the build")
	cmd.Flags().BoolVar(&skipDeployment, "skip-deployment", false, "Do not destroy the deployment")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var targets []planner.Target
		if !skipBuild {
			targets = append(targets, planner.Target{Action: planner.ActionDestroy, Stage: state.BuildStage})
		}
		if !skipDeployment {
			targets = append(targets, planner.Target{Action: planner.ActionDestroy, Stage: state.DeployStage})
		}
		return a.destroy(cmd, f, targets)
	}
	return cmd
}

// destroy runs the targets. Stages that are not there are skipped; with nothing left to do the two messages appear all
// the same.
func (a *app) destroy(cmd *cobra.Command, f *workFlags, targets []planner.Target) error {
	ctx := cmd.Context()
	w, err := a.newWork(ctx, f, true)
	if err != nil {
		return orRelease(err, cmd.Root().Name()+" apply RELEASE --destroy")
	}
	session, err := w.lock(ctx, cmd.CommandPath())
	if err != nil {
		return err
	}
	defer session.Close()
	r := w.request()
	r.Targets, r.Always, r.Nested = targets, true, true
	if len(targets) > 0 {
		graph, list := planner.Build(r, w.tree, planner.View(session.State(), r.Environment))
		if list.HasErrors() || len(graph.Nodes) > 0 {
			if err := w.runTargets(ctx, session, targets, nil); err != nil {
				return err
			}
			return session.Close()
		}
		if len(list) > 0 { // there is something, but no script can take it away
			a.warn(list, planner.ActionDestroy.Section)
			return session.Close()
		}
	}
	for _, key := range []string{planner.ActionDestroy.Start, planner.ActionDestroy.Finished} {
		a.log.Log(logs.Entry{Key: key, Sections: []string{planner.ActionDestroy.Section}, Release: w.tree.Release.QualifiedID()})
	}
	return session.Close()
}
