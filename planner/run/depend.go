package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"escape.build/escape/eval"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// hasDependencies reports whether other deployments have to be there before the unit's own steps run.
func (u *unit) hasDependencies() bool {
	return slices.ContainsFunc(u.m.Depends, func(d *release.Dependency) bool { return d.InScope(string(u.stage)) })
}

// dependencyNames returns the names under which expressions can speak of dependencies.
func (u *unit) dependencyNames() map[string]bool {
	names := map[string]bool{}
	for _, d := range u.m.Depends {
		names[d.Variable] = true
	}
	return names
}

// child makes the unit of a dependency, which works on the sub-deployment below the unit's own.
func (u *unit) child(i int, t *planner.Tree, action *planner.Action) *unit {
	d := u.m.Depends[i]
	at := planner.Child(u.at, u.stage, d)
	return &unit{
		run: u.run, tree: t, m: t.Release, dir: t.Dir, stage: state.DeployStage, at: at, parent: u, entry: d, sections: u.sections, ready: all,
		node: &planner.Node{Address: planner.NodeAddress(at, action, state.DeployStage), Action: action, Deployment: at.Path.String(), Stage: state.DeployStage, RootStage: at.RootStage, Index: i, Nested: u.node.Nested},
	}
}

// dependency returns a dependency's release and package: what came with the request, or else what is unpacked below the
// unit's directory.
func (u *unit) dependency(ctx context.Context, i int) (*planner.Tree, error) {
	if u.tree != nil && i < len(u.tree.Depends) {
		return u.tree.Depends[i], nil
	}
	id, err := release.ParseID(u.m.Depends[i].ReleaseID)
	if err != nil {
		return nil, err
	}
	return u.pkg(ctx, id)
}

// pkg makes the package of a release available below the unit's directory.
func (u *unit) pkg(ctx context.Context, id release.ID) (*planner.Tree, error) {
	if u.run.Package == nil {
		return nil, errNoPackages
	}
	m, dir, err := u.run.Package(ctx, u.dir, id, u.log)
	if err != nil {
		return nil, err
	}
	return &planner.Tree{Release: m, Dir: dir}, nil
}

// deployDependencies deploys what the unit needs, one after the other.
func (u *unit) deployDependencies(ctx context.Context) error {
	u.ready = 0
	for i, d := range u.m.Depends {
		if d.InScope(string(u.stage)) {
			if u.interrupted() || ctx.Err() != nil {
				return ErrInterrupted
			}
			t, err := u.dependency(ctx, i)
			if err != nil {
				return err
			}
			sub := u.child(i, t, planner.ActionDeploy)
			if err := sub.nested(ctx, u.verb(), sub.deploy); err != nil {
				return err
			}
		}
		u.ready = i + 1
	}
	u.ready = all
	return nil
}

// verb is how the log calls what happens to dependencies.
func (u *unit) verb() string {
	if u.node.Action == planner.ActionBuild {
		return "build"
	}
	return u.node.Action.Name
}

// nested runs the unit of a dependency between its first and its last log entry.
func (u *unit) nested(ctx context.Context, verb string, do func(context.Context) error) error {
	u.push("Dependency " + u.m.QualifiedID())
	u.log(verb+"."+verb+"_dependency", map[string]string{"dependency": u.m.QualifiedID()})
	if err := do(ctx); err != nil {
		u.parent.blame(u)
		return u.fail(ctx, err)
	}
	u.log(verb+"."+verb+"_dependency_finished", nil)
	u.pop()
	return nil
}

// adopt takes over, once, what the parent gives a dependency: values for its inputs and links for its consumers.
func (u *unit) adopt(ctx context.Context) error {
	u.adopted.Do(func() { u.orphan = u.adoptOnce(ctx) })
	return u.orphan
}

func (u *unit) adoptOnce(ctx context.Context) error {
	if err := errors.Join(u.open(), u.parent.prepare(ctx)); err != nil {
		return err
	}
	mapped, secret, err := u.parent.mapping(u.entry)
	if err != nil {
		return u.parent.maskFor(err)
	}
	links, err := u.parent.links(u.entry)
	if err != nil {
		return u.parent.maskFor(err)
	}
	for _, id := range sortedKeys(secret) {
		u.secrets.id(id)
		u.secrets.add(mapped[id])
	}
	u.mapped, u.mappedSecret = mapped, secret
	if u.node.Providers != nil {
		return nil // they were chosen when the graph was made
	}
	chosen, findings := planner.Link(u.m, u.at, u.stage, links, u.parent.allLinks(), planner.View(u.run.Session.State(), u.at.Environment))
	if u.planning {
		// What is wrong with them is found when the graph is made; what will be there is not recorded yet.
		if chosen == nil {
			chosen = map[string]string{}
		}
		maps.Copy(chosen, links)
		findings = nil
	}
	for _, f := range findings {
		return errors.New(f.Message)
	}
	u.node.Providers = chosen
	return nil
}

// maskFor is mask for a dependency, which may not be the only one that asks.
func (u *unit) maskFor(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.mask(err)
}

// mapping evaluates the values for a dependency in the stage of the unit.
func (u *unit) mapping(d *release.Dependency) (values map[string]any, secret map[string]bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := u.mappingScope()
	values, secret = map[string]any{}, map[string]bool{}
	texts := d.MappingFor(string(u.stage))
	for _, key := range sortedKeys(texts) {
		text, ok := texts[key].(string)
		if !ok {
			values[key] = texts[key]
			continue
		}
		value, isSecret, err := s.value(text)
		switch {
		case errors.Is(err, eval.ErrUnknown) && u.planning:
			value = eval.Unknown()
		case err != nil:
			return nil, nil, fmt.Errorf("Failed to evaluate '%s': %w", text, err)
		}
		values[key] = value
		if isSecret {
			secret[key] = true
			u.secrets.add(value)
		}
	}
	return values, secret, nil
}

// links evaluates which deployments serve the consumers of a dependency.
func (u *unit) links(d *release.Dependency) (map[string]string, error) {
	if len(d.Consumes) == 0 {
		return nil, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	s := u.scope(u.early)
	links := map[string]string{}
	for _, key := range sortedKeys(d.Consumes) {
		text := d.Consumes[key]
		value, _, err := s.value(text)
		if err != nil {
			return nil, fmt.Errorf("Failed to evaluate '%s': %w", text, err)
		}
		path, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("Expecting string for provider mapping '%s', but got '%v'", key, value)
		}
		links[key] = path
	}
	return links, nil
}

// allLinks returns the providers chosen for the unit and the deployments around it, by consumer variable.
func (u *unit) allLinks() map[string]string {
	links := map[string]string{}
	if u.parent != nil {
		maps.Copy(links, u.parent.allLinks())
	}
	if u.record != nil {
		maps.Copy(links, u.record.Providers)
	}
	maps.Copy(links, u.node.Providers)
	return links
}

// sub returns the dependency number i as expressions of the unit see it. What it was given and puts out is there as soon
// as it is deployed.
func (u *unit) sub(i int) (eval.Value, error) {
	d := u.m.Depends[i]
	t, err := u.dependency(context.Background(), i)
	if err != nil {
		return eval.Value{}, err
	}
	at := planner.Child(u.at, u.stage, d)
	deployed := &eval.Deployed{
		Project: u.run.Session.State().Project(), Environment: u.at.Environment, Path: at.Path.String(), Client: u.run.EscapeVersion,
	}
	if i >= u.ready {
		return unitValue(t.Release, deployed), nil
	}
	stage, _ := u.run.Session.State().Stage(at, state.DeployStage)
	deployed.Inputs = declared(t.Release.Inputs, state.DeployStage, stage.CalculatedInputs)
	deployed.Outputs = declared(t.Release.Outputs, state.DeployStage, stage.CalculatedOutputs)
	if u.planning && u.run.changing[planner.NodeAddress(at, planner.ActionDeploy, state.DeployStage)] {
		deployed.Inputs, deployed.Outputs = unknown(t.Release.Inputs), unknown(t.Release.Outputs)
	}
	secrets := sensitive(t.Release)
	maps.Copy(secrets, planner.RecordedSecrets(stage))
	return unitValue(t.Release, u.hide(deployed, secrets)), nil
}

// unknown returns the variables of the deploy stage without their values.
func unknown(vars []*release.Variable) map[string]any {
	values := map[string]any{}
	for _, v := range vars {
		if v.InScope(release.Deploy) {
			values[v.ID] = eval.Unknown()
		}
	}
	return values
}

// destroyDependencies destroys what was deployed for the unit, the last one first, with the releases that were deployed.
func (u *unit) destroyDependencies(ctx context.Context) error {
	s := u.run.Session.State()
	order, _ := planner.DependencyOrder(u.m, u.stage)
	for i := range u.m.Depends { // what this stage no longer needs comes last
		if !slices.Contains(order, i) {
			order = slices.Insert(order, 0, i)
		}
	}
	for _, i := range slices.Backward(order) {
		d := u.m.Depends[i]
		at := planner.Child(u.at, u.stage, d)
		last := planner.View(s, at.Environment).Last(at, state.DeployStage)
		if !last.Deployed() {
			if err := u.destroyBelow(ctx, i, at); err != nil {
				return err
			}
			continue
		}
		t, err := u.recorded(ctx, i, last)
		if err != nil {
			return err
		}
		sub := u.child(i, t, planner.ActionDestroy)
		if err := sub.nested(ctx, "destroy", sub.destroy); err != nil {
			return err
		}
	}
	return nil
}

// destroyBelow destroys what was deployed for a dependency which is not there itself: its first run failed.
func (u *unit) destroyBelow(ctx context.Context, i int, at state.Address) error {
	stage, ok := u.run.Session.State().Stage(at, state.DeployStage)
	if !ok || len(stage.Deployments) == 0 {
		return nil
	}
	t, err := u.dependency(ctx, i)
	if err != nil {
		return err
	}
	sub := u.child(i, t, planner.ActionDestroy)
	if err := sub.open(); err != nil {
		return err
	}
	return sub.destroyDependencies(ctx)
}

// useRecorded makes a dependency work with the release that is recorded for it, if the plan has another one by now.
func (u *unit) useRecorded(ctx context.Context) error {
	if u.parent == nil {
		return nil
	}
	last := planner.View(u.run.Session.State(), u.at.Environment).Last(u.at, u.stage)
	if last.Version == u.m.Version && last.Release == u.m.VersionlessID() {
		return nil
	}
	t, err := u.parent.recorded(ctx, u.node.Index, last)
	if err != nil {
		return err
	}
	u.tree, u.m, u.dir = t, t.Release, t.Dir
	u.secrets.learn(u.m.Inputs, u.inputs)
	u.secrets.learn(u.m.Outputs, u.inputs, u.outputs)
	return nil
}

// recorded returns the release that is recorded for a dependency.
func (u *unit) recorded(ctx context.Context, i int, last planner.Last) (*planner.Tree, error) {
	t, err := u.dependency(ctx, i)
	if err == nil && t.Release.Version == last.Version && t.Release.VersionlessID() == last.Release {
		return t, nil
	}
	id, idErr := release.ParseID(last.Release + "-v" + last.Version)
	if idErr != nil {
		return t, err
	}
	return u.pkg(ctx, id)
}
