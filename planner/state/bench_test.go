package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// project returns a state of n deployments as a small application leaves them.
func project(t testing.TB, n int) *State {
	t.Helper()
	s := New("local-state-project")
	var changes []Change
	for i := range n {
		name := fmt.Sprintf("team/app-%05d", i)
		changes = append(changes, PutDeployment{Address{"prod", Path{name}, ""}, typical(name, i)})
	}
	if err := s.Apply(changes...); err != nil {
		t.Fatal(err)
	}
	return s
}

func typical(name string, i int) *Deployment {
	return &Deployment{Name: name, Release: name, Stages: map[StageName]*Stage{DeployStage: {
		Inputs:            map[string]any{"region": "eu-west"},
		CalculatedInputs:  map[string]any{"region": "eu-west", "replicas": int64(i % 7), "url": "https://" + strconv.Itoa(i) + ".example.org/"},
		CalculatedOutputs: map[string]any{"address": "https://" + strconv.Itoa(i) + ".example.org/"},
		Providers:         map[string]string{"database": "team/db"},
		Version:           "1.0." + strconv.Itoa(i%20),
		Status:            Status{Code: OK, UpdatedAt: epoch},
	}}}
}

var sizes = []int{0, 100, 10_000}

func BenchmarkDecode(b *testing.B) {
	for _, n := range sizes {
		data, err := project(b, n).Encode()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(data, epoch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range sizes {
		data, err := project(b, n).Encode()
		if err != nil {
			b.Fatal(err)
		}
		s := mustDecode(b, string(data))
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := s.Encode(); err != nil {
					b.Fatal(err)
				}
			}
			if n > 0 {
				var values encoder
				values.compact = true
				for _, d := range s.Environment("prod").Deployments() {
					st := d.Stages[DeployStage]
					for _, m := range []map[string]any{st.Inputs, st.CalculatedInputs, st.CalculatedOutputs} {
						values.value(m)
					}
				}
				b.ReportMetric(float64(len(data))/float64(n), "B/deployment")
				b.ReportMetric(float64(len(values.out))/float64(n), "B/values")
			}
		})
	}
}

// BenchmarkDecodeAll is what the planner pays who looks at every deployment.
func BenchmarkDecodeAll(b *testing.B) {
	data, err := project(b, 10_000).Encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, d := range mustDecode(b, string(data)).Environment("prod").Deployments() {
			runtime.KeepAlive(d)
		}
	}
}

// commits are what one deploy records, in the order of chapter 30, 4.9.
func commits(a Address) []Batch {
	st := typical(a.Path.Root(), 1).Stages[DeployStage]
	with := func(code StatusCode) []Change {
		return []Change{PutStatus{a, DeployStage, Status{Code: code, UpdatedAt: epoch}}}
	}
	running := *st
	running.Status.Code = RunningPre
	return []Batch{
		{Changes: []Change{PutStage{a, DeployStage, "team/app", &running}}},
		{Changes: with(RunningPre)},
		{Changes: []Change{PutStage{a, DeployStage, "team/app", &running}}},
		{Changes: with(RunningMain)},
		{Changes: []Change{PutStage{a, DeployStage, "team/app", &running}}},
		{Changes: with(RunningPost)},
		{Changes: []Change{PutStage{a, DeployStage, "team/app", &running}}},
		{Changes: with(OK)},
	}
}

// BenchmarkDeploy opens the store, records one deploy in eight commits and closes.
func BenchmarkDeploy(b *testing.B) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			ctx := context.Background()
			path := filepath.Join(b.TempDir(), "escape_state.json")
			if n > 0 {
				data, err := project(b, n).Encode()
				if err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(path, data, 0o600); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				store, err := OpenFile(path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				session, err := store.Lock(ctx, Request{Operation: "bench"})
				if err != nil {
					b.Fatal(err)
				}
				for _, c := range commits(Address{"prod", Path{"team/app-00005x"}, ""}) {
					if err := session.Commit(ctx, c); err != nil {
						b.Fatal(err)
					}
				}
				if err := session.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCommit appends one status; its cost must not depend on the size of the document.
func BenchmarkCommit(b *testing.B) {
	for _, n := range sizes {
		for _, sync := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/sync=%v", n, sync), func(b *testing.B) {
				ctx := context.Background()
				path := filepath.Join(b.TempDir(), "escape_state.json")
				if n > 0 {
					data, err := project(b, n).Encode()
					if err != nil {
						b.Fatal(err)
					}
					if err := os.WriteFile(path, data, 0o600); err != nil {
						b.Fatal(err)
					}
				}
				store, err := OpenFile(path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				session, err := store.Lock(ctx, Request{Operation: "bench"})
				if err != nil {
					b.Fatal(err)
				}
				defer session.Close()
				batch := Batch{Sync: sync, Changes: []Change{PutStatus{Address{"prod", Path{"team/app-00005"}, ""}, DeployStage,
					Status{Code: RunningPre, UpdatedAt: epoch}}}}
				b.ReportAllocs()
				for b.Loop() {
					if err := session.Commit(ctx, batch); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
