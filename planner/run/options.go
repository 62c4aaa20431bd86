package run

import (
	"context"
	"net/http"
	"os"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A Session is the part of state.Session that a run needs.
type Session interface {
	// State returns the state as of the last commit.
	State() *state.State
	// Commit records changes so that they outlive a crash, or returns an error and records nothing.
	Commit(ctx context.Context, b state.Batch) error
}

// Options are the outside world of a run. The zero value, with a Session, runs real programs in the working directory
// and tells nobody.
type Options struct {
	Session Session
	Events  Sink
	// Exec starts programs; nil means RunProcess.
	Exec Exec
	// Environ is what scripts inherit, as from os.Environ.
	Environ []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Dir is the directory of the package; empty means the working directory.
	Dir string
	// TempDir is where inline scripts are written; empty means the system's.
	TempDir string
	// ConfigDir is the application configuration directory, whose folder .bin stands first in the PATH of scripts; empty
	// means there is none.
	ConfigDir string
	// HTTP fetches downloads; nil means http.DefaultClient.
	HTTP *http.Client
	// Interrupt ends the run early; nil means that only the context does.
	Interrupt *Interrupt
	// Grace and OutputGrace override the constants of the same names if not zero.
	Grace, OutputGrace time.Duration
	// Workers is how many nodes may run at the same time; less than 1 means 1.
	Workers int
	// Vars are input values of the user for this and later runs. They are recorded once they have passed all checks.
	Vars map[string]any
	// Unset are recorded input values of the user to be forgotten.
	Unset []string
	// Recompile compiles the plan again. It is called after a build, which may have made files; nil means that the
	// release stays as it is.
	Recompile func(context.Context) (*release.Metadata, error)
	// Package makes the package of a release available below the folder deps of base, and returns its metadata and the
	// directory it is unpacked in. log takes the entries which tell about that. nil means that packages of other releases
	// are not available.
	Package func(ctx context.Context, base string, id release.ID, log Logger) (*release.Metadata, string, error)
	// Links are the providers the user asked for; only a Planning reads them, since a graph holds its own.
	Links map[string]string
	// Sections are open around the whole run.
	Sections []string
	// Force lets the action package replace an archive.
	Force bool
	// Uber makes the action package add the packages of dependencies and extensions.
	Uber bool
	// EscapeVersion is the value of inputs of type client.
	EscapeVersion string
	// RunID and User are recorded with revisions.
	RunID, User string
}

// A Logger takes an entry of the log: its key and values.
type Logger func(key string, values map[string]string)

// A Result says how a run went.
type Result struct {
	// Nodes are the nodes in the order in which they ended.
	Nodes []NodeResult
	// Signal is what interrupted the run; nil if nothing did or everything was done all the same. A command that was
	// interrupted exits with 128 plus its number.
	Signal os.Signal
	// Started is how many nodes did anything.
	Started int
}

// An Outcome says what became of a node.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"
	Unchanged   Outcome = "unchanged" // it did not have to run
	NotDone     Outcome = "skipped"   // something it waits for failed
	HasFailed   Outcome = "failed"
	Interrupted Outcome = "interrupted" // it was stopped, or not started any more
)

// A NodeResult says how a node went.
type NodeResult struct {
	Node     *planner.Node
	Outcome  Outcome
	Err      error         // HasFailed and Interrupted
	Because  *planner.Node // NotDone: the node that failed
	Duration time.Duration
	// Archive is what the action package made.
	Archive string
}

// Count returns how many nodes had the outcome.
func (r *Result) Count(o Outcome) (n int) {
	for _, node := range r.Nodes {
		if node.Outcome == o {
			n++
		}
	}
	return n
}
