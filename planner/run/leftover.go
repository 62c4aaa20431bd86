package run

import (
	"context"
	"fmt"
	"time"

	"escape.build/escape/planner/state"
)

// A Leftover is a script that still runs though the command that started it is gone.
type Leftover struct {
	Run, Node, Step string
	Since           time.Time
	Process         state.Process // leader of its process group
}

// String says what runs, for people.
func (l Leftover) String() string {
	return fmt.Sprintf("the script of step %q of %s is still running (process group %d, since %s), though the command that started it is gone",
		l.Step, l.Node, l.Process.ID, l.Since.Format(time.RFC3339))
}

// Leftovers returns the scripts of runs nobody works on any more that are still alive on this machine, oldest first. It
// only looks: Run ends them before it starts anything. On systems which do not tell processes apart for certain it finds
// none.
func Leftovers(logs []state.RunLog) []Leftover {
	var found []Leftover
	var here state.Process
	for _, l := range logs {
		for _, e := range running(l) {
			if here.ID == 0 {
				here = state.ThisProcess()
			}
			if e.Process.ID <= 0 || e.Process.Boot != here.Boot || e.Process.Namespace != here.Namespace || !alive(e.Process) {
				continue // another machine, or another boot, container or process of this one
			}
			found = append(found, Leftover{Run: l.Run, Node: e.Node, Step: e.Step, Since: e.At, Process: e.Process})
		}
	}
	return found
}

// running returns the last script of each node whose end is not recorded: the event of its process, or that it was about to
// start if nothing more is known.
func running(l state.RunLog) []state.Event {
	var open []state.Event
	for _, e := range l.Events {
		switch e.Kind {
		case state.NodeStarted, state.NodeFinished, state.NodeProcess:
			for i := range open { // the scripts of a node run one after the other
				if open[i].Node == e.Node {
					open = append(open[:i], open[i+1:]...)
					break
				}
			}
			if e.Kind != state.NodeFinished {
				open = append(open, e)
			}
		}
	}
	return open
}

// endLeftovers ends the scripts that earlier runs left behind, so that none of them works on a deployment at the same
// time as this run. They are asked to end first, and killed when the grace time is over or at an interrupt.
func (r *runner) endLeftovers(ctx context.Context) error {
	if r.history == nil || len(r.history.earlier) == 0 {
		return nil
	}
	for _, l := range r.history.earlier {
		for _, e := range running(l) {
			if e.Process.ID > 0 {
				continue
			}
			r.emit(Event{Kind: Log, Node: e.Node, Step: e.Step, Key: "warning", Values: map[string]string{"warning": fmt.Sprintf(
				"an earlier run was killed at the moment it started the script of step %q of %s; make sure that the script is not running", e.Step, e.Node)}})
			r.history.later(state.Event{Kind: state.NodeFinished, Run: l.Run, Node: e.Node, Step: e.Step, Exit: -1, Error: "not known"})
		}
	}
	left := Leftovers(r.history.earlier)
	if len(left) == 0 {
		return nil
	}
	ctx, cancel := r.interruptible(ctx)
	defer cancel()
	for _, l := range left {
		r.emit(Event{Kind: Log, Node: l.Node, Step: l.Step, Key: "warning", Values: map[string]string{"warning": l.String() + "; it is ended now"}})
	}
	if err := endGroups(ctx, left, orDefault(r.Grace, Grace)); err != nil {
		return fmt.Errorf("end what an earlier run left behind: %w; nothing ran", err)
	}
	for _, l := range left {
		r.history.later(state.Event{Kind: state.NodeFinished, Run: l.Run, Node: l.Node, Step: l.Step, Exit: -1, Error: "ended by run " + r.history.run})
	}
	return nil
}

// processOf describes a program that was just started.
func (r *runner) processOf(pid int) state.Process {
	p := r.here()
	p.ID, p.Started = pid, startOf(pid)
	return p
}
