package run

import (
	"context"
	"errors"

	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A Planning evaluates what deployments will be given, without running anything, writing any file or recording anything. It
// is what planner.Build asks for Values. Inputs whose default reads the clock or writes a file are volatile; those that
// come from a deployment which will run are not known.
type Planning struct {
	run        *runner
	tree       *planner.Tree
	deployment string
	units      map[string]*unit // by address and stage
	stage      state.StageName  // of the first error
	err        error
}

// NewPlanning prepares the evaluation for a request on a root deployment, "" for the one named after its release.
func NewPlanning(t *planner.Tree, s *state.State, environment, deployment string, o Options) (*Planning, error) {
	if deployment == "" {
		deployment = t.Release.VersionlessID()
	}
	o.Session = readOnly{s}
	r, err := newRunner(&planner.Graph{Project: s.Project(), Environment: environment}, t, o)
	if err != nil {
		return nil, err
	}
	r.changing = map[string]bool{}
	return &Planning{run: r, tree: t, deployment: deployment, units: map[string]*unit{}}, nil
}

// Err returns what is wrong with the inputs of a deployment, and the stage of the root deployment it belongs to: every
// input that has no value or a wrong one, one in a line. Of several deployments it is the first one.
func (p *Planning) Err() (state.StageName, error) { return p.stage, p.err }

// Inputs returns the inputs of a deployment. If they cannot be evaluated it returns false, and Err says why.
func (p *Planning) Inputs(at state.Address, stage state.StageName) ([]planner.Value, bool) {
	u, err := p.unit(at, stage)
	if err == nil {
		var values []planner.Value
		if values, err = u.evaluateInputs(); err == nil {
			return values, true
		}
	}
	p.failed(at, stage, err)
	return nil, false
}

// Links returns the providers that the parent of a deployment chooses for it.
func (p *Planning) Links(at state.Address) map[string]string {
	u, err := p.unit(at, state.DeployStage)
	if err == nil {
		var links map[string]string
		if links, err = u.parent.links(u.entry); err == nil {
			return links
		}
	}
	p.failed(at, state.DeployStage, err)
	return nil
}

// Changes notes that a deployment will run.
func (p *Planning) Changes(at state.Address) {
	p.run.changing[planner.NodeAddress(at, planner.ActionDeploy, state.DeployStage)] = true
}

func (p *Planning) failed(at state.Address, stage state.StageName, err error) {
	if p.err != nil {
		return
	}
	if at.RootStage != "" {
		stage = at.RootStage
	}
	p.stage, p.err = stage, err
}

// unit returns the unit of a deployment with everything that is known before its dependencies are there.
func (p *Planning) unit(at state.Address, stage state.StageName) (*unit, error) {
	key := planner.NodeAddress(at, planner.ActionDestroy, stage)
	if u := p.units[key]; u != nil {
		return u, u.failed
	}
	u, err := p.newUnit(at, stage)
	if u != nil {
		u.failed = err
		p.units[key] = u
	}
	return u, err
}

func (p *Planning) newUnit(at state.Address, stage state.StageName) (*unit, error) {
	if len(at.Path) == 1 {
		links, _ := planner.Link(p.tree.Release, at, stage, p.run.Links, nil, planner.View(p.run.Session.State(), at.Environment))
		u := p.run.unit(&planner.Node{Deployment: p.deployment, Stage: stage, Action: planner.ActionDeploy, Providers: links})
		u.planning = true
		if err := CheckVars(u.m, stage, p.run.Vars); err != nil {
			return u, err
		}
		return u, u.prepare(context.Background())
	}
	above := state.Address{Environment: at.Environment, Path: at.Path[:len(at.Path)-1], RootStage: at.RootStage}
	stageAbove := state.DeployStage
	if len(above.Path) == 1 {
		stageAbove, above.RootStage = at.RootStage, ""
	}
	parent, err := p.unit(above, stageAbove)
	if err != nil {
		return nil, err
	}
	for i, d := range parent.m.Depends {
		if d.DeploymentName != at.Path[len(at.Path)-1] {
			continue
		}
		t, err := parent.dependency(context.Background(), i)
		if err != nil {
			return nil, err
		}
		u := parent.child(i, t, planner.ActionDeploy)
		u.planning = true
		return u, u.prepare(context.Background())
	}
	return nil, errors.New("run: " + at.String() + " is no dependency of " + above.String())
}

// A readOnly is a Session that records nothing.
type readOnly struct{ state *state.State }

func (r readOnly) State() *state.State { return r.state }
func (r readOnly) Commit(context.Context, state.Batch) error {
	return errors.New("run: planning records nothing")
}
