package planner

import "escape.build/escape/planner/state"

// An Action is something that can be done to a deployment: a row of the table below. Rows are compared by identity and
// never change.
type Action struct {
	Name string
	// Stage is the stage whose record the action works on; empty if the request says which (destroy).
	Stage state.StageName
	// Section is the section of its log; Start and Finished are the keys of its first and last entry.
	Section, Start, Finished string
	// Steps are its script steps in order, whether the release has scripts for them or not.
	Steps []Step
	// Activates says that providers are active while it runs.
	Activates bool
	// Evaluates says that inputs are evaluated anew; otherwise the recorded ones are used.
	Evaluates bool
	// Done and Failed are the status codes recorded at the end; empty if none.
	Done, Failed state.StatusCode
	// Cached says that the action need not run if nothing changed since it last did.
	Cached bool
	// Effect is what it changes: "local" files, the "target", "inventory" or "none" of them.
	Effect string
}

// OutputsFile says what is written to the outputs file before a script starts.
type OutputsFile uint8

// The contents of the outputs file.
const (
	NoOutputs    OutputsFile = iota // not written
	EmptyOutputs                    // {}
	SavedOutputs                    // the outputs as recorded
)

// Commit says what a step records when its script is done.
type Commit uint8

// The commits of steps.
const (
	CommitNothing Commit = iota
	CommitInputs         // version, interfaces and inputs; then templates are rendered
	CommitOutputs        // outputs as the script wrote them
	CommitTyped          // outputs with defaults, checked by their types
	CommitEmpty          // no inputs, outputs and interfaces any more
)

// A Step is one execution of one script of a release within an action.
type Step struct {
	Name   string           // field of the plan
	Status state.StatusCode // recorded before anything of the step happens; empty if none
	// NeedsDeployed says that the stage must have been built or deployed.
	NeedsDeployed bool
	// Outputs says that the recorded outputs are in the environment.
	Outputs bool
	// Before is what the outputs file holds when the script starts; After says that it is read back.
	Before OutputsFile
	After  bool
	Commit Commit
}

// The actions on one deployment.
var (
	ActionBuild = &Action{
		Name: "build", Stage: state.BuildStage, Section: "Build", Start: "build.start", Finished: "build.finished",
		Activates: true, Evaluates: true, Done: state.OK, Failed: state.Failure, Cached: true, Effect: "local",
		Steps: []Step{
			{Name: "pre_build", Status: state.RunningPre, Commit: CommitInputs},
			{Name: "build", Status: state.RunningMain, NeedsDeployed: true, Before: EmptyOutputs, After: true, Commit: CommitOutputs},
			{Name: "post_build", Status: state.RunningPost, NeedsDeployed: true, Outputs: true, Before: SavedOutputs, After: true, Commit: CommitTyped},
		},
	}
	ActionTest = &Action{
		Name: "test", Stage: state.BuildStage, Section: "Test", Start: "test.start", Finished: "test.finished",
		Done: state.OK, Failed: state.TestFailure, Effect: "none",
		Steps: []Step{{Name: "test", Status: state.RunningTest, NeedsDeployed: true, Outputs: true}},
	}
	ActionPackage = &Action{
		Name: "package", Section: "Package", Start: "package.start", Finished: "package.finished", Effect: "local",
	}
	ActionDeploy = &Action{
		Name: "deploy", Stage: state.DeployStage, Section: "Deploy", Start: "deploy.start", Finished: "deploy.finished",
		Activates: true, Evaluates: true, Done: state.OK, Failed: state.Failure, Cached: true, Effect: "target",
		Steps: []Step{
			{Name: "pre_deploy", Status: state.RunningPre, Commit: CommitInputs},
			{Name: "deploy", Status: state.RunningMain, NeedsDeployed: true, Before: EmptyOutputs, After: true, Commit: CommitOutputs},
			{Name: "post_deploy", Status: state.RunningPost, NeedsDeployed: true, Outputs: true, Before: SavedOutputs, After: true, Commit: CommitTyped},
		},
	}
	ActionSmoke = &Action{
		Name: "smoke", Stage: state.DeployStage, Section: "Smoke tests", Start: "smoke.start", Finished: "smoke.finished",
		Done: state.OK, Failed: state.TestFailure, Effect: "none",
		Steps: []Step{{Name: "smoke", Status: state.RunningTest, NeedsDeployed: true, Outputs: true}},
	}
	ActionDestroy = &Action{
		Name: "destroy", Section: "Destroy", Start: "destroy.start", Finished: "destroy.finished",
		Activates: true, Done: state.Empty, Failed: state.DestroyFailure, Effect: "target",
		Steps: []Step{
			{Name: "pre_destroy", Status: state.RunningPreDestroy, NeedsDeployed: true, Outputs: true},
			{Name: "destroy", Status: state.RunningMainDestroy, NeedsDeployed: true, Outputs: true, Before: SavedOutputs},
			{Name: "post_destroy", Status: state.RunningPostDestroy, NeedsDeployed: true, Outputs: true, Commit: CommitEmpty},
		},
	}
)

// Actions returns the table, in the order in which the actions of one deployment follow each other.
func Actions() []*Action {
	return []*Action{ActionBuild, ActionTest, ActionPackage, ActionDeploy, ActionSmoke, ActionDestroy}
}

// runningStep returns the name of the step that a status of a stage says is running; empty if none is.
func runningStep(stage state.StageName, code state.StatusCode) string {
	for _, a := range Actions() {
		if a.Stage != "" && a.Stage != stage {
			continue
		}
		for _, s := range a.Steps {
			if s.Status == code {
				return s.Name
			}
		}
	}
	return ""
}

// LookupAction finds an action by name.
func LookupAction(name string) (*Action, bool) {
	for _, a := range Actions() {
		if a.Name == name {
			return a, true
		}
	}
	return nil, false
}
