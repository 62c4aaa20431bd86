package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/fetch"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

func (a *app) newErrandsRun() *cobra.Command {
	f := &workFlags{}
	var local bool
	cmd := &cobra.Command{
		Use:         "run ERRAND",
		Short:       "Run an errand against a deployment.",
		Example:     "  escape errands run backup -e prod -d demo/app -v target=s3\n  escape errands run backup --local",
		Annotations: map[string]string{logsAreResult: "yes"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{cmd, "name one errand; 'escape errands list' shows those there are"}
			}
			return nil
		},
	}
	f.planStateFlags.add(cmd)
	cmd.Flags().VarP(&f.vars, "extra-vars", "v", "Input as key=value, key=@file or @file.json; may be given several times")
	cmd.Flags().BoolVar(&local, "local", false, "Take the errand from the plan and run it in the working directory")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkEnvironment(f.environment); err != nil {
			return err
		}
		if !local && f.deployment == "" {
			r := unnamed("Missing deployment name", f.environment)
			r.detail += "  --local runs an errand of the plan\n"
			return r
		}
		w, err := a.newErrandWork(cmd.Context(), f)
		if err != nil {
			return err
		}
		if local {
			return w.runLocal(cmd.Context(), args[0])
		}
		return w.runDeployed(cmd.Context(), args[0])
	}
	return cmd
}

// runLocal runs an errand of the plan in the working directory.
func (w *errandWork) runLocal(ctx context.Context, name string) error {
	if err := w.usePlan(ctx); err != nil {
		return err
	}
	if _, err := w.ready(" Use 'escape run deploy' to deploy it."); err != nil {
		return err
	}
	return w.run(ctx, name)
}

// runDeployed fetches the deployed release into a folder of its own, which is gone afterwards, and runs its errand there.
func (w *errandWork) runDeployed(ctx context.Context, name string) error {
	d, err := w.ready("")
	if err != nil {
		return err
	}
	id, err := w.deployedRelease(d)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "escape-errand")
	if err != nil {
		return fmt.Errorf("make a folder for the errand: %w", err)
	}
	defer os.RemoveAll(dir)
	m, err := w.app.resolver(w.profile).fetch(ctx, dir, id, id.String(), silent)
	if err != nil {
		return err
	}
	if err := w.use(ctx, m, fetch.Dir(dir, id)); err != nil {
		return err
	}
	return w.run(ctx, name)
}

// ready returns the deployment if it is deployed well; hint follows the error if it is not.
func (w *errandWork) ready(hint string) (*state.Deployment, error) {
	d, err := w.find(".")
	if err != nil {
		return nil, err
	}
	if s, _ := d.Stage(state.DeployStage); s.Status.Code != state.OK || s.Version == "" {
		r := &reported{err: fmt.Errorf("'%s' has not been deployed in the environment '%s'.%s", w.deployment, w.environment, hint)}
		switch {
		case s.Version == "":
		case s.Status.Code == state.Empty:
			r.detail = "  it was destroyed\n"
		default:
			r.detail = fmt.Sprintf("  its status is %s\n", s.Status.Code)
		}
		return nil, r
	}
	return d, nil
}

// run runs an errand of the release.
func (w *errandWork) run(ctx context.Context, name string) error {
	m := w.tree.Release
	e, ok := m.Errands[name]
	switch {
	case len(m.Errands) == 0:
		return errors.New("This release doesn't have any errands.")
	case !ok:
		r := &reported{err: fmt.Errorf("The errand '%s' could not be found in deployment '%s'. You can use 'escape errands list' to see the available errands.", name, w.deployment)}
		if near, ok := diag.Nearest(name, slices.Sorted(maps.Keys(m.Errands))); ok {
			r.detail = fmt.Sprintf("  did you mean '%s'?\n", near)
		}
		return r
	}
	w.warnUnknownVars(m, e)
	out := &sink{log: w.app.log}
	o := w.options()
	o.Events = out.take
	o.Interrupt = run.NewInterrupt()
	stop := w.app.interruptible(o.Interrupt)
	defer stop()
	err := run.Errand(ctx, w.tree, name, w.environment, w.deployment, w.view.State, o)
	if err != nil {
		err = out.failed(err)
	}
	if s := o.Interrupt.Received(); s != nil && errors.Is(err, run.ErrInterrupted) {
		return &statusError{signalStatus(s), err}
	}
	return err
}

// warnUnknownVars warns of values that neither the errand nor the deployment has an input for.
func (w *errandWork) warnUnknownVars(m *release.Metadata, e *release.Errand) {
	var ids []string
	for _, v := range slices.Concat(e.Inputs, m.Inputs) {
		ids = append(ids, v.ID)
	}
	for _, key := range slices.Sorted(maps.Keys(w.vars)) {
		if slices.Contains(ids, key) {
			continue
		}
		text := fmt.Sprintf("%q is no input of the errand %q", key, e.Name)
		if near, ok := diag.Nearest(key, ids); ok {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
		w.app.warning(text)
	}
}
