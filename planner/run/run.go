package run

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// Run executes the nodes of a graph made for the release of t, each after everything it depends on, and records in the state
// what happens. A node that fails keeps what depends on it from running; everything else goes on.
//
// The error is the first failure in the order of the graph, or ErrInterrupted; its text is that of the original Escape,
// and Explain says more. The result is never nil.
func Run(ctx context.Context, g *planner.Graph, t *planner.Tree, o Options) (*Result, error) {
	r, err := newRunner(g, t, o)
	if err != nil {
		return &Result{}, err
	}
	if o.ConfigDir != "" && r.environ.path != "" {
		_ = os.MkdirAll(filepath.Join(o.ConfigDir, BinDir), 0o755) // a home that cannot be written is no reason not to run
	}
	if s, ok := o.Session.(interface{ Lost() <-chan struct{} }); ok {
		// Somebody else may work on the same deployments now.
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-s.Lost():
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	if err := r.endLeftovers(ctx); err != nil {
		return r.result, err
	}
	defer r.history.end(ctx)
	defer r.drains(ctx)()
	r.precheck()
	if err := r.makeCopies(); err != nil {
		return r.result, err
	}
	defer r.removeCopies() // of no use to anybody; the next run replaces what stays
	g.Walk(o.Workers, func(n *planner.Node) bool { return r.visit(ctx, n) }, func(n, because *planner.Node) { r.skip(ctx, n, because) })
	if sig := r.Interrupt.Received(); sig != nil && r.result.Count(Interrupted) > 0 {
		r.result.Signal = sig
	}
	for _, n := range r.order {
		for _, done := range r.result.Nodes {
			if done.Node == n && done.Err != nil {
				return r.result, done.Err
			}
		}
	}
	return r.result, nil
}

type runner struct {
	Options
	graph   *planner.Graph
	order   []*planner.Node
	environ environ
	history *history
	here    func() state.Process // this process; asked only when a script runs

	changing map[string]bool // of a Planning: addresses of nodes that will run

	mu       sync.Mutex // guards what follows, and the sink
	tree     *planner.Tree
	result   *Result
	rejected map[*planner.Node]error // nodes whose user inputs are wrong
	warned   map[string]bool
	units    map[string]*unit // by address of their nodes

	brackets *brackets
	copies   copies
	homes    map[string]string // which deployment works in the package of that name below the root's folder
}

func newRunner(g *planner.Graph, t *planner.Tree, o Options) (*runner, error) {
	if o.Exec == nil {
		o.Exec = RunProcess
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		o.Dir = dir
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	h := newHistory(&o)
	if h != nil {
		o.RunID = h.run
	}
	r := &runner{
		history: h, here: sync.OnceValue(state.ThisProcess),
		Options: o, graph: g, order: g.Order(), environ: newEnviron(o.Environ, o.ConfigDir), tree: t, result: &Result{},
		rejected: map[*planner.Node]error{}, warned: map[string]bool{},
	}
	if !g.Nested {
		r.brackets = newBrackets(g, r.providersOf)
	}
	return r, nil
}

// drains tells about an interrupt that lets nodes at work come to their end. The result ends it.
func (r *runner) drains(ctx context.Context) (stop func()) {
	if r.Interrupt == nil || !r.Interrupt.drains {
		return func() {}
	}
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-done:
		case <-ctx.Done():
		case <-r.Interrupt.drain:
			if r.Interrupt.stopping() == nil {
				r.emit(Event{Kind: Log, Key: "warning", Values: map[string]string{
					"warning": "interrupted: what is running comes to its end, nothing else starts; interrupt again to stop it"}})
			}
		}
	})
	return func() { close(done); watching.Wait() }
}

// emit gives an event to the sink.
func (r *runner) emit(e Event) {
	if r.Events == nil {
		return
	}
	e.Time = r.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events(e)
}

// precheck checks the user inputs of all nodes before the first one runs.
func (r *runner) precheck() {
	for _, n := range r.order {
		if n.Action.Evaluates && n.Change != planner.NoOp && n.Parent == "" {
			if err := CheckVars(r.tree.Release, n.Stage, r.Vars); err != nil {
				r.rejected[n] = err
			}
		}
	}
}

// root returns the release as it is now: a build may have compiled it again.
func (r *runner) root() *planner.Tree {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tree
}

// replace puts a release in the place of the one before, which has the same dependencies.
func (r *runner) replace(m *release.Metadata) *planner.Tree {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tree = &planner.Tree{Release: m, Dir: r.tree.Dir, Depends: r.tree.Depends}
	return r.tree
}

// unitOf returns the unit of a node. Units of dependencies know the one they belong to.
func (r *runner) unitOf(n *planner.Node) *unit {
	r.mu.Lock()
	u := r.units[n.Address]
	r.mu.Unlock()
	if u != nil {
		return u
	}
	if n.Parent == "" {
		u = r.unit(n)
	} else {
		u = r.unitOf(n.Above()).child(n.Index, n.Tree, n.Action)
		u.node = n
		u.sections = slices.Clone(r.Sections)
		if dir := r.copies[n.Deployment]; dir != "" {
			u.dir = dir
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.units[n.Address]; other != nil {
		return other
	}
	if r.units == nil {
		r.units = map[string]*unit{}
	}
	r.units[n.Address] = u
	return u
}

// providersOf returns what serves a provider, as far as it is recorded.
func (r *runner) providersOf(provider place) (places []place) {
	path, err := state.ParsePath(provider.path)
	if err != nil || r.Session == nil {
		return nil
	}
	at := state.Address{Environment: r.graph.Environment, Path: path, RootStage: provider.root}
	s, _ := r.Session.State().Stage(at, state.DeployStage)
	for _, above := range slices.Sorted(maps.Values(s.Providers)) {
		places = append(places, placeOf(at, above))
	}
	return places
}

// leave tells that a node is over.
func (r *runner) leave(ctx context.Context, n *planner.Node) {
	if err := r.brackets.passed(ctx, n); err != nil {
		r.emit(Event{Kind: Log, Node: n.Address, Key: "warning", Values: map[string]string{"warning": "deactivating a provider failed: " + err.Error()}})
	}
}

func (r *runner) record(n NodeResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Nodes = append(r.result.Nodes, n)
}

// skip notes that a node cannot run because one before it failed.
func (r *runner) skip(ctx context.Context, n, because *planner.Node) {
	defer r.leave(ctx, n)
	how := "failed"
	r.mu.Lock()
	for _, done := range r.result.Nodes {
		if done.Node == because && done.Outcome == Interrupted {
			how = "was interrupted"
		}
	}
	r.mu.Unlock()
	r.pass(NodeResult{Node: n, Outcome: NotDone, Because: because}, because.Address+" "+how)
}

// pass notes that a node does not run.
func (r *runner) pass(n NodeResult, reason string) {
	r.record(n)
	r.emit(Event{Kind: Skipped, Node: n.Node.Address, Reason: reason})
	r.history.later(state.Event{Kind: state.NodeSkipped, Node: n.Node.Address, Error: reason})
}

// visit runs a node and reports whether those behind it may run.
func (r *runner) visit(ctx context.Context, n *planner.Node) bool {
	defer r.leave(ctx, n)
	if n.Change == planner.NoOp {
		r.pass(NodeResult{Node: n, Outcome: Unchanged}, "unchanged")
		return true
	}
	if len(r.rejected) > 0 && r.rejected[n] == nil {
		r.pass(NodeResult{Node: n, Outcome: NotDone}, "inputs are wrong")
		return true // the one whose inputs are wrong is to say so
	}
	u := r.unitOf(n)
	if r.Interrupt.Received() != nil || ctx.Err() != nil {
		r.pass(NodeResult{Node: n, Outcome: Interrupted, Err: ErrInterrupted}, ErrInterrupted.Error())
		return false
	}
	start := r.Now()
	if n.Change == planner.Maybe {
		needed, err := u.needed(ctx)
		if err == nil && !needed {
			r.pass(NodeResult{Node: n, Outcome: Unchanged}, "unchanged")
			return true
		}
		// If it cannot be told, running it shows what is wrong.
	}
	r.mu.Lock()
	r.result.Started++
	r.mu.Unlock()
	r.emit(Event{Kind: Started, Node: n.Address, Release: u.m.QualifiedID()})
	err := u.execute(ctx)
	if !u.reported || u.done && err != nil { // or what came after it was done failed
		r.history.later(u.finished(err))
	}
	result := NodeResult{Node: n, Outcome: Done, Err: err, Duration: r.Now().Sub(start), Archive: u.archive}
	at := u.culprit()
	e := Event{Kind: Finished, Node: n.Address, Sections: at.sections, Release: at.m.QualifiedID(), Err: err, Duration: result.Duration}
	switch {
	case errors.Is(err, ErrInterrupted):
		result.Outcome, e.Kind = Interrupted, Stopped
	case err != nil:
		result.Outcome, e.Kind = HasFailed, Failed
	}
	r.record(result)
	r.emit(e)
	return err == nil
}

// neighbour returns the node before (-1) or after (+1) n in the order, or nil.
func (r *runner) neighbour(n *planner.Node, step int) *planner.Node {
	if i := slices.Index(r.order, n) + step; i >= 0 && i < len(r.order) {
		return r.order[i]
	}
	return nil
}

// interruptible returns a context that ends with the interrupt of the run, for work that no script does.
func (r *runner) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	first, _ := r.Interrupt.channels()
	if first != nil {
		go func() {
			select {
			case <-first:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// Reject records that a request failed before any of its nodes could start, for a stage of a deployment that exists; of one
// that does not, nothing is recorded. The status becomes the failure status of the action, with the text of cause.
func Reject(ctx context.Context, s Session, environment, deployment string, action *planner.Action, stage state.StageName, cause error, now time.Time) error {
	path, err := state.ParsePath(deployment)
	if err != nil || action.Failed == "" {
		return err
	}
	at := state.Address{Environment: environment, Path: path}
	if _, ok := s.State().Stage(at, stage); !ok {
		return nil
	}
	return s.Commit(ctx, state.Batch{Changes: []state.Change{
		state.PutStatus{Address: at, Stage: stage, Status: state.Status{Code: action.Failed, UpdatedAt: now, Data: cause.Error()}},
	}})
}
