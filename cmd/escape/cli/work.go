package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// workFlags are the flags of commands that plan or run actions on the deployment of a plan.
type workFlags struct {
	planStateFlags
	extraFlags
	unset    values
	takeOver bool
}

func (f *workFlags) add(cmd *cobra.Command) {
	f.planStateFlags.add(cmd)
	f.extraFlags.add(cmd)
	cmd.Flags().Var(&f.unset, "unset", "Forget a recorded input; may be given several times")
	cmd.Flags().BoolVar(&f.takeOver, "take-over", false, "Replace a deployment of another package")
}

// A work is what a command that plans or runs actions has gathered before it starts.
type work struct {
	app        *app
	flags      *workFlags
	profile    *config.EscapeConfigProfile
	store      *state.FileStore
	m          *release.Metadata
	deployment string
	vars       map[string]any
	providers  map[string]string
}

// newWork checks the flags, compiles the plan and opens the state; nothing is written but, with create, a missing
// configuration file.
func (a *app) newWork(ctx context.Context, f *workFlags, create bool) (*work, error) {
	w := &work{app: a, flags: f}
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
	if w.store, err = a.openState(f.stateFlags, f.remote, w.profile.StatePath); err != nil {
		return nil, err
	}
	if w.m, err = a.compile(ctx, f.plan, f.file, w.profile); err != nil {
		return nil, err
	}
	if w.deployment = f.deployment; w.deployment == "" {
		w.deployment = w.m.VersionlessID()
	}
	if w.vars, err = run.ParseVars(f.vars, a.env.readFile); err != nil {
		return nil, err
	}
	if w.providers, err = run.ParseProviders(f.providers, a.env.readFile); err != nil {
		return nil, err
	}
	return w, nil
}

// lock takes the lease on the state for an operation.
func (w *work) lock(ctx context.Context, operation string) (state.Session, error) {
	session, err := w.store.Lock(ctx, state.Request{Operation: operation})
	if errors.Is(err, state.ErrLocked) {
		return nil, &statusError{exitLocked, err}
	}
	return session, err
}

// request is what the flags ask of the planner.
func (w *work) request() planner.Request {
	return planner.Request{
		Environment: w.flags.environment,
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
		Dir:           env.Dir,
		ConfigDir:     env.places().AppDir(),
		Vars:          w.vars,
		Unset:         w.flags.unset,
		EscapeVersion: Version,
		Provider:      w.providerPackage,
		Recompile: func(ctx context.Context) (*release.Metadata, error) {
			return w.app.compile(ctx, w.flags.plan, w.flags.file, w.profile)
		},
	}
}

// providerPackage finds the package that a provider was deployed from: it has to lie unpacked below "deps".
func (w *work) providerPackage(_ context.Context, id string) (*release.Metadata, string, error) {
	r, err := release.ParseID(id)
	if err != nil {
		return nil, "", err
	}
	folder := filepath.Join("deps", r.Namespace, r.Name)
	dir := filepath.Join(w.app.env.Dir, folder)
	m, err := release.ReadFile(filepath.Join(dir, "release.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("there is no package of %s in %s", id, folder)
	}
	if err != nil {
		return nil, "", err
	}
	if !r.Constraint.Matches(release.Version(m.Version)) {
		return nil, "", fmt.Errorf("the package in %s is v%s, not %s", folder, m.Version, id)
	}
	return m, dir, nil
}

// interruptible passes the signals of the process on to an Interrupt until stop is called.
func (a *app) interruptible() (i *run.Interrupt, stop func()) {
	i = run.NewInterrupt()
	if a.env.Signals == nil {
		return i, func() {}
	}
	signals, end := a.env.Signals()
	done := make(chan struct{})
	go func() { // ends with stop
		for {
			select {
			case s := <-signals:
				i.Signal(s)
			case <-done:
				return
			}
		}
	}()
	return i, func() { end(); close(done) }
}

// signalStatus is the exit status of a run that a signal ended.
func signalStatus(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return exitSignal + int(n)
	}
	return exitError
}
