package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"escape.build/escape/planner/state"
)

// A session is a state.Session of a Store.
type session struct {
	store       *Store
	state       *state.State
	lease       state.Lease
	interrupted []state.Place
	lost        chan struct{} // closed by a conflict

	mu       sync.Mutex // guards what follows; held for the whole of a commit, so that saves arrive in order
	revision string     // of the environment, as the server last told; "" if it did not
	conflict error
	closed   bool
}

// State returns what was loaded, with all commits of this session.
func (s *session) State() *state.State { return s.state }

// Lease says who works here, to whom it may concern; it protects nothing.
func (s *session) Lease() state.Lease { return s.lease }

// Recovered returns nothing.
func (s *session) Recovered() state.Recovered { return state.Recovered{} }

// Interrupted returns the stages that were running according to what was loaded.
func (s *session) Interrupted() []state.Place { return s.interrupted }

// Runs returns nothing: the server does not keep them.
func (s *session) Runs() []state.RunLog { return nil }

// Lost is closed when somebody else changed the environment.
func (s *session) Lost() <-chan struct{} { return s.lost }

// Close ends the session. Everything that was committed is on the server already.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Commit sends what the changes of b change, one call after the other. After an error State holds what was sent before
// the call that failed. Errors: an *Error, whose cause is state.ErrConflict if somebody else changed the environment;
// state.ErrClosed; a *state.NameError or another reason for which nothing was sent.
func (s *session) Commit(ctx context.Context, b state.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("save state of %s: %w", s.store.Location(), state.ErrClosed)
	}
	if s.conflict != nil {
		return s.conflict
	}
	saves, err := s.saves(b.Changes)
	if err != nil {
		return fmt.Errorf("save state of %s: %w; nothing was sent", s.store.Location(), err)
	}
	for _, save := range saves {
		if err := s.send(ctx, save); err != nil {
			return err
		}
		if err := s.state.Apply(save.changes...); err != nil { // they were tried before
			return err
		}
	}
	return nil
}

// A save is one call, and the changes it records.
type save struct {
	node    state.Address // what is sent; of a root deployment that is gone, only the path counts
	gone    bool          // the root deployment is to be removed
	silent  bool          // nothing has to be sent
	body    []byte
	changes []state.Change
}

// saves returns the calls that record the changes. Nothing is sent, and s.state stays as it is.
func (s *session) saves(changes []state.Change) ([]*save, error) {
	after := s.state.Clone()
	var all []*save
	for _, c := range changes {
		next, err := s.target(after, c)
		if err != nil {
			return nil, err
		}
		if err := after.Apply(c); err != nil {
			return nil, err
		}
		if last := len(all) - 1; last >= 0 && all[last].joins(next) {
			next.changes = all[last].changes
			all = all[:last]
		}
		next.changes = append(next.changes, c)
		if !next.gone && !next.silent {
			if next.body, err = body(after, next.node); err != nil {
				return nil, err
			}
		}
		all = append(all, next)
	}
	return all, nil
}

// joins reports whether next, coming after a, can be sent instead of both.
func (a *save) joins(next *save) bool {
	return a.gone == next.gone && a.silent == next.silent && slices.Equal(a.node.Path, next.node.Path) && a.node.RootStage == next.node.RootStage
}

// target says what has to be sent for a change of s.
func (s *session) target(before *state.State, c state.Change) (*save, error) {
	switch c := c.(type) {
	case state.PutDeployment:
		return s.put(before, c.Address)
	case state.PutStage:
		return s.put(before, c.Address)
	case state.PutStatus:
		return s.put(before, c.Address)
	case state.AddRevision:
		return s.put(before, c.Address)
	case state.DeleteDeployment:
		return s.remove(before, c.Address)
	case state.PutEnvironment:
		if err := s.here(c.Environment); err != nil {
			return nil, err
		}
		if old := before.Environment(c.Environment).Inputs(); len(old)+len(c.Inputs) > 0 && !reflect.DeepEqual(old, c.Inputs) {
			return nil, fmt.Errorf("the inputs of environment %q can be changed only on the server", c.Environment)
		}
		return &save{silent: true}, nil
	case state.DeleteEnvironment:
		if err := s.here(c.Environment); err != nil {
			return nil, err
		}
		if before.Environment(c.Environment).Exists() {
			return nil, fmt.Errorf("environment %q can be removed only on the server", c.Environment)
		}
		return &save{silent: true}, nil
	}
	return nil, fmt.Errorf("no call for a change of type %T", c)
}

// here refuses other environments than the one that was loaded.
func (s *session) here(environment string) error {
	if environment != s.store.environment {
		return fmt.Errorf("environment %q was not loaded, only %q", environment, s.store.environment)
	}
	return nil
}

// put says what has to be sent if the node at a changes: that node or, if it is new, its topmost new parent.
func (s *session) put(before *state.State, a state.Address) (*save, error) {
	if err := s.check(a); err != nil {
		return nil, err
	}
	for n := 1; n < len(a.Path); n++ {
		if parent := up(a, n); !exists(before, parent) {
			return &save{node: parent}, nil
		}
	}
	return &save{node: up(a, len(a.Path))}, nil
}

// remove says what has to be sent if the node at a goes.
func (s *session) remove(before *state.State, a state.Address) (*save, error) {
	if err := s.check(a); err != nil {
		return nil, err
	}
	if !exists(before, a) {
		return &save{silent: true}, nil
	}
	if len(a.Path) == 1 {
		return &save{node: up(a, 1), gone: true}, nil
	}
	return &save{node: up(a, len(a.Path)-1)}, nil
}

func (s *session) check(a state.Address) error {
	if err := a.Check(); err != nil {
		return err
	}
	return s.here(a.Environment)
}

func exists(s *state.State, a state.Address) bool {
	_, ok := s.Lookup(a)
	return ok
}

// up returns the address of the node with the first n names of a path. The root stage says where it is, so a root
// deployment has none and any other one has it.
func up(a state.Address, n int) state.Address {
	stage := a.RootStage
	if n == 1 {
		stage = ""
	} else if stage == "" {
		stage = state.DeployStage
	}
	return state.Address{Environment: a.Environment, Path: a.Path[:n], RootStage: stage}
}

// body returns what is sent to put a node as it is in s.
func body(s *state.State, node state.Address) ([]byte, error) {
	d, ok := s.Lookup(node)
	if !ok {
		return nil, fmt.Errorf("%s is not there", node)
	}
	text, err := d.JSON()
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Path      string          `json:"path"`
		RootStage state.StageName `json:"root_stage"`
		State     json.RawMessage `json:"state"`
	}{node.Path.String(), node.RootStage, text})
}

// send makes one call.
func (s *session) send(ctx context.Context, c *save) error {
	if c.silent {
		return nil
	}
	r := request{method: http.MethodPut, url: s.store.deploymentURL(c.node.Path.Root()), body: c.body, revision: s.revision, verb: "update"}
	if c.gone {
		r.method, r.verb = http.MethodDelete, "delete"
	}
	a, err := s.store.change(ctx, r)
	if errors.Is(err, state.ErrConflict) {
		s.conflict = err
		close(s.lost)
	}
	if err != nil {
		return err
	}
	s.revision = a.revision
	return nil
}
