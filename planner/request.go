package planner

import (
	"fmt"
	"slices"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// A Request says what is wanted of one deployment. The zero value, but for the environment, asks for what its plan asks
// for: built, then deployed, as far as that is not so already.
type Request struct {
	Project     string // of the state
	Environment string
	Deployment  string // root deployment; empty means the versionless id of the release
	// Targets are the actions asked for; none mean ActionBuild, if there is something to build, and ActionDeploy.
	Targets []Target
	// Always runs all targets, changed or not, in the order given.
	Always bool
	// Replace runs what would be unchanged again, with reason "forced".
	Replace bool
	// TakeOver allows to replace a deployment of another package.
	TakeOver bool
	// Nested leaves dependencies to the node of the deployment they belong to, which runs them one after the other as the
	// original does. Otherwise each is a node of its own.
	Nested bool
	// Values knows what deployments are given; nil means that inputs are not compared.
	Values Values
	// Providers are links asked for by the user: deployment paths by consumer variable.
	Providers map[string]string
}

// Values knows what deployments are given, as far as that is known before anything runs. Build asks about a deployment
// after it has said of everything that goes before whether it changes.
type Values interface {
	// Inputs returns the inputs of a deployment in a stage; false means that they are not to be compared.
	Inputs(at state.Address, stage state.StageName) ([]Value, bool)
	// Links returns the providers that its parent chooses for a dependency, by consumer variable.
	Links(at state.Address) map[string]string
	// Changes says that a deployment will run, so that what it puts out is not known before.
	Changes(at state.Address)
}

// A Target is an action asked for. Stage is needed for ActionDestroy only.
type Target struct {
	Action *Action
	Stage  state.StageName
}

func (t Target) stage() state.StageName {
	if t.Stage != "" {
		return t.Stage
	}
	return t.Action.Stage
}

// DefaultTargets are the targets of a request that names none.
func DefaultTargets(m *release.Metadata) []Target {
	if Builds(m) {
		return []Target{{Action: ActionBuild}, {Action: ActionDeploy}}
	}
	return []Target{{Action: ActionDeploy}}
}

// Builds reports whether there is anything to build: a script, template or download of the build stage, or an output
// that only a build has.
func Builds(m *release.Metadata) bool {
	for _, s := range ActionBuild.Steps {
		if stage := m.Stage(s.Name); stage.Runs() {
			return true
		}
	}
	only := func(scopes []string) bool { return len(scopes) == 1 && scopes[0] == release.Build }
	for _, t := range m.Templates {
		if only(t.Scopes) {
			return true
		}
	}
	for _, d := range m.Downloads {
		if only(d.Scopes) {
			return true
		}
	}
	for _, v := range m.Outputs {
		if only(v.Scopes) {
			return true
		}
	}
	return false
}

// DestroyTargets destroys what was deployed and then what was built: the mirror of the default.
func DestroyTargets() []Target {
	return []Target{{Action: ActionDestroy, Stage: state.DeployStage}, {Action: ActionDestroy, Stage: state.BuildStage}}
}

// State is what Build asks of the recorded state of the environment; see View.
type State interface {
	// Last returns what is recorded about a stage of a deployment.
	Last(at state.Address, stage state.StageName) Last
	// Offers returns the root deployments that offer an interface now, in order of their names.
	Offers(iface string) []string
}

// ScriptText is what logs and graphs call a script; empty if the stage runs nothing.
func ScriptText(s release.Stage) string {
	switch {
	case s.Cmd != "":
		text := s.Cmd + " "
		for i, a := range s.Args {
			if i > 0 {
				text += " "
			}
			text += a
		}
		return text
	case s.Script != "":
		return s.Script
	case s.Inline != "":
		first := s.Inline
		for i := range first {
			if first[i] == '\n' {
				first = first[:i]
				break
			}
		}
		return "<inline script starting with '" + first + "'>"
	}
	return ""
}

// UnknownInputs returns a sentence for each value whose name is no input of the release in any stage.
func UnknownInputs(m *release.Metadata, values map[string]any) []string {
	var ids []string
	for _, v := range m.Inputs {
		ids = append(ids, v.ID)
	}
	var warnings []string
	for _, key := range sortedKeys(values) {
		if slices.Contains(ids, key) {
			continue
		}
		w := fmt.Sprintf("%q is not an input of %s", key, m.QualifiedID())
		if near, ok := diag.Nearest(key, ids); ok {
			w += fmt.Sprintf("; did you mean %q?", near)
		}
		warnings = append(warnings, w)
	}
	return warnings
}
