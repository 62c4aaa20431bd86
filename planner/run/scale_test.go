//go:build unix

package run_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// shapes are trees of releases: a fan of n dependencies, a chain n deep, layers that know the one before, and one hub that
// all others are given a value of.
var shapes = map[string]func(dir string, n int) *planner.Tree{
	"fan":   func(dir string, n int) *planner.Tree { return siblings(dir, n, nil) },
	"chain": chained,
	"layers": func(dir string, n int) *planner.Tree {
		return siblings(dir, n, func(i int) int { return i - 10 })
	},
	"hub": func(dir string, n int) *planner.Tree {
		return siblings(dir, n, func(i int) int { return min(i, 1) - 1 })
	},
}

func unitOf(dir, name string) *planner.Tree {
	m := release.New()
	m.Project, m.Name, m.Version = "demo", name, "1"
	m.Inputs = []*release.Variable{input("i", "string", "v")}
	m.Outputs = []*release.Variable{input("o", "string", "$this.inputs.i")}
	m.Stages["deploy"] = &release.Stage{Cmd: "true"}
	dir = filepath.Join(dir, "deps", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		panic(err)
	}
	return &planner.Tree{Release: m, Dir: dir}
}

// siblings makes a release with n dependencies; giver says which one gives its value to number i, if any.
func siblings(dir string, n int, giver func(i int) int) *planner.Tree {
	root := unitOf(dir, "root")
	delete(root.Release.Stages, "deploy")
	for i := range n {
		d := depend(root, unitOf(dir, fmt.Sprintf("d%05d", i)))
		if giver == nil {
			continue
		}
		if g := giver(i); g >= 0 && g < i {
			d.DeployMapping = map[string]any{"i": fmt.Sprintf("$d%05d.outputs.o", g)}
		}
	}
	return root
}

func chained(dir string, n int) *planner.Tree {
	t := unitOf(dir, "root")
	for i := range n {
		outer := unitOf(dir, fmt.Sprintf("d%05d", n-i))
		depend(outer, t)
		t = outer
	}
	return t
}

// BenchmarkFirstPlan and BenchmarkNoOpPlan make the graph of a tree, before and after it was deployed.
func BenchmarkFirstPlan(b *testing.B) { benchmarkPlan(b, false) }
func BenchmarkNoOpPlan(b *testing.B)  { benchmarkPlan(b, true) }

func benchmarkPlan(b *testing.B, deployed bool) {
	for _, shape := range []string{"fan", "layers", "hub", "chain"} {
		for _, n := range []int{10, 100, 1000} {
			if shape == "chain" && deployed && n > 100 {
				continue // a thousand deployments inside each other are more than a state holds
			}
			b.Run(fmt.Sprintf("%s/%d", shape, n), func(b *testing.B) {
				p := newScale(b, shape, n)
				if deployed {
					p.apply(b, 8)
				}
				view, err := p.store.View(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					g := p.graph(b, view.State)
					if (g.Changes() == 0) != deployed {
						b.Fatalf("%d changes", g.Changes())
					}
				}
			})
		}
	}
}

// BenchmarkApply deploys a tree whose scripts do nothing; BenchmarkBare only runs as many of these programs.
func BenchmarkApply(b *testing.B) {
	for _, shape := range []string{"fan", "layers"} {
		for _, n := range []int{10, 100, 1000} {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%d/workers=%d", shape, n, workers), func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						p := newScale(b, shape, n)
						b.StartTimer()
						p.apply(b, workers)
					}
				})
			}
		}
	}
}

func BenchmarkBare(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%d/workers=%d", n, workers), func(b *testing.B) {
				env := []string{"PATH=" + os.Getenv("PATH")}
				for b.Loop() {
					g := &planner.Graph{}
					for i := range n {
						g.Nodes = append(g.Nodes, &planner.Node{Address: fmt.Sprint(i), Action: planner.ActionDeploy})
					}
					g.Walk(workers, func(*planner.Node) bool {
						return run.RunProcess(b.Context(), &run.Command{Argv: []string{"true"}, Env: env, Lookup: os.Getenv("PATH")}) == nil
					}, nil)
				}
			})
		}
	}
}

// A scale is a tree to be deployed again and again.
type scale struct {
	tree  *planner.Tree
	store *state.FileStore
	opts  run.Options
}

func newScale(b *testing.B, shape string, n int) *scale {
	b.Helper()
	dir := b.TempDir()
	store, err := state.OpenFile(filepath.Join(dir, "escape_state.json"), state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return &scale{shapes[shape](dir, n), store, run.Options{Dir: dir, Environ: []string{"PATH=" + os.Getenv("PATH")}, Events: func(run.Event) {}}}
}

func (s *scale) graph(b *testing.B, recorded *state.State) *planner.Graph {
	b.Helper()
	planning, err := run.NewPlanning(s.tree, recorded, "dev", "", s.opts)
	if err != nil {
		b.Fatal(err)
	}
	g, findings := planner.Build(planner.Request{Environment: "dev", Targets: []planner.Target{{Action: planner.ActionDeploy}}, Values: planning}, s.tree, planner.View(recorded, "dev"))
	if _, err := planning.Err(); err != nil || len(findings) > 0 {
		b.Fatal(err, findings)
	}
	return g
}

func (s *scale) apply(b *testing.B, workers int) {
	b.Helper()
	session, err := s.store.Lock(b.Context(), state.Request{})
	if err != nil {
		b.Fatal(err)
	}
	o := s.opts
	o.Session, o.Workers = session, workers
	if _, err := run.Run(b.Context(), s.graph(b, session.State()), s.tree, o); err != nil {
		b.Fatal(err)
	}
	if err := session.Close(); err != nil {
		b.Fatal(err)
	}
}
