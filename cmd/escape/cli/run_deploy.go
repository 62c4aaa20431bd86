package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

func deployTargets() []planner.Target { return []planner.Target{{Action: planner.ActionDeploy}} }

func (a *app) newRunDeploy() *cobra.Command {
	f := &workFlags{}
	cmd := a.newRunStep("deploy [RELEASE...]", "Deploy the plan, or releases.", f, deployTargets, nil)
	cmd.Long = `Deploy the plan, or releases.

Releases are written like demo/app-v1.2.0, demo/app-v1.2.@, demo/app-latest or demo/app:tag. They are fetched into the folder
deps with everything they depend on, and deployed one after the other; --plan does not matter then.`
	cmd.Example = "  escape run deploy\n  escape run deploy demo/app-latest -e prod -v size=large"
	plan := cmd.RunE
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return orRelease(plan(cmd, args), cmd.CommandPath()+" RELEASE")
		}
		ids, err := releaseIDs(cmd, args)
		if err != nil {
			return err
		}
		if len(ids) > 1 && f.deployment != "" {
			return &usageError{cmd, "several releases cannot have one deployment name; leave out -d, or deploy one after the other"}
		}
		return a.deployReleases(cmd, f, ids)
	}
	f.add(cmd)
	return cmd
}

// oneRelease allows an argument that names a release. What looks like none is a command that does not exist.
func oneRelease(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, _, err := release.ParseReference(args[0]); err != nil && !strings.ContainsAny(args[0], "/:") {
		return noArgs(cmd, args)
	}
	return noArgs(cmd, args[1:])
}

// releaseIDs reads arguments that name releases.
func releaseIDs(cmd *cobra.Command, args []string) ([]release.ID, error) {
	var ids []release.ID
	for _, arg := range args {
		if note := switchValue(arg); note != "" {
			return nil, &usageError{cmd, unknownCommand(cmd, arg)}
		}
		id, _, err := release.ParseReference(arg)
		if err != nil {
			return nil, releaseIDError(arg, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// releaseIDError adds to an error about a release id how one is written.
func releaseIDError(arg string, err error) error {
	r := &reported{err: err}
	if !strings.ContainsAny(arg, " ") {
		r.detail = "  a release is written NAME-v1.2.0, NAME-v1.2.@, NAME-latest or NAME:tag, with PROJECT/ in front if it has one\n"
	}
	return r
}

// deployReleases deploys releases one after the other; the first failure is the end.
func (a *app) deployReleases(cmd *cobra.Command, f *workFlags, ids []release.ID) error {
	ctx := cmd.Context()
	w, err := a.newReleaseWork(f)
	if err != nil {
		return err
	}
	session, err := w.lock(ctx, cmd.CommandPath())
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := w.deployRelease(ctx, session, id); err != nil {
			return also(err, session.Close())
		}
	}
	return session.Close()
}

// deployRelease fetches a release and deploys it.
func (w *work) deployRelease(ctx context.Context, session state.Session, id release.ID) error {
	if err := w.useRelease(ctx, id); err != nil {
		name := w.flags.deployment
		if name == "" {
			name = id.Package()
		}
		return w.rejected(ctx, session, name, planner.ActionDeploy, err)
	}
	return w.runTargets(ctx, session, deployTargets(), nil)
}

// rejected records that an action could not even begin, for a deployment that is there.
func (w *work) rejected(ctx context.Context, session state.Session, deployment string, action *planner.Action, err error) error {
	err = in(err, append(slices.Clone(w.sections), action.Section)...)
	return errors.Join(err, run.Reject(ctx, session, w.environment, deployment, action, state.DeployStage, err, w.app.env.Now()))
}
