package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Store keeps the state of one project. Its methods may be called by several goroutines and processes at once.
// Package statetest holds the tests that every store passes.
type Store interface {
	// Location says where the state is kept, for messages.
	Location() string
	// View returns what is recorded now, without a lock: a holder of the lease may go on changing it.
	View(ctx context.Context) (*View, error)
	// Lock takes the lease and returns a session that may change the state. While somebody else holds it the error
	// is a *LockedError (errors.Is ErrLocked), at once or, with r.Wait, when ctx ends.
	Lock(ctx context.Context, r Request) (Session, error)
	// Unlock ends the lease with this token, whoever holds it: the holder's next commit fails with ErrFenced. An
	// error is returned if the lease of the store is another one, or if there is none (ErrNotLocked).
	Unlock(ctx context.Context, token string) error
}

// A Session is the right to change a state for as long as its lease lasts. Its methods may be called by several
// goroutines at once.
type Session interface {
	// State returns the state with all commits of this session. It changes with every commit.
	State() *State
	// Lease returns the lease as it was taken.
	Lease() Lease
	// Recovered says what was left behind by a session before and is part of State now.
	Recovered() Recovered
	// Interrupted returns the stages that were running when the session began: nobody works on them any more.
	Interrupted() []Place
	// Runs returns the runs that were not ended when the session began, oldest first: nobody works on them any more, but
	// their scripts may still run.
	Runs() []RunLog
	// Commit records b, all of it or, with an error, nothing; only if writing to disk fails at the very end may a
	// commit that returned an error be found later. Errors: ErrFenced if the lease was lost, ErrClosed, a *NameError,
	// or what the world did.
	Commit(ctx context.Context, b Batch) error
	// Lost is closed when the lease is found lost: nothing can be recorded any more.
	Lost() <-chan struct{}
	// Close brings the document up to date and gives the lease back. After an error, which is ErrFenced if the lease was
	// lost, everything committed is still recorded and the next session completes it. A second Close does nothing.
	Close() error
}

// A Batch is what one commit records. What runs may be durable before what is merely convenient: see Sync.
type Batch struct {
	Changes []Change
	Events  []Event
	// Sync makes Commit return only when the batch has reached the disk, also if the machine stops. It is implied
	// for a status which says that a main step begins or that a stage came to its end. Other batches survive the end of
	// the process, and reach the disk with the next one that syncs; events alone need no more than that.
	Sync bool
	// Later says that the caller will soon commit what syncs anyway, or call Sync of a session that has it, so that one
	// wait for the disk does for both. Sync wins over it; a Session may ignore it.
	Later bool
}

// mustSync reports whether b has to survive a power cut before Commit returns.
func (b *Batch) mustSync() bool {
	if b.Sync || b.Later {
		return b.Sync
	}
	for _, c := range b.Changes {
		var code StatusCode
		switch c := c.(type) {
		case PutStatus:
			code = c.Status.Code
		case PutStage:
			code = c.Value.Status.Code
		case AddRevision, DeleteDeployment, DeleteEnvironment:
			return true
		}
		switch code {
		case RunningMain, RunningMainDestroy, OK, Empty, Failure, TestFailure, DestroyFailure:
			return true
		}
	}
	return false
}

// A Request says who wants the lease and how.
type Request struct {
	Operation string // the command, such as "escape apply"
	Run       string // ID of the run; may be ""
	User      string // "" means the user of the process
	// Wait makes Lock wait until the lease is free or the context ends.
	Wait bool
	// Waiting is called once if Lock has to wait, with the lease it waits for.
	Waiting func(Lease)
}

// A View is what is recorded at one moment.
type View struct {
	State *State
	// Lease is the live lease at that moment; nil if nobody holds one. With a lease the state may move.
	Lease *Lease
	// Interrupted lists the stages that are recorded as running though nobody works on them.
	Interrupted []Place
	// Runs are the runs that did not end; without a Lease, nobody works on them any more.
	Runs      []RunLog
	Recovered Recovered
}

// A Place is one stage of one deployment.
type Place struct {
	Address
	Stage  StageName
	Status Status
}

// Recovered says what was found beside the document.
type Recovered struct {
	Commits int   // commits that were not in the document yet
	Torn    int64 // bytes of a record whose writing was cut off; they were left out
	Lease   Lease // of the session that left them; zero if there was nothing
}

// Errors that callers decide by.
var (
	ErrLocked    = errors.New("the state is locked")
	ErrNotLocked = errors.New("the state is not locked")
	ErrFenced    = errors.New("the lease on the state was lost")
	ErrClosed    = errors.New("the session is closed")
	// ErrConflict means that the document was changed by somebody who does not take the lease.
	ErrConflict = errors.New("the state was changed by another program")
)

// A Lease is the right to change a state until it expires. Who holds it renews it in time.
type Lease struct {
	Fence     int64  // grows with every lease under which something was written
	Token     string // made up for this lease; no other one has it
	Host      string
	Process   int
	Started   string // tells apart processes with the same number; meaning depends on the system
	Boot      string // boot ID of the host
	Namespace string // of the process number
	User      string
	Run       string
	Operation string
	Since     time.Time
	Expires   time.Time
	TTL       time.Duration
}

// Holder describes who holds the lease, such as `ann on ci-3 (process 4711, "escape apply", run r1)`.
func (l Lease) Holder() string {
	var b strings.Builder
	if l.User != "" {
		b.WriteString(l.User + " on ")
	}
	fmt.Fprintf(&b, "%s (process %d", l.Host, l.Process)
	if l.Operation != "" {
		fmt.Fprintf(&b, ", %q", l.Operation)
	}
	if l.Run != "" {
		b.WriteString(", run " + l.Run)
	}
	return b.String() + ")"
}

func (l Lease) members(o *members) {
	o.integer("fence", l.Fence)
	o.text("token", l.Token, false)
	o.text("host", l.Host, false)
	o.integer("process", int64(l.Process))
	o.text("started", l.Started, false)
	o.text("boot_id", l.Boot, false)
	o.text("namespace", l.Namespace, false)
	o.text("user", l.User, false)
	o.text("run", l.Run, false)
	o.text("operation", l.Operation, false)
	o.time("since", l.Since, false)
	o.time("expires", l.Expires, false)
	o.integer("ttl_ms", l.TTL.Milliseconds())
}

var leaseKeys = []string{"fence", "token", "host", "process", "started", "boot_id", "namespace", "user", "run",
	"operation", "since", "expires", "ttl_ms"}

func (d *decoder) lease(l *Lease) error {
	var ignored map[string]any
	return d.fields(&ignored, keyIn(leaseKeys), func(field int) error {
		var n int64
		var err error
		switch leaseKeys[field-1] {
		case "fence":
			return d.integer(&l.Fence)
		case "token":
			return d.text(&l.Token)
		case "host":
			return d.text(&l.Host)
		case "process":
			err = d.integer(&n)
			l.Process = int(n)
		case "started":
			return d.text(&l.Started)
		case "boot_id":
			return d.text(&l.Boot)
		case "namespace":
			return d.text(&l.Namespace)
		case "user":
			return d.text(&l.User)
		case "run":
			return d.text(&l.Run)
		case "operation":
			return d.text(&l.Operation)
		case "since":
			return d.time(&l.Since)
		case "expires":
			return d.time(&l.Expires)
		default:
			err = d.integer(&n)
			l.TTL = time.Duration(n) * time.Millisecond
		}
		return err
	})
}

// A LockedError says who holds the lease. errors.Is(err, ErrLocked) holds for it.
type LockedError struct {
	Location string
	Lease    Lease // zero if the lock could not be read
	Err      error // why waiting ended, if Lock waited
}

// Error names the holder and what to do.
func (e *LockedError) Error() string {
	text := fmt.Sprintf("state %s is locked by %s since %s; nothing was changed; wait for it to finish, or if it is gone, "+
		"try again after %s", e.Location, e.Lease.Holder(), e.Lease.Since.Format(time.RFC3339), e.Lease.Expires.Format(time.RFC3339))
	if e.Lease.Token == "" {
		text = fmt.Sprintf("state %s is locked, but its lock cannot be read; nothing was changed; try again in a minute", e.Location)
	}
	if e.Err != nil && !errors.Is(e.Err, context.DeadlineExceeded) {
		text += " (waited: " + e.Err.Error() + ")"
	}
	return text
}

// Is reports whether target is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// Unwrap returns why waiting ended.
func (e *LockedError) Unwrap() error { return e.Err }

// Running returns the stages whose status says that a step is being executed, in order of environment and path.
func (s *State) Running() []Place {
	var places []Place
	for _, env := range s.Environments() {
		e := s.Environment(env)
		for _, name := range e.suspects() {
			if d, ok := e.Deployment(name); ok {
				places = running(places, d, Address{env, Path{name}, ""})
			}
		}
	}
	return places
}

func running(places []Place, d *Deployment, a Address) []Place {
	for _, name := range []StageName{BuildStage, DeployStage} {
		st, ok := d.Stage(name)
		if !ok {
			continue
		}
		if st.Status.Code.Active() {
			places = append(places, Place{a, name, st.Status})
		}
		root := a.RootStage
		if len(a.Path) == 1 {
			root = name
		}
		for _, sub := range sortedKeys(st.Deployments) {
			places = running(places, st.Deployments[sub], Address{a.Environment, a.Path.Child(sub), root})
		}
	}
	return places
}
