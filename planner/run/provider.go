package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// activate runs the activate_provider scripts of the providers of a unit, in the order of its consumers. Those that were
// activated are noted, so that deactivate closes them whatever happens in between.
func (u *unit) activate(ctx context.Context) error {
	for _, c := range u.m.Consumes {
		if !c.InScope(string(u.stage)) || c.SkipActivate {
			continue
		}
		if err := u.bracket(ctx, c, "activate"); err != nil {
			return errors.Join(err, u.deactivate(ctx))
		}
		if !c.SkipDeactivate {
			u.active = append(u.active, c)
		}
	}
	return nil
}

// deactivate closes what activate opened, in reverse order, also after a failure. All of it is tried.
func (u *unit) deactivate(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(u.active) {
		if err := u.bracket(context.WithoutCancel(ctx), c, "deactivate"); err != nil {
			errs = append(errs, err)
		}
	}
	u.active = nil
	return errors.Join(errs...)
}

// bracket runs the activation or deactivation script of one provider, with what is recorded about the provider.
func (u *unit) bracket(ctx context.Context, c *release.Consumer, what string) error {
	path, ok := u.link(c.Variable)
	if !ok {
		return fmt.Errorf("Missing provider of type '%s'. This can be configured using the -p / --extra-provider flag.", c.Name)
	}
	d, stage, err := u.deployment(path)
	if err != nil {
		return err
	}
	id := d.Release + "-v" + stage.Version
	m, dir, err := u.providerRelease(ctx, d, stage)
	if err != nil {
		return fmt.Errorf("%s provider %s ($%s): the package of %s, which deployment %s was made from, is not available: %w",
			what, c.Name, c.Variable, id, path, err)
	}
	step := what + "_provider"
	script := m.Stage(step)
	if !script.Runs() {
		return nil
	}
	at, err := state.ParsePath(path)
	if err != nil {
		return err
	}
	p := &unit{
		run: u.run, m: m, dir: dir, sections: u.sections, stage: state.DeployStage, closing: what == "deactivate",
		at:   state.Address{Environment: u.at.Environment, Path: at, RootStage: u.at.RootStage},
		node: &planner.Node{Address: u.node.Address, Action: u.node.Action, Deployment: path, Stage: state.DeployStage},
	}
	p.inputs, p.outputs = maps.Clone(stage.CalculatedInputs), maps.Clone(stage.CalculatedOutputs)
	p.record, p.previous = stage.Clone(), stage
	p.secrets.learn(m.Inputs, p.inputs)
	p.secrets.learn(m.Outputs, p.outputs)
	p.push("Provider " + id + " ($" + c.Name + ")")
	values := map[string]string{"consumes": c.Name, "variable": c.Variable}
	p.log("provider."+what, values)
	if err := p.begin(step, &script); err != nil {
		return err
	}
	p.scratch()
	if err := p.exec(ctx, step, script, dir, p.inputs, p.outputs); err != nil {
		u.secrets.add(p.secrets.values...)
		return err
	}
	p.log("provider."+what+".finished", values)
	p.pop()
	return nil
}
