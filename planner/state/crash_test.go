package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
	"testing"
)

var errPower = errors.New("power cut")

// testMachine has one process, which is alive until it is said to be dead.
func testMachine(boot string, alive *bool) *machine {
	return &machine{host: "host", boot: boot, process: 1, started: boot, user: "ann",
		state: func(int) (string, bool) { return boot, *alive }}
}

// script is a list of batches in sessions. Each batch makes a state of its own, so that from a state one can tell how
// many of them it holds.
type script struct {
	sessions [][]Batch
	states   []string // states[i] holds the first i batches
}

func newScript(t testing.TB) *script {
	s := &script{}
	a := func(name string) Address { return Address{"dev", Path{name}, ""} }
	put := func(name string, code StatusCode) Change {
		return PutStatus{a(name), DeployStage, Status{Code: code, UpdatedAt: epoch}}
	}
	s.sessions = [][]Batch{
		{ // the first session of a new document, as one deploy
			{Changes: []Change{PutStage{a("app"), DeployStage, "team/app", &Stage{Inputs: map[string]any{"x": int64(1)}, Status: Status{UpdatedAt: epoch}}}}},
			{Changes: []Change{put("app", RunningPre)}},
			{Changes: []Change{put("app", RunningMain)}},
			{Changes: []Change{put("app", RunningPost)}},
			{Changes: []Change{put("app", OK), AddRevision{a("app"), Revision{Release: "team/app-v1", Outcome: OK}}}},
		},
		{ // sub-deployments and a run that is not ended
			{Changes: []Change{PutStatus{Address{"dev", Path{"app", "db"}, ""}, DeployStage, Status{Code: RunningMain, UpdatedAt: epoch}}},
				Events: []Event{{Kind: NodeStarted, Run: "r", Node: "n"}}},
			{Changes: []Change{put("other", RunningPre)}},
			{Changes: []Change{put("other", OK)}, Later: true},
			{Changes: []Change{put("other", Failure), put("app", OK)}},
		},
		{ // the run ends, something is deleted
			{Changes: []Change{DeleteDeployment{a("other")}, PutEnvironment{Environment: "prod"}}},
			{Changes: []Change{put("last", RunningPre)}, Events: []Event{{Kind: RunEnded, Run: "r"}}},
		},
	}
	model := New(DefaultProject)
	model.now = epoch
	s.states = append(s.states, content(t, model))
	for _, session := range s.sessions {
		for _, b := range session {
			if err := model.Apply(b.Changes...); err != nil {
				t.Fatal(err)
			}
			s.states = append(s.states, content(t, model))
		}
	}
	return s
}

// content is the document without serial, lineage and seal.
func content(t testing.TB, s *State) string {
	t.Helper()
	c := &State{name: s.name, envs: s.envs, now: s.now, data: s.data}
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (s *script) indexOf(doc string) int {
	for i := len(s.states) - 1; i >= 0; i-- {
		if s.states[i] == doc {
			return i
		}
	}
	return -1
}

const memPath = "/dir/escape_state.json"

func memStore(t testing.TB, m *memFS, mach *machine) *FileStore {
	t.Helper()
	s, err := OpenFile(memPath, Options{fs: m, machine: mach, Clock: m.clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// progress is how far a script got.
type progress struct{ tried, acknowledged, synced int }

// play runs the script until something fails. What fails for another reason than the power is tried once more.
func (s *script) play(store *FileStore) (p progress, err error) {
	ctx := context.Background()
	again := func(do func() error) error {
		err := do()
		if err != nil && !errors.Is(err, errPower) {
			err = do()
		}
		return err
	}
	for _, batches := range s.sessions {
		var session Session
		err := again(func() (err error) {
			session, err = store.Lock(ctx, Request{Operation: "test"})
			return err
		})
		if err != nil {
			return p, err
		}
		for _, b := range batches {
			p.tried++
			if err := again(func() error { return session.Commit(ctx, b) }); err != nil {
				return p, err
			}
			p.acknowledged++
			if b.mustSync() {
				p.synced = p.acknowledged
			}
		}
		if err := session.Close(); err == nil {
			p.synced = p.acknowledged
		} else if errors.Is(err, errPower) {
			return p, err
		}
	}
	return p, nil
}

var allLosses = []loss{lossKill, lossAll, lossOrder, lossData, lossHalf, lossZeros}

// TestCrashAfterEveryOperation cuts the power, or kills the process, after every operation on files, in every way a
// file system may lose what was not synced. What is found is the state after some number of commits, at least those
// that were acknowledged as being on disk; and the next session works.
func TestCrashAfterEveryOperation(t *testing.T) {
	s := newScript(t)
	for _, l := range allLosses {
		t.Run(l.name, func(t *testing.T) {
			for n := 0; ; n++ {
				clock := newTestClock()
				m := newMemFS(clock)
				m.fail = func(op int, _ string) error {
					if op > n {
						return errPower
					}
					return nil
				}
				alive := true
				p, err := s.play(memStore(t, m, testMachine("boot 1", &alive)))
				if err == nil {
					t.Logf("%d operations", n)
					return
				}
				if !errors.Is(err, errPower) {
					t.Fatalf("operation %d: %v", n, err)
				}
				after := m.crash(l)
				atLeast, mach := p.synced, testMachine("boot 2", &alive)
				if l.name == lossKill.name {
					alive, atLeast, mach = false, p.acknowledged, testMachine("boot 1", &alive)
				} else {
					clock.advance(2 * DefaultTTL) // a machine that starts again takes that long to be believed
				}
				checkAfterCrash(t, fmt.Sprintf("operation %d", n), s, after, mach, atLeast, p.tried)
			}
		})
	}
}

func checkAfterCrash(t *testing.T, where string, s *script, m *memFS, mach *machine, atLeast, atMost int) {
	t.Helper()
	ctx := context.Background()
	store := memStore(t, m, mach)
	if doc, err := m.readFile(memPath); err == nil && !json.Valid(doc) {
		t.Fatalf("%s: the document is no JSON: %q", where, doc)
	}
	view, err := store.View(ctx)
	if err != nil {
		t.Fatalf("%s: view: %v", where, err)
	}
	i := s.indexOf(contentWithoutRevisions(t, view.State))
	if i < atLeast || i > atMost {
		t.Fatalf("%s: found the state after %d commits, want %d to %d", where, i, atLeast, atMost)
	}
	session, err := store.Lock(ctx, Request{Operation: "after"})
	if err != nil {
		t.Fatalf("%s: lock: %v", where, err)
	}
	if got := s.indexOf(contentWithoutRevisions(t, session.State())); got != i {
		t.Fatalf("%s: the session found %d commits, the view %d", where, got, i)
	}
	if err := session.Commit(ctx, Batch{Changes: []Change{PutEnvironment{Environment: "after"}}}); err != nil {
		t.Fatalf("%s: commit: %v", where, err)
	}
	if err := session.Close(); err != nil {
		t.Fatalf("%s: close: %v", where, err)
	}
	for name := range m.names {
		if name != memPath && name != memPath+".journal" {
			t.Fatalf("%s: %s is left behind", where, name)
		}
	}
	if view, err = store.View(ctx); err != nil || !view.State.Environment("after").Exists() {
		t.Fatalf("%s: the commit after the crash is lost: %v", where, err)
	}
	if len(view.Runs) == 0 && m.names[memPath+".journal"] != nil {
		t.Fatalf("%s: the journal is left behind", where)
	}
}

// TestFailureOfEveryOperation lets every operation fail once. It is reported or does no harm, the document stays valid,
// and trying again records everything, also across a power cut at the end.
func TestFailureOfEveryOperation(t *testing.T) {
	s := newScript(t)
	ctx := context.Background()
	for _, cause := range []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS} {
		t.Run(cause.Error(), func(t *testing.T) {
			for n := 1; ; n++ {
				m := newMemFS(newTestClock())
				failed := ""
				m.fail = func(op int, kind string) error {
					if op == n {
						failed = kind
						return cause
					}
					return nil
				}
				alive := true
				store := memStore(t, m, testMachine("boot", &alive))
				where := func() string { return fmt.Sprintf("operation %d (%s)", n, failed) }
				check := func(err error) {
					t.Helper()
					if err != nil && (failed == "" || !errors.Is(err, cause)) {
						t.Fatalf("%s: %v", where(), err)
					}
					if doc, err := m.readFile(memPath); err == nil && !json.Valid(doc) {
						t.Fatalf("%s: the document is no JSON", where())
					}
				}
				for _, batches := range s.sessions {
					session, err := store.Lock(ctx, Request{})
					if check(err); err != nil {
						if session, err = store.Lock(ctx, Request{}); err != nil {
							t.Fatalf("%s: lock again: %v", where(), err)
						}
					}
					for _, b := range batches {
						err := session.Commit(ctx, b)
						if check(err); err != nil {
							if err := session.Commit(ctx, b); err != nil {
								t.Fatalf("%s: commit again: %v", where(), err)
							}
						}
					}
					check(session.Close())
				}
				if failed == "" {
					return
				}
				session, err := store.Lock(ctx, Request{})
				if err != nil {
					t.Fatalf("%s: lock at the end: %v", where(), err)
				}
				if err := session.Close(); err != nil {
					t.Fatalf("%s: close at the end: %v", where(), err)
				}
				view, err := memStore(t, m.crash(lossAll), testMachine("boot 2", &alive)).View(ctx)
				if err != nil {
					t.Fatalf("%s: %v", where(), err)
				}
				if got := len(s.states) - 1; s.indexOf(contentWithoutRevisions(t, view.State)) != got {
					t.Fatalf("%s: state at the end:\n%s\nwant:\n%s", where(), content(t, view.State), s.states[got])
				}
			}
		})
	}
}

// TestFailureAndThenCrash lets one operation fail, and cuts the power some operations later.
func TestFailureAndThenCrash(t *testing.T) {
	s := newScript(t)
	for _, l := range allLosses {
		t.Run(l.name, func(t *testing.T) {
			step := 1
			if testing.Short() {
				step = 5
			}
			for fails := 1; fails < 70; fails += step {
				for _, distance := range []int{1, 2, 3, 4, 5, 7, 9, 12, 20} {
					clock := newTestClock()
					m := newMemFS(clock)
					m.fail = func(op int, _ string) error {
						switch {
						case op == fails:
							return syscall.EIO
						case op > fails+distance:
							return errPower
						}
						return nil
					}
					alive := true
					p, _ := s.play(memStore(t, m, testMachine("boot 1", &alive)))
					atLeast, mach := p.synced, testMachine("boot 2", &alive)
					if l.name == lossKill.name {
						alive, atLeast, mach = false, p.acknowledged, testMachine("boot 1", &alive)
					}
					clock.advance(2 * DefaultTTL)
					checkAfterCrash(t, fmt.Sprintf("operation %d failed, power cut %d later", fails, distance), s, m.crash(l), mach, atLeast, p.tried)
				}
			}
		})
	}
}

// contentWithoutRevisions leaves out a revision that was recorded twice because an error made the test commit it again.
func contentWithoutRevisions(t *testing.T, s *State) string {
	d, _ := s.Environment("dev").Deployment("app")
	if d != nil && len(d.Revisions) == 2 {
		d = d.Clone()
		d.Revisions = d.Revisions[:1]
		if err := s.Apply(PutDeployment{Address{"dev", Path{"app"}, ""}, d}); err != nil {
			t.Fatal(err)
		}
	}
	return content(t, s)
}
