package cli

import (
	"context"
	"errors"
	"fmt"

	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// openState returns the store that the flags name. Nothing is read yet.
func (a *app) openState(f stateFlags, remote string, profilePath string) (*state.FileStore, error) {
	if remote != "" {
		return nil, errors.New("--remote-state is not supported yet; keep the state in a file (-s)")
	}
	path := f.file
	if f.useProfile {
		path = profilePath
	}
	if path != "" {
		path = a.env.abs(path)
	}
	return state.OpenFile(path, state.Options{})
}

// look reads what is recorded now, without a lock, and warns of what may change it: another command, or a script which a
// command that was killed left running.
func (a *app) look(ctx context.Context, store *state.FileStore) (*state.View, error) {
	view, err := store.View(ctx)
	if err != nil {
		return nil, err
	}
	if view.Lease != nil {
		a.warning(fmt.Sprintf("the state is being changed by %s; this may be out of date soon", view.Lease.Holder()))
		return view, nil
	}
	for _, l := range run.Leftovers(view.Runs) {
		a.warning(l.String())
	}
	return view, nil
}

// checkEnvironment checks the name of an environment.
func checkEnvironment(name string) error {
	if name == "" {
		return errors.New("Missing 'environment'")
	}
	return state.CheckEnvironmentName(name)
}

// checkDeployment checks the name of a deployment; an empty one stands for the package's.
func checkDeployment(name string) error {
	if name == "" {
		return nil
	}
	return state.CheckDeploymentName(name)
}
