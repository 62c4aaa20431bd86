package planner

import (
	"errors"
	"fmt"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// Build makes the graph for a request: every action that was asked for, each with what it would change and why. It is
// pure, and the same arguments give the same graph, byte for byte in JSON.
//
// Findings are what is wrong with the request as it meets the state: a consumer without a provider, a deployment of
// another package, a test of something that was never built. A graph with findings of severity Error must not be run.
func Build(r Request, m *release.Metadata, s State) (*Graph, diag.List) {
	b := &builder{Request: r, m: m, state: s, digest: Digest(m)}
	if b.Deployment == "" {
		b.Deployment = m.VersionlessID()
	}
	b.graph = &Graph{Project: r.Project, Environment: r.Environment}
	targets := r.Targets
	if len(targets) == 0 {
		targets = DefaultTargets(m)
	}
	if len(m.Depends) > 0 {
		b.report(diag.DependenciesNotPlanned, fmt.Sprintf("%s depends on %s, and deploying dependencies is not supported yet", m.QualifiedID(), m.Depends[0].ReleaseID))
	}
	b.takeOver(targets)
	for _, t := range targets {
		b.add(t)
	}
	b.unknownProviders(targets)
	b.graph.sort()
	return b.graph, b.findings.Sort()
}

type builder struct {
	Request
	m        *release.Metadata
	state    State
	digest   string
	graph    *Graph
	findings diag.List
	last     *Node // the node before, which the next one has to wait for
	built    *Node // a build that will run
	done     map[state.StageName]bool
}

func (b *builder) report(code *diag.Entry, message string) {
	d := diag.Diagnostic{Code: code, Severity: code.Severity, Message: message}
	d.Original = message
	b.findings = append(b.findings, d)
}

// takeOver refuses to put a package where another one is deployed.
func (b *builder) takeOver(targets []Target) {
	if b.TakeOver {
		return
	}
	for _, t := range targets {
		if t.Action != ActionBuild && t.Action != ActionDeploy {
			continue
		}
		last := b.state.Last(b.Deployment, t.stage())
		if last.Deployed() && last.Release != "" && last.Release != b.m.VersionlessID() {
			b.report(diag.DeploymentTaken, fmt.Sprintf("deployment %q in environment %q holds %s-v%s, not %s; choose another name with -d, or destroy it first",
				b.Deployment, b.Environment, last.Release, last.Version, b.m.VersionlessID()))
			return
		}
	}
}

// add makes the node of a target, after those before it.
func (b *builder) add(t Target) {
	stage := t.stage()
	last := b.state.Last(b.Deployment, stage)
	if t.Action == ActionDestroy && !last.Deployed() && !b.reaches(stage) {
		if last.Status != "" && last.Status != state.Empty && last.Status != state.Pending {
			b.report(diag.NothingToDestroy, fmt.Sprintf("the %s stage of %s has status %s, but no run got so far that there is something recorded to "+
				"destroy; its destroy steps do not run, and what its scripts may have made stays", stage, b.Deployment, last.Status))
		}
		return // there is nothing to destroy
	}
	n := &Node{
		Address: b.address(t), Action: t.Action, Deployment: b.Deployment, Stage: stage, Release: b.m.QualifiedID(), Digest: b.digest,
	}
	for _, s := range t.Action.Steps {
		n.Steps = append(n.Steps, NodeStep{Name: s.Name, Script: ScriptText(b.m.Stage(s.Name))})
	}
	if t.Action.Activates {
		links, findings := Link(b.m, stage, b.Deployment, b.Providers, b.state)
		n.Providers = links
		b.findings = append(b.findings, findings...)
	}
	if t.Action.Evaluates {
		n.Inputs = b.Inputs[stage]
		for _, v := range b.m.Outputs {
			if v.InScope(string(stage)) {
				n.Outputs = append(n.Outputs, Value{ID: v.ID, Type: TypeText(v), Sensitive: v.Sensitive || last.Secret[v.ID]})
			}
		}
	}
	if b.decide(n, t, last); n.Change == NoOp {
		n.Outputs = nil // they are what is recorded
	}
	if b.last != nil {
		b.graph.Edges = append(b.graph.Edges, Edge{From: b.last.Address, To: n.Address, Kind: "order"})
	}
	b.graph.Nodes = append(b.graph.Nodes, n)
	b.last = n
	if t.Action == ActionBuild && n.Change != NoOp {
		b.built = n
	}
	if b.done == nil {
		b.done = map[state.StageName]bool{}
	}
	b.done[stage] = t.Action != ActionDestroy
}

// reaches reports whether a node before leaves the stage deployed.
func (b *builder) reaches(stage state.StageName) bool { return b.done[stage] }

func (b *builder) address(t Target) string {
	a := b.Environment + "/" + b.Deployment + "#" + t.Action.Name
	if t.Action == ActionDestroy && t.stage() != state.DeployStage {
		a += "." + string(t.stage())
	}
	return a
}

// decide says whether a node runs, and why.
func (b *builder) decide(n *Node, t Target, last Last) {
	switch t.Action {
	case ActionBuild, ActionDeploy:
		wanted := Wanted{Release: b.m.VersionlessID(), Version: b.m.Version, Digest: b.digest, Inputs: n.Inputs, Providers: n.Providers}
		if _, ok := b.Inputs[n.Stage]; !ok {
			last.Inputs = nil
		}
		n.Change, n.Reasons = Compare(wanted, last)
		if b.built != nil {
			n.Digest = ""
			if n.Change == NoOp || n.Change == Maybe {
				n.Change = Maybe
				n.Reasons = append(n.Reasons, Reason{Kind: ReasonUpstream, Subject: b.built.Address})
			}
		}
		switch {
		case b.Replace && (n.Change == NoOp || n.Change == Maybe):
			n.Change, n.Reasons = Replace, append(n.Reasons, Reason{Kind: ReasonForced, Detail: "asked for"})
		case b.Always && (n.Change == NoOp || n.Change == Maybe):
			n.Change, n.Reasons = Update, append(n.Reasons, Reason{Kind: ReasonForced, Detail: "it always runs"})
		}
	case ActionDestroy:
		n.Change, n.Reasons = Remove, []Reason{{Kind: ReasonRequested}}
		b.need(n, last, false)
	case ActionPackage:
		n.Change, n.Reasons = Perform, []Reason{{Kind: ReasonRequested}}
	default:
		n.Change, n.Reasons = Perform, []Reason{{Kind: ReasonRequested}}
		b.need(n, last, true)
	}
}

// need reports an action on a stage that is not there. Tests also need one that is whole.
func (b *builder) need(n *Node, last Last, whole bool) {
	if b.reaches(n.Stage) {
		return
	}
	if err := Available(b.m, b.Deployment, n.Stage, last, whole); err != nil {
		b.report(diag.NotDeployed, err.Error())
	}
}

// Available returns an error if the release is not built or deployed: nothing is there, or another release or version,
// or (if whole is set) the last build or deploy did not succeed. The text says what to run first.
func Available(m *release.Metadata, deployment string, stage state.StageName, last Last, whole bool) error {
	ok := last.Deployed() && last.Version == m.Version && (last.Release == "" || last.Release == m.VersionlessID())
	if ok && whole {
		switch last.Status {
		case state.OK, state.TestFailure, state.TestPending, state.RunningTest:
		default:
			ok = false
		}
	}
	if ok {
		return nil
	}
	return errors.New(state.NotDeployedMessage(stage, deployment, m.VersionlessID(), m.Version))
}

// unknownProviders warns of links that no consumer asked for.
func (b *builder) unknownProviders(targets []Target) {
	known := map[string]string{}
	var names []string
	for _, c := range b.m.Consumes {
		known[c.Variable] = c.Name
		names = append(names, c.Variable)
	}
	for _, variable := range sortedKeys(b.Providers) {
		if _, ok := known[variable]; ok {
			continue
		}
		message := fmt.Sprintf("%s has no consumer %q", b.m.QualifiedID(), variable)
		if near, ok := diag.Nearest(variable, names); ok {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
		for _, c := range b.m.Consumes {
			if c.Name == variable {
				message = fmt.Sprintf("%s consumes %q as %q; use that name", b.m.QualifiedID(), variable, c.Variable)
				break
			}
		}
		b.report(diag.UnknownConsumer, message)
	}
}

// TypeText writes the type of a variable as in a plan: "list[integer]".
func TypeText(v *release.Variable) string {
	if v.Type != "list" {
		return v.Type
	}
	if t, ok := v.Options["type"].(string); ok {
		return "list[" + t + "]"
	}
	for _, k := range sortedKeys(v.Options) {
		return "list[" + k + "]"
	}
	return "list[string]"
}
