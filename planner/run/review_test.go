//go:build unix

package run_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// An output computed from a secret stays one while it is recorded, also if later runs fail before they compute it again.
func TestComputedSecretsStaySecret(t *testing.T) {
	w := newWorld(t, nil)
	pw := input("pw", "string", nil)
	pw.Sensitive = true
	w.m.Inputs = []*release.Variable{pw}
	w.m.Outputs = []*release.Variable{input("pub", "string", "$this.inputs.pw")}
	w.inline("deploy", `echo "$INPUT_PREVIOUS_OUTPUT_pub"; ! [ -e fail ]`)
	deploy := func(value string) string {
		w.options.Vars = map[string]any{"pw": value}
		var shown strings.Builder
		if err := w.deploy(); err != nil {
			fmt.Fprintln(&shown, err, run.Explain(err))
		}
		for _, e := range w.events {
			fmt.Fprintln(&shown, e.Values)
		}
		return shown.String()
	}
	deploy("OLDSECRET1")
	w.write("fail", "")
	for _, value := range []string{"MIDSECRET2", "NEWSECRET3"} {
		if shown := deploy(value); strings.Contains(shown, "SECRET") {
			t.Errorf("a secret is shown:\n%s", shown)
		}
		view, err := w.store.View(t.Context())
		w.must(err)
		stage, _ := view.State.Stage(state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, state.DeployStage)
		if secret := planner.RecordedSecrets(stage); !secret["pub"] || !secret["pw"] {
			t.Errorf("recorded as secret: %v", secret)
		}
		g, _ := planner.Build(planner.Request{Environment: "dev"}, tree(w.m), planner.View(view.State, "dev"))
		if v := g.Nodes[0].Outputs[0]; !v.Sensitive {
			t.Errorf("the graph says %+v", v)
		}
	}
	w.m.Outputs[0].Default = "public now"
	w.must(w.run1("rm fail"))
	w.must(w.deploy())
	view, err := w.store.View(t.Context())
	w.must(err)
	stage, _ := view.State.Stage(state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, state.DeployStage)
	if secret := planner.RecordedSecrets(stage); secret["pub"] {
		t.Error("an output that is public now is still secret")
	}
}

// run1 runs a command in the folder of the project.
func (w *world) run1(script string) error {
	w.t.Helper()
	return run.RunProcess(w.t.Context(), &run.Command{Argv: []string{"sh", "-c", script}, Dir: w.dir, Lookup: "/bin:/usr/bin", Env: []string{"PATH=/bin:/usr/bin"}})
}

// What fails besides a script is told with its step, and for outputs with the file and the place.
func TestErrorsOfOutputsAreExplained(t *testing.T) {
	where := map[string]string{"deploy": `step "deploy" of demo/app in environment dev failed`,
		"post_deploy": `step "post_deploy" of the deploy of demo/app in environment dev failed`}
	for _, c := range []struct{ outputs, want, detail string }{
		{`{\n port: 1}`, "invalid character 'p' looking for beginning of object key string", "it wrote .escape/outputs.json:2:2, which has to be a JSON object"},
		{`[]`, "json: cannot unmarshal array into Go value of type map[string]interface {}", "it wrote .escape/outputs.json:1:1, which has to be a JSON object"},
		{`{"port": [1]}`, "Expecting 'integer' value, but got '[]interface {}' for variable 'port'", "outputs are what scripts write to .escape/outputs.json, and the defaults in the plan"},
		{``, "Missing value for variable 'port'", "outputs are what scripts write to .escape/outputs.json, and the defaults in the plan"},
	} {
		w := newWorld(t, nil)
		w.m.Outputs = []*release.Variable{input("port", "integer", nil)}
		w.inline("deploy", `printf '`+c.outputs+`' > .escape/outputs.json`)
		err := w.deploy()
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.outputs, err)
			continue
		}
		step := "deploy"
		if strings.HasPrefix(c.detail, "outputs are") {
			step = "post_deploy"
		}
		lines := run.Explain(err)
		if len(lines) < 3 || lines[0] != where[step] || !slices.Contains(lines, c.detail) {
			t.Errorf("%s: explained as %q", c.outputs, lines)
		}
	}
	w := newWorld(t, nil)
	w.m.Stages["deploy"] = &release.Stage{Script: "missing.sh"}
	if lines := run.Explain(w.deploy()); !slices.Contains(lines, where["deploy"]) {
		t.Errorf("a missing script is explained as %q", lines)
	}
}

// The first Ctrl-C lets the node at work come to its end, the second terminates its script, the third kills it.
func TestInterruptDrains(t *testing.T) {
	for _, c := range []struct {
		name    string
		script  string
		signals []os.Signal
		want    string
	}{
		{"once", "echo > ready; read x < go; echo > built", []os.Signal{os.Interrupt}, "done interrupted ok"},
		{"twice", "trap 'exit 7' TERM; echo > ready; while :; do read x < forever; done", []os.Signal{os.Interrupt, os.Interrupt}, "interrupted skipped failure"},
		{"three times", "trap '' TERM INT; echo > ready; while :; do read x < forever; done", []os.Signal{os.Interrupt, os.Interrupt, os.Interrupt}, "interrupted skipped failure"},
		{"terminated", "trap 'exit 7' TERM; echo > ready; while :; do read x < forever; done", []os.Signal{syscall.SIGTERM}, "interrupted skipped failure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.inline("build", c.script)
			w.inline("post_build", "true")
			w.inline("deploy", "echo > deployed")
			ready, _ := fifo(t, w.dir, "ready"), fifo(t, w.dir, "forever")
			goOn := fifo(t, w.dir, "go")
			in := run.NewDrain()
			w.options.Interrupt, w.options.Grace = in, time.Hour
			warned := make(chan struct{})
			w.options.Events = func(e run.Event) {
				if e.Key == "warning" && strings.HasPrefix(e.Values["warning"], "interrupted: what is running") {
					close(warned)
				}
			}
			go func() {
				await(t, ready)
				for i, sig := range c.signals {
					in.Signal(sig)
					if i == 0 && sig == os.Interrupt {
						<-warned
					}
				}
				if c.name == "once" {
					if err := os.WriteFile(goOn, []byte("\n"), 0); err != nil {
						t.Error(err)
					}
				}
			}()
			res, err := w.run(planner.Target{Action: planner.ActionBuild}, planner.Target{Action: planner.ActionDeploy})
			if !errors.Is(err, run.ErrInterrupted) || res.Signal != c.signals[0] {
				t.Errorf("error %v, signal %v", err, res.Signal)
			}
			view, err := w.store.View(t.Context())
			w.must(err)
			stage, _ := view.State.Stage(state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, state.BuildStage)
			got := fmt.Sprintf("%s %s %s", res.Nodes[0].Outcome, res.Nodes[1].Outcome, stage.Status.Code)
			if got != c.want {
				t.Errorf("outcome is %s, want %s", got, c.want)
			}
			if _, err := os.Stat(filepath.Join(w.dir, "deployed")); err == nil {
				t.Error("the next node ran")
			}
		})
	}
}

// A failed test says what it was a test of.
func TestFailedTestsSayWhatStays(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("test", "exit 1")
	w.inline("smoke", "exit 1")
	for _, c := range []struct {
		first, then *planner.Action
		want        []string
	}{
		{planner.ActionBuild, planner.ActionTest, []string{`step "test" of demo/app in environment dev failed`, "what was built is as it was; the status is test_failure"}},
		{planner.ActionDeploy, planner.ActionSmoke, []string{`step "smoke" of demo/app in environment dev failed`, "what was deployed is as it was; the status is test_failure"}},
	} {
		_, err := w.run(planner.Target{Action: c.first}, planner.Target{Action: c.then})
		if got := run.Explain(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.then.Name, got)
		}
	}
}

// What does not run because of an interrupt does not say that something failed.
func TestSkippedBecauseOfAnInterrupt(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("build", "echo now; read x < forever")
	w.inline("deploy", "true")
	fifo(t, w.dir, "forever")
	in := run.NewInterrupt()
	w.options.Interrupt = in
	var reasons []string
	w.options.Events = func(e run.Event) {
		switch e.Kind {
		case run.Output:
			in.Signal(syscall.SIGTERM)
		case run.Skipped:
			reasons = append(reasons, e.Reason)
		}
	}
	_, err := w.run(planner.Target{Action: planner.ActionBuild}, planner.Target{Action: planner.ActionDeploy})
	if !errors.Is(err, run.ErrInterrupted) || !slices.Equal(reasons, []string{"dev/demo/app#build was interrupted"}) {
		t.Errorf("%v, reasons %q", err, reasons)
	}
}

// A run that was killed before it could record the process of a script is told about, once.
func TestUnknownScriptIsTold(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("deploy", "true")
	session, err := w.store.Lock(t.Context(), state.Request{})
	w.must(err)
	w.must(session.Commit(t.Context(), state.Batch{Events: []state.Event{
		{Kind: state.RunStarted, Run: "r"}, {Kind: state.NodeStarted, Run: "r", Node: "dev/demo/app#deploy", Step: "deploy", Attempt: 1},
	}}))
	w.must(session.Close())
	for _, want := range []int{1, 0} {
		w.must(w.deploy())
		n := 0
		for _, e := range w.events {
			if e.Key == "warning" {
				n++
				if text := e.Values["warning"]; !strings.Contains(text, `started the script of step "deploy" of dev/demo/app#deploy`) {
					t.Errorf("warning is %q", text)
				}
			}
		}
		if n != want {
			t.Errorf("%d warnings, want %d", n, want)
		}
	}
}
