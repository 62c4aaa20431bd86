package run

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"escape.build/escape/planner/state"
)

// A history records the events of a run in the journal of its session. Most of them wait for the next commit, which has
// to happen anyway. A run that commits nothing leaves no trace. A nil history records nothing.
type history struct {
	session Session
	run     string
	now     func() time.Time
	earlier []state.RunLog // runs that did not end; nobody works on them any more

	mu      sync.Mutex
	start   state.Event
	started bool          // start was recorded
	settles bool          // a timer will settle
	pending []state.Event // of the next commit
}

// newHistory prepares the events of a run.
func newHistory(o *Options) *history {
	if o.Session == nil {
		return nil
	}
	h := &history{session: o.Session, run: o.RunID, now: o.Now}
	if h.run == "" {
		h.run = rand.Text()
	}
	if s, ok := o.Session.(interface{ Runs() []state.RunLog }); ok {
		h.earlier = slices.DeleteFunc(slices.Clone(s.Runs()), func(l state.RunLog) bool { return l.Run == h.run })
	}
	data := map[string]any{}
	if o.User != "" {
		data["user"] = o.User
	}
	if s, ok := o.Session.(interface{ Lease() state.Lease }); ok {
		lease := s.Lease()
		if lease.Operation != "" {
			data["command"] = lease.Operation
		}
		if o.User == "" && lease.User != "" {
			data["user"] = lease.User
		}
	}
	h.start = state.Event{Kind: state.RunStarted, Data: data, At: o.Now()}
	return h
}

// later records an event with the next commit, whoever makes it.
func (h *history) later(e state.Event) {
	if h == nil {
		return
	}
	e.At = h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pending = append(h.pending, e)
}

// commit records a batch and what waited for it.
func (h *history) commit(ctx context.Context, b state.Batch) error {
	for i := range b.Events {
		b.Events[i].At = h.now()
	}
	h.mu.Lock()
	first := !h.started
	waiting := h.pending
	h.pending = nil
	if first { // nothing may be recorded before the start
		defer h.mu.Unlock()
		waiting = append([]state.Event{h.start}, waiting...)
	} else {
		h.mu.Unlock()
	}
	b.Events = append(waiting, b.Events...)
	for i := range b.Events {
		if b.Events[i].Run == "" {
			b.Events[i].Run = h.run
		}
	}
	err := h.session.Commit(ctx, b)
	switch {
	case err == nil && first:
		h.started = true
	case err != nil && first:
		h.pending = waiting[1:]
	case err != nil:
		h.mu.Lock()
		h.pending = append(waiting, h.pending...)
		h.mu.Unlock()
	}
	return err
}

// soon is how long what was finished may be kept only by the system, and not yet by the disk, while no script starts.
const soon = 10 * time.Millisecond

// finish is commit for what has come to its end. It reaches the disk together with the start of what comes next: before
// any other script starts, or soon.
func (h *history) finish(ctx context.Context, b state.Batch) error {
	_, b.Later = h.syncer()
	if err := h.commit(ctx, b); err != nil || !b.Later {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.settles {
		h.settles = true
		time.AfterFunc(soon, func() {
			h.mu.Lock()
			h.settles = false
			h.mu.Unlock()
			_ = h.settle() // the session knows if it failed, and writes everything anew
		})
	}
	return nil
}

// settle makes what was finished survive a power cut.
func (h *history) settle() error {
	if s, ok := h.syncer(); ok {
		return s.Sync()
	}
	return nil
}

// syncer returns the session if it can be told to bring to the disk what was committed for later.
func (h *history) syncer() (s interface{ Sync() error }, ok bool) {
	if h == nil {
		return nil, false
	}
	s, ok = h.session.(interface{ Sync() error })
	return s, ok
}

// process records that the script of a step runs now. What it cannot record is not worth ending the script for: the next
// commit will tell, and only after a crash is it missed.
func (h *history) process(ctx context.Context, node, step string, p state.Process) {
	if h == nil {
		return
	}
	_ = h.commit(context.WithoutCancel(ctx), state.Batch{Events: []state.Event{{Kind: state.NodeProcess, Node: node, Step: step, Process: p}}})
}

// attempt returns the number of the next attempt of a node: those of earlier runs count as long as none came to its end.
func (h *history) attempt(node string) int {
	last := 0
	if h != nil {
		for _, l := range h.earlier {
			last = max(last, unfinished(l)[node])
		}
	}
	return last + 1
}

// unfinished returns the nodes of a run that began and did not come to their end, with the number of the last attempt.
func unfinished(l state.RunLog) map[string]int {
	open := map[string]int{}
	for _, e := range l.Events {
		switch {
		case e.Kind == state.NodeStarted:
			open[e.Node] = max(open[e.Node], e.Attempt)
		case e.Kind == state.NodeFinished && e.Step == "":
			delete(open, e.Node)
		}
	}
	return open
}

// end records that the run is over, and earlier runs with it of which nothing is left to do. Only what was finished waits
// for the disk: if the machine stops now, the next run finds nothing to do but this.
func (h *history) end(ctx context.Context) {
	if h == nil {
		return
	}
	_ = h.settle() // if it failed, closing the session tells
	h.mu.Lock()
	var events []state.Event
	if h.started {
		events = append(h.pending, state.Event{Kind: state.RunEnded, Run: h.run})
	}
	h.pending = nil
	h.mu.Unlock()
	if len(h.earlier) > 0 {
		running := h.session.State().Running()
		for _, l := range h.earlier {
			if !slices.ContainsFunc(running, func(p state.Place) bool { return concerns(l, p) }) {
				events = append(events, state.Event{Kind: state.RunEnded, Run: l.Run})
			}
		}
	}
	if len(events) == 0 {
		return
	}
	for i := range events {
		if events[i].Run == "" {
			events[i].Run = h.run
		}
		if events[i].At.IsZero() {
			events[i].At = h.now()
		}
	}
	_ = h.session.Commit(context.WithoutCancel(ctx), state.Batch{Events: events}) // if it fails, closing the session tells
}

// concerns reports whether a run left a node of this deployment unfinished.
func concerns(l state.RunLog, p state.Place) bool {
	for node := range unfinished(l) {
		if strings.HasPrefix(node, p.Environment+"/"+p.Path.String()+"#") {
			return true
		}
	}
	return false
}

// digestOf names values without telling them. Secrets are left out, since they could be guessed.
func (u *unit) digestOf(values map[string]any) string {
	public := map[string]any{}
	for id, v := range values {
		if !u.secrets.has(id) && !strings.HasPrefix(id, "PREVIOUS_") {
			public[id] = v
		}
	}
	text, err := json.Marshal(public)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// starting is the event that precedes the script of a step.
func (u *unit) starting(step string) state.Event {
	if u.attempt == 0 {
		u.attempt = u.run.history.attempt(u.node.Address)
	}
	return state.Event{Kind: state.NodeStarted, Node: u.node.Address, Step: step, Attempt: u.attempt, Inputs: u.digestOf(u.inputs)}
}

// ended is the event that follows the script of a step.
func (u *unit) ended(step string, err error) state.Event {
	e := state.Event{Kind: state.NodeFinished, Node: u.node.Address, Step: step, Attempt: u.attempt, Exit: exitCode(err)}
	if err != nil {
		e.Error = u.secrets.mask(err.Error())
	}
	return e
}

// finished is the event that ends the node. err is masked.
func (u *unit) finished(err error) state.Event {
	u.reported = true
	e := state.Event{Kind: state.NodeFinished, Node: u.node.Address, Attempt: u.attempt, Outputs: u.digestOf(u.outputs)}
	if err != nil {
		e.Error, e.Outputs, e.Exit = err.Error(), "", -1
		var script *scriptError
		if is(err, &script) {
			e.Exit = exitCode(script.reason)
		}
	}
	return e
}
