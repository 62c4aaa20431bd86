package run

import (
	"context"
	"fmt"
	"maps"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// Errand runs an errand of a release against a root deployment of it, with the providers of that active. Vars are values
// for the inputs of the errand, and override those of the deployment for this once: nothing is recorded. Errors are the
// original's, and Explain says more.
func Errand(ctx context.Context, t *planner.Tree, name, environment, deployment string, s *state.State, o Options) error {
	e := t.Release.Errands[name]
	if e == nil || e.Run == nil {
		return fmt.Errorf("run: %s has no errand %q", t.Release.QualifiedID(), name)
	}
	o.Session = readOnly{s}
	g := &planner.Graph{Project: s.Project(), Environment: environment, Nested: true}
	r, err := newRunner(g, t, o)
	if err != nil {
		return err
	}
	r.history = nil // it leaves no trace
	u := r.unit(&planner.Node{
		Address: environment + "/" + deployment + "#errand." + name, Action: errandAction, Deployment: deployment, Stage: state.DeployStage,
	})
	err = u.errand(ctx, e)
	if err != nil {
		err = u.explained(u.mask(err))
	}
	return err
}

// errandAction is what an errand is to those who run actions.
var errandAction = &planner.Action{Name: "errand", Stage: state.DeployStage, Activates: true, Effect: "none"}

func (u *unit) errand(ctx context.Context, e *release.Errand) error {
	if err := u.open(); err != nil {
		return err
	}
	if err := u.available(false); err != nil {
		return err
	}
	if err := u.errandInputs(e); err != nil {
		return err
	}
	if err := u.activate(ctx); err != nil {
		return err
	}
	err := u.errandScript(ctx, e)
	if err != nil {
		return u.undo(ctx, err)
	}
	return u.deactivate(ctx)
}

// errandInputs computes what the script of an errand sees: what is recorded, what the user gave, and the errand's own
// inputs.
func (u *unit) errandInputs(e *release.Errand) error {
	recorded := u.inputs
	u.inputs = map[string]any{}
	all := map[string]given{}
	for k, v := range recorded {
		if !isPrevious(k) {
			u.inputs[k] = v
			all[k] = given{value: v, from: "deployment", where: "the value is the one of the deployment"}
		}
	}
	for k, v := range u.run.Vars {
		u.inputs[k] = v
		all[k] = given{value: v, from: "user", where: givenNow}
	}
	u.secrets.learn(e.Inputs, u.run.Vars)
	evaluation := &evaluation{unit: u, kind: "errand inputs", vars: e.Inputs, given: all, values: map[string]any{}}
	if err := evaluation.run(); err != nil {
		return err
	}
	maps.Copy(u.inputs, evaluation.values)
	for k, v := range u.m.Metadata {
		u.inputs["METADATA_"+k] = v
	}
	for k, v := range u.outputs {
		u.inputs["OUTPUT_"+k] = v
	}
	return nil
}

func (u *unit) errandScript(ctx context.Context, e *release.Errand) error {
	script := *e.Run
	if !script.Runs() {
		return nil
	}
	if u.interrupted() || ctx.Err() != nil {
		return ErrInterrupted
	}
	if err := u.begin(e.Name, &script); err != nil {
		return &stepError{error: err, step: e.Name}
	}
	u.scratch()
	return u.exec(ctx, e.Name, script, u.dir, u.inputs, u.outputs)
}
