// Package statetest holds the tests that every state.Store passes: what a session records is there, all of it and for
// everybody; there is one session at a time; who lost the lease records nothing more.
//
// Run and RunUnlocked are the entry points. They do not test what only one kind of store has, such as files and journals.
// Server is a server to test remote stores with.
package statetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"sync"
	"testing"
	"time"

	"escape.build/escape/planner/state"
	"github.com/google/go-cmp/cmp"
)

// tests are those for every kind of store. They work on the environment "dev" alone.
var tests = map[string]func(*testing.T, func() state.Store){
	"EmptyAtFirst":            emptyAtFirst,
	"NothingIsSavedByReading": nothingIsSavedByReading,
	"CommitsAreSeenAtOnce":    commitsAreSeenAtOnce,
	"CommitsStay":             commitsStay,
	"BatchIsAllOrNothing":     batchIsAllOrNothing,
	"EveryDeploymentChange":   everyDeploymentChange,
	"Values":                  values,
	"UnknownKeysStay":         unknownKeysStay,
	"ClosedSession":           closedSession,
	"CancelledContext":        cancelledContext,
	"RunningIsInterrupted":    runningIsInterrupted,
	"ManyGoroutines":          manyGoroutines,
	"ManyWriters":             manyWriters,
	"Revisions":               revisions,
}

// leaseTests are those for stores with a lease, serial and lineage, environments and runs.
var leaseTests = map[string]func(*testing.T, func() state.Store){
	"EveryChange":             everyChange,
	"SerialAndLineage":        serialAndLineage,
	"LeaseIsSeen":             leaseIsSeen,
	"OneSessionAtATime":       oneSessionAtATime,
	"WaitForTheLease":         waitForTheLease,
	"FencedAfterUnlock":       fencedAfterUnlock,
	"UnlockNeedsTheToken":     unlockNeedsTheToken,
	"FencesGrow":              fencesGrow,
	"Interrupted":             interrupted,
	"RunsAreKeptUntilTheyEnd": runsAreKept,
}

// Run tests a kind of store. open is called once per test and returns a function that opens the store of that test,
// which is empty at first; each call of it stands for another process.
func Run(t *testing.T, open func(t *testing.T) func() state.Store) {
	all := maps.Clone(tests)
	maps.Copy(all, leaseTests)
	run(t, open, all)
}

// RunUnlocked is Run for a kind of store that has neither lease nor journal and may keep the environment "dev" alone.
func RunUnlocked(t *testing.T, open func(t *testing.T) func() state.Store) { run(t, open, tests) }

func run(t *testing.T, open func(t *testing.T) func() state.Store, tests map[string]func(*testing.T, func() state.Store)) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var (
	ctx  = context.Background()
	when = time.Date(2018, 11, 21, 20, 47, 49, 433567590, time.UTC)
)

func root(name string) state.Address {
	return state.Address{Environment: "dev", Path: state.Path{name}}
}

func status(code state.StatusCode) state.Status { return state.Status{Code: code, UpdatedAt: when} }

func lock(t *testing.T, s state.Store) state.Session {
	t.Helper()
	session, err := s.Lock(ctx, state.Request{Operation: "test", User: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func commit(t *testing.T, s state.Session, changes ...state.Change) {
	t.Helper()
	if err := s.Commit(ctx, state.Batch{Changes: changes}); err != nil {
		t.Fatal(err)
	}
}

func closeSession(t *testing.T, s state.Session) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, s state.Store) *state.View {
	t.Helper()
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func encode(t *testing.T, s *state.State) string {
	t.Helper()
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func emptyAtFirst(t *testing.T, open func() state.Store) {
	v := view(t, open())
	if v.State.Project() == "" || len(v.State.Environments()) != 0 || v.State.Serial() != 0 || v.State.Lineage() != "" {
		t.Errorf("new store holds %s", encode(t, v.State))
	}
	if v.Lease != nil || len(v.Interrupted) != 0 || len(v.Runs) != 0 {
		t.Errorf("new store has lease %v, interrupted %v, runs %v", v.Lease, v.Interrupted, v.Runs)
	}
}

func nothingIsSavedByReading(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	commit(t, s, state.PutStatus{Address: root("a"), Stage: state.BuildStage, Status: status(state.OK)})
	closeSession(t, s)
	before := encode(t, view(t, open()).State)
	s = lock(t, open())
	env := s.State().Environment("dev")
	env.Providers()
	s.State().Environment("other").Providers()
	s.State().Lookup(state.Address{Environment: "dev", Path: state.Path{"a", "b"}})
	s.State().Stage(root("a"), state.DeployStage)
	s.State().MergedInputs(root("a"), state.DeployStage)
	closeSession(t, s)
	if diff := cmp.Diff(before, encode(t, view(t, open()).State)); diff != "" {
		t.Errorf("reading changed the state: %s", diff)
	}
}

func commitsAreSeenAtOnce(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	for i, code := range []state.StatusCode{state.RunningPre, state.RunningMain, state.RunningPost, state.OK} {
		commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(code)})
		v := view(t, open())
		if st, _ := v.State.Stage(root("a"), state.DeployStage); st.Status.Code != code {
			t.Errorf("commit %d: another process sees %q, want %q", i, st.Status.Code, code)
		}
		if st, _ := s.State().Stage(root("a"), state.DeployStage); st.Status.Code != code {
			t.Errorf("commit %d: the session sees %q, want %q", i, st.Status.Code, code)
		}
	}
}

func leaseIsSeen(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	for i := range 2 {
		if l := view(t, open()).Lease; l == nil || l.Operation != "test" || l.User != "ann" {
			t.Errorf("after %d commits: lease %+v", i, l)
		}
		commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
	}
	closeSession(t, s)
	if l := view(t, open()).Lease; l != nil {
		t.Errorf("lease is left: %+v", l)
	}
}

func commitsStay(t *testing.T, open func() state.Store) {
	for i := range 5 {
		s := lock(t, open())
		for j := range i {
			commit(t, s, state.PutStatus{Address: root(fmt.Sprintf("a%d", j)), Stage: state.DeployStage, Status: status(state.OK)})
		}
		closeSession(t, s)
		if n := len(view(t, open()).State.Environment("dev").Names()); n != i {
			t.Errorf("session %d: %d deployments, want %d", i, n, i)
		}
	}
}

func serialAndLineage(t *testing.T, open func() state.Store) {
	var lineage string
	var serial int64
	for i := range 5 {
		s := lock(t, open())
		for range i {
			commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
		}
		closeSession(t, s)
		v := view(t, open())
		if i > 0 && v.State.Serial() < serial+int64(i) {
			t.Errorf("session %d: serial %d after %d", i, v.State.Serial(), serial)
		}
		if lineage != "" && v.State.Lineage() != lineage {
			t.Errorf("session %d: lineage changed", i)
		}
		lineage, serial = v.State.Lineage(), v.State.Serial()
	}
	if lineage == "" {
		t.Error("there is no lineage")
	}
}

func batchIsAllOrNothing(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
	before := encode(t, s.State())
	err := s.Commit(ctx, state.Batch{Changes: []state.Change{
		state.PutStatus{Address: root("b"), Stage: state.DeployStage, Status: status(state.OK)},
		state.DeleteDeployment{Address: root("a")},
		state.PutStatus{Address: root("not allowed"), Stage: state.DeployStage, Status: status(state.OK)},
	}})
	var name *state.NameError
	if !errors.As(err, &name) {
		t.Errorf("error is %v, want a NameError", err)
	}
	err = s.Commit(ctx, state.Batch{Changes: []state.Change{
		state.PutStatus{Address: root("b"), Stage: state.DeployStage, Status: status(state.OK)},
		state.PutStage{Address: root("c"), Stage: state.DeployStage, Value: &state.Stage{Inputs: map[string]any{"f": func() {}}}},
	}})
	if err == nil {
		t.Error("a function was recorded")
	}
	if diff := cmp.Diff(before, encode(t, s.State())); diff != "" {
		t.Errorf("refused batches changed the session: %s", diff)
	}
	if diff := cmp.Diff(before, encode(t, view(t, open()).State)); diff != "" {
		t.Errorf("refused batches changed the store: %s", diff)
	}
}

func everyChange(t *testing.T, open func() state.Store) {
	steps := append(deploymentSteps(),
		[]state.Change{state.PutEnvironment{Environment: "dev", Inputs: map[string]any{"region": "eu"}}},
		[]state.Change{state.PutEnvironment{Environment: "prod"}, state.PutEnvironment{Environment: "gone"}},
		[]state.Change{state.DeleteEnvironment{Environment: "gone"}, state.DeleteEnvironment{Environment: "never"}},
		[]state.Change{state.DeleteEnvironment{Environment: "dev"}, state.PutStatus{Address: root("new"), Stage: state.DeployStage, Status: status(state.OK)}})
	play(t, open, steps)
	if names := view(t, open()).State.Environment("dev").Names(); !cmp.Equal(names, []string{"new"}) {
		t.Errorf("deployments at the end: %v", names)
	}
}

func everyDeploymentChange(t *testing.T, open func() state.Store) { play(t, open, deploymentSteps()) }

// deploymentSteps are batches with every change of deployments.
func deploymentSteps() [][]state.Change {
	sub := state.Address{Environment: "dev", Path: state.Path{"a", "db", "disk"}, RootStage: state.BuildStage}
	db := state.Address{Environment: "dev", Path: state.Path{"a", "db"}, RootStage: state.DeployStage}
	return [][]state.Change{
		{state.PutDeployment{Address: root("a"), Deployment: &state.Deployment{Release: "team/a", Inputs: map[string]any{"x": int64(1)}}}},
		{state.PutStage{Address: sub, Stage: state.DeployStage, Release: "team/disk", Value: &state.Stage{
			Version: "2.0", Provides: []string{"storage"}, Status: status(state.OK)}}},
		{state.PutStage{Address: root("a"), Stage: state.BuildStage, Value: &state.Stage{Version: "1", Status: status(state.OK)}}},
		{state.PutStatus{Address: sub, Stage: state.DeployStage, Status: status(state.Failure)}},
		{state.AddRevision{Address: root("a"), Revision: state.Revision{Release: "team/a-v1", Outcome: state.OK, At: when}}},
		{state.PutStatus{Address: root("b"), Stage: state.DeployStage, Status: status(state.OK)},
			state.DeleteDeployment{Address: root("b")}, state.DeleteDeployment{Address: root("nobody")}},
		{state.PutDeployment{Address: db, Deployment: &state.Deployment{Name: "db", Release: "team/db"}},
			state.PutStatus{Address: db, Stage: state.DeployStage, Status: status(state.OK)},
			state.AddRevision{Address: db, Revision: state.Revision{Release: "team/db-v1", Outcome: state.OK, At: when}}},
		{state.DeleteDeployment{Address: db}},
		{state.DeleteDeployment{Address: db}},
		{state.PutStatus{Address: root("c"), Stage: state.DeployStage, Status: status(state.OK)}, state.DeleteDeployment{Address: root("a")}},
	}
}

// play commits batches in several sessions and compares the state with a model after each.
func play(t *testing.T, open func() state.Store, steps [][]state.Change) {
	s := lock(t, open())
	model := state.New(s.State().Project())
	for i, changes := range steps {
		commit(t, s, changes...)
		if err := model.Apply(changes...); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("step %d, session", i), model, s.State())
		same(t, fmt.Sprintf("step %d, another process", i), model, view(t, open()).State)
		if i%3 == 2 {
			closeSession(t, s)
			same(t, fmt.Sprintf("step %d, closed", i), model, view(t, open()).State)
			s = lock(t, open())
		}
		if i == 3 {
			st, _ := s.State().Stage(root("a"), state.BuildStage)
			if st.Version != "1" || st.Deployments["db"] == nil {
				t.Errorf("putting a stage lost its sub-deployments: %+v", st)
			}
		}
	}
	closeSession(t, s)
}

// same compares everything but serial and lineage.
func same(t *testing.T, where string, want, got *state.State) {
	t.Helper()
	if diff := cmp.Diff(want.Environments(), got.Environments()); diff != "" {
		t.Errorf("%s: environments: %s", where, diff)
	}
	for _, env := range want.Environments() {
		w, g := want.Environment(env), got.Environment(env)
		if diff := cmp.Diff(w.Names(), g.Names()); diff != "" {
			t.Errorf("%s: deployments of %s: %s", where, env, diff)
		}
		if len(w.Inputs())+len(g.Inputs()) > 0 && !cmp.Equal(w.Inputs(), g.Inputs()) {
			t.Errorf("%s: inputs of %s: %s", where, env, cmp.Diff(w.Inputs(), g.Inputs()))
		}
		for name, d := range w.Deployments() {
			other, _ := g.Deployment(name)
			if diff := cmp.Diff(jsonOf(t, d), jsonOf(t, other)); diff != "" {
				t.Errorf("%s: %s/%s: %s", where, env, name, diff)
			}
		}
	}
}

func jsonOf(t *testing.T, d *state.Deployment) string {
	t.Helper()
	if d == nil {
		return ""
	}
	data, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return implied.ReplaceAllString(string(data), `"empty"`)
}

// implied matches the status of a stage that came into being on the way to another one; when that was is up to the
// store.
var implied = regexp.MustCompile(`"empty",\s*"updated_at": "[^"]*"`)

func values(t *testing.T, open func() state.Store) {
	all := map[string]any{
		"string": "a\"b\\c\n\t\x01<&>\u2028ü😀", "empty": "", "true": true, "false": false, "nil": nil,
		"int": int64(-42), "min": int64(-1 << 63), "uint": uint64(1<<64 - 1), "float": 1.5, "whole float": 2.0, "tiny": 1e-300,
		"huge": 1e300, "list": []any{int64(1), "two", []any{}, map[string]any{"k": nil}}, "object": map[string]any{"a b": "c"},
	}
	s := lock(t, open())
	commit(t, s, state.PutStage{Address: root("a"), Stage: state.DeployStage, Value: &state.Stage{Inputs: all, Status: status(state.OK)}})
	closeSession(t, s)
	st, _ := view(t, open()).State.Stage(root("a"), state.DeployStage)
	if diff := cmp.Diff(all, st.Inputs); diff != "" {
		t.Error(diff)
	}
}

func unknownKeysStay(t *testing.T, open func() state.Store) {
	extra := map[string]any{"since_next_year": map[string]any{"n": int64(1)}}
	d := &state.Deployment{Name: "a", Release: "a", Extra: extra, Stages: map[state.StageName]*state.Stage{
		state.DeployStage: {Status: state.Status{Code: state.OK, UpdatedAt: when, Extra: extra}, Extra: extra}},
		Revisions: []state.Revision{{Number: 1, Extra: extra}}}
	s := lock(t, open())
	commit(t, s, state.PutDeployment{Address: root("a"), Deployment: d})
	closeSession(t, s)
	s = lock(t, open())
	commit(t, s, state.PutStatus{Address: root("b"), Stage: state.DeployStage, Status: status(state.OK)})
	closeSession(t, s)
	got, _ := view(t, open()).State.Environment("dev").Deployment("a")
	if diff := cmp.Diff(d, got); diff != "" {
		t.Error(diff)
	}
}

func oneSessionAtATime(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	_, err := open().Lock(ctx, state.Request{Operation: "second"})
	var locked *state.LockedError
	if !errors.Is(err, state.ErrLocked) || !errors.As(err, &locked) {
		t.Fatalf("second lock: %v", err)
	}
	l := locked.Lease
	if l.Token != s.Lease().Token || l.User != "ann" || l.Operation != "test" || l.Since.IsZero() || !l.Expires.After(l.Since) {
		t.Errorf("the error names %+v", l)
	}
	closeSession(t, s)
	closeSession(t, lock(t, open()))
}

func waitForTheLease(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := open().Lock(short, state.Request{Wait: true}); !errors.Is(err, state.ErrLocked) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting in vain: %v", err)
	}
	waiting, done := make(chan state.Lease, 1), make(chan error, 1)
	go func() {
		second, err := open().Lock(ctx, state.Request{Wait: true, Waiting: func(l state.Lease) { waiting <- l }})
		if err == nil {
			err = second.Close()
		}
		done <- err
	}()
	if l := <-waiting; l.Token != s.Lease().Token {
		t.Errorf("waits for %+v", l)
	}
	closeSession(t, s)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func fencedAfterUnlock(t *testing.T, open func() state.Store) {
	first := lock(t, open())
	commit(t, first, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
	if err := open().Unlock(ctx, first.Lease().Token); err != nil {
		t.Fatal(err)
	}
	second := lock(t, open())
	if _, ok := second.State().Lookup(root("a")); !ok {
		t.Error("what the first session committed is lost")
	}
	commit(t, second, state.PutStatus{Address: root("b"), Stage: state.DeployStage, Status: status(state.OK)})
	err := first.Commit(ctx, state.Batch{Changes: []state.Change{state.DeleteDeployment{Address: root("b")}}})
	if !errors.Is(err, state.ErrFenced) {
		t.Errorf("commit of the first session: %v, want ErrFenced", err)
	}
	select {
	case <-first.Lost():
	default:
		t.Error("the first session does not know that it lost the lease")
	}
	first.Close()
	commit(t, second, state.PutStatus{Address: root("c"), Stage: state.DeployStage, Status: status(state.OK)})
	closeSession(t, second)
	if names := view(t, open()).State.Environment("dev").Names(); !cmp.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("deployments: %v", names)
	}
}

func unlockNeedsTheToken(t *testing.T, open func() state.Store) {
	if err := open().Unlock(ctx, "x"); !errors.Is(err, state.ErrNotLocked) {
		t.Errorf("nothing to unlock: %v", err)
	}
	s := lock(t, open())
	if err := open().Unlock(ctx, "wrong"); err == nil || errors.Is(err, state.ErrNotLocked) {
		t.Errorf("wrong token: %v", err)
	}
	commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
}

func fencesGrow(t *testing.T, open func() state.Store) {
	var last int64
	for range 5 {
		s := lock(t, open())
		if s.Lease().Fence <= last {
			t.Errorf("fence %d after %d", s.Lease().Fence, last)
		}
		last = s.Lease().Fence
		commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
		closeSession(t, s)
	}
}

func closedSession(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	closeSession(t, s)
	if err := s.Commit(ctx, state.Batch{}); !errors.Is(err, state.ErrClosed) {
		t.Errorf("commit after close: %v", err)
	}
	closeSession(t, s)
}

func cancelledContext(t *testing.T, open func() state.Store) {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := open().View(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("view: %v", err)
	}
	s := lock(t, open())
	if _, err := open().Lock(cancelled, state.Request{Wait: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("lock: %v", err)
	}
	closeSession(t, s)
}

func interrupted(t *testing.T, open func() state.Store) {
	sub := state.Address{Environment: "dev", Path: state.Path{"a", "db"}, RootStage: state.DeployStage}
	first := lock(t, open())
	now := first.Lease().Since.Add(time.Second)
	commit(t, first,
		state.PutStatus{Address: sub, Stage: state.DeployStage, Status: state.Status{Code: state.RunningMain, UpdatedAt: now}},
		state.PutStatus{Address: root("ok"), Stage: state.DeployStage, Status: state.Status{Code: state.OK, UpdatedAt: now}},
		state.PutStatus{Address: root("wish"), Stage: state.DeployStage, Status: state.Status{Code: state.TestPending, UpdatedAt: now}})
	if v := view(t, open()); len(v.Interrupted) != 0 {
		t.Errorf("while the session is at work: %+v", v.Interrupted)
	}
	if err := open().Unlock(ctx, first.Lease().Token); err != nil {
		t.Fatal(err)
	}
	want := []state.Place{{Address: sub, Stage: state.DeployStage, Status: state.Status{Code: state.RunningMain, UpdatedAt: now}}}
	if diff := cmp.Diff(want, view(t, open()).Interrupted); diff != "" {
		t.Errorf("after it is gone: %s", diff)
	}
	second := lock(t, open())
	if diff := cmp.Diff(want, second.Interrupted()); diff != "" {
		t.Errorf("next session: %s", diff)
	}
	if st, _ := second.State().Stage(sub, state.DeployStage); st.Status.Code != state.RunningMain {
		t.Errorf("the status was reset to %q", st.Status.Code)
	}
	closeSession(t, second)
}

func runningIsInterrupted(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	now := time.Now().UTC()
	commit(t, s,
		state.PutStatus{Address: root("ok"), Stage: state.DeployStage, Status: state.Status{Code: state.OK, UpdatedAt: now}},
		state.PutStatus{Address: root("run"), Stage: state.BuildStage, Status: state.Status{Code: state.RunningMain, UpdatedAt: now}})
	if len(s.Interrupted()) != 0 {
		t.Errorf("in the session itself: %+v", s.Interrupted())
	}
	closeSession(t, s)
	want := []state.Place{{Address: root("run"), Stage: state.BuildStage, Status: state.Status{Code: state.RunningMain, UpdatedAt: now}}}
	if diff := cmp.Diff(want, view(t, open()).Interrupted); diff != "" {
		t.Errorf("view: %s", diff)
	}
	if diff := cmp.Diff(want, lock(t, open()).Interrupted()); diff != "" {
		t.Errorf("next session: %s", diff)
	}
}

func runsAreKept(t *testing.T, open func() state.Store) {
	events := []state.Event{
		{Kind: state.RunStarted, Run: "r1", At: when, Data: map[string]any{"operation": "apply"}},
		{Kind: state.NodeStarted, Run: "r1", Node: "dev/a#deploy", At: when, Step: "deploy", Attempt: 1, Inputs: "sha256:1"},
		{Kind: state.NodeProcess, Run: "r1", Node: "dev/a#deploy", At: when, Step: "deploy", Process: state.Process{ID: 7, Started: "8", Boot: "b", Namespace: "n"}},
		{Kind: state.NodeFinished, Run: "r1", Node: "dev/a#deploy", At: when, Step: "deploy", Attempt: 1, Exit: 3, Error: "exit status 3", Outputs: "sha256:2"},
	}
	s := lock(t, open())
	for _, ev := range events {
		if err := s.Commit(ctx, state.Batch{Events: []state.Event{ev}}); err != nil {
			t.Fatal(err)
		}
	}
	closeSession(t, s)
	want := []state.RunLog{{Run: "r1", Events: events}}
	if diff := cmp.Diff(want, view(t, open()).Runs); diff != "" {
		t.Errorf("view: %s", diff)
	}
	s = lock(t, open())
	if diff := cmp.Diff(want, s.Runs()); diff != "" {
		t.Errorf("session: %s", diff)
	}
	commit(t, s, state.PutStatus{Address: root("a"), Stage: state.DeployStage, Status: status(state.OK)})
	closeSession(t, s)
	s = lock(t, open())
	if diff := cmp.Diff(want, s.Runs()); diff != "" {
		t.Errorf("session after another commit: %s", diff)
	}
	if err := s.Commit(ctx, state.Batch{Events: []state.Event{{Kind: state.RunEnded, Run: "r1", At: when}}}); err != nil {
		t.Fatal(err)
	}
	closeSession(t, s)
	if v := view(t, open()); len(v.Runs) != 0 || len(v.State.Environment("dev").Names()) != 1 {
		t.Errorf("after the end: runs %+v, state %s", v.Runs, encode(t, v.State))
	}
}

func manyGoroutines(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	const goroutines, each = 8, 10
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for j := range each {
				a := root(fmt.Sprintf("a%d_%d", i, j))
				if err := s.Commit(ctx, state.Batch{Sync: j%2 == 0, Changes: []state.Change{
					state.PutStatus{Address: a, Stage: state.DeployStage, Status: status(state.OK)},
					state.PutStatus{Address: root("shared"), Stage: state.DeployStage, Status: status(state.OK)},
				}}); err != nil {
					t.Error(err)
				}
				if _, ok := s.State().Lookup(a); !ok {
					t.Errorf("%s is not there after its commit", a)
				}
				for range s.State().Environment("dev").Deployments() {
				}
			}
		})
	}
	wg.Wait()
	closeSession(t, s)
	if n := len(view(t, open()).State.Environment("dev").Names()); n != goroutines*each+1 {
		t.Errorf("%d deployments, want %d", n, goroutines*each+1)
	}
}

func manyWriters(t *testing.T, open func() state.Store) {
	const writers = 8
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			s, err := open().Lock(ctx, state.Request{Wait: true})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Commit(ctx, state.Batch{Changes: []state.Change{
				state.PutStatus{Address: root(fmt.Sprintf("a%d", i)), Stage: state.DeployStage, Status: status(state.OK)}}}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	v := view(t, open())
	if n := len(v.State.Environment("dev").Names()); n != writers {
		t.Errorf("%d deployments, want %d", n, writers)
	}
}

func revisions(t *testing.T, open func() state.Store) {
	s := lock(t, open())
	for i := range 2 * state.MaxRevisions {
		outcome := state.Failure
		if i == 1 {
			outcome = state.OK
		}
		commit(t, s, state.AddRevision{Address: root("a"), Revision: state.Revision{
			Release: fmt.Sprintf("a-v%d", i), Digest: "sha256:0", Inputs: map[string]any{"n": int64(i)},
			Providers: map[string]string{"db": "pg"}, Deployments: map[string]int{"sub": i}, Outcome: outcome, Run: "r", At: when, By: "ann"}})
	}
	closeSession(t, s)
	d, _ := view(t, open()).State.Environment("dev").Deployment("a")
	if n := len(d.Revisions); n != state.MaxRevisions {
		t.Fatalf("%d revisions are kept, want %d", n, state.MaxRevisions)
	}
	if last := d.Revisions[state.MaxRevisions-1]; last.Number != 2*state.MaxRevisions {
		t.Errorf("last revision has number %d", last.Number)
	}
	good, ok := d.LastGood()
	want := state.Revision{Number: 2, Release: "a-v1", Digest: "sha256:0", Inputs: map[string]any{"n": int64(1)},
		Providers: map[string]string{"db": "pg"}, Deployments: map[string]int{"sub": 1}, Outcome: state.OK, Run: "r", At: when, By: "ann"}
	if diff := cmp.Diff(want, good); !ok || diff != "" {
		t.Errorf("last good one: %s", diff)
	}
}
