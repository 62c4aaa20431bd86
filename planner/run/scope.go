package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"escape.build/escape/eval"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A scope is what expressions of a unit can see at one moment. volatile is set when an expression asked for something
// that differs from run to run.
type scope struct {
	*eval.Scope
	volatile bool
}

// value evaluates a scripted text into a plain Go value; secret says that a secret went into it.
func (s *scope) value(text string) (value any, secret bool, err error) {
	return eval.ScriptGo(text, s.Scope, eval.Limits{})
}

// text is value for places that need text.
func (s *scope) text(text string) (value string, secret bool, err error) {
	return eval.ScriptText(text, s.Scope, eval.Limits{})
}

// scope returns the names that expressions can use: "$this", dependencies, providers, and names that old releases gave
// them. While variables are being evaluated, e holds those that are there already.
func (u *unit) scope(e *evaluation) *scope {
	outputs := u.outputs
	if e != nil && e.kind == "outputs" {
		outputs = e.visible()
	}
	return u.scopeWith(e, declared(u.m.Outputs, u.stage, outputs))
}

// mappingScope is the scope of values for dependencies: the unit puts out nothing yet.
func (u *unit) mappingScope() *scope { return u.scopeWith(u.early, nil) }

func (u *unit) scopeWith(e *evaluation, outputs map[string]any) *scope {
	s := &scope{}
	env := eval.Env{ReadFile: eval.ReadFile, Stat: os.Stat, Now: u.run.Now, Dir: u.dir, TempFile: u.tempFile}
	if u.planning {
		env.Now = func() time.Time { s.volatile = true; return u.run.Now() }
		env.TempFile = func(string) (string, error) { s.volatile = true; return os.DevNull, nil }
	}
	s.Scope = eval.NewScope(env)
	inputs := u.inputs
	if e != nil && e.kind == "inputs" {
		inputs = e.values
	}
	deployed := &eval.Deployed{
		Project: u.run.Session.State().Project(), Environment: u.at.Environment, Path: u.node.Deployment, Client: u.run.EscapeVersion,
		Inputs: declared(u.m.Inputs, u.stage, inputs), Outputs: outputs, Secret: u.secrets.has,
	}
	objects := map[string]func() (eval.Value, error){
		"this": func() (eval.Value, error) { return unitValue(u.m, deployed), nil },
	}
	for _, c := range u.m.Consumes {
		if c.InScope(string(u.stage)) {
			objects[c.Variable] = func() (eval.Value, error) { return u.provider(c) }
		}
	}
	for _, c := range u.m.Consumes {
		if _, ok := objects[c.Variable]; !ok {
			s.SetAbsent(c.Variable, fmt.Sprintf("%q is not consumed when building or deploying in stage %s", c.Variable, u.stage))
		}
	}
	subs := subs{u}
	for alias, name := range u.m.VariableContext {
		if object, ok := objects[name]; ok {
			objects[alias] = object
		} else if _, ok := subs.index(name); ok {
			objects[alias] = func() (eval.Value, error) { v, _, err := subs.Value(name); return v, err }
		}
	}
	for name, object := range objects {
		s.SetLazy(name, object)
	}
	s.SetMore(subs)
	return s
}

// subs are the dependencies of a unit as names of expressions: their aliases and release ids.
type subs struct{ *unit }

func (s subs) index(name string) (int, bool) {
	if s.aliases == nil {
		s.aliases = make(map[string]int, 2*len(s.m.Depends))
		for i, d := range s.m.Depends {
			s.aliases[d.Variable], s.aliases[d.ReleaseID] = i, i
		}
	}
	i, ok := s.aliases[name]
	return i, ok
}

func (s subs) Value(name string) (eval.Value, bool, error) {
	i, ok := s.index(name)
	if !ok {
		return eval.Value{}, false, nil
	}
	v, err := s.sub(i)
	return v, true, err
}

func (s subs) All() (names []string) {
	for _, d := range s.m.Depends {
		names = append(names, d.Variable)
	}
	return names
}

// visible are the outputs that defaults of outputs can refer to: those a script wrote, and those evaluated already.
func (e *evaluation) visible() map[string]any {
	all := map[string]any{}
	for id, g := range e.given {
		all[id] = g.value
	}
	for id, v := range e.values {
		all[id] = v
	}
	return all
}

// declared returns the values of variables that are declared for a stage.
func declared(vars []*release.Variable, stage state.StageName, values map[string]any) map[string]any {
	out := make(map[string]any, len(vars))
	for _, v := range vars {
		if value, ok := values[v.ID]; ok && v.InScope(string(stage)) {
			out[v.ID] = value
		}
	}
	return out
}

func unitValue(m *release.Metadata, d *eval.Deployed) eval.Value {
	return eval.Unit{
		Project: m.Project, Name: m.Name, Version: m.Version, Description: m.Description, License: m.License, Logo: m.Logo,
		Branch: m.Branch, Repository: m.Repository, Revision: m.Revision, RevisionMessage: m.RevisionMessage,
		RevisionAuthor: m.RevisionAuthor, Metadata: m.Metadata, Deployment: d,
	}.Value()
}

// provider returns the deployment that serves a consumer, as expressions see it. Without the metadata of its release all
// recorded values can be seen, and of the release only what the state knows.
func (u *unit) provider(c *release.Consumer) (eval.Value, error) {
	path, ok := u.link(c.Variable)
	if !ok {
		if c.Variable != c.Name {
			return eval.Value{}, fmt.Errorf("Provider '%s' of type '%s' has not been configured in the deployment state.", c.Variable, c.Name)
		}
		return eval.Value{}, fmt.Errorf("No provider of type '%s' was configured in the deployment state.", c.Name)
	}
	if u.planning && u.willChange(path) {
		return eval.Unknown(), nil
	}
	d, stage, err := u.deployment(path)
	if err != nil {
		return eval.Value{}, err
	}
	deployed := &eval.Deployed{
		Project: u.run.Session.State().Project(), Environment: u.at.Environment, Path: path, Client: u.run.EscapeVersion,
		Inputs: plain(stage.CalculatedInputs), Outputs: plain(stage.CalculatedOutputs),
	}
	t, err := u.providerRelease(context.Background(), path, d, stage)
	if err != nil {
		id, idErr := release.ParseID(d.Release + "-v" + stage.Version)
		if idErr != nil {
			return eval.Value{}, idErr
		}
		m := release.New()
		m.Project, m.Name, m.Version = id.Namespace, id.Name, stage.Version
		return unitValue(m, u.hide(deployed, planner.RecordedSecrets(stage))), nil
	}
	m := t.Release
	deployed.Inputs = declared(m.Inputs, state.DeployStage, stage.CalculatedInputs)
	deployed.Outputs = declared(m.Outputs, state.DeployStage, stage.CalculatedOutputs)
	secrets := sensitive(m)
	maps.Copy(secrets, planner.RecordedSecrets(stage))
	return unitValue(m, u.hide(deployed, secrets)), nil
}

// hide marks the variables of a provider that are secret.
func (u *unit) hide(d *eval.Deployed, secret map[string]bool) *eval.Deployed {
	d.Secret = func(id string) bool { return secret[id] }
	for id := range secret {
		u.secrets.add(d.Inputs[id], d.Outputs[id])
	}
	return d
}

// plain leaves out the entries which are made for scripts only.
func plain(values map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range values {
		if !isGenerated(k) {
			out[k] = v
		}
	}
	return out
}

func sensitive(m *release.Metadata) map[string]bool {
	ids := map[string]bool{}
	for _, vars := range [][]*release.Variable{m.Inputs, m.Outputs} {
		for _, v := range vars {
			if v.Sensitive {
				ids[v.ID] = true
			}
		}
	}
	return ids
}

// link returns the deployment path of the provider of a consumer.
func (u *unit) link(variable string) (string, bool) {
	if path, ok := u.node.Providers[variable]; ok {
		return path, true
	}
	if u.record != nil { // else nothing is done with the deployment itself
		if path, ok := u.record.Providers[variable]; ok {
			return path, true
		}
	}
	if u.parent != nil {
		return u.parent.link(variable)
	}
	return "", false
}

// willChange reports whether the deployment with a path will run, so that what it puts out is not known yet.
func (u *unit) willChange(path string) bool {
	p, err := state.ParsePath(path)
	return err == nil && u.run.changing[planner.NodeAddress(planner.ProviderAddress(u.at, p), planner.ActionDeploy, state.DeployStage)]
}

// deployment finds a provider by its path.
func (u *unit) deployment(path string) (*state.Deployment, *state.Stage, error) {
	p, err := state.ParsePath(path)
	if err != nil {
		return nil, nil, err
	}
	d, ok := u.run.Session.State().Lookup(planner.ProviderAddress(u.at, p))
	if !ok {
		return nil, nil, fmt.Errorf("Deployment '%s' does not exist", path)
	}
	stage, _ := d.Stage(state.DeployStage)
	return d, stage, nil
}

// errNoPackages says that packages of other releases cannot be had.
var errNoPackages = errors.New("packages of other releases are not available here")

// providerRelease returns the release of the provider at a path, with its package.
func (u *unit) providerRelease(ctx context.Context, at string, d *state.Deployment, stage *state.Stage) (*planner.Tree, error) {
	id, err := release.ParseID(d.Release + "-v" + stage.Version)
	if err != nil {
		return nil, err
	}
	if u.run.Package == nil {
		return nil, errNoPackages
	}
	base := u.dir
	if !u.run.graph.Nested {
		base = u.run.providerBase(d.Release, at)
	}
	m, dir, err := u.run.Package(ctx, base, id, u.log)
	if err != nil {
		return nil, err
	}
	return &planner.Tree{Release: m, Dir: dir}, nil
}

// announce makes the packages of dependencies and providers available, so that what the log tells about that stands where
// they are first needed. Whoever really needs one that cannot be had says so.
func (u *unit) announce(ctx context.Context) {
	if u.run.Package == nil || u.planning {
		return
	}
	if u.run.graph.Nested {
		for _, d := range u.m.Depends {
			if id, err := release.ParseID(d.ReleaseID); err == nil {
				_, _, _ = u.run.Package(ctx, u.dir, id, u.log)
			}
		}
	}
	for _, c := range u.m.Consumes {
		path, ok := u.link(c.Variable)
		if !ok || !c.InScope(string(u.stage)) {
			continue
		}
		if d, stage, err := u.deployment(path); err == nil {
			_, _ = u.providerRelease(ctx, path, d, stage)
		}
	}
}

// tempFile makes a file for ".file" of an expression. It stays, since its path is recorded as a value.
func (u *unit) tempFile(content string) (string, error) {
	f, err := os.CreateTemp(u.run.TempDir, "escape_input_")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(content)
	return f.Name(), errors.Join(err, f.Close())
}
