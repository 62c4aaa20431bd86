package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"escape.build/escape/planner/state"
)

// Options say how to reach a server.
type Options struct {
	Server             string // address, such as https://escape.example.org
	Token              string // sent in X-Escape-Token, also if empty
	Username, Password string // for basic authentication; sent if there is a password
	InsecureSkipVerify bool   // accept any certificate
	UserAgent          string

	Clock state.Clock // nil means the clock of the system
	// Transport sends the requests; nil means one that waits only so long for a connection and for an answer.
	Transport http.RoundTripper
}

// A Store keeps one environment of a project on a server.
type Store struct {
	project, environment string
	options              Options
	base                 string // of the server, with a slash at the end
	shown                string // base for messages: without a password
	client               http.Client
	clock                state.Clock
}

var _ state.Store = (*Store)(nil)

// Open returns the store of an environment. Nothing is sent yet. Errors are a *state.NameError, or say that the address of
// the server is none.
func Open(project, environment string, o Options) (*Store, error) {
	if err := state.CheckProjectName(project); err != nil {
		return nil, err
	}
	if err := state.CheckEnvironmentName(environment); err != nil {
		return nil, err
	}
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the server for remote state has the address %q; it must be like https://escape.example.org", o.Server)
	}
	slashed := func(address string) string { return strings.TrimSuffix(address, "/") + "/" }
	s := &Store{project: project, environment: environment, options: o, base: slashed(o.Server), shown: slashed(u.Redacted()), clock: o.Clock}
	s.options.Token = strings.TrimSpace(o.Token)
	if s.clock == nil {
		s.clock = systemClock{}
	}
	s.client = http.Client{Transport: o.Transport, CheckRedirect: redirect}
	if s.client.Transport == nil {
		s.client.Transport = transport(o.InsecureSkipVerify)
	}
	return s, nil
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Location names project and server.
func (s *Store) Location() string { return "project " + s.project + " at " + s.shown }

// View returns what the server knows now. There is never a lease.
func (s *Store) View(ctx context.Context) (*state.View, error) {
	l, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return &state.View{State: l.state, Interrupted: l.state.Running()}, nil
}

// Lock returns a session on what the server knows now. It never waits: there is no lock.
func (s *Store) Lock(ctx context.Context, r state.Request) (state.Session, error) {
	l, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return &session{
		store: s, state: l.state, interrupted: l.state.Running(), revision: l.revision, lost: make(chan struct{}),
		lease: state.Lease{User: r.User, Run: r.Run, Operation: r.Operation, Since: s.clock.Now().UTC()},
	}, nil
}

// Unlock returns state.ErrNotLocked.
func (s *Store) Unlock(context.Context, string) error {
	return fmt.Errorf("unlock state of %s: %w", s.Location(), state.ErrNotLocked)
}

// loaded is what the server knows.
type loaded struct {
	state    *state.State
	revision string // of the environment; "" if the server does not tell
}

func (s *Store) load(ctx context.Context) (*loaded, error) {
	a, err := s.get(ctx, s.environmentURL()+"?full=true")
	if err != nil {
		return nil, err
	}
	st, err := state.DecodeEnvironment(s.project, s.environment, a.body, s.clock.Now())
	if err != nil {
		return nil, s.unreadable(err)
	}
	return &loaded{st, a.revision}, nil
}

// unreadable returns the error for a document that cannot be used. Its text is the reason alone, as in the original.
func (s *Store) unreadable(err error) error {
	e := &Error{Text: err.Error(), Err: err}
	where := "of environment " + s.environment
	var d *state.DocumentError
	if errors.As(err, &d) {
		e.Text = d.Err.Error()
		where = fmt.Sprintf("line %d, column %d", d.Line, d.Column)
		if d.Node != "" {
			where += ", " + d.Node
		}
	}
	e.Hint = fmt.Sprintf("so reads the state that %s sent (%s); nothing was changed", s.shown, where)
	return e
}

func (s *Store) environmentURL() string {
	return s.base + "api/v1/state/" + url.PathEscape(s.project) + "/environments/" + url.PathEscape(s.environment) + "/"
}

// deploymentURL is the address of a root deployment.
func (s *Store) deploymentURL(name string) string {
	return s.environmentURL() + "deployments/?deployment=" + url.QueryEscape(name)
}
