package cli

import (
	"context"
	"fmt"
	"maps"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

func (a *app) newStateCreate() *cobra.Command {
	f := &workFlags{}
	var deploy bool
	cmd := &cobra.Command{
		Use:   "create [RELEASE]",
		Short: "Prepare inputs and providers of a deployment without running anything.",
		Long: `Prepare inputs and providers of a deployment without running anything.

The deployment becomes pending. With --deploy, 'escape run converge' then deploys the release, which has to be in the Inventory
by that time. Inputs that have neither a value nor a default are listed, and stay missing.`,
		Args: oneRelease,
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&deploy, "deploy", false, "Prepare the stage deploy instead of build")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := a.newWorkOn(cmd, f, true, args)
		if err != nil {
			return err
		}
		stage := state.BuildStage
		if deploy {
			stage = state.DeployStage
		}
		session, err := w.lock(cmd.Context(), cmd.CommandPath())
		if err != nil {
			return err
		}
		secrets := w.storedSecrets(session.State())
		d, err := w.create(cmd.Context(), session, stage)
		w.noteSecrets(secrets, session.State())
		if err := also(err, session.Close()); err != nil {
			return err
		}
		return a.printDeployment(d, w.tree.Release, false)
	}
	return cmd
}

// create records the inputs and providers of a stage as pending.
func (w *work) create(ctx context.Context, session state.Session, stage state.StageName) (*state.Deployment, error) {
	if err := run.CheckVars(w.tree.Release, stage, w.vars); err != nil {
		return nil, err
	}
	for _, warning := range planner.UnknownInputs(w.tree.Release, w.vars) {
		w.app.warning(warning)
	}
	view := planner.View(session.State(), w.environment)
	w.checkUnset(session.State())
	at := state.Address{Environment: w.environment, Path: state.Path{w.deployment}}
	links, list := planner.Link(w.tree.Release, at, stage, w.providers, nil, view)
	if err := findingErrors(list); err != nil {
		return nil, err
	}
	w.app.warn(list)
	if d, ok := session.State().Lookup(at); ok && d.Release != "" && d.Release != w.tree.Release.VersionlessID() && !w.flags.takeOver {
		return nil, fmt.Errorf("deployment '%s' in environment '%s' holds %s, not %s; choose another name with -d, or say --take-over",
			w.deployment, w.environment, d.Release, w.tree.Release.VersionlessID())
	}
	old, _ := session.State().Stage(at, stage)
	record := old.Clone()
	record.Inputs = merged(record.Inputs, w.vars)
	for _, id := range w.flags.unset {
		delete(record.Inputs, id)
	}
	record.Providers = merged(record.Providers, links)
	if stage == state.DeployStage {
		wantVersion(record, w.tree.Release.Version)
	}
	record.Status = state.Status{Code: state.Pending, UpdatedAt: w.app.env.Now()}
	known := session.State().MergedInputs(at, stage)
	maps.Copy(known, record.Inputs)
	for _, v := range w.tree.Release.Inputs {
		if _, ok := known[v.ID]; !ok && !v.HasDefault() && v.InScope(string(stage)) && !magic(v) {
			w.app.warning(fmt.Sprintf("Missing value for variable '%s'", v.ID))
		}
	}
	err := session.Commit(ctx, state.Batch{Changes: []state.Change{
		state.PutStage{Address: at, Stage: stage, Release: w.tree.Release.VersionlessID(), Value: record},
	}})
	if err != nil {
		return nil, err
	}
	d, _ := session.State().Lookup(at)
	return d, nil
}

// wantVersion records in a deploy stage which version is to be deployed next.
func wantVersion(record *state.Stage, version string) {
	delete(record.Extra, planner.WantedKey)
	if version == record.Version {
		return
	}
	if record.Extra == nil {
		record.Extra = map[string]any{}
	}
	record.Extra[planner.WantedKey] = version
}

// magic reports whether Escape itself knows the value of a variable.
func magic(v *release.Variable) bool {
	t, err := types.StoredVar(v.Type, v.Options)
	return err == nil && t.IsMagic()
}

// merged returns a copy of a map with the entries of another, or nil for none.
func merged[V any](m, more map[string]V) map[string]V {
	if len(m)+len(more) == 0 {
		return nil
	}
	m = maps.Clone(m)
	if m == nil {
		m = map[string]V{}
	}
	maps.Copy(m, more)
	return m
}
