package cli

import (
	"context"
	"fmt"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// An errandWork is what a command about errands has gathered: of a plan or of a deployed release.
type errandWork struct {
	*work
	view *state.View
}

// newErrandWork checks the flags and looks at the state.
func (a *app) newErrandWork(ctx context.Context, f *workFlags) (*errandWork, error) {
	w, err := a.prepareWork(f, false)
	if err != nil {
		return nil, err
	}
	view, err := a.look(ctx, w.store)
	if err != nil {
		return nil, err
	}
	return &errandWork{w, view}, w.useExtras()
}

// find returns the deployment; end closes the sentence of the error that there is none.
func (w *errandWork) find(end string) (*state.Deployment, error) {
	d, ok := w.view.State.Environment(w.environment).Deployment(w.deployment)
	if ok {
		return d, nil
	}
	return nil, &reported{
		err:    fmt.Errorf("The deployment '%s' could not be found in environment '%s'%s", w.deployment, w.environment, end),
		detail: nearby(w.view.State, w.environment, w.deployment),
	}
}

// deployedRelease returns the id of the release that is deployed.
func (w *errandWork) deployedRelease(d *state.Deployment) (release.ID, error) {
	s, _ := d.Stage(state.DeployStage)
	if s.Version == "" {
		return release.ID{}, fmt.Errorf("'%s' has not been deployed in the environment '%s'.", w.deployment, w.environment)
	}
	return release.ParseID(d.Release + "-v" + s.Version)
}
