package state

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Change is one step from one state to the next. The kinds are PutDeployment, PutStage, PutStatus, AddRevision,
// DeleteDeployment, PutEnvironment and DeleteEnvironment. Applying a change twice gives what applying it once gives,
// AddRevision with a Number included. A change takes what it holds over: the caller must not change it afterwards.
type Change interface {
	// apply makes the change in the draft.
	apply(d *draft) error
	// members writes the change for the journal.
	members(o *members)
}

// PutDeployment replaces a deployment with everything below it. Missing parents are created.
type PutDeployment struct {
	Address
	Deployment *Deployment
}

// PutStage replaces what is recorded about one stage of a deployment, but leaves its sub-deployments as they are:
// Value.Deployments is ignored. Missing deployments on the path are created.
type PutStage struct {
	Address
	Stage   StageName
	Release string // versionless ID of the deployment; "" leaves it
	Value   *Stage
}

// PutStatus replaces the status of a stage. Missing deployments on the path and the stage are created.
type PutStatus struct {
	Address
	Stage  StageName
	Status Status
}

// AddRevision appends a revision to a root or sub-deployment. A revision whose number is there already replaces it;
// number 0 means the next one.
type AddRevision struct {
	Address
	Revision Revision
}

// DeleteDeployment removes a deployment with everything below it. One that is not there is no error.
type DeleteDeployment struct{ Address }

// PutEnvironment replaces the inputs of an environment and creates it if need be.
type PutEnvironment struct {
	Environment string
	Inputs      map[string]any
}

// DeleteEnvironment removes an environment with everything in it. One that is not there is no error.
type DeleteEnvironment struct{ Environment string }

// Apply makes the changes in s, all of them or, with an error, none. Only one goroutine may call it at a time. Errors are a *NameError or say which value
// cannot be recorded.
func (s *State) Apply(changes ...Change) error {
	return s.apply(changes, s.now, s.Lineage(), s.Serial())
}

// apply makes changes of this time in s, which is then the state with this lineage and serial.
func (s *State) apply(changes []Change, at time.Time, lineage string, serial int64) error {
	d, err := s.draft(changes, at)
	if err != nil {
		return err
	}
	s.install(d, lineage, serial)
	return nil
}

// numbered gives revisions without a number the one they will get, so that recording them twice changes nothing.
func (s *State) numbered(changes []Change) []Change {
	numbered, next := changes, map[string]int{}
	for i, c := range changes {
		r, ok := c.(AddRevision)
		if !ok || r.Revision.Number > 0 {
			continue
		}
		key := r.Address.String() + "\n" + string(r.rootStage())
		if next[key] == 0 {
			if d, ok := s.Lookup(r.Address); ok && len(d.Revisions) > 0 {
				next[key] = d.Revisions[len(d.Revisions)-1].Number
			}
		}
		next[key]++
		r.Revision.Number = next[key]
		if &numbered[0] == &changes[0] {
			numbered = slices.Clone(changes)
		}
		numbered[i] = r
	}
	return numbered
}

// A draft collects changes beside a state until they are installed as a whole.
type draft struct {
	state *State
	envs  map[string]*draftEnvironment
	at    time.Time // the status of stages that come into being on the way to another one dates from then
}

type draftEnvironment struct {
	reset  bool // what the state knows about the environment is gone
	gone   bool
	inputs map[string]any
	put    map[string]*Deployment // nil: deleted
}

// draft applies changes without touching s.
func (s *State) draft(changes []Change, at time.Time) (*draft, error) {
	d := &draft{state: s, envs: map[string]*draftEnvironment{}, at: at}
	for _, c := range changes {
		if err := c.apply(d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// install makes the changes of d visible, as the state with this lineage and serial.
func (s *State) install(d *draft, lineage string, serial int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lineage, s.serial = lineage, serial
	for name, de := range d.envs {
		if de.gone {
			delete(s.envs, name)
			continue
		}
		env := s.envs[name]
		if env == nil || de.reset {
			env = &environment{}
			s.envs[name] = env
		}
		env.inputs = de.inputs
		if env.put == nil {
			env.put = map[string]*Deployment{}
		}
		maps.Copy(env.put, de.put)
	}
}

// environment returns the draft of an environment, which exists from now on.
func (d *draft) environment(name string) *draftEnvironment {
	de := d.envs[name]
	if de == nil {
		de = &draftEnvironment{inputs: d.state.Environment(name).Inputs(), put: map[string]*Deployment{}}
		d.envs[name] = de
	}
	de.gone = false
	return de
}

func (d *draft) root(env, name string) *Deployment {
	if de := d.envs[env]; de != nil {
		if dep, ok := de.put[name]; ok {
			return dep
		}
		if de.reset {
			return nil
		}
	}
	dep, _ := d.state.Environment(env).Deployment(name)
	return dep
}

// edit calls fn with a copy of the deployment at a, made if need be, and puts copies of all its parents in place:
// the old ones may be in use.
func (d *draft) edit(a Address, fn func(*Deployment)) error {
	if err := a.Check(); err != nil {
		return err
	}
	root := d.editAt(d.root(a.Environment, a.Path[0]), a.Path, a.rootStage(), fn)
	d.environment(a.Environment).put[root.Name] = root
	return nil
}

func (d *draft) editAt(old *Deployment, path Path, stage StageName, fn func(*Deployment)) *Deployment {
	c := Deployment{Name: path[0], Release: path[0]}
	if old != nil {
		c = *old
	}
	if len(path) == 1 {
		fn(&c)
		return &c
	}
	st := d.stageCopy(&c, stage)
	st.Deployments = maps.Clone(st.Deployments)
	if st.Deployments == nil {
		st.Deployments = map[string]*Deployment{}
	}
	st.Deployments[path[1]] = d.editAt(st.Deployments[path[1]], path[1:], DeployStage, fn)
	return &c
}

// stageCopy replaces the stage of dep by a copy, made if need be, and returns it.
func (d *draft) stageCopy(dep *Deployment, name StageName) *Stage {
	st := Stage{Status: Status{Code: Empty, UpdatedAt: d.at}}
	if old := dep.Stages[name]; old != nil {
		st = *old
	}
	dep.Stages = maps.Clone(dep.Stages)
	if dep.Stages == nil {
		dep.Stages = map[StageName]*Stage{}
	}
	dep.Stages[name] = &st
	return &st
}

// checkStage refuses names which loading would refuse.
func checkStage(a Address, stage StageName) error {
	if err := stage.Check(); err != nil {
		return err
	}
	if len(a.Path) > 1 && stage != DeployStage {
		return fmt.Errorf("sub-deployment %q has no stage %q, only %q", a.Path, stage, DeployStage)
	}
	return nil
}

func (c PutDeployment) apply(d *draft) error {
	if c.Deployment == nil {
		return errors.New("put deployment " + c.Address.String() + ": nothing to put")
	}
	if err := c.Deployment.check(c.Address, len(c.Path)); err != nil {
		return err
	}
	return d.edit(c.Address, func(dep *Deployment) {
		*dep = *c.Deployment
		dep.Name = c.Path[len(c.Path)-1]
		if dep.Release == "" {
			dep.Release = dep.Name
		}
	})
}

// check refuses what loading would refuse, and missing nodes, in a part of what is to be put at an address. names is how
// many names the path of the part has.
func (d *Deployment) check(at Address, names int) error {
	if err := at.checkDepth(names); err != nil {
		return err
	}
	for name, st := range d.Stages {
		if err := name.Check(); err != nil {
			return err
		}
		if st == nil {
			return fmt.Errorf("deployment %q: stage %q is missing", d.Name, name)
		}
		for name, sub := range st.Deployments {
			if err := CheckDeploymentName(name); err != nil {
				return err
			}
			if sub == nil || sub.Name != name {
				return fmt.Errorf("deployment %q: sub-deployment %q is missing or has another name", d.Name, name)
			}
			if err := sub.check(at, names+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c PutStage) apply(d *draft) error {
	if c.Value == nil {
		return errors.New("put stage of " + c.Address.String() + ": nothing to put")
	}
	if err := checkStage(c.Address, c.Stage); err != nil {
		return err
	}
	return d.edit(c.Address, func(dep *Deployment) {
		if c.Release != "" {
			dep.Release = c.Release
		}
		st := d.stageCopy(dep, c.Stage)
		subs := st.Deployments
		*st = *c.Value
		st.Deployments = subs
	})
}

func (c PutStatus) apply(d *draft) error {
	if err := checkStage(c.Address, c.Stage); err != nil {
		return err
	}
	return d.edit(c.Address, func(dep *Deployment) { d.stageCopy(dep, c.Stage).Status = c.Status })
}

func (c AddRevision) apply(d *draft) error {
	return d.edit(c.Address, func(dep *Deployment) {
		if c.Revision.Number > 0 {
			if i := slices.IndexFunc(dep.Revisions, func(r Revision) bool { return r.Number == c.Revision.Number }); i >= 0 {
				dep.Revisions = slices.Clone(dep.Revisions)
				dep.Revisions[i] = c.Revision
				return
			}
		}
		dep.Revisions = withRevision(dep.Revisions, c.Revision)
	})
}

func (c DeleteDeployment) apply(d *draft) error {
	if err := c.Check(); err != nil {
		return err
	}
	if len(c.Path) == 1 {
		if d.root(c.Environment, c.Path[0]) != nil {
			d.environment(c.Environment).put[c.Path[0]] = nil
		}
		return nil
	}
	parent := Address{c.Environment, c.Path[:len(c.Path)-1], c.RootStage}
	stage := DeployStage
	if len(parent.Path) == 1 {
		stage = c.rootStage()
	}
	node := d.root(c.Environment, c.Path[0])
	for i, name := range c.Path[1:] {
		via := DeployStage
		if i == 0 {
			via = c.rootStage()
		}
		st, _ := node.Stage(via)
		if node = st.Deployments[name]; node == nil {
			return nil
		}
	}
	return d.edit(parent, func(dep *Deployment) {
		st := d.stageCopy(dep, stage)
		st.Deployments = maps.Clone(st.Deployments)
		delete(st.Deployments, c.Path[len(c.Path)-1])
	})
}

func (c PutEnvironment) apply(d *draft) error {
	if err := CheckEnvironmentName(c.Environment); err != nil {
		return err
	}
	d.environment(c.Environment).inputs = c.Inputs
	return nil
}

func (c DeleteEnvironment) apply(d *draft) error {
	if err := CheckEnvironmentName(c.Environment); err != nil {
		return err
	}
	if d.envs[c.Environment] == nil && !d.state.Environment(c.Environment).Exists() {
		return nil
	}
	d.envs[c.Environment] = &draftEnvironment{reset: true, gone: true, put: map[string]*Deployment{}}
	return nil
}
