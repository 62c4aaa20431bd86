package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A bracket is a provider that was activated for a consumer and is to be deactivated.
type bracket struct {
	consumer *release.Consumer
	unit     *unit // the provider's deployment at work
}

// activate activates the providers of a unit, in the order of its consumers. They are deactivated whatever happens from
// then on.
func (u *unit) activate(ctx context.Context) error {
	for _, c := range u.m.Consumes {
		if !c.InScope(string(u.stage)) || c.SkipActivate {
			continue
		}
		if err := u.activateOne(ctx, c); err != nil {
			return u.undo(ctx, err)
		}
	}
	return nil
}

func (u *unit) activateOne(ctx context.Context, c *release.Consumer) error {
	if u.run.brackets != nil {
		s, err := u.run.brackets.open(ctx, u, c)
		if s != nil {
			u.secrets.add(s.unit.secrets.values...)
		}
		if err == nil {
			u.shared = append(u.shared, s)
		} else if s != nil {
			u.blame(s.unit)
		}
		return err
	}
	p, err := u.providerUnit(ctx, c)
	if err != nil {
		return err
	}
	err = p.activateFor(ctx, c)
	u.secrets.add(p.secrets.values...) // its errors are errors of the consumer
	if err != nil {
		u.blame(p)
	} else if !c.SkipDeactivate {
		u.active = append(u.active, bracket{c, p})
	}
	return err
}

// deactivate closes what activate opened, in reverse order, also after a failure. All of it is tried; the first error is
// returned, and others are warned of.
func (u *unit) deactivate(ctx context.Context) error {
	var first error
	note := func(at *unit, err error) {
		switch {
		case err == nil:
		case first == nil:
			first = err
			u.blame(at)
		default:
			u.warnDeactivation(err)
		}
	}
	for _, b := range slices.Backward(u.active) {
		note(b.unit, b.unit.deactivateFor(context.WithoutCancel(ctx), b.consumer))
	}
	for _, s := range slices.Backward(u.shared) {
		note(s.unit, u.run.brackets.leave(ctx, s))
	}
	u.active, u.shared = nil, nil
	return first
}

func (u *unit) warnDeactivation(err error) {
	u.warn("deactivating a provider failed: " + err.Error())
}

// providerUnit finds the deployment that serves a consumer, with its release and what is recorded about it.
func (u *unit) providerUnit(ctx context.Context, c *release.Consumer) (*unit, error) {
	path, ok := u.link(c.Variable)
	if !ok {
		return nil, fmt.Errorf("Missing provider of type '%s'. This can be configured using the -p / --extra-provider flag.", c.Name)
	}
	chain := append(slices.Clip(u.chain), path)
	if slices.Contains(u.chain, path) {
		return nil, fmt.Errorf("deployments consume each other: %s", strings.Join(chain, " → "))
	}
	d, stage, err := u.deployment(path)
	if err != nil {
		return nil, err
	}
	id := d.Release + "-v" + stage.Version
	t, err := u.providerRelease(ctx, path, d, stage)
	if err != nil {
		return nil, fmt.Errorf("activate provider %s ($%s): the package of %s, which deployment %s was made from, is not available: %w",
			c.Name, c.Variable, id, path, err)
	}
	at, err := state.ParsePath(path)
	if err != nil {
		return nil, err
	}
	p := &unit{
		run: u.run, m: t.Release, dir: t.Dir, sections: u.sections, stage: state.DeployStage, chain: chain, ready: all,
		at:       planner.ProviderAddress(u.at, at),
		node:     &planner.Node{Address: u.node.Address, Action: u.node.Action, Deployment: path, Stage: state.DeployStage},
		record:   stage.Clone(),
		previous: stage,
		inputs:   maps.Clone(stage.CalculatedInputs),
		outputs:  maps.Clone(stage.CalculatedOutputs),
	}
	p.secrets.learn(p.m.Inputs, p.inputs)
	p.secrets.learn(p.m.Outputs, p.outputs)
	return p, nil
}

// activateFor activates a provider: its own providers first, then its script.
func (u *unit) activateFor(ctx context.Context, c *release.Consumer) error {
	u.push(u.providerSection(c))
	if err := u.activate(ctx); err != nil {
		return err
	}
	if err := u.providerScript(ctx, c, "activate"); err != nil {
		return u.undo(ctx, err)
	}
	u.pop()
	return nil
}

// deactivateFor undoes activateFor, in reverse order.
func (u *unit) deactivateFor(ctx context.Context, c *release.Consumer) error {
	u.closing = true // the first interrupt does not end it
	u.push(u.providerSection(c))
	if err := u.providerScript(ctx, c, "deactivate"); err != nil {
		return u.undo(ctx, err)
	}
	if err := u.deactivate(ctx); err != nil {
		return err
	}
	u.pop()
	return nil
}

func (u *unit) providerSection(c *release.Consumer) string {
	return "Provider " + u.m.QualifiedID() + " ($" + c.Name + ")"
}

// providerScript runs the script of a provider, if there is one, with what is recorded about its deployment. Nothing it
// does is recorded.
func (u *unit) providerScript(ctx context.Context, c *release.Consumer, what string) error {
	step := what + "_provider"
	script := u.m.Stage(step)
	if !script.Runs() {
		return nil
	}
	if !u.closing && (u.interrupted() || ctx.Err() != nil) {
		return ErrInterrupted
	}
	values := map[string]string{"consumes": c.Name, "variable": c.Variable}
	u.log("provider."+what, values)
	if err := u.begin(step, &script); err != nil {
		return err
	}
	u.scratch()
	if err := u.exec(ctx, step, script, u.dir, u.inputs, u.outputs); err != nil {
		return err
	}
	u.log("provider."+what+".finished", values)
	return nil
}
