package state

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
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

// BenchmarkEncode writes a document that was read and is as it was.
func BenchmarkEncode(b *testing.B) {
	for _, n := range sizes {
		s := project(b, n)
		s.serial = 1
		for range 2 { // to the layout of its size
			data, err := s.Encode()
			if err != nil {
				b.Fatal(err)
			}
			s = mustDecode(b, string(data))
		}
		data := s.data
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

// BenchmarkProviders is what a deployment pays that consumes something.
func BenchmarkProviders(b *testing.B) {
	s := project(b, 10_000)
	if err := s.Apply(PutStage{Address{"prod", Path{"team/db"}, ""}, DeployStage, "", &Stage{Provides: []string{"database"}, Status: Status{Code: OK}}}); err != nil {
		b.Fatal(err)
	}
	data, err := s.Encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		s := mustDecode(b, string(data))
		b.StartTimer()
		if found := s.Environment("prod").Providers(); len(found["database"]) != 1 {
			b.Fatal(found)
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

// deploy returns the commits of a deploy with as many sub-deployments, each deployed before the root goes on.
func deploy(a Address, subs int) []Batch {
	root := commits(a)
	all := root[:2:2]
	for i := range subs {
		all = append(all, commits(Address{a.Environment, a.Path.Child(fmt.Sprintf("dep%d", i)), DeployStage})...)
	}
	return append(all, root[2:]...)
}

// BenchmarkDeploy opens the store, records one deploy in eight commits for each deployment, and closes. Its cost must hardly
// depend on the size of the document.
func BenchmarkDeploy(b *testing.B) {
	for _, subs := range []int{0, 10, 30} {
		batches := deploy(Address{"prod", Path{"team/app-00005x"}, ""}, subs)
		for _, n := range sizes {
			b.Run(fmt.Sprintf("subs=%d/%d", subs, n), func(b *testing.B) {
				path := bigDocument(b, n)
				start := cpuTime()
				for b.Loop() {
					session(b, path, batches)
				}
				if used := cpuTime() - start; used > 0 {
					b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
				}
			})
		}
	}
}

// BenchmarkFloor does to a document of that size what no program can leave out: read it, know whether it is what was
// written, write it anew and wait for the disk.
func BenchmarkFloor(b *testing.B) {
	for _, n := range sizes[1:] {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			path := bigDocument(b, n)
			start := cpuTime()
			for b.Loop() {
				data, err := os.ReadFile(path)
				if err != nil {
					b.Fatal(err)
				}
				crc32.Checksum(data, castagnoli())
				f, err := os.Create(path + ".tmp")
				if err != nil {
					b.Fatal(err)
				}
				_, err = f.Write(data)
				if err := errors.Join(err, f.Sync(), f.Close(), os.Rename(path+".tmp", path), osFS{}.syncDir(filepath.Dir(path))); err != nil {
					b.Fatal(err)
				}
			}
			if used := cpuTime() - start; used > 0 {
				b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
			}
		})
	}
}

// bigDocument writes a state of n deployments as a session leaves it and returns its path.
func bigDocument(b *testing.B, n int) string {
	path := filepath.Join(b.TempDir(), "escape_state.json")
	if n == 0 {
		return path
	}
	data, err := project(b, n).Encode()
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	session(b, path, commits(Address{"prod", Path{"team/app-00000"}, ""}))
	return path
}

// session makes the commits in one session.
func session(b *testing.B, path string, batches []Batch) {
	store, err := OpenFile(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Lock(b.Context(), Request{Operation: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range batches {
		if err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCommit appends one status; its cost must not depend on the size of the document.
func BenchmarkCommit(b *testing.B) {
	for _, n := range sizes {
		for _, sync := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/sync=%v", n, sync), func(b *testing.B) {
				ctx := b.Context()
				path := bigDocument(b, n)
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

// BenchmarkNested records five commits of each sub-deployment below one root deployment: side by side, or each below the
// one before.
func BenchmarkNested(b *testing.B) {
	const commits = 5
	for _, shape := range []struct {
		name string
		subs int
		path func(i int) Path
	}{
		{"wide", 100, func(i int) Path { return Path{"root", fmt.Sprintf("dep%d", i)} }},
		{"wide", 1000, func(i int) Path { return Path{"root", fmt.Sprintf("dep%d", i)} }},
		{"deep", 10, chainPath},
		{"deep", 100, chainPath},
	} {
		b.Run(fmt.Sprintf("%s/%d", shape.name, shape.subs), func(b *testing.B) {
			var journal, size, committing int64
			for b.Loop() {
				path := filepath.Join(b.TempDir(), "escape_state.json")
				store, err := OpenFile(path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				s, err := store.Lock(b.Context(), Request{Operation: "bench"})
				if err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				for i := range shape.subs {
					for range commits {
						st := typical("x", i).Stages[DeployStage]
						st.Status.Code = RunningPre
						if err := s.Commit(b.Context(), Batch{Changes: []Change{PutStage{Address{"prod", shape.path(i), DeployStage}, DeployStage, "team/dep", st}}}); err != nil {
							b.Fatal(err)
						}
					}
				}
				committing += time.Since(began).Nanoseconds()
				journal += s.(*fileSession).end
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				info, err := os.Stat(path)
				if err != nil {
					b.Fatal(err)
				}
				size = info.Size()
			}
			n := float64(shape.subs * commits * b.N)
			b.ReportMetric(float64(committing)/n, "ns/commit")
			b.ReportMetric(float64(journal)/n, "journal-B/commit")
			b.ReportMetric(float64(size)/float64(shape.subs), "B/deployment")
		})
	}
}

func chainPath(i int) Path {
	p := Path{"root"}
	for j := range i + 1 {
		p = append(p, fmt.Sprintf("dep%d", j))
	}
	return p
}
