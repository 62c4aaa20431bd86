package cli

import (
	"context"
	"errors"
	"fmt"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
	"escape.build/escape/planner/state/remote"
)

// openState returns the store that the flags name: on the server of the profile, in its file, or in the one of --state.
// Nothing is read yet.
func (a *app) openState(f stateFlags, project remoteFlag, environment string, p *config.EscapeConfigProfile) (state.Store, error) {
	if project.remote != "" {
		return remote.Open(project.remote, environment, remote.Options{
			Server: p.APIServer, Token: p.AuthToken, Username: p.BasicAuthUsername, Password: p.BasicAuthPassword,
			InsecureSkipVerify: p.InsecureSkipVerify, UserAgent: "escape/" + Version,
		})
	}
	path := f.file
	if f.useProfile {
		path = p.StatePath
	}
	if path != "" {
		path = a.env.abs(path)
	}
	return state.OpenFile(path, state.Options{})
}

// look reads what is recorded now, without a lock, and warns of what may change it: another command, or a script which a
// command that was killed left running.
func (a *app) look(ctx context.Context, store state.Store) (*state.View, error) {
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
