//go:build unix

package run_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// A tape is a session that notes what is committed.
type tape struct {
	state.Session
	mu      sync.Mutex
	batches []state.Batch
	fail    func(state.Batch) error
}

func (s *tape) Commit(ctx context.Context, b state.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(b); err != nil {
			return err
		}
	}
	s.batches = append(s.batches, b)
	return s.Session.Commit(ctx, b)
}

// String shows each commit in a line: the status it records, then its events.
func (s *tape) String() string {
	var lines strings.Builder
	for _, b := range s.batches {
		for _, c := range b.Changes {
			if put, ok := c.(state.PutStage); ok {
				fmt.Fprintf(&lines, "[%s]", put.Value.Status.Code)
			}
		}
		if b.Sync {
			lines.WriteString(" sync")
		}
		for _, e := range b.Events {
			fmt.Fprintf(&lines, " %s", e.Kind)
			if e.Step != "" {
				fmt.Fprintf(&lines, " %s", e.Step)
			}
			if e.Kind == state.NodeStarted {
				fmt.Fprintf(&lines, "/%d", e.Attempt)
			}
			if e.Exit != 0 {
				fmt.Fprintf(&lines, "=%d", e.Exit)
			}
			lines.WriteString(";")
		}
		lines.WriteString("\n")
	}
	return lines.String()
}

// taped runs targets and returns what was committed.
func (w *world) taped(always bool, fail func(state.Batch) error, targets ...planner.Target) (*tape, error) {
	w.t.Helper()
	session, err := w.store.Lock(w.t.Context(), state.Request{Operation: "escape apply", User: "ann"})
	w.must(err)
	defer session.Close()
	s := &tape{Session: session, fail: fail}
	req := planner.Request{Environment: "dev", Targets: targets, Always: always}
	g, findings := planner.Build(req, tree(w.m), planner.View(session.State(), "dev"))
	if findings.HasErrors() {
		w.t.Fatal(findings)
	}
	o := w.options
	o.Session = s
	o.Events = func(e run.Event) { w.events = append(w.events, e) }
	_, err = run.Run(w.t.Context(), g, tree(w.m), o)
	return s, err
}

func TestHistoryOfARun(t *testing.T) {
	deploy := planner.Target{Action: planner.ActionDeploy}
	for _, c := range []struct {
		name    string
		scripts map[string]string
		targets []planner.Target
		want    string
	}{
		{"one script", map[string]string{"deploy": "true"}, []planner.Target{deploy}, `
[running_main_step] sync run; started deploy/1;
 process deploy;
[ok] finished deploy; finished;
 end;
`},
		{"three scripts", map[string]string{"pre_deploy": "true", "deploy": "true", "post_deploy": "true"}, []planner.Target{deploy}, `
[running_pre_step] sync run; started pre_deploy/1;
 process pre_deploy;
[running_main_step] finished pre_deploy; started deploy/1;
 process deploy;
[running_post_step] finished deploy; started post_deploy/1;
 process post_deploy;
[ok] finished post_deploy; finished;
 end;
`},
		{"no script", nil, []planner.Target{deploy}, `
[ok] run; finished;
 end;
`},
		{"a failure and what waits for it", map[string]string{"build": "exit 3", "deploy": "true"},
			[]planner.Target{{Action: planner.ActionBuild}, deploy}, `
[running_main_step] run; started build/1;
 process build;
[failure] finished build=3; finished=3;
 skipped; end;
`},
		{"a signal", map[string]string{"deploy": "kill -9 $$"}, []planner.Target{deploy}, `
[running_main_step] sync run; started deploy/1;
 process deploy;
[failure] finished deploy=137; finished=137;
 end;
`},
		{"nothing recorded", nil, []planner.Target{{Action: planner.ActionPackage}}, "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			for step, text := range c.scripts {
				w.inline(step, text)
			}
			s, _ := w.taped(true, nil, c.targets...)
			if diff := cmp.Diff(c.want, "\n"+s.String()); diff != "" {
				t.Error(diff)
			}
			view, err := w.store.View(t.Context())
			if err != nil || len(view.Runs) != 0 || view.Recovered.Commits != 0 {
				t.Errorf("left behind: %+v, %+v, %v", view.Runs, view.Recovered, err)
			}
		})
	}
}

func TestNoChangeWritesNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("deploy", "true")
	w.must(w.deploy())
	s, err := w.taped(false, nil, planner.Target{Action: planner.ActionDeploy})
	if err != nil || len(s.batches) != 0 {
		t.Errorf("%v, committed\n%s", err, s)
	}
}

// What an event tells: who runs what, digests of public values only, and the process of the script.
func TestEventsOfARun(t *testing.T) {
	w := newWorld(t, nil)
	secret := input("pw", "string", "hunter2secret")
	secret.Sensitive = true
	w.m.Inputs = []*release.Variable{input("a", "string", "x"), secret}
	w.inline("deploy", "exit 4 # $INPUT_pw")
	s, _ := w.taped(true, nil, planner.Target{Action: planner.ActionDeploy})
	var events []state.Event
	for _, b := range s.batches {
		events = append(events, b.Events...)
	}
	if len(events) != 6 {
		t.Fatalf("events: %s", s)
	}
	if diff := cmp.Diff(map[string]any{"command": "escape apply", "user": "ann"}, events[0].Data); diff != "" {
		t.Error(diff)
	}
	digest := events[1].Inputs
	if len(digest) != 64 {
		t.Errorf("digest of the inputs is %q", digest)
	}
	p, here := events[2].Process, state.ThisProcess()
	if p.ID <= 1 || p.ID == here.ID || p.Boot != here.Boot || p.Namespace != here.Namespace || (p.Started == "") != (here.Started == "") {
		t.Errorf("process is %+v; this one is %+v", p, here)
	}
	if e := events[3]; e.Error != "exit status 4" || e.Node != "dev/demo/app#deploy" || e.Run != events[0].Run || !e.At.Equal(epoch) {
		t.Errorf("finished: %+v", e)
	}
	text, err := json.Marshal(events)
	w.must(err)
	if strings.Contains(string(text), "hunter2secret") || strings.Contains(string(text), `"x"`) {
		t.Errorf("values are in the events: %s", text)
	}
	for _, c := range []struct {
		id   string
		same bool
	}{{"pw", true}, {"a", false}} {
		w.options.Vars = map[string]any{c.id: "other"}
		s, _ := w.taped(true, nil, planner.Target{Action: planner.ActionDeploy})
		if got := s.batches[0].Events[1].Inputs; (got == digest) != c.same {
			t.Errorf("after a change of %s the digest is %s, was %s", c.id, got, digest)
		}
	}
}

// An event that could not be committed comes with the next commit; one about a process is not worth stopping for.
func TestEventsSurviveAFailingCommit(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("pre_deploy", "true")
	w.inline("deploy", "true")
	n := 0
	s, err := w.taped(true, func(b state.Batch) error {
		if n++; n == 2 || n == 3 { // the process and the end of pre_deploy
			return fmt.Errorf("no space")
		}
		return nil
	}, planner.Target{Action: planner.ActionDeploy})
	if err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("error is %v", err)
	}
	want := "[running_pre_step] sync run; started pre_deploy/1;\n finished pre_deploy; finished=-1; end;\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Error(diff)
	}
}

// Several nodes at work share one history, which begins with the start of the run.
func TestHistoryOfManyNodes(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("deploy", "true")
	session, err := w.store.Lock(t.Context(), state.Request{})
	w.must(err)
	s := &tape{Session: session}
	g := &planner.Graph{Environment: "dev"}
	const nodes = 20
	for i := range nodes {
		name := fmt.Sprintf("d%02d", i)
		g.Nodes = append(g.Nodes, &planner.Node{Address: "dev/" + name + "#deploy", Action: planner.ActionDeploy, Deployment: name,
			Stage: state.DeployStage, Change: planner.Create})
	}
	o := w.options
	o.Session, o.Workers, o.Events = s, 8, nil
	_, err = run.Run(t.Context(), g, tree(w.m), o)
	w.must(err)
	count := map[state.EventKind]int{}
	for i, b := range s.batches {
		for j, e := range b.Events {
			count[e.Kind]++
			if (e.Kind == state.RunStarted) != (i == 0 && j == 0) {
				t.Errorf("event %d of commit %d is %s", j, i, e.Kind)
			}
		}
	}
	want := map[state.EventKind]int{state.RunStarted: 1, state.NodeStarted: nodes, state.NodeProcess: nodes, state.NodeFinished: 2 * nodes, state.RunEnded: 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	w.must(session.Close())
}
