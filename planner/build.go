package planner

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// Build makes the graph for a request: every action that was asked for, each with what it would change and why, for the
// release of t and, unless the request is Nested, for all its dependencies. It is pure, and the same arguments give the
// same graph, byte for byte in JSON.
//
// Findings are what is wrong with the request as it meets the state: a consumer without a provider, a deployment of
// another package, a test of something that was never built. A graph with findings of severity Error must not be run.
func Build(r Request, t *Tree, s State) (*Graph, diag.List) {
	b := &builder{Request: r, m: t.Release, state: s, planned: map[string]*Node{}, digests: map[*release.Metadata]string{}}
	if b.Deployment == "" {
		b.Deployment = b.m.VersionlessID()
	}
	b.graph = &Graph{Project: r.Project, Environment: r.Environment, Nested: r.Nested}
	targets := r.Targets
	if len(targets) == 0 {
		targets = DefaultTargets(b.m)
	}
	root := state.Address{Environment: r.Environment, Path: state.Path{b.Deployment}}
	b.takeOver(root, targets)
	for _, target := range targets {
		b.add(target, place{tree: t, at: root, stage: target.stage()})
	}
	b.unknownProviders()
	b.graph.sort()
	b.circles()
	return b.graph, b.findings.Sort()
}

type builder struct {
	Request
	m        *release.Metadata
	state    State
	graph    *Graph
	findings diag.List
	built    *Node // a build that will run
	done     map[state.StageName]bool
	planned  map[string]*Node // those so far that bring a deployment about, by address
	digests  map[*release.Metadata]string
	ends     []*Node // nodes of the target before, which the next one has to wait for
	begun    []*Node // nodes of this target that wait for no other one of it
}

// A place is a deployment that a target works on.
type place struct {
	tree      *Tree
	at        state.Address
	stage     state.StageName
	parent    string // address of the node whose dependency number index this is
	above     *Node  // that node
	index     int
	providers map[string]string // of the parent: what is linked there serves here too
}

func (b *builder) report(code *diag.Entry, message string) {
	d := diag.Diagnostic{Code: code, Severity: code.Severity, Message: message}
	d.Original = message
	b.found(d)
}

// found adds a finding once: a dependency lacks the same providers as the release it belongs to.
func (b *builder) found(d diag.Diagnostic) {
	if !slices.ContainsFunc(b.findings, func(old diag.Diagnostic) bool { return old.Code == d.Code && old.Message == d.Message }) {
		b.findings = append(b.findings, d)
	}
}

// takeOver refuses to put a package where another one is deployed.
func (b *builder) takeOver(root state.Address, targets []Target) {
	if b.TakeOver {
		return
	}
	for _, t := range targets {
		if t.Action != ActionBuild && t.Action != ActionDeploy {
			continue
		}
		last := b.state.Last(root, t.stage())
		if last.Deployed() && last.Release != "" && last.Release != b.m.VersionlessID() {
			b.report(diag.DeploymentTaken, fmt.Sprintf("deployment %q in environment %q holds %s-v%s, not %s; choose another name with -d, or destroy it first",
				b.Deployment, b.Environment, last.Release, last.Version, b.m.VersionlessID()))
			return
		}
	}
}

// add makes the nodes of a target, after those before it.
func (b *builder) add(t Target, p place) {
	b.begun = nil
	var ends []*Node
	switch t.Action {
	case ActionBuild, ActionDeploy:
		ends = []*Node{b.deploy(p, t.Action)}
		if n := ends[0]; t.Action == ActionBuild && n.Change != NoOp {
			b.built = n
		}
	case ActionDestroy:
		before := len(b.graph.Nodes)
		ends = b.destroy(p)
		b.consumersFirst(b.graph.Nodes[before:])
	default:
		n := b.node(p, t.Action)
		n.Change, n.Reasons = Perform, []Reason{{Kind: ReasonRequested}}
		if t.Action != ActionPackage {
			b.need(n, b.state.Last(p.at, p.stage), true)
		}
		b.put(n, false)
		ends = []*Node{n}
	}
	for _, n := range b.begun {
		for _, before := range b.ends {
			b.edge(before, n, "order")
		}
	}
	if len(ends) == 0 {
		return
	}
	b.ends = ends
	if b.done == nil {
		b.done = map[state.StageName]bool{}
	}
	b.done[p.stage] = t.Action != ActionDestroy
}

// node makes the node of an action on a deployment.
func (b *builder) node(p place, a *Action) *Node {
	n := &Node{
		Address: NodeAddress(p.at, a, p.stage), Action: a, Deployment: p.at.Path.String(), Stage: p.stage,
		RootStage: p.at.RootStage, Tree: p.tree, Parent: p.parent, above: p.above, Index: p.index,
		Release: p.tree.Release.QualifiedID(), Digest: b.digest(p.tree.Release),
	}
	for _, s := range a.Steps {
		n.Steps = append(n.Steps, NodeStep{Name: s.Name, Script: ScriptText(p.tree.Release.Stage(s.Name))})
	}
	return n
}

func (b *builder) digest(m *release.Metadata) string {
	d, ok := b.digests[m]
	if !ok {
		d = Digest(m)
		b.digests[m] = d
	}
	return d
}

// put adds a node to the graph; waits says that it has to wait for others of its target.
func (b *builder) put(n *Node, waits bool) {
	n.rank = len(b.graph.Nodes)
	b.graph.Nodes = append(b.graph.Nodes, n)
	if !waits {
		b.begun = append(b.begun, n)
	}
}

func (b *builder) edge(from, to *Node, kind string) {
	b.graph.Edges = append(b.graph.Edges, Edge{From: from.Address, To: to.Address, Kind: kind})
}

// link chooses the providers of a node.
func (b *builder) link(n *Node, p place) {
	asked := b.Providers
	if p.parent != "" {
		asked = nil
		if b.Values != nil && n.Action != ActionDestroy { // what was chosen to deploy it is recorded
			asked = b.Values.Links(p.at)
		}
	}
	l := linker{State: b.state, at: p.at, stage: p.stage, asked: asked, inherited: p.providers, planned: b.planned}
	links, findings := l.link(p.tree.Release)
	n.Providers = links
	for _, d := range findings {
		b.found(d)
	}
}

// deploy makes the node that builds or deploys a release, behind those of its dependencies.
func (b *builder) deploy(p place, a *Action) *Node {
	n := b.node(p, a)
	b.link(n, p)
	var before []*Node
	if !b.Nested {
		before = b.dependencies(n, p)
	}
	last := b.state.Last(p.at, p.stage)
	compared := false
	if b.Values != nil {
		n.Inputs, compared = b.Values.Inputs(p.at, p.stage)
	}
	if !compared {
		last.Inputs = nil
	}
	m := p.tree.Release
	for _, v := range m.Outputs {
		if v.InScope(string(p.stage)) {
			n.Outputs = append(n.Outputs, Value{ID: v.ID, Type: TypeText(v), Sensitive: v.Sensitive || last.Secret[v.ID]})
		}
	}
	n.Change, n.Reasons = Compare(Wanted{
		Release: m.VersionlessID(), Version: m.Version, Digest: n.Digest, Inputs: n.Inputs, Providers: n.Providers,
	}, last)
	b.decide(n, p)
	b.upstream(n, p, before)
	b.used(n, p, last)
	if n.Change == NoOp {
		n.Outputs = nil // they are what is recorded
	} else if b.Values != nil {
		b.Values.Changes(p.at)
	}
	b.planned[n.Address] = n
	b.put(n, len(before) > 0)
	return n
}

// decide overrules what the comparison says.
func (b *builder) decide(n *Node, p place) {
	idle := n.Change == NoOp || n.Change == Maybe
	if b.built != nil && p.parent == "" {
		n.Digest = "" // what the build makes is part of the release
		if idle {
			n.Change = Maybe
			n.Reasons = append(n.Reasons, Reason{Kind: ReasonUpstream, Subject: b.built.Address})
		}
	}
	switch {
	case b.Replace && idle:
		n.Change, n.Reasons = Replace, append(n.Reasons, Reason{Kind: ReasonForced, Detail: "asked for"})
	case b.Always && idle:
		n.Change, n.Reasons = Update, append(n.Reasons, Reason{Kind: ReasonForced, Detail: "it always runs"})
	}
}

// dependencies makes the nodes of the dependencies of a node, in an order in which each follows those it needs values of.
func (b *builder) dependencies(n *Node, p place) []*Node {
	m := p.tree.Release
	var nodes []*Node
	made := map[string]*Node{} // by alias
	for _, i := range b.depends(m, p.stage) {
		d, t := m.Depends[i], p.tree.Depends[i]
		child := b.child(n, p, i)
		if c := b.planned[NodeAddress(child.at, ActionDeploy, child.stage)]; c != nil {
			b.sameDeployment(m, c.Index, i, p.stage)
			made[d.Variable], made[t.Release.QualifiedID()] = c, c
			continue
		}
		before := len(b.graph.Nodes)
		c := b.deploy(child, ActionDeploy)
		waits := false
		for _, alias := range siblings(m, d, p.stage) {
			if other := made[alias]; other != nil {
				// All that the dependency is made of has to wait too: its values are made of these.
				for _, inner := range b.graph.Nodes[before:] {
					if inner == c || slices.Contains(b.begun, inner) {
						b.edge(other, inner, "data")
					}
				}
				waits = true
			}
		}
		if waits {
			inner := b.graph.Nodes[before:]
			b.begun = slices.DeleteFunc(b.begun, func(n *Node) bool { return slices.Contains(inner, n) })
		}
		made[d.Variable], made[t.Release.QualifiedID()] = c, c
		nodes = append(nodes, c)
	}
	return nodes
}

// sameDeployment refuses two entries for one deployment, which a release of the original can have, unless they ask for the
// same: one node cannot do both.
func (b *builder) sameDeployment(m *release.Metadata, first, second int, stage state.StageName) {
	x, y := m.Depends[first], m.Depends[second]
	mapped, other := x.MappingFor(string(stage)), y.MappingFor(string(stage))
	if x.ReleaseID == y.ReleaseID && maps.Equal(x.Consumes, y.Consumes) && maps.EqualFunc(mapped, other, reflect.DeepEqual) {
		return
	}
	message := fmt.Sprintf("the dependencies %s and %s of %s are both deployed as %q, but not with the same release, mapping and consumers",
		x.ReleaseID, y.ReleaseID, m.QualifiedID(), x.DeploymentName)
	b.found(diag.Diagnostic{
		Code: diag.DuplicateDeployment, Severity: diag.Error, Message: message, Original: message,
		Hint: "give one of them another \"deployment_name\"; 'escape run deploy' deploys one over the other",
	})
}

func (b *builder) child(n *Node, p place, i int) place {
	d := p.tree.Release.Depends[i]
	return place{
		tree: p.tree.Depends[i], at: Child(p.at, p.stage, d), stage: state.DeployStage, parent: n.Address, above: n, index: i, providers: n.Providers,
	}
}

// depends is DependencyOrder, with a circle as a finding.
func (b *builder) depends(m *release.Metadata, stage state.StageName) []int {
	order, circle := DependencyOrder(m, stage)
	if circle != nil {
		b.report(diag.DependencyCycle, fmt.Sprintf("dependencies of %s need values of each other: %s", m.QualifiedID(), strings.Join(circle, " → ")))
	}
	return order
}

// upstream adds what a node has to wait for, and that it may have to run because of it.
func (b *builder) upstream(n *Node, p place, before []*Node) {
	if len(before) == 0 && len(n.Providers) == 0 {
		return
	}
	used := map[string]bool{}
	for _, alias := range upstream(p.tree.Release, p.stage) {
		used[alias] = true
	}
	var reasons []Reason
	changes := func(c *Node) {
		if c.Change != NoOp {
			reasons = append(reasons, Reason{Kind: ReasonUpstream, Subject: c.Address})
		}
	}
	deployments := map[string]bool{} // names of those that are used, under any alias
	for _, d := range p.tree.Release.Depends {
		if used[d.Variable] || used[d.ReleaseID] {
			deployments[d.DeploymentName] = true
		}
	}
	for _, c := range before {
		if !deployments[p.tree.Release.Depends[c.Index].DeploymentName] {
			b.edge(c, n, "order")
			continue
		}
		b.edge(c, n, "data")
		changes(c)
	}
	for _, variable := range sortedKeys(n.Providers) {
		if c := b.provider(n, p, variable, ActionDeploy); c != nil {
			b.edge(c, n, "provider")
			if used[variable] {
				changes(c)
			}
		}
	}
	if len(reasons) > 0 && (n.Change == NoOp || n.Change == Maybe) {
		n.Change, n.Reasons = Maybe, append(n.Reasons, reasons...)
	}
}

// provider returns the node of the graph that has an action on the deployment which serves a consumer of n, or nil.
func (b *builder) provider(n *Node, p place, variable string, a *Action) *Node {
	path, err := state.ParsePath(n.Providers[variable])
	if err != nil {
		return nil
	}
	c := b.planned[NodeAddress(ProviderAddress(p.at, path), a, state.DeployStage)]
	if c == n {
		return nil
	}
	return c
}

// used gives a node that nothing else asks to run a reason if what it was deployed with of other deployments, apart from
// inputs, is not what these put out now: the run in which that changed did not get as far as this node.
func (b *builder) used(n *Node, p place, last Last) {
	if n.Change != NoOp || b.Values == nil {
		return
	}
	if UsedDigest(p.tree.Release, p.at, p.stage, n.Providers, b.state) != last.Used {
		n.Change = Update
		n.Reasons = append(n.Reasons, Reason{Kind: ReasonOutput, Detail: "what it uses of other deployments is not what it was deployed with"})
	}
}

// destroy makes the nodes that destroy a deployment and then, the last one first, those of its dependencies which are
// there. It returns those after which nothing of it is left.
func (b *builder) destroy(p place) []*Node {
	last := b.state.Last(p.at, p.stage)
	var ends []*Node
	n := b.node(p, ActionDestroy)
	if !last.Deployed() && !b.reaches(p) {
		if p.parent == "" && last.Status != "" && last.Status != state.Empty && last.Status != state.Pending {
			b.report(diag.NothingToDestroy, fmt.Sprintf("the %s stage of %s has status %s, but no run got so far that there is something recorded to "+
				"destroy; its destroy steps do not run, and what its scripts may have made stays", p.stage, n.Deployment, last.Status))
		}
		if b.Nested && b.anyDeployed(n, p) { // the first run failed after these
			n.Change, n.Reasons = Remove, []Reason{{Kind: ReasonRequested}}
			b.put(n, false)
			ends = []*Node{n}
		}
	} else {
		b.link(n, p)
		n.Change, n.Reasons = Remove, []Reason{{Kind: ReasonRequested}}
		if p.parent != "" && last.Deployed() && last.Release != "" { // what is there goes, whatever the plan says now
			n.Release = last.Release + "-v" + last.Version
			if n.Release != p.tree.Release.QualifiedID() {
				n.Digest, n.Steps = last.Digest, nil
			}
		}
		if p.parent == "" {
			b.need(n, last, false)
		}
		// What cleans up at the end has to wait for all of them, so they are not nodes of their own.
		script := p.tree.Release.Stage("post_destroy")
		n.Nested = !b.Nested && script.Runs() && b.anyDeployed(n, p)
		b.put(n, false)
		b.planned[n.Address] = n
		ends = []*Node{n}
	}
	if b.Nested || n.Nested {
		return ends
	}
	return b.destroyDependencies(n, p, ends)
}

// anyDeployed reports whether a dependency of a deployment is there.
func (b *builder) anyDeployed(n *Node, p place) bool {
	for i := range p.tree.Release.Depends {
		c := b.child(n, p, i)
		if b.state.Last(c.at, c.stage).Deployed() || b.anyDeployed(n, c) {
			return true
		}
	}
	return false
}

// destroyDependencies makes the nodes for the dependencies of n, which has to be gone before if it is among ends.
func (b *builder) destroyDependencies(n *Node, p place, ends []*Node) []*Node {
	m := p.tree.Release
	first := map[string][]*Node{} // nodes with which the destruction of a dependency begins, by alias
	parent := slices.Clone(ends)
	order := b.depends(m, p.stage)
	for _, i := range slices.Backward(order) {
		d := m.Depends[i]
		begun := len(b.begun)
		gone := b.destroy(b.child(n, p, i))
		if len(gone) == 0 {
			continue
		}
		starts := slices.Clone(b.begun[begun:])
		for _, before := range parent {
			for _, s := range starts {
				b.edge(before, s, "order")
			}
		}
		if len(parent) > 0 {
			b.begun = b.begun[:begun]
		}
		first[d.Variable] = starts
		ends = append(ends, gone...)
	}
	// What was given values of another dependency goes before it.
	for _, i := range order {
		for _, alias := range siblings(m, m.Depends[i], p.stage) {
			for _, consumer := range first[m.Depends[i].Variable] {
				for _, provider := range first[alias] {
					if consumer != provider {
						b.edge(consumer, provider, "data")
						b.begun = slices.DeleteFunc(b.begun, func(n *Node) bool { return n == provider })
					}
				}
			}
		}
	}
	return ends
}

// consumersFirst makes the nodes that destroy providers wait for those that destroy their consumers.
func (b *builder) consumersFirst(nodes []*Node) {
	for _, n := range nodes {
		p := place{at: n.At(b.Environment)}
		for _, variable := range sortedKeys(n.Providers) {
			provider := b.provider(n, p, variable, ActionDestroy)
			if provider != nil && !strings.HasPrefix(n.Deployment, provider.Deployment+":") { // what it is part of goes first all the same
				b.edge(n, provider, "provider")
			}
		}
	}
}

// circles reports nodes that wait for each other.
func (b *builder) circles() {
	g := b.graph
	done := map[string]bool{}
	for _, n := range g.Order() {
		done[n.Address] = true
	}
	if len(done) == len(g.Nodes) {
		return
	}
	needs := map[string][]string{}
	for _, e := range g.Edges {
		if !done[e.From] && !done[e.To] {
			needs[e.To] = append(needs[e.To], e.From)
		}
	}
	for _, n := range g.Nodes {
		if !done[n.Address] {
			b.report(diag.DependencyCycle, "actions wait for each other: "+strings.Join(circle(n.Address, needs), " → "))
			return
		}
	}
}

// reaches reports whether a node before leaves the stage deployed.
func (b *builder) reaches(p place) bool { return p.parent == "" && b.done[p.stage] }

// need reports an action on a stage that is not there. Tests also need one that is whole.
func (b *builder) need(n *Node, last Last, whole bool) {
	if b.done[n.Stage] {
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
func (b *builder) unknownProviders() {
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
		} else if len(names) > 0 {
			message += "; it consumes " + strings.Join(names, ", ")
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
