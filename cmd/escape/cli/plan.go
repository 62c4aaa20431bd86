package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// graphFlags say what a graph is to hold and how it is shown.
type graphFlags struct {
	workFlags
	step    string
	destroy bool
	replace bool
	summary bool
	full    bool
}

func (f *graphFlags) add(cmd *cobra.Command) {
	f.workFlags.add(cmd)
	cmd.Flags().StringVar(&f.step, "step", "", "Only this action: build, test, deploy, smoke, destroy or package")
	cmd.Flags().BoolVar(&f.destroy, "destroy", false, "Destroy deployment and build")
	cmd.Flags().BoolVar(&f.replace, "replace", false, "Run also what is up to date")
	cmd.Flags().BoolVar(&f.summary, "summary", false, "Show one line for each action")
	cmd.Flags().BoolVar(&f.full, "full", false, "Show everything, also what does not change")
}

// targets returns the actions that are asked for; none mean the usual ones.
func (f *graphFlags) targets(cmd *cobra.Command) ([]planner.Target, error) {
	switch {
	case f.summary && f.full:
		return nil, &usageError{cmd, "--summary and --full exclude each other"}
	case f.destroy && f.step != "" && f.step != planner.ActionDestroy.Name:
		return nil, &usageError{cmd, "--destroy and --step exclude each other"}
	case f.destroy || f.step == planner.ActionDestroy.Name:
		return planner.DestroyTargets(), nil
	case f.step == "":
		return nil, nil
	}
	action, ok := planner.LookupAction(f.step)
	if !ok {
		var names []string
		for _, a := range planner.Actions() {
			names = append(names, a.Name)
		}
		return nil, &usageError{cmd, fmt.Sprintf("--step cannot be '%s'; it takes one of %s", f.step, strings.Join(names, ", "))}
	}
	return []planner.Target{{Action: action}}, nil
}

// targetsFor returns the targets for a release if args name one: it is deployed, not built.
func targetsFor(targets []planner.Target, args []string) []planner.Target {
	if len(targets) == 0 && len(args) > 0 {
		return deployTargets()
	}
	return targets
}

func (f *graphFlags) detail() planner.Detail {
	switch {
	case f.summary:
		return planner.Summary
	case f.full:
		return planner.Full
	}
	return planner.Changed
}

// ownTargets leaves out, if an argument names the release, the destruction of a build of another version: it is none of the
// release that is to go.
func (w *work) ownTargets(targets []planner.Target, s *state.State) []planner.Target {
	if w.recompile != nil {
		return targets
	}
	at := state.Address{Environment: w.environment, Path: state.Path{w.deployment}}
	return slices.DeleteFunc(slices.Clone(targets), func(t planner.Target) bool {
		built, _ := s.Stage(at, t.Stage)
		other := t.Action == planner.ActionDestroy && t.Stage == state.BuildStage && built.Version != "" &&
			built.Version != w.tree.Release.Version && built.Status.Code != state.Empty
		if other {
			w.app.warning(fmt.Sprintf("the build of %s is one of v%s, so it stays; `%s` in the folder of its plan destroys it",
				w.deployment, built.Version, w.command("run destroy --skip-deployment")))
		}
		return other
	})
}

// graph makes the graph for what is recorded in s, of which view is what the planner sees. Mistakes in the request are
// errors.
func (w *work) graph(s *state.State, view planner.State, f *graphFlags, targets []planner.Target) (*planner.Graph, error) {
	r := w.request()
	r.Project = s.Project()
	r.Targets, r.Replace = w.ownTargets(targets, s), f.replace
	o := w.options()
	o.Links = w.providers
	planning, err := run.NewPlanning(w.tree, s, r.Environment, w.deployment, o)
	if err != nil {
		return nil, err
	}
	r.Values = planning
	for _, warning := range planner.UnknownInputs(w.tree.Release, w.vars) {
		w.app.warning(warning)
	}
	w.checkUnset(s)
	graph, list := planner.Build(r, w.tree, view)
	w.app.warn(list)
	if slices.ContainsFunc(errorsOf(list), lacksProvider) {
		return nil, w.requestErrors(list, s, targets) // what the inputs lack may be what the provider would give
	}
	if stage, err := planning.Err(); err != nil {
		section := planner.ActionDeploy.Section
		if stage == state.BuildStage {
			section = planner.ActionBuild.Section
		}
		return nil, in(err, section)
	}
	if err := w.requestErrors(list, s, targets); err != nil {
		return nil, err
	}
	return graph, nil
}

func (a *app) newPlan() *cobra.Command {
	f := &graphFlags{}
	var asJSON, detailed bool
	var picture string
	cmd := &cobra.Command{
		Use:   "plan [RELEASE]",
		Short: "Show what would be done, or work on the plan file.",
		Long: `Show what would be done, or work on the plan file.

Without a sub-command the actions that would bring the deployment of the plan, or of a release, to what it asks for are shown:
what would be built, deployed or destroyed, dependencies included, and why. Nothing runs and nothing is written, but packages
that are needed are fetched into deps.`,
		Example: "  escape plan\n  escape plan -e prod -v size=large --detailed-exitcode\n  escape plan --graph mermaid\n  escape plan demo/app-latest -e prod",
		Args:    oneRelease,
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the graph as JSON")
	cmd.Flags().StringVar(&picture, "graph", "", "Print the graph as a drawing: dot, mermaid")
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "Exit with status 2 if anything would be done")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if picture != "" && picture != "dot" && picture != "mermaid" {
			return &usageError{cmd, fmt.Sprintf("--graph cannot be '%s'; it takes dot or mermaid", picture)}
		}
		if picture != "" && asJSON {
			return &usageError{cmd, "--graph and --json exclude each other"}
		}
		targets, err := f.targets(cmd)
		if err != nil {
			return err
		}
		graph, err := a.planned(cmd, f, targetsFor(targets, args), args)
		if errors.Is(err, errNoPlan) {
			a.showError(err)
			cmd.PrintErr(cmd.UsageString())
			return &statusError{status: exitError}
		}
		if err != nil {
			return err
		}
		var out bytes.Buffer
		switch {
		case asJSON:
			var text []byte
			text, err = graph.MarshalJSON()
			out.Write(append(text, '\n'))
		case picture == "dot":
			err = graph.WriteDOT(&out)
		case picture == "mermaid":
			err = graph.WriteMermaid(&out)
		default:
			err = graph.WriteText(&out, f.detail())
		}
		if err != nil {
			return err
		}
		if _, err := a.env.Stdout.Write(out.Bytes()); err != nil {
			return printError(err)
		}
		if detailed && graph.Changes() > 0 {
			return &statusError{status: exitChanges}
		}
		return nil
	}
	return cmd
}

// planned makes the graph from what is recorded now. It takes no lock: whoever holds it may go on.
func (a *app) planned(cmd *cobra.Command, f *graphFlags, targets []planner.Target, args []string) (*planner.Graph, error) {
	w, err := a.newWorkOn(cmd, &f.workFlags, false, args)
	if err != nil {
		return nil, err
	}
	view, err := w.look(cmd.Context())
	if err != nil {
		return nil, err
	}
	return w.graph(view.State, planner.ViewUnlocked(view, f.environment), f, targets)
}
