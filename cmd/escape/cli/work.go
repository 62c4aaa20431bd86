package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/fetch"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// workFlags are the flags of commands that plan or run actions on the deployment of a plan.
type workFlags struct {
	planStateFlags
	extraFlags
	unset    values
	takeOver bool
	lockTimeout
}

func (f *workFlags) add(cmd *cobra.Command) {
	f.planStateFlags.add(cmd)
	f.extraFlags.add(cmd)
	cmd.Flags().Var(&f.unset, "unset", "Forget a recorded input; may be given several times")
	f.lockTimeout.add(cmd)
	cmd.Flags().BoolVar(&f.takeOver, "take-over", false, "Replace a deployment of another package")
}

// A work is what a command that plans or runs actions has gathered before it starts.
type work struct {
	app         *app
	flags       *workFlags
	profile     *config.EscapeConfigProfile
	store       state.Store
	tree        *planner.Tree
	environment string
	deployment  string
	vars        map[string]any
	providers   map[string]string
	sections    []string // of the log, around everything that runs
	recompile   func(context.Context) (*release.Metadata, error)
}

// newWork checks the flags, compiles the plan and opens the state; nothing is written but fetched packages and, with
// create, a missing configuration file.
func (a *app) newWork(ctx context.Context, f *workFlags, create bool) (*work, error) {
	w, err := a.prepareWork(f, create)
	if err != nil {
		return nil, err
	}
	if err := w.usePlan(ctx); err != nil {
		return nil, err
	}
	return w, w.useExtras()
}

// newWorkOn is newWork for the plan or, if there is an argument, for the release that it names.
func (a *app) newWorkOn(cmd *cobra.Command, f *workFlags, create bool, args []string) (*work, error) {
	if len(args) == 0 {
		w, err := a.newWork(cmd.Context(), f, create)
		return w, orRelease(err, cmd.CommandPath()+" RELEASE")
	}
	ids, err := releaseIDs(cmd, args)
	if err != nil {
		return nil, err
	}
	w, err := a.prepareWork(f, create)
	if err != nil {
		return nil, err
	}
	if err := w.useRelease(cmd.Context(), ids[0]); err != nil {
		return nil, err
	}
	return w, w.useExtras()
}

// newReleaseWork is newWork for releases instead of the plan. Which one it is about has to be said with useRelease.
func (a *app) newReleaseWork(f *workFlags) (*work, error) {
	w, err := a.prepareWork(f, true)
	if err != nil {
		return nil, err
	}
	return w, w.useExtras()
}

// prepareWork checks the flags and opens the state.
func (a *app) prepareWork(f *workFlags, create bool) (*work, error) {
	w := &work{app: a, flags: f, environment: f.environment, deployment: f.deployment}
	var err error
	if w.profile, err = a.profile(create); err != nil {
		return nil, err
	}
	if err := checkEnvironment(f.environment); err != nil {
		return nil, err
	}
	if err := checkDeployment(f.deployment); err != nil {
		return nil, err
	}
	w.store, err = a.openState(f.stateFlags, f.remoteFlag, f.environment, w.profile)
	return w, err
}

// usePlan compiles the plan and fetches what it depends on.
func (w *work) usePlan(ctx context.Context) error {
	w.recompile = func(ctx context.Context) (*release.Metadata, error) {
		return w.app.compile(ctx, w.flags.plan, w.flags.file, w.profile)
	}
	m, err := w.recompile(ctx)
	if err != nil {
		return err
	}
	return w.use(ctx, m, w.app.env.Dir)
}

// useRelease fetches a release into the folder deps, with all that it depends on.
func (w *work) useRelease(ctx context.Context, id release.ID) error {
	r := w.app.resolver(w.profile)
	r.moveOut()
	id, err := r.resolve(ctx, id)
	if err != nil {
		return err
	}
	m, err := r.fetch(ctx, w.app.env.Dir, id, id.String(), silent)
	if err != nil {
		return err
	}
	return w.use(ctx, m, fetch.Dir(w.app.env.Dir, id))
}

// use makes a release what the command works on.
func (w *work) use(ctx context.Context, m *release.Metadata, dir string) error {
	var err error
	if w.tree, err = w.app.resolver(w.profile).tree(ctx, m, dir); err != nil {
		return err
	}
	if w.deployment = w.flags.deployment; w.deployment == "" {
		w.deployment = m.VersionlessID()
	}
	return nil
}

// useExtras reads the values and providers of the flags.
func (w *work) useExtras() error {
	a, f := w.app, w.flags
	var err error
	if w.vars, err = run.ParseVars(f.vars, a.env.readFile); err != nil {
		return unnamedFile(err, f.vars)
	}
	if _, ok := w.vars[""]; ok {
		delete(w.vars, "")
		a.warning("-v: there is no name before \"=\", so the value is not used")
	}
	if w.providers, err = run.ParseProviders(f.providers, a.env.readFile); err != nil {
		return unnamedFile(err, f.providers)
	}
	return nil
}

// unnamedFile adds to an error about the values of a flag which one lacks the name of its file.
func unnamedFile(err error, args []string) error {
	for _, arg := range args {
		if arg == "@" || strings.HasSuffix(arg, "=@") {
			return &reported{err: err, detail: fmt.Sprintf("  there is no file name after \"@\" in '%s'\n", arg)}
		}
	}
	return err
}

// lock takes the lease on the state for an operation. It waits for the lease as long as the flags say, or until a signal
// comes.
func (w *work) lock(ctx context.Context, operation string) (state.Session, error) {
	session, err := w.takeLease(ctx, operation)
	if err == nil {
		w.warnRunning(session.Interrupted())
	}
	return session, err
}

// look reads the state of the deployment without a lock.
func (w *work) look(ctx context.Context) (*state.View, error) {
	view, err := w.app.look(ctx, w.store)
	if err == nil {
		w.warnRunning(view.Interrupted)
	}
	return view, err
}

// warnRunning warns of stages of the deployment that are recorded as running on a server. With a file, the lease tells that
// nobody is at work on them; a server has none.
func (w *work) warnRunning(places []state.Place) {
	if w.flags.remote == "" {
		return
	}
	for _, p := range places {
		if p.Path.Root() == w.deployment && p.Environment == w.flags.environment {
			w.app.warning(fmt.Sprintf("the server says that %s is in status %s since %s; it has no lock, so make sure that nobody is at work on it",
				p.Path, p.Status.Code, p.Status.UpdatedAt.Format(time.RFC3339)))
		}
	}
}

func (w *work) takeLease(ctx context.Context, operation string) (state.Session, error) {
	r := state.Request{Operation: operation}
	if w.flags.wait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.flags.wait)
		defer cancel()
		interrupt := run.NewInterrupt()
		stop := w.app.interruptible(interrupt, cancel)
		defer stop()
		r.Wait = true
		r.Waiting = func(l state.Lease) {
			w.app.log.Log(logs.Entry{Key: "state.waiting", Values: map[string]string{"holder": l.Holder(), "timeout": w.flags.wait.String()}})
		}
		session, err := w.store.Lock(ctx, r)
		if s := interrupt.Received(); s != nil && err != nil {
			return nil, &statusError{signalStatus(s), errors.New("interrupted while waiting for the state; nothing ran")}
		}
		return session, lockError(err, w.flags.wait)
	}
	session, err := w.store.Lock(ctx, r)
	return session, lockError(err, 0)
}

// lockError gives an error about a locked state its status, and says how to wait.
func lockError(err error, waited time.Duration) error {
	if !errors.Is(err, state.ErrLocked) {
		return err
	}
	hint := "  --lock-timeout 5m waits until it is free, for five minutes at most\n"
	if waited > 0 {
		hint = fmt.Sprintf("  it was not free within --lock-timeout %s\n", waited)
	}
	return &statusError{exitLocked, &reported{err: err, detail: hint}}
}

// checkUnset warns of names in --unset under which nothing is recorded.
func (w *work) checkUnset(s *state.State) {
	if len(w.flags.unset) == 0 {
		return
	}
	d, ok := s.Lookup(state.Address{Environment: w.environment, Path: state.Path{w.deployment}})
	var known []string
	if ok {
		for _, stage := range d.Stages {
			known = append(known, slices.Collect(maps.Keys(stage.Inputs))...)
		}
	}
	for _, id := range w.flags.unset {
		if slices.Contains(known, id) {
			continue
		}
		text := fmt.Sprintf("--unset %s: no such input is recorded for %s in environment %s", id, w.deployment, w.environment)
		if near, ok := diag.Nearest(id, known); ok {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
		w.app.warning(text)
	}
}

// request is what the flags ask of the planner.
func (w *work) request() planner.Request {
	return planner.Request{
		Environment: w.environment,
		Deployment:  w.deployment,
		TakeOver:    w.flags.takeOver,
		Providers:   w.providers,
	}
}

// options are the outside world of a run.
func (w *work) options() run.Options {
	env := w.app.env
	return run.Options{
		Environ:       env.Environ,
		Now:           env.Now,
		Dir:           w.tree.Dir,
		ConfigDir:     env.places().AppDir(),
		Vars:          w.vars,
		Unset:         w.flags.unset,
		EscapeVersion: Version,
		Package:       w.app.resolver(w.profile).pkg,
		Recompile:     w.recompile,
		Sections:      w.sections,
	}
}

// interruptible passes the signals of the process on to i until stop is called, and calls the functions for each.
func (a *app) interruptible(i *run.Interrupt, also ...func()) (stop func()) {
	if a.env.Signals == nil {
		return func() {}
	}
	signals, end := a.env.Signals()
	done := make(chan struct{})
	go func() { // ends with stop
		for {
			select {
			case s := <-signals:
				i.Signal(s)
				for _, fn := range also {
					fn()
				}
			case <-done:
				return
			}
		}
	}()
	return func() { end(); close(done) }
}

// signalStatus is the exit status of a run that a signal ended.
func signalStatus(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return exitSignal + int(n)
	}
	return exitError
}
