package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/lang/diag"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// newRunStep makes a command that always runs the targets, in the way of the original: in their order, one after the
// other. set may adapt the options of the run.
func (a *app) newRunStep(name, short string, f *workFlags, targets func() []planner.Target, set func(*run.Options)) *cobra.Command {
	return &cobra.Command{
		Use:         name,
		Short:       short,
		Args:        noArgs,
		Annotations: map[string]string{logsAreResult: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runSteps(cmd.Context(), cmd.CommandPath(), f, targets(), set)
		},
	}
}

func (a *app) runSteps(ctx context.Context, operation string, f *workFlags, targets []planner.Target, set func(*run.Options)) error {
	w, err := a.newWork(ctx, f, true)
	if err != nil {
		return err
	}
	if len(targets) == 1 && targets[0].Action == planner.ActionPackage {
		return w.runTargets(ctx, nil, targets, set) // needs no state
	}
	session, err := w.lock(ctx, operation)
	if err != nil {
		return err
	}
	err = w.runTargets(ctx, session, targets, set)
	return also(err, session.Close())
}

func (w *work) runTargets(ctx context.Context, session state.Session, targets []planner.Target, set func(*run.Options)) error {
	r := w.request()
	r.Targets, r.Always, r.Nested = targets, true, true
	section := ""
	if len(targets) > 0 {
		section = targets[0].Action.Section
	}
	recorded := state.New(state.DefaultProject)
	if session != nil {
		recorded = session.State()
	}
	secrets := w.storedSecrets(recorded)
	w.checkUnset(recorded)
	graph, list := planner.Build(r, w.tree, planner.View(recorded, r.Environment))
	w.app.warn(list, append(slices.Clone(w.sections), section)...)
	if err := w.requestErrors(list, recorded, targets); err != nil {
		return w.refused(ctx, session, targets, list, err)
	}
	o := w.options()
	if set != nil {
		set(&o)
	}
	sink := &sink{log: w.app.log}
	o.Events = sink.take
	if session != nil {
		o.Session = session
	}
	o.Interrupt = run.NewInterrupt()
	stop := w.app.interruptible(o.Interrupt)
	defer stop()
	result, err := run.Run(ctx, graph, w.tree, o)
	w.noteSecrets(secrets, recorded)
	if err != nil {
		err = sink.failed(err)
	}
	if result.Signal != nil {
		return &statusError{signalStatus(result.Signal), err}
	}
	return err
}

// refused returns the error of actions that cannot begin, with the log as if they had. That a deployment lacks a provider
// is its failure, which is recorded if it is there; a build leaves no trace.
func (w *work) refused(ctx context.Context, session state.Session, targets []planner.Target, list diag.List, err error) error {
	action := targets[0].Action
	sections := append(slices.Clone(w.sections), action.Section)
	id := w.tree.Release.QualifiedID()
	w.app.log.Log(logs.Entry{Key: action.Start, Sections: sections, Release: id})
	err = about(in(err, sections...), id)
	first := slices.IndexFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })
	deploys := slices.ContainsFunc(targets, func(t planner.Target) bool { return cmp.Or(t.Stage, t.Action.Stage) == state.DeployStage })
	if session == nil || !deploys || !lacksProvider(list[first]) {
		return err
	}
	return errors.Join(err, run.Reject(ctx, session, w.environment, w.deployment, action, state.DeployStage, finding(list[first]), w.app.env.Now()))
}

func lacksProvider(d diag.Diagnostic) bool {
	switch d.Code {
	case diag.MissingProvider, diag.AmbiguousProvider, diag.ProviderMissing, diag.ProviderMismatch:
		return true
	}
	return false
}

// A sink turns the events of a run into log lines.
type sink struct {
	log      *logs.Logger
	sections []string // as of the last event: those a failure leaves open
	release  string
}

func (s *sink) take(e run.Event) {
	if e.Kind == run.Skipped {
		return // says nothing about what failed
	}
	s.sections = e.Sections
	if e.Release != "" {
		s.release = e.Release
	}
	if e.Kind == run.Log || e.Kind == run.Output {
		s.log.Log(logs.Entry{Key: e.Key, Values: e.Values, Sections: e.Sections, Release: e.Release})
	}
}

// failed puts an error of the run, or each one of a joined error, where it happened.
func (s *sink) failed(err error) error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range j.Unwrap() {
			all = append(all, s.failed(e))
		}
		return errors.Join(all...)
	}
	return &reported{err: err, sections: s.sections, release: s.release, detail: explanation(err)}
}
