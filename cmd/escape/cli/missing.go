package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// requestErrors makes errors of the findings about a request, and says of what is not there why that is and which
// command mends it: the message itself is the original's and names a command that needs an Inventory.
func (w *work) requestErrors(list diag.List, s *state.State, targets []planner.Target) error {
	for i, d := range list {
		if d.Code == diag.NotDeployed && d.Hint == "" {
			list[i].Hint = w.missing(d.Message, s, targets)
		}
	}
	return findingErrors(list)
}

// missing says why a stage cannot be used by the targets, and what to do. message tells which stage.
func (w *work) missing(message string, s *state.State, targets []planner.Target) string {
	stage, step, done := state.DeployStage, "deploy", "deployed"
	if strings.HasPrefix(message, "Build ") {
		stage, step, done = state.BuildStage, "build", "built"
	}
	at := state.Address{Environment: w.environment, Path: state.Path{w.deployment}}
	record, ok := s.Stage(at, stage)
	other := ""
	why := fmt.Sprintf("the last %s of it did not succeed", step)
	switch {
	case !ok || record.Version == "" && (record.Status.Code == state.Empty || record.Status.Code == state.Pending):
		why = fmt.Sprintf("%s was never %s in environment %s", w.deployment, done, w.environment)
	case record.Status.Code == state.Empty:
		why = "it was destroyed"
	case record.Version != "" && record.Version != w.tree.Release.Version:
		why = fmt.Sprintf("v%s is what was %s last", record.Version, done)
		if d, ok := s.Lookup(at); ok && stage == state.DeployStage {
			other = w.onDeployed(d, record.Version, targets)
		}
	}
	return fmt.Sprintf("%s; in the folder of the plan, `%s` will do", why, w.command("run "+step)) + other
}

// onDeployed says which command does what the targets ask for with the release that is deployed instead of the plan's.
func (w *work) onDeployed(d *state.Deployment, version string, targets []planner.Target) string {
	id := d.Release + "-v" + version
	for _, t := range targets {
		switch t.Action {
		case planner.ActionSmoke:
			if !d.Testable(state.DeployStage, d.Release, version) {
				return ""
			}
			return fmt.Sprintf("\n`%s` tests what is deployed", w.command("apply --step smoke "+id))
		case planner.ActionDestroy:
			return fmt.Sprintf("\n`%s` destroys what is deployed", w.command("apply --destroy "+id))
		}
	}
	return ""
}

// nearby is the detail of an error about a deployment that is not recorded in an environment: what was meant instead, if
// something comes to mind.
func nearby(s *state.State, environment, deployment string) string {
	names := s.Environment(environment).Names()
	if len(names) == 0 {
		note, _ := emptyEnvironment(s, environment)
		return "  " + note + "\n"
	}
	if near, ok := diag.Nearest(deployment, names); ok {
		return fmt.Sprintf("  did you mean '%s'?\n", near)
	}
	return ""
}

// emptyEnvironment says that nothing is recorded about an environment, and which one is meant, if another is likely.
func emptyEnvironment(s *state.State, environment string) (note string, likely bool) {
	note = fmt.Sprintf("nothing is recorded about environment '%s'", environment)
	all := s.Environments()
	if slices.Contains(all, environment) {
		return note, false
	}
	near, likely := diag.Nearest(environment, all)
	if likely {
		note += fmt.Sprintf("; did you mean '%s'?", near)
	}
	return note, likely
}

// unnamed is the error that a deployment has to be named, and says how.
func unnamed(text, environment string) *reported {
	line := "escape state list-deployments"
	if environment != defaultEnvironment {
		line += " -e " + environment
	}
	return &reported{err: errors.New(text), detail: fmt.Sprintf("  name it with -d; '%s' shows those there are\n", line)}
}

// command returns a command line with the flags that this one was given.
func (w *work) command(name string) string {
	line := "escape " + name
	for _, f := range []struct{ flag, value, usual string }{
		{"--plan", w.flags.plan, defaultPlan},
		{"-s", w.flags.file, defaultState},
		{"-e", w.environment, defaultEnvironment},
		{"-d", w.flags.deployment, ""},
	} {
		if f.value != f.usual {
			line += " " + f.flag + " " + f.value
		}
	}
	return line
}
