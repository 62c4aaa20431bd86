package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/archive"
	"escape.build/escape/planner/state"
)

// A unit is one deployment at work: an action on one of its stages.
type unit struct {
	run   *runner
	node  *planner.Node
	tree  *planner.Tree // nil for a provider: its dependencies are looked up when they are needed
	m     *release.Metadata
	dir   string
	at    state.Address
	stage state.StageName

	// Of a dependency: whose it is, its entry there, and the values it is given.
	parent       *unit
	entry        *release.Dependency
	mapped       map[string]any
	mappedSecret map[string]bool
	adopted      sync.Once
	orphan       error // of adopting

	mu       sync.Mutex // held while values for a dependency are evaluated
	prepared sync.Once
	failed   error // of preparing
	given    map[string]given
	early    *evaluation
	aliases  map[string]int // of dependencies; nil until they are needed
	ready    int            // how many dependencies are deployed, so that expressions can use them; all if every one is

	sections []string
	archive  string // what the action package made
	last     string // last line of script output

	// What will be recorded, and what the unit knows about it.
	record   *state.Stage
	release  string // recorded with the stage; empty leaves what is there
	dirty    bool   // record has not been committed
	inputs   map[string]any
	outputs  map[string]any
	digest   string
	used     string       // planner.UsedDigest of what it is deployed with
	previous *state.Stage // as it was when the unit started
	secrets  secrets
	active   []bracket // providers to be deactivated
	shared   []*shared // providers that are active for others too
	chain    []string  // of a provider: the deployments that led to it
	done     bool      // everything the action is about is done and recorded
	revision bool      // the run of this unit becomes a revision
	planning bool      // nothing may have effects
	closing  bool      // it undoes something, so the first interrupt does not end it
	blamed   *unit     // whose sections the log of a failure leaves open; nil is its own
	attempt  int       // number of this attempt; 0 until its first script
	reported bool      // its end is in the history
}

// all is the number of dependencies that no release has.
const all = int(^uint(0) >> 1)

// unit makes the unit of a root deployment.
func (r *runner) unit(n *planner.Node) *unit {
	t := r.root()
	return &unit{
		run: r, node: n, tree: t, m: t.Release, dir: r.Dir, stage: n.Stage, ready: all, sections: slices.Clone(r.Sections),
		at: state.Address{Environment: r.graph.Environment, Path: state.Path{n.Deployment}},
	}
}

// execute does what the node's action says, between its first and its last log entry.
func (u *unit) execute(ctx context.Context) error {
	action := u.node.Action
	before, after := u.run.neighbour(u.node, -1), u.run.neighbour(u.node, +1)
	// The stages of a deployment are destroyed one after the other, but reported as one.
	joined := before != nil && before.Action == action && before.Deployment == u.node.Deployment
	joins := after != nil && after.Action == action && after.Deployment == u.node.Deployment
	if joined {
		u.sections = append(slices.Clip(u.sections), action.Section)
	} else {
		u.push(action.Section)
		u.log(action.Start, nil)
	}
	err := u.run.rejected[u.node]
	if err == nil {
		switch action {
		case planner.ActionPackage:
			err = u.pack()
		case planner.ActionTest, planner.ActionSmoke:
			err = u.test(ctx)
		case planner.ActionDestroy:
			err = u.destroy(ctx)
		default:
			err = u.deploy(ctx)
		}
	} else if openErr := u.open(); openErr != nil {
		err = openErr
	} else {
		u.announce(ctx) // as if its values were found out to be wrong where the original does
	}
	if err != nil {
		return u.fail(ctx, err)
	}
	if !joins {
		var values map[string]string
		switch action {
		case planner.ActionDeploy:
			values = map[string]string{"deployment": u.node.Deployment, "environment": u.at.Environment}
		case planner.ActionPackage:
			values = map[string]string{"path": u.archive}
		}
		u.log(action.Finished, values)
		u.pop()
	}
	return nil
}

// needed decides about a node that depends on what ran before it.
func (u *unit) needed(ctx context.Context) (bool, error) {
	recorded := planner.View(u.run.Session.State(), u.at.Environment)
	last := recorded.Last(u.at, u.stage)
	if planner.UsedDigest(u.m, u.at, u.stage, u.node.Providers, recorded) != last.Used {
		return true, nil
	}
	if u.parent != nil {
		if err := u.adopt(ctx); err != nil {
			return false, err
		}
	}
	look := u.observer()
	if err := look.open(); err != nil {
		return false, err
	}
	shown, err := look.evaluateInputs()
	if err != nil {
		return false, err
	}
	change, _ := planner.Compare(planner.Wanted{
		Release: u.m.VersionlessID(), Version: u.m.Version, Digest: planner.Digest(u.m), Inputs: shown, Providers: u.node.Providers,
	}, last)
	return change != planner.NoOp, nil
}

// observer returns a unit for the same deployment that has no effects.
func (u *unit) observer() *unit {
	look := &unit{
		run: u.run, node: u.node, tree: u.tree, m: u.m, dir: u.dir, at: u.at, stage: u.stage, parent: u.parent, entry: u.entry,
		mapped: u.mapped, mappedSecret: u.mappedSecret, ready: all, planning: true,
	}
	look.adopted.Do(func() {}) // what it was given is what u was
	return look
}

// open reads what is recorded about the stage.
func (u *unit) open() error {
	if u.record != nil {
		return nil
	}
	if u.run.Session == nil {
		return errors.New("run: no state to record in")
	}
	s := u.run.Session.State()
	stage, _ := s.Stage(u.at, u.stage)
	u.previous = stage
	u.record = stage.Clone()
	u.inputs, u.outputs = maps.Clone(stage.CalculatedInputs), maps.Clone(stage.CalculatedOutputs)
	u.digest, _ = stage.Extra[planner.DigestKey].(string)
	u.secrets.learn(u.m.Inputs, u.inputs, u.run.Vars, s.MergedInputs(u.at, u.stage))
	u.secrets.learn(u.m.Outputs, u.inputs, u.outputs)
	for id := range planner.RecordedSecrets(stage) { // also what was computed from secrets
		u.secrets.add(u.inputs[id], u.inputs["PREVIOUS_"+id], u.inputs["PREVIOUS_OUTPUT_"+id], u.outputs[id])
		if _, ok := u.outputs[id]; ok {
			u.secrets.keep(id) // as long as it stays recorded
		}
	}
	return nil
}

// recordedRelease returns the release that is recorded for the deployment.
func (u *unit) recordedRelease() string {
	d, ok := u.run.Session.State().Lookup(u.at)
	if !ok {
		return ""
	}
	return d.Release
}

// set changes the status of the stage; commit makes it last.
func (u *unit) set(code state.StatusCode, data string) {
	u.record.Status = state.Status{Code: code, UpdatedAt: u.run.Now(), Data: data}
	u.dirty = true
}

// commit records the stage if it changed.
func (u *unit) commit(ctx context.Context, more ...state.Change) error {
	return u.commitBatch(ctx, state.Batch{Changes: more})
}

// commitBatch records the stage, if it changed, before and together with b.
func (u *unit) commitBatch(ctx context.Context, b state.Batch) error {
	return u.commitWith(ctx, b, u.run.history.commit)
}

func (u *unit) commitWith(ctx context.Context, b state.Batch, commit func(context.Context, state.Batch) error) error {
	// What was done has to be recorded even if nobody waits any more.
	ctx = context.WithoutCancel(ctx)
	if !u.dirty && len(b.Changes) == 0 {
		if len(b.Events) == 0 {
			return nil
		}
		return unsaved(commit(ctx, b))
	}
	if ids := u.secrets.list(); u.digest != "" || len(ids) > 0 {
		u.record.Extra = maps.Clone(u.record.Extra)
		if u.record.Extra == nil {
			u.record.Extra = map[string]any{}
		}
		if u.digest != "" {
			u.record.Extra[planner.DigestKey] = u.digest
		}
		if u.used != "" {
			u.record.Extra[planner.UsedKey] = u.used
		}
		if len(ids) > 0 {
			u.record.Extra[planner.SensitiveKey] = ids
		}
	}
	put := state.PutStage{Address: u.at, Stage: u.stage, Release: u.release, Value: u.record.Clone()}
	b.Changes = append([]state.Change{put}, b.Changes...)
	err := unsaved(commit(ctx, b))
	u.dirty = err != nil
	return err
}

// unsaved returns the error for what could not be recorded, nil without one.
func unsaved(err error) error {
	if err != nil {
		return &commitError{err}
	}
	return nil
}

// A commitError says that the state could not be written, so nothing about the failure can be recorded either. Its text is
// that of the store, which says what was to be saved.
type commitError struct{ err error }

func (e *commitError) Error() string { return e.err.Error() }
func (e *commitError) Unwrap() error { return e.err }

// fail records why the unit failed and returns the error with its secrets masked.
func (u *unit) fail(ctx context.Context, cause error) error {
	err := u.mask(cause)
	var lost *commitError
	action := u.node.Action
	if u.record == nil || u.done || action.Failed == "" || errors.As(cause, &lost) || !u.recordable(cause) {
		return u.explained(err)
	}
	data := err.Error()
	if errors.Is(cause, ErrInterrupted) {
		data = state.Interrupted
	}
	u.set(action.Failed, data)
	var more []state.Change
	if u.revision {
		more = append(more, u.newRevision(action.Failed))
	}
	if saveErr := u.commitBatch(ctx, state.Batch{Changes: more, Events: []state.Event{u.finished(err)}}); saveErr != nil {
		return u.explained(fmt.Errorf("Couldn't update status '%s'. Trying to set failure status, because: %w", errors.Unwrap(saveErr), err))
	}
	return u.explained(err)
}

// recordable reports whether a failure says anything about the deployment: that it is not there does not.
func (u *unit) recordable(err error) bool {
	var missing *notDeployedError
	return !errors.As(err, &missing)
}

// mask returns err with the secrets in its text masked.
func (u *unit) mask(err error) error {
	text := err.Error()
	if masked := u.secrets.mask(text); masked != text {
		return &maskedError{masked, err}
	}
	return err
}

type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Is(target error) bool {
	return errors.Is(e.err, target) // but its text cannot be reached by unwrapping
}

// prepare finds out, once, what has to be known before dependencies are deployed, and records what the user gave.
func (u *unit) prepare(ctx context.Context) error {
	u.prepared.Do(func() { u.failed = u.prepareOnce(ctx) })
	return u.failed
}

func (u *unit) prepareOnce(ctx context.Context) error {
	if err := u.open(); err != nil {
		return err
	}
	if name := u.recordedRelease(); name == "" || name == u.m.VersionlessID() || u.record.Version == "" {
		u.release = u.m.VersionlessID() // else release and version change together, when the pre step is done
	}
	if u.parent != nil {
		if err := u.adopt(ctx); err != nil {
			return err
		}
	}
	if u.planning {
		return u.evaluateEarly()
	}
	if u.parent == nil {
		u.warnUnknown()
	}
	u.announce(ctx)
	if u.hasDependencies() && u.run.graph.Nested {
		u.ready = 0
	}
	if err := u.evaluateEarly(); err != nil {
		return err
	}
	known := u.persistInputs()
	if !known && u.hasDependencies() {
		return u.commit(ctx)
	}
	return nil
}

// deploy builds or deploys: inputs, dependencies, providers, then the three steps.
func (u *unit) deploy(ctx context.Context) error {
	if err := u.prepare(ctx); err != nil {
		return err
	}
	if u.run.graph.Nested && u.hasDependencies() {
		if err := u.deployDependencies(ctx); err != nil {
			return err
		}
	}
	if _, err := u.evaluateInputs(); err != nil {
		return err
	}
	if err := u.activate(ctx); err != nil {
		return err
	}
	u.digest = planner.Digest(u.m)
	u.used = planner.UsedDigest(u.m, u.at, u.stage, u.node.Providers, planner.View(u.run.Session.State(), u.at.Environment))
	if u.used == "" {
		delete(u.record.Extra, planner.UsedKey)
	}
	u.revision = u.node.Action == planner.ActionDeploy && u.parent == nil
	if err := u.steps(ctx, u.node.Action.Steps); err != nil {
		return u.undo(ctx, err)
	}
	var compileErr error
	if u.node.Action == planner.ActionBuild {
		compileErr = u.recompile(ctx)
	}
	return u.finish(ctx, compileErr)
}

// finish records that all steps are done. What goes wrong after that, closing providers included, is an error but takes
// nothing back.
func (u *unit) finish(ctx context.Context, err error) error {
	u.set(u.node.Action.Done, "")
	var more []state.Change
	if u.revision {
		more = append(more, u.newRevision(u.node.Action.Done))
	}
	saveErr := u.commitWith(ctx, state.Batch{Changes: more, Events: []state.Event{u.finished(nil)}}, u.run.history.finish)
	u.done = saveErr == nil
	return errors.Join(saveErr, err, u.deactivate(ctx))
}

// recompile takes files that a build made into the release.
func (u *unit) recompile(ctx context.Context) error {
	if u.run.Recompile == nil {
		return nil
	}
	m, err := u.run.Recompile(ctx)
	if err != nil {
		return err
	}
	u.tree = u.run.replace(m)
	u.m, u.digest, u.dirty = m, planner.Digest(m), true
	return nil
}

// persistInputs takes what the unit is given, which has passed its checks, and its links into the record. It reports
// whether all of that was recorded before.
func (u *unit) persistInputs() (known bool) {
	old := u.record.Clone()
	switch {
	case u.parent != nil:
		u.record.Inputs = maps.Clone(u.mapped)
	case len(u.run.Vars) > 0 || len(u.run.Unset) > 0:
		u.record.Inputs = maps.Clone(u.record.Inputs)
		if u.record.Inputs == nil {
			u.record.Inputs = map[string]any{}
		}
		for _, key := range u.run.Unset {
			delete(u.record.Inputs, key)
		}
		maps.Copy(u.record.Inputs, u.run.Vars)
	}
	if len(u.node.Providers) > 0 {
		u.record.Providers = maps.Clone(u.record.Providers)
		if u.record.Providers == nil {
			u.record.Providers = map[string]string{}
		}
		maps.Copy(u.record.Providers, u.node.Providers)
	}
	u.dirty = true
	return reflect.DeepEqual(old.Inputs, u.record.Inputs) && maps.Equal(old.Providers, u.record.Providers)
}

// test runs a test or smoke test with the recorded inputs and outputs.
func (u *unit) test(ctx context.Context) error {
	if err := u.open(); err != nil {
		return err
	}
	if err := u.available(true); err != nil {
		return err
	}
	if err := u.steps(ctx, u.node.Action.Steps); err != nil {
		return err
	}
	return u.finish(ctx, nil)
}

// destroy runs the destroy steps with the recorded inputs and outputs.
func (u *unit) destroy(ctx context.Context) error {
	if err := u.open(); err != nil {
		return err
	}
	if err := u.useRecorded(ctx); err != nil {
		return err
	}
	if u.record.Version == "" && u.run.graph.Nested && u.parent == nil { // only dependencies are there
		if err := u.destroyDependencies(ctx); err != nil {
			return err
		}
		return u.finish(ctx, nil)
	}
	if err := u.available(false); err != nil {
		return err
	}
	if err := u.activate(ctx); err != nil {
		return err
	}
	// What was deployed for it goes when it is gone itself, and before what cleans up after all of that.
	steps := u.node.Action.Steps
	err := u.steps(ctx, steps[:len(steps)-1])
	if err == nil && (u.run.graph.Nested || u.node.Nested) {
		err = u.destroyDependencies(ctx)
	}
	if err == nil {
		err = u.steps(ctx, steps[len(steps)-1:])
	}
	if err != nil {
		return u.undo(ctx, err)
	}
	return u.finish(ctx, nil)
}

// undo closes what activate opened after a failure, which stays the one that is reported and recorded.
func (u *unit) undo(ctx context.Context, err error) error {
	u.blame(u)
	if also := u.deactivate(ctx); also != nil {
		u.warnDeactivation(also)
	}
	return err
}

// blame notes where a failure happened. The first one counts.
func (u *unit) blame(at *unit) {
	if u.blamed == nil {
		u.blamed = at
	}
}

// culprit returns the unit whose sections a failure of u leaves open: u, or a dependency or provider at any depth.
func (u *unit) culprit() *unit {
	for u.blamed != nil && u.blamed != u {
		u = u.blamed
	}
	return u
}

// A notDeployedError says that there is nothing to work on.
type notDeployedError struct{ error }

func (u *unit) available(whole bool) error {
	last := planner.View(u.run.Session.State(), u.at.Environment).Last(u.at, u.stage)
	if err := planner.Available(u.m, u.node.Deployment, u.stage, last, whole); err != nil {
		return &notDeployedError{err}
	}
	return nil
}

// pack makes the archive of the release.
func (u *unit) pack() error {
	result, err := archive.Pack(u.dir, u.m, archive.Options{Force: u.run.Force, Uber: u.run.Uber})
	if err != nil {
		return err
	}
	u.archive = result.Path
	return nil
}

// newRevision is what the history keeps of this run. Secrets, and what was computed from them, stay out of it: their
// values are in the record of the stage and nowhere else.
func (u *unit) newRevision(outcome state.StatusCode) state.Change {
	inputs := map[string]any{}
	for _, v := range u.m.Inputs {
		if value, ok := u.inputs[v.ID]; ok && v.InScope(string(u.stage)) && !u.secrets.has(v.ID) {
			inputs[v.ID] = value
		}
	}
	return state.AddRevision{Address: u.at, Revision: state.Revision{
		Release: u.m.QualifiedID(), Digest: u.digest, Inputs: inputs, Providers: maps.Clone(u.node.Providers),
		Outcome: outcome, Run: u.run.RunID, At: u.run.Now(), By: u.run.User,
	}}
}

// interrupted reports whether the unit is to end.
func (u *unit) interrupted() bool { return u.run.Interrupt.stopping() != nil }

func (u *unit) emit(e Event) {
	e.Node, e.Sections, e.Release = u.node.Address, u.sections, u.m.QualifiedID()
	u.run.emit(e)
}

func (u *unit) push(section string) {
	u.sections = append(slices.Clip(u.sections), section)
	u.emit(Event{Kind: Push})
}

func (u *unit) pop() {
	u.sections = u.sections[:len(u.sections)-1]
	u.emit(Event{Kind: Pop})
}

// log emits an entry of the log, with the secrets in its values masked.
func (u *unit) log(key string, values map[string]string) {
	all := map[string]string{"release": u.m.QualifiedID()}
	for k, v := range values {
		all[k] = u.secrets.mask(v)
	}
	u.emit(Event{Kind: Log, Key: key, Values: all})
}

func (u *unit) warn(text string) {
	u.emit(Event{Kind: Log, Key: "warning", Values: map[string]string{"warning": u.secrets.mask(text)}})
}

// path returns a path of the package as the system knows it.
func (u *unit) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(u.dir, name)
}

// scratch makes the folder for files that scripts and Escape exchange.
func (u *unit) scratch() { _ = os.Mkdir(filepath.Join(u.dir, ".escape"), 0o755) }
