package run

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/planner/state"
)

// A scriptError says that a script failed. Its text is that of the original.
type scriptError struct {
	unit   *unit
	step   string
	argv   []string
	reason error
	last   string // last line of its output

	toArgument bool // it is inline and writes to its first argument, which it does not have
}

// toArgument finds the line of a script that writes to its first argument.
var toArgument = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`>[ \t]*"?\$(1\b|\{1\})`) })

func (e *scriptError) Error() string {
	return fmt.Sprintf("Failed to successfully execute command '%s': %v", strings.Join(e.argv, " "), e.reason)
}

func (e *scriptError) Unwrap() error { return e.reason }

// A stepError says in which step something failed that is not its script, and what people should know about it.
type stepError struct {
	error
	step    string
	details []string
}

func (e *stepError) Unwrap() error { return e.error }

// An explainedError carries what people should know besides the text of an error.
type explainedError struct {
	error
	details []string
	whole   bool // there is no more to say, also not about the deployments around it
}

func (e *explainedError) Unwrap() error { return e.error }

// Explain returns further lines about an error of Run, without indentation: what failed where, what is true now, and what
// to do. There may be none.
func Explain(err error) []string {
	var e *explainedError
	if is(err, &e) {
		return e.details
	}
	return nil
}

// explanations returns the lines that Explain knows about err, or about each one of a joined error.
func explanations(err error) []string {
	j, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return slices.Clone(Explain(err))
	}
	var all []string
	for _, e := range j.Unwrap() {
		all = append(all, explanations(e)...)
	}
	return all
}

// explained adds what the unit knows to its error.
func (u *unit) explained(err error) error {
	var inner *explainedError
	if is(err, &inner) && inner.whole {
		return err // a dependency knows better
	}
	var details []string
	what := u.node.Deployment + " in environment " + u.at.Environment
	where := u.node.Action.Name + " of " + what
	failed := func(step string) string {
		if step == u.node.Action.Name {
			return fmt.Sprintf("step %q of %s failed", step, what)
		}
		return fmt.Sprintf("step %q of the %s failed", step, where)
	}
	var lost *commitError
	var missing *notDeployedError
	var script *scriptError
	var step *stepError
	switch {
	case is(err, &lost):
		details = append(details, "the state could not be written during the "+where+"; what it says may be behind what is true",
			"make sure that the state can be written, then run the same command again")
	case is(err, &missing):
		return err
	case errors.Is(err, ErrInterrupted) && u.node.Action.Failed == "":
		details = append(details, where+" was interrupted")
	case errors.Is(err, ErrInterrupted):
		details = append(details, where+" was interrupted; this is recorded as "+string(u.node.Action.Failed),
			"run the same command again to go on")
	case is(err, &script):
		details = append(details, failed(script.step))
		if script.last != "" {
			details = append(details, "last output: "+u.secrets.mask(script.last))
		}
		if script.toArgument {
			details = append(details, "an inline script has no arguments, so $1 is empty; it writes its outputs to "+outputsFile)
		}
		details = append(details, u.aftermath()...)
	case is(err, &step):
		details = append(details, failed(step.step))
		for _, d := range step.details {
			details = append(details, u.secrets.mask(d))
		}
		details = append(details, u.aftermath()...)
	}
	if len(details) == 0 {
		return err
	}
	return &explainedError{err, details, true}
}

// is is errors.As, which also sees through masked errors.
func is[T error](err error, target *T) bool {
	var masked *maskedError
	if errors.As(err, &masked) {
		err = masked.err
	}
	return errors.As(err, target)
}

// aftermath says what is true after a step failed, and what to do.
func (u *unit) aftermath() []string {
	if u.done {
		return []string{"the " + u.node.Action.Name + " itself is done and recorded; its status is " + string(u.record.Status.Code)}
	}
	switch u.node.Action.Failed {
	case state.TestFailure:
		what := "deployed"
		if u.stage == state.BuildStage {
			what = "built"
		}
		return []string{"what was " + what + " is as it was; the status is test_failure"}
	case state.DestroyFailure:
		return []string{"the deployment stays in the state with status destroy_failure; run the same command again to go on"}
	case state.Failure:
		return []string{"no later step was started and the status is failure; run the same command again after mending the cause"}
	}
	return nil
}
