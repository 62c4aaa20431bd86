package planner_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// recorded is a State made of plain maps.
type recorded struct {
	stages map[string]planner.Last // "path#stage"
	offers map[string][]string
}

func (r recorded) Last(at state.Address, stage state.StageName) planner.Last {
	return r.stages[at.Path.String()+"#"+string(stage)]
}
func (r recorded) Offers(iface string) []string { return r.offers[iface] }

// given are values of inputs by stage.
type given map[state.StageName][]planner.Value

func (g given) Inputs(_ state.Address, stage state.StageName) ([]planner.Value, bool) {
	values, ok := g[stage]
	return values, ok
}
func (g given) Links(state.Address) map[string]string { return nil }
func (g given) Changes(state.Address)                 {}

// alone is the tree of a release without dependencies.
func alone(m *release.Metadata) *planner.Tree { return &planner.Tree{Release: m} }

func app() *release.Metadata {
	m := release.New()
	m.Project, m.Name, m.Version = "demo", "app", "1.1"
	m.Stages["build"] = &release.Stage{Cmd: "make", Args: []string{"all"}}
	m.Stages["deploy"] = &release.Stage{Script: "deploy.sh"}
	m.Inputs = []*release.Variable{{ID: "region", Type: "string", Scopes: release.Both()}, {ID: "password", Type: "string", Sensitive: true, Scopes: release.Both()}}
	m.Outputs = []*release.Variable{{ID: "url", Type: "string", Scopes: []string{"deploy"}}, {ID: "ports", Type: "list", Options: map[string]any{"integer": true}, Scopes: release.Both()}}
	return m
}

func values(region any) []planner.Value {
	return []planner.Value{
		{ID: "region", Type: "string", Known: true, Value: region, From: "user"},
		{ID: "password", Type: "string", Known: true, Value: "hunter2", Sensitive: true, From: "default"},
	}
}

func ok(m *release.Metadata) planner.Last {
	return planner.Last{
		Release: "demo/app", Version: m.Version, Digest: planner.Digest(m), Status: state.OK,
		Inputs: map[string]any{"region": "eu", "password": "hunter2", "METADATA_x": "y", "PREVIOUS_region": "old"},
	}
}

func TestCompare(t *testing.T) {
	m := app()
	wanted := func(change func(*planner.Wanted)) planner.Wanted {
		w := planner.Wanted{Release: "demo/app", Version: "1.1", Digest: planner.Digest(m), Inputs: values("eu")}
		if change != nil {
			change(&w)
		}
		return w
	}
	last := func(change func(*planner.Last)) planner.Last {
		l := ok(m)
		if change != nil {
			change(&l)
		}
		return l
	}
	for _, c := range []struct {
		name    string
		wanted  planner.Wanted
		last    planner.Last
		change  planner.Change
		reasons []string
	}{
		{"same", wanted(nil), last(nil), planner.NoOp, nil},
		{"nothing", wanted(nil), planner.Last{}, planner.Create, []string{"not there yet"}},
		{"destroyed", wanted(nil), last(func(l *planner.Last) { l.Status = state.Empty }), planner.Create, []string{"it was destroyed"}},
		{"version", wanted(nil), last(func(l *planner.Last) { l.Version = "1.0" }), planner.Update, []string{`release: "v1.0" → "v1.1"`}},
		{"content", wanted(func(w *planner.Wanted) { w.Digest = "other" }), last(nil), planner.Update, []string{"content: v1.1 differs from what was deployed as v1.1"}},
		{"unknown content", wanted(nil), last(func(l *planner.Last) { l.Digest = "" }), planner.Update, []string{"content: what was deployed is not recorded"}},
		{"input", wanted(func(w *planner.Wanted) { w.Inputs = values("us") }), last(nil), planner.Update, []string{`region: "eu" → "us" (from user)`}},
		{"secret", wanted(func(w *planner.Wanted) { w.Inputs[1].Value = "new" }), last(nil), planner.Update, []string{"password: (sensitive, changed) (from default)"}},
		{"new input", wanted(nil), last(func(l *planner.Last) { delete(l.Inputs, "region") }), planner.Update, []string{`region: "eu" (new) (from user)`}},
		{"old input", wanted(nil), last(func(l *planner.Last) { l.Inputs["gone"] = "x" }), planner.Update, []string{"gone: no longer an input"}},
		{"unknown input", wanted(func(w *planner.Wanted) { w.Inputs[0] = planner.Value{ID: "region", Type: "string"} }), last(nil), planner.Maybe, []string{"may change after input region"}},
		{"volatile input", wanted(func(w *planner.Wanted) { w.Inputs[0] = planner.Value{ID: "region", Type: "string", Volatile: true} }), last(nil), planner.NoOp, nil},
		{"provider", wanted(func(w *planner.Wanted) { w.Providers = map[string]string{"db": "b"} }), last(func(l *planner.Last) { l.Providers = map[string]string{"db": "a"} }), planner.Update, []string{`db: "a" → "b"`}},
		{"failed", wanted(nil), last(func(l *planner.Last) { l.Status, l.Data = state.Failure, "exit 3\nmore" }), planner.Replace, []string{"the last run failed: exit 3"}},
		{"interrupted", wanted(nil), last(func(l *planner.Last) { l.Status, l.Step = state.RunningMain, "deploy" }), planner.Replace, []string{"the last run was interrupted: it stopped in step deploy"}},
		{"smoke failed", wanted(nil), last(func(l *planner.Last) { l.Status = state.TestFailure }), planner.NoOp, nil},
		{"pending", wanted(nil), last(func(l *planner.Last) { l.Status = state.Pending }), planner.Update, []string{"a deployment was asked for (status pending)"}},
		{"numbers", wanted(func(w *planner.Wanted) { w.Inputs = values(int64(3)) }), last(func(l *planner.Last) { l.Inputs["region"] = 3.0 }), planner.NoOp, nil},
	} {
		change, reasons := planner.Compare(c.wanted, c.last)
		var texts []string
		for _, r := range reasons {
			texts = append(texts, r.String())
		}
		if change != c.change || !slices.Equal(texts, c.reasons) {
			t.Errorf("%s: %s %q, want %s %q", c.name, change, texts, c.change, c.reasons)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("ESCAPE_UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (ESCAPE_UPDATE=1 rewrites it; -want +got):\n%s", file, d)
	}
}

func TestRenderings(t *testing.T) {
	m := app()
	m.Consumes = []*release.Consumer{{Name: "postgres", Variable: "db", Scopes: release.Both()}}
	last := ok(m)
	last.Providers = map[string]string{"db": "main"}
	for name, c := range map[string]struct {
		request planner.Request
		state   recorded
	}{
		"first": {planner.Request{Project: "p", Environment: "dev", Values: given{"build": values("eu"), "deploy": values("eu")}},
			recorded{nil, map[string][]string{"postgres": {"main"}}}},
		"changed": {planner.Request{Project: "p", Environment: "prod", Deployment: "shop", Values: given{"build": values("eu"), "deploy": values("<us>")}},
			recorded{map[string]planner.Last{"shop#build": last, "shop#deploy": last}, map[string][]string{"postgres": {"main"}}}},
		"unchanged": {planner.Request{Environment: "prod", Values: given{"build": values("eu"), "deploy": values("eu")}},
			recorded{map[string]planner.Last{"demo/app#build": last, "demo/app#deploy": last}, map[string][]string{"postgres": {"main"}}}},
		"destroy": {planner.Request{Environment: "dev", Targets: planner.DestroyTargets()},
			recorded{map[string]planner.Last{"demo/app#build": last, "demo/app#deploy": last}, map[string][]string{"postgres": {"main"}}}},
	} {
		g, findings := planner.Build(c.request, alone(m), c.state)
		if len(findings) > 0 {
			t.Fatalf("%s: %v", name, findings)
		}
		var b bytes.Buffer
		for _, d := range []struct {
			name   string
			detail planner.Detail
		}{{"summary", planner.Summary}, {"changed", planner.Changed}, {"full", planner.Full}} {
			fmt.Fprintf(&b, "-- %s --\n", d.name)
			if err := g.WriteText(&b, d.detail); err != nil {
				t.Fatal(err)
			}
		}
		b.WriteString("-- dot --\n")
		if err := g.WriteDOT(&b); err != nil {
			t.Fatal(err)
		}
		b.WriteString("-- mermaid --\n")
		if err := g.WriteMermaid(&b); err != nil {
			t.Fatal(err)
		}
		b.WriteString("-- json --\n")
		data, err := g.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Indent(&b, data, "", "  "); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "hunter2") {
			t.Errorf("%s holds the secret", name)
		}
		golden(t, name+".txt", b.String()+"\n")
	}
}

func codes(l diag.List) (all []string) {
	for _, d := range l {
		all = append(all, string(d.Code.Code))
	}
	return all
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name    string
		request planner.Request
		change  func(*release.Metadata)
		state   recorded
		code    string
		message string
	}{
		{"missing", planner.Request{}, nil, recorded{}, "ESC5003", "Missing provider of type 'db'. This can be configured using the -p / --extra-provider flag."},
		{"missing renamed", planner.Request{}, func(m *release.Metadata) { m.Consumes[0].Variable = "v" }, recorded{}, "ESC5003",
			"Missing provider 'v' of type 'db'. This can be configured using the -p / --extra-provider flag."},
		{"several", planner.Request{}, nil, recorded{nil, map[string][]string{"db": {"a", "b"}}}, "ESC5004",
			"Missing provider of type 'db'. This can be configured using the -p / --extra-provider flag.; candidates are a, b"},
		{"itself", planner.Request{}, nil, recorded{nil, map[string][]string{"db": {"demo/app"}}}, "ESC5003",
			"Missing provider of type 'db'. This can be configured using the -p / --extra-provider flag."},
		{"gone", planner.Request{Providers: map[string]string{"db": "x"}}, nil, recorded{nil, map[string][]string{"db": {"a"}}}, "ESC5008",
			"Deployment 'x' does not exist; these offer db: a"},
		{"empty", planner.Request{Providers: map[string]string{"db": "x"}}, nil, recorded{map[string]planner.Last{"x#deploy": {Release: "r", Version: "1", Status: state.Empty}}, nil}, "ESC5008",
			`deployment "x" cannot be the provider "db": it is not deployed (status empty)`},
		{"other", planner.Request{Providers: map[string]string{"db": "x"}}, nil, recorded{map[string]planner.Last{"x#deploy": {Release: "r", Version: "1", Status: state.OK}}, nil}, "ESC5005",
			`deployment "x" cannot be the provider "db": it does not offer "db"`},
		{"unknown", planner.Request{Providers: map[string]string{"bd": "x"}}, nil, recorded{nil, map[string][]string{"db": {"a"}}}, "ESC5007", `demo/app-v1.1 has no consumer "bd"; did you mean "db"?`},
		{"unlike", planner.Request{Providers: map[string]string{"kubernetes": "x"}}, nil, recorded{nil, map[string][]string{"db": {"a"}}}, "ESC5007", `demo/app-v1.1 has no consumer "kubernetes"; it consumes db`},
		{"by interface", planner.Request{Providers: map[string]string{"db": "x"}}, func(m *release.Metadata) { m.Consumes[0].Variable = "v" }, recorded{nil, map[string][]string{"db": {"a"}}}, "ESC5007",
			`demo/app-v1.1 consumes "db" as "v"; use that name`},
		{"taken", planner.Request{}, func(m *release.Metadata) { m.Consumes = nil }, recorded{map[string]planner.Last{"demo/app#deploy": {Release: "demo/other", Version: "3", Status: state.OK}}, nil}, "ESC5001",
			`deployment "demo/app" in environment "dev" holds demo/other-v3, not demo/app; choose another name with -d, or destroy it first`},
	} {
		m := app()
		m.Consumes = []*release.Consumer{{Name: "db", Variable: "db", Scopes: []string{"deploy"}}}
		if c.change != nil {
			c.change(m)
		}
		c.request.Environment = "dev"
		_, findings := planner.Build(c.request, alone(m), c.state)
		if got := codes(findings); !slices.Equal(got, []string{c.code}) || findings[0].Message != c.message {
			t.Errorf("%s: findings are %v, want %s: %s", c.name, findings, c.code, c.message)
		}
	}
}

func TestLinksStick(t *testing.T) {
	m := app()
	m.Consumes = []*release.Consumer{{Name: "db", Variable: "db", Scopes: []string{"deploy"}}, {Name: "x", Variable: "x", Scopes: []string{"build"}}}
	s := recorded{map[string]planner.Last{"demo/app#deploy": {Providers: map[string]string{"db": "b"}}, "b#deploy": {Release: "r", Version: "1", Status: state.OK}}, map[string][]string{"db": {"a", "b"}}}
	for asked, want := range map[string]string{"": "b", "a": "a"} {
		extra := map[string]string{}
		if asked != "" {
			extra["db"] = asked
		}
		links, findings := planner.Link(m, state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, state.DeployStage, extra, nil, s)
		if len(findings) > 0 || len(links) != 1 || links["db"] != want {
			t.Errorf("-p %q: %v, %v", asked, links, findings)
		}
	}
}

func TestDigest(t *testing.T) {
	base := planner.Digest(app())
	for name, change := range map[string]func(*release.Metadata){
		"commit":   func(m *release.Metadata) { m.Revision, m.Branch, m.RevisionMessage = "abc", "main", "x" },
		"tool":     func(m *release.Metadata) { m.BuiltWithEscapeVersion = "9" },
		"template": func(m *release.Metadata) { m.Files["out"] = "1" },
	} {
		m := app()
		if name == "template" {
			m.Templates = []*release.Template{{File: "out.tpl", Target: "./out"}}
			base := planner.Digest(m)
			change(m)
			if planner.Digest(m) != base {
				t.Errorf("%s changes the digest", name)
			}
			continue
		}
		change(m)
		if planner.Digest(m) != base {
			t.Errorf("%s changes the digest", name)
		}
	}
	m := app()
	m.Files["deploy.sh"] = "0"
	if planner.Digest(m) == base {
		t.Error("a file does not change the digest")
	}
}

// graphOf makes a graph of n nodes whose edges go from lower to higher numbers, so it has no cycle.
func graphOf(n int, edges [][2]int) *planner.Graph {
	g := &planner.Graph{Environment: "e"}
	names := make([]string, n)
	for i := range n {
		// Addresses are not in the order of the edges.
		names[i] = fmt.Sprintf("e/d%03d#deploy", (i*7919+13)%1000)
		g.Nodes = append(g.Nodes, &planner.Node{Address: names[i], Action: planner.ActionDeploy, Change: planner.Create})
	}
	for _, e := range edges {
		g.Edges = append(g.Edges, planner.Edge{From: names[e[0]], To: names[e[1]], Kind: "order"})
	}
	slices.SortFunc(g.Nodes, func(a, b *planner.Node) int { return strings.Compare(a.Address, b.Address) })
	return g
}

// naive repeatedly takes the first node whose predecessors are all taken.
func naive(g *planner.Graph) (order []string) {
	taken := map[string]bool{}
	for range g.Nodes {
		for _, n := range g.Nodes {
			ready := !taken[n.Address] && !slices.ContainsFunc(g.Edges, func(e planner.Edge) bool { return e.To == n.Address && !taken[e.From] })
			if ready {
				taken[n.Address] = true
				order = append(order, n.Address)
				break
			}
		}
	}
	return order
}

func randomGraph(t *rapid.T) *planner.Graph {
	n := rapid.IntRange(1, 25).Draw(t, "nodes")
	var edges [][2]int
	for range rapid.IntRange(0, 3*n).Draw(t, "edges") {
		a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
		if a != b {
			edges = append(edges, [2]int{min(a, b), max(a, b)})
		}
	}
	return graphOf(n, edges)
}

func addresses(nodes []*planner.Node) (all []string) {
	for _, n := range nodes {
		all = append(all, n.Address)
	}
	return all
}

func TestOrderAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		got, want := addresses(g.Order()), naive(g)
		if !slices.Equal(got, want) {
			t.Fatalf("order is %v, want %v", got, want)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(g.Edges), func(i, j int) { g.Edges[i], g.Edges[j] = g.Edges[j], g.Edges[i] })
		if again := addresses(g.Order()); !slices.Equal(again, want) {
			t.Fatalf("shuffled edges give %v, want %v", again, want)
		}
		// With one worker, walking is that order.
		var walked []string
		g.Walk(1, func(n *planner.Node) bool { walked = append(walked, n.Address); return true }, nil)
		if !slices.Equal(walked, want) {
			t.Fatalf("walk is %v, want %v", walked, want)
		}
	})
}

func TestWalkStopsOnlyDescendants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		bad := map[string]bool{}
		for _, n := range g.Nodes {
			if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
				bad[n.Address] = true
			}
		}
		// A node is to be skipped if a node before it fails or is skipped.
		blocked := map[string]bool{}
		for _, a := range naive(g) {
			for _, e := range g.Edges {
				if e.To == a && (blocked[e.From] || bad[e.From]) {
					blocked[a] = true
				}
			}
		}
		type visit struct {
			address string
			done    bool
		}
		visits := make(chan visit, 2*len(g.Nodes))
		skipped := map[string]bool{}
		g.Walk(rapid.IntRange(1, 4).Draw(t, "workers"), func(n *planner.Node) bool {
			visits <- visit{n.Address, false}
			defer func() { visits <- visit{n.Address, true} }()
			return !bad[n.Address]
		}, func(n, because *planner.Node) {
			if !bad[because.Address] {
				t.Fatalf("%s skipped because of %s, which did not fail", n.Address, because.Address)
			}
			skipped[n.Address] = true
		})
		close(visits)
		done := map[string]bool{}
		count := 0
		for v := range visits {
			if v.done {
				done[v.address] = true
				continue
			}
			count++
			for _, e := range g.Edges {
				if e.To == v.address && !done[e.From] {
					t.Fatalf("%s started before %s was done", v.address, e.From)
				}
			}
			if blocked[v.address] {
				t.Fatalf("%s ran although something before it failed", v.address)
			}
		}
		if count+len(skipped) != len(g.Nodes) || len(skipped) != len(blocked) {
			t.Fatalf("%d ran, %d skipped (want %d) of %d", count, len(skipped), len(blocked), len(g.Nodes))
		}
	})
}

// The same request gives the same bytes, whatever the order of maps.
func TestBuildIsDeterministic(t *testing.T) {
	build := func() string {
		m := app()
		m.Consumes = []*release.Consumer{{Name: "a", Variable: "a", Scopes: release.Both()}, {Name: "b", Variable: "b", Scopes: release.Both()}}
		last := ok(m)
		for i := range 20 {
			last.Inputs[fmt.Sprint("gone", i)] = i
		}
		g, _ := planner.Build(planner.Request{Environment: "dev", Values: given{"deploy": values(map[string]any{"x": 1, "y": 2, "z": []any{1.5}})}}, alone(m),
			recorded{map[string]planner.Last{"demo/app#deploy": last}, map[string][]string{"a": {"p"}, "b": {"q"}}})
		data, err := g.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	want := build()
	for range 100 {
		if got := build(); got != want {
			t.Fatalf("two graphs of one request: %s", cmp.Diff(want, got))
		}
	}
}

func TestDefaultTargets(t *testing.T) {
	m := app()
	if got := planner.DefaultTargets(m); len(got) != 2 || got[0].Action != planner.ActionBuild {
		t.Errorf("targets are %v", got)
	}
	delete(m.Stages, "build")
	if got := planner.DefaultTargets(m); len(got) != 1 || got[0].Action != planner.ActionDeploy {
		t.Errorf("targets without a build are %v", got)
	}
}

func TestActions(t *testing.T) {
	for _, a := range planner.Actions() {
		if got, ok := planner.LookupAction(a.Name); !ok || got != a {
			t.Errorf("LookupAction(%q) = %v", a.Name, got)
		}
		for _, s := range a.Steps {
			if s.Status == "" {
				t.Errorf("step %s of %s records no status", s.Name, a.Name)
			}
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{10, 1000} {
		var edges [][2]int
		for i := 1; i < n; i++ {
			edges = append(edges, [2]int{i / 2, i})
		}
		g := graphOf(n, edges)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.Order()
			}
		})
	}
}

// Somebody who does not hold the lease sees what its holder works on as running, and the rest as interrupted.
func TestRunningIsNotInterrupted(t *testing.T) {
	s := state.New("p")
	for _, name := range []string{"live", "dead"} {
		err := s.Apply(state.PutStatus{Address: state.Address{Environment: "dev", Path: state.Path{name}}, Stage: state.DeployStage,
			Status: state.Status{Code: state.RunningPre}})
		if err != nil {
			t.Fatal(err)
		}
	}
	view := &state.View{State: s, Lease: &state.Lease{Token: "x"}}
	for _, p := range s.Running() {
		if p.Path.String() == "dead" {
			view.Interrupted = append(view.Interrupted, p)
		}
	}
	for name, want := range map[string]string{"live": "step pre_deploy is running now", "dead": "the last run was interrupted: it stopped in step pre_deploy"} {
		_, reasons := planner.Compare(planner.Wanted{}, planner.ViewUnlocked(view, "dev").Last(state.Address{Path: state.Path{name}}, state.DeployStage))
		if len(reasons) != 1 || reasons[0].String() != want {
			t.Errorf("%s: %v, want %s", name, reasons, want)
		}
	}
	view.Lease = nil
	if last := planner.ViewUnlocked(view, "dev").Last(state.Address{Path: state.Path{"live"}}, state.DeployStage); last.Running {
		t.Error("running though nobody holds the lease")
	}
}

// A stage of which nothing is recorded but that it failed is not destroyed in silence.
func TestNothingToDestroyIsSaid(t *testing.T) {
	m := release.New()
	m.Project, m.Name, m.Version = "demo", "app", "1.0"
	for code, want := range map[state.StatusCode]int{state.Failure: 1, state.RunningPre: 1, state.Empty: 0, state.Pending: 0} {
		s := state.New("p")
		if err := s.Apply(state.PutStatus{Address: state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, Stage: state.DeployStage,
			Status: state.Status{Code: code}}); err != nil {
			t.Fatal(err)
		}
		g, list := planner.Build(planner.Request{Environment: "dev", Targets: planner.DestroyTargets()}, alone(m), planner.View(s, "dev"))
		if len(g.Nodes) != 0 || len(list) != want || list.HasErrors() {
			t.Errorf("%s: %d nodes, %v", code, len(g.Nodes), list)
		}
	}
}

// Releases of the original can have two dependencies under one deployment name.
func TestTwoEntriesForOneDeployment(t *testing.T) {
	db := release.New()
	db.Project, db.Name, db.Version = "demo", "db", "1"
	depend := func(alias string) *release.Dependency {
		return &release.Dependency{ReleaseID: "demo/db-v1", Variable: alias, DeploymentName: "db", Scopes: release.Both()}
	}
	m := app()
	m.Depends = []*release.Dependency{depend("first"), depend("second"), {ReleaseID: "demo/db-v1", Variable: "last", DeploymentName: "last", Scopes: release.Both()}}
	m.Depends[2].DeployMapping = map[string]any{"url": "$second.outputs.url"}
	m.Inputs = []*release.Variable{{ID: "url", Type: "string", Default: "$second.outputs.url", Scopes: release.Both()}}
	tree := &planner.Tree{Release: m, Depends: []*planner.Tree{alone(db), alone(db), alone(db)}}
	r := planner.Request{Environment: "dev", Targets: []planner.Target{{Action: planner.ActionDeploy}}}
	nothing := recorded{stages: map[string]planner.Last{}}
	g, list := planner.Build(r, tree, nothing)
	if len(list) > 0 {
		t.Errorf("findings: %v", list)
	}
	want := []planner.Edge{
		{From: "dev/demo/app:db#deploy", To: "dev/demo/app#deploy", Kind: "data"},
		{From: "dev/demo/app:db#deploy", To: "dev/demo/app:last#deploy", Kind: "data"},
		{From: "dev/demo/app:last#deploy", To: "dev/demo/app#deploy", Kind: "order"},
	}
	if diff := cmp.Diff(want, g.Edges); diff != "" || len(g.Nodes) != 3 {
		t.Errorf("%d nodes, edges: %s", len(g.Nodes), diff)
	}

	m.Depends[1].DeployMapping = map[string]any{"size": "2"}
	_, list = planner.Build(r, tree, nothing)
	text := `the dependencies demo/db-v1 and demo/db-v1 of demo/app-v1.1 are both deployed as "db", but not with the same release, mapping and consumers`
	if len(list) != 1 || list[0].Code != diag.DuplicateDeployment || list[0].Message != text {
		t.Errorf("findings: %v", list)
	}
	r.Nested = true
	if _, list = planner.Build(r, tree, nothing); len(list) > 0 {
		t.Errorf("one after the other: %v", list)
	}
}
