//go:build unix

package run_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// A lateSession notes which nodes were finished, but are not on the disk.
type lateSession struct {
	state.Session
	mu     sync.Mutex
	open   []string
	laters int
}

func (s *lateSession) Commit(ctx context.Context, b state.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.Session.Commit(ctx, b)
	switch {
	case b.Sync:
		s.open = nil
	case b.Later:
		s.laters++
		for _, e := range b.Events {
			s.open = append(s.open, e.Node)
		}
	}
	return err
}

func (s *lateSession) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = nil
	return s.Session.(interface{ Sync() error }).Sync()
}

func (s *lateSession) unsynced() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// TestFinishedBeforeOthersStart runs scripts one by one: when one starts, what finished before is on the disk, and so is
// everything at the end. The smoke test changes nothing elsewhere, so its start needs no sync of its own.
func TestFinishedBeforeOthersStart(t *testing.T) {
	dir := t.TempDir()
	store, err := state.OpenFile(filepath.Join(dir, "escape_state.json"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	locked, err := store.Lock(t.Context(), state.Request{})
	if err != nil {
		t.Fatal(err)
	}
	session := &lateSession{Session: locked}
	tree := siblings(dir, 4, func(i int) int { return i - 1 })
	smoke := *unitOf(dir, "x").Release.Stages["deploy"]
	tree.Release.Stages["deploy"], tree.Release.Stages["smoke"] = &smoke, &smoke
	scripts := 0
	o := run.Options{Dir: dir, Environ: []string{"PATH=" + os.Getenv("PATH")}, Session: session, Workers: 1}
	o.Exec = func(context.Context, *run.Command) error {
		scripts++
		if open := session.unsynced(); len(open) > 0 {
			t.Errorf("script %d starts, but %q may be forgotten", scripts, open)
		}
		return nil
	}
	planning, err := run.NewPlanning(tree, session.State(), "dev", "", o)
	if err != nil {
		t.Fatal(err)
	}
	g, findings := planner.Build(planner.Request{Environment: "dev", Values: planning,
		Targets: []planner.Target{{Action: planner.ActionDeploy}, {Action: planner.ActionSmoke}}}, tree, planner.View(session.State(), "dev"))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if _, err := run.Run(t.Context(), g, tree, o); err != nil {
		t.Fatal(err)
	}
	if scripts != 6 || session.laters != 6 {
		t.Errorf("%d scripts, %d of which were recorded for later, want 6", scripts, session.laters)
	}
	if open := session.unsynced(); len(open) > 0 {
		t.Errorf("at the end %q may be forgotten", open)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
}
