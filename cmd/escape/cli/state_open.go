package cli

import (
	"errors"

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
