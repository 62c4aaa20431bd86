package statefile_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"escape.build/escape/lsp"
	"escape.build/escape/lsp/statefile"
	"escape.build/escape/planner/state"
)

// put records a deployment of a release.
func put(t *testing.T, file string, at state.Address, release string, inputs map[string]any) {
	t.Helper()
	s := lock(t, file)
	defer s.Close()
	stage := &state.Stage{CalculatedInputs: inputs, Version: "1.0", Status: state.Status{Code: state.OK, UpdatedAt: time.Unix(1, 0)}}
	err := s.Commit(context.Background(), state.Batch{Changes: []state.Change{
		state.PutStage{Address: at, Stage: state.DeployStage, Release: release, Value: stage},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func lock(t *testing.T, file string) state.Session {
	t.Helper()
	store, err := state.OpenFile(file, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Lock(context.Background(), state.Request{Operation: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(environment string, path ...string) state.Address {
	return state.Address{Environment: environment, Path: path}
}

// zones is what was found, with the value of one input.
func zones(list []*lsp.Deployment) map[string]any {
	out := map[string]any{}
	for _, d := range list {
		out[d.Environment+" "+d.Name] = d.Inputs["zone"]
	}
	return out
}

func none() string { return "" }

// Deployments of a package are found in the nearest file, in files around it and in that of the profile, whatever they are called
// and wherever they lie in others. What was changed is read again.
func TestDeployments(t *testing.T) {
	ctx, root := context.Background(), t.TempDir()
	dir := filepath.Join(root, "plans", "app")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	near, far := filepath.Join(dir, lsp.StateFile), filepath.Join(root, lsp.StateFile)
	profile := filepath.Join(t.TempDir(), "profile.json")
	zone := func(s string) map[string]any { return map[string]any{"zone": s} }
	put(t, near, at("dev", "shop/app"), "shop/app", zone("near"))
	put(t, far, at("dev", "shop/app"), "shop/app", zone("far"))
	put(t, far, at("prod", "other"), "shop/app", zone("prod"))
	put(t, far, at("prod", "around"), "shop/around", nil)
	put(t, far, at("prod", "around", "app"), "shop/app", zone("below"))
	put(t, profile, at("test", "mine"), "shop/app", zone("profile"))
	r := statefile.New(func() string { return profile })
	want := map[string]any{"dev shop/app": "near", "prod other": "prod", "prod around:app": "below", "test mine": "profile"}
	for range 2 {
		got, err := r.Deployments(ctx, root, dir, "shop/app")
		if err != nil || !maps.Equal(zones(got), want) {
			t.Errorf("found %v, %v; want %v", zones(got), err, want)
		}
	}
	put(t, near, at("dev", "shop/app"), "shop/app", zone("nearer"))
	got, err := r.Deployments(ctx, dir, dir, "shop/app") // nothing is looked for around it
	if want := map[string]any{"dev shop/app": "nearer", "test mine": "profile"}; err != nil || !maps.Equal(zones(got), want) {
		t.Errorf("found %v, %v; want %v", zones(got), err, want)
	}
	if got, err := r.Deployments(ctx, root, dir, "shop/none"); err != nil || got != nil {
		t.Errorf("a package that is deployed nowhere has %v, %v", got, err)
	}
}

// A state that was changed just before is read again even if it looks the same: the next change may follow within one tick of the clock
// of the file system. Later it is not.
func TestChangedTwiceInATick(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	file := filepath.Join(dir, lsp.StateFile)
	r := statefile.New(none)
	zone := func(text string, when time.Time) any {
		t.Helper()
		put(t, file, at("dev", "app"), "shop/app", map[string]any{"zone": text})
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
		got, err := r.Deployments(ctx, dir, dir, "shop/app")
		if err != nil || len(got) != 1 {
			t.Fatalf("found %v, %v", got, err)
		}
		return got[0].Inputs["zone"]
	}
	soon, old := time.Now().Add(time.Minute), time.Now().Add(-time.Hour)
	for _, want := range []string{"a", "b"} {
		if got := zone(want, soon); got != want {
			t.Errorf("just changed: got %v, want %s", got, want)
		}
	}
	for _, text := range []string{"c", "d"} {
		if got := zone(text, old); got != "c" {
			t.Errorf("changed long ago: got %v, want that of the first reading", got)
		}
	}
}

// Reading waits for nobody who changes the state, sees what was committed, and leaves no traces.
func TestOnlyReads(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	file := filepath.Join(dir, lsp.StateFile)
	put(t, file, at("dev", "shop/app"), "shop/app", map[string]any{"zone": "before"})
	s := lock(t, file)
	stage := &state.Stage{CalculatedInputs: map[string]any{"zone": "now"}, Status: state.Status{Code: state.OK, UpdatedAt: time.Unix(2, 0)}}
	change := state.PutStage{Address: at("dev", "shop/app"), Stage: state.DeployStage, Release: "shop/app", Value: stage}
	if err := s.Commit(ctx, state.Batch{Changes: []state.Change{change}}); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	got, err := statefile.New(none).Deployments(ctx, dir, dir, "shop/app")
	if want := map[string]any{"dev shop/app": "now"}; err != nil || !maps.Equal(zones(got), want) {
		t.Errorf("while it is locked, found %v, %v; want %v", zones(got), err, want)
	}
	if after := listing(t, dir); !slices.Equal(before, after) {
		t.Errorf("files were %q and are %q", before, after)
	}
	if err := s.Close(); err != nil {
		t.Errorf("who had locked the state could not go on: %v", err)
	}
	empty := t.TempDir()
	if got, err := statefile.New(none).Deployments(ctx, empty, empty, "shop/app"); err != nil || got != nil || len(listing(t, empty)) > 0 {
		t.Errorf("where there is no state, found %v, %v, and made %q", got, err, listing(t, empty))
	}
}

func listing(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

// What is no state, or too large a one, is an error. It does not hide what others say.
func TestBadFiles(t *testing.T) {
	ctx := context.Background()
	bad := map[string]func(file string) error{
		"no JSON":   func(file string) error { return os.WriteFile(file, []byte("{"), 0o666) },
		"a folder":  func(file string) error { return os.Mkdir(file, 0o777) },
		"too large": func(file string) error { return os.WriteFile(file, make([]byte, 16<<20+1), 0o666) },
	}
	for name, create := range bad {
		dir := t.TempDir()
		file := filepath.Join(dir, lsp.StateFile)
		if err := create(file); err != nil {
			t.Fatal(err)
		}
		if got, err := statefile.New(none).Deployments(ctx, dir, dir, "shop/app"); err == nil || got != nil {
			t.Errorf("%s gives %v, %v", name, got, err)
		}
		profile := filepath.Join(t.TempDir(), "profile.json")
		put(t, profile, at("dev", "app"), "shop/app", map[string]any{"zone": "x"})
		got, err := statefile.New(func() string { return profile }).Deployments(ctx, dir, dir, "shop/app")
		if want := map[string]any{"dev app": "x"}; err != nil || !maps.Equal(zones(got), want) {
			t.Errorf("beside %s, found %v, %v; want %v", name, zones(got), err, want)
		}
	}
}
