//go:build unix

package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// A world is a project in a folder of its own, with its state.
type world struct {
	t       *testing.T
	dir     string
	m       *release.Metadata
	store   *state.FileStore
	events  []run.Event
	options run.Options
	always  bool
	dirs    []string // of provider packages
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newWorld makes a project "demo/app" with these files.
func newWorld(t *testing.T, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), m: release.New(), always: true}
	w.m.Project, w.m.Name, w.m.Version = "demo", "app", "1.0"
	for name, text := range files {
		w.write(name, text)
	}
	store, err := state.OpenFile(filepath.Join(t.TempDir(), "escape_state.json"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.options = run.Options{
		Dir: w.dir, Environ: []string{"PATH=" + os.Getenv("PATH"), "KEPT=kept", "INPUT_stale=x", "OUTPUT_stale=x"}, Now: func() time.Time { return epoch },
		TempDir: t.TempDir(), ConfigDir: t.TempDir(),
	}
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	file := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// inline makes a step an inline script.
func (w *world) inline(step, text string) {
	w.m.Stages[step] = &release.Stage{Inline: text}
}

func input(id, typ string, def any) *release.Variable {
	return &release.Variable{ID: id, Type: typ, Default: def, Visible: true, EvalBeforeDependencies: true, Scopes: release.Both()}
}

// run runs targets of the release.
func (w *world) run(targets ...planner.Target) (*run.Result, error) {
	w.t.Helper()
	session, err := w.store.Lock(w.t.Context(), state.Request{Operation: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := session.Close(); err != nil {
			w.t.Error(err)
		}
	}()
	req := planner.Request{Project: "p", Environment: "dev", Targets: targets, Always: w.always, Nested: w.always}
	var planning *run.Planning
	if !w.always {
		planning, err = run.NewPlanning(tree(w.m), session.State(), "dev", "", w.options)
		w.must(err)
		req.Values = planning
	}
	g, findings := planner.Build(req, tree(w.m), planner.View(session.State(), "dev"))
	if planning != nil {
		if _, err := planning.Err(); err != nil {
			return &run.Result{}, err
		}
	}
	if findings.HasErrors() {
		return &run.Result{}, errors.New(findings[0].Message)
	}
	o := w.options
	o.Session = session
	w.events = nil
	if o.Events == nil {
		o.Events = func(e run.Event) { w.events = append(w.events, e) }
	}
	return run.Run(w.t.Context(), g, tree(w.m), o)
}

// tree is the tree of a release without dependencies.
func tree(m *release.Metadata) *planner.Tree { return &planner.Tree{Release: m} }

// given are values of inputs by stage.
type given map[state.StageName][]planner.Value

func (g given) Inputs(_ state.Address, stage state.StageName) ([]planner.Value, bool) {
	values, ok := g[stage]
	return values, ok
}
func (g given) Links(state.Address) map[string]string { return nil }
func (g given) Changes(state.Address)                 {}

func (w *world) deploy() error {
	w.t.Helper()
	_, err := w.run(planner.Target{Action: planner.ActionDeploy})
	return err
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// stage returns what is recorded.
func (w *world) stage(name state.StageName) *state.Stage {
	w.t.Helper()
	v, err := w.store.View(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	s, _ := v.State.Stage(state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, name)
	return s
}

// log returns the entries of the log and the lines of output, each with its innermost section.
func (w *world) log() []string {
	var lines []string
	for _, e := range w.events {
		if e.Key == "" {
			continue
		}
		line := strings.Join(e.Sections, "/") + ": " + e.Key
		values := maps.Clone(e.Values)
		delete(values, "release")
		for _, k := range slices.Sorted(maps.Keys(values)) {
			if values[k] != "" {
				line += " " + values[k]
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// output returns the lines of scripts.
func (w *world) output() []string {
	var lines []string
	for _, e := range w.events {
		if e.Kind == run.Output {
			lines = append(lines, e.Values["line"])
		}
	}
	return lines
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

const printEnv = `env | grep -E '^(INPUT_|OUTPUT_|ESCAPE_|PYTHON|KEPT)' | sort` + "\n"

func TestDeployFromStartToEnd(t *testing.T) {
	w := newWorld(t, map[string]string{"deploy.sh": "#!/bin/sh\n" + printEnv + `echo '{"url": "http://x", "port": 80}' > $1` + "\n"})
	w.m.Stages["deploy"] = &release.Stage{Script: "deploy.sh"}
	w.inline("post_deploy", printEnv)
	w.m.Metadata["author"] = "me"
	w.m.Inputs = []*release.Variable{input("prefix", "string", "eu"), input("n", "integer", int64(2))}
	w.m.Outputs = []*release.Variable{input("url", "string", nil), input("port", "integer", nil), input("more", "string", "$this.outputs.url")}
	w.options.Vars = map[string]any{"n": "5"}
	w.must(w.deploy())
	diff(t, "log", w.log(), []string{
		"Deploy: deploy.start",
		"Deploy: deploy.step deploy.sh deploy",
		"Deploy: build.script_output sh ESCAPE_ARCH=amd64",
		"Deploy: build.script_output sh ESCAPE_PLATFORM=linux",
		"Deploy: build.script_output sh INPUT_METADATA_author=me",
		"Deploy: build.script_output sh INPUT_n=5",
		"Deploy: build.script_output sh INPUT_prefix=eu",
		"Deploy: build.script_output sh KEPT=kept",
		"Deploy: build.script_output sh PYTHONUNBUFFERED=1",
		"Deploy: deploy.step <inline script starting with '" + strings.TrimSpace(printEnv) + "'> post_deploy",
		"Deploy: build.script_output sh ESCAPE_ARCH=amd64",
		"Deploy: build.script_output sh ESCAPE_PLATFORM=linux",
		"Deploy: build.script_output sh INPUT_METADATA_author=me",
		"Deploy: build.script_output sh INPUT_n=5",
		"Deploy: build.script_output sh INPUT_prefix=eu",
		"Deploy: build.script_output sh KEPT=kept",
		"Deploy: build.script_output sh OUTPUT_port=80",
		"Deploy: build.script_output sh OUTPUT_url=http://x",
		"Deploy: build.script_output sh PYTHONUNBUFFERED=1",
		"Deploy: deploy.finished demo/app dev",
	})
	s := w.stage(state.DeployStage)
	diff(t, "user inputs", s.Inputs, map[string]any{"n": "5"})
	diff(t, "inputs", s.CalculatedInputs, map[string]any{"METADATA_author": "me", "n": int64(5), "prefix": "eu"})
	diff(t, "outputs", s.CalculatedOutputs, map[string]any{"more": "http://x", "port": int64(80), "url": "http://x"})
	diff(t, "status", string(s.Status.Code)+" "+s.Version, "ok 1.0")
	if info, err := os.Stat(filepath.Join(w.options.ConfigDir, ".bin")); err != nil || !info.IsDir() {
		t.Errorf(".bin: %v", err)
	}

	// The second run sees the first.
	w.inline("deploy", printEnv+`echo '{"url":"u"}' > .escape/outputs.json`)
	delete(w.m.Stages, "post_deploy")
	w.m.Outputs = w.m.Outputs[:1]
	w.options.Vars = nil
	w.must(w.deploy())
	diff(t, "second run", w.stage(state.DeployStage).CalculatedInputs, map[string]any{
		"METADATA_author": "me", "n": int64(5), "prefix": "eu", "PREVIOUS_METADATA_author": "me", "PREVIOUS_n": int64(5), "PREVIOUS_prefix": "eu",
		"PREVIOUS_OUTPUT_more": "http://x", "PREVIOUS_OUTPUT_port": int64(80), "PREVIOUS_OUTPUT_url": "http://x",
	})
	// And nothing is carried further than once.
	w.must(w.deploy())
	for k := range w.stage(state.DeployStage).CalculatedInputs {
		if strings.Count(k, "PREVIOUS_") > 1 {
			t.Errorf("input %s is carried over two runs", k)
		}
	}
}

func TestStepsSeeTheirOutputs(t *testing.T) {
	// Per step: what OUTPUT_o is, and what the outputs file holds when the script starts.
	w := newWorld(t, nil)
	see := `echo "$STEP o=${OUTPUT_o-unset} prev=${INPUT_PREVIOUS_OUTPUT_o-unset} file=$(cat .escape/outputs.json 2>/dev/null || echo none)"` + "\n"
	for _, step := range []string{"pre_deploy", "deploy", "post_deploy", "smoke", "pre_destroy", "destroy", "post_destroy"} {
		text := "STEP=" + step + "\n" + see
		if step == "deploy" {
			text += `echo '{"o":"main","l":["a","<b>"]}' > .escape/outputs.json`
		}
		if step == "post_deploy" {
			text += `echo '{"o":"post"}' > .escape/outputs.json`
		}
		if step == "destroy" {
			text += `echo '{"o":12, "bad": null}' > .escape/outputs.json`
		}
		w.inline(step, text)
	}
	w.m.Outputs = []*release.Variable{input("o", "string", nil), input("l", "list", nil)}
	targets := []planner.Target{{Action: planner.ActionDeploy}, {Action: planner.ActionSmoke}, {Action: planner.ActionDestroy, Stage: state.DeployStage}}
	_, err := w.run(targets...)
	w.must(err)
	diff(t, "first", w.output(), []string{
		"pre_deploy o=unset prev=unset file=none",
		"deploy o=unset prev=unset file={}",
		`post_deploy o=main prev=unset file={"l":["a","\u003cb\u003e"],"o":"main"}`,
		`smoke o=post prev=unset file={"o":"post"}`,
		`pre_destroy o=post prev=unset file={"o":"post"}`,
		`destroy o=post prev=unset file={"l":["a","\u003cb\u003e"],"o":"post"}`,
		`post_destroy o=post prev=unset file={"o":12, "bad": null}`,
	})
	s := w.stage(state.DeployStage)
	if s.Status.Code != state.Empty || s.Version != "1.0" || s.CalculatedInputs != nil || s.CalculatedOutputs != nil {
		t.Errorf("after destroy: %+v", s)
	}
}

// statuses notes the status recorded whenever a script starts, and at the end.
func (w *world) statuses(targets ...planner.Target) ([]string, error) {
	w.t.Helper()
	var codes []string
	w.options.Exec = func(ctx context.Context, c *run.Command) error {
		codes = append(codes, w.current())
		return run.RunProcess(ctx, c)
	}
	_, err := w.run(targets...)
	return append(codes, w.current()), err
}

func (w *world) current() string {
	var codes []string
	for _, stage := range []state.StageName{state.BuildStage, state.DeployStage} {
		if s := w.stage(stage); s.Status.Code != state.Empty || s.Version != "" {
			codes = append(codes, string(stage)+"="+string(s.Status.Code))
		}
	}
	return strings.Join(codes, " ")
}

func TestStatuses(t *testing.T) {
	all := []string{"pre_build", "build", "post_build", "test", "pre_deploy", "deploy", "post_deploy", "smoke", "pre_destroy", "destroy", "post_destroy"}
	deploy, smoke := planner.Target{Action: planner.ActionDeploy}, planner.Target{Action: planner.ActionSmoke}
	build, test := planner.Target{Action: planner.ActionBuild}, planner.Target{Action: planner.ActionTest}
	destroy := planner.Target{Action: planner.ActionDestroy, Stage: state.DeployStage}
	for _, c := range []struct {
		fails string
		want  string
		run   []planner.Target
	}{
		{"", "build=running_pre_step, build=running_main_step, build=running_post_step, build=running_test_step, build=ok", []planner.Target{build, test}},
		{"", "deploy=running_pre_step, deploy=running_main_step, deploy=running_post_step, deploy=running_test_step, deploy=running_pre_destroy_step, " +
			"deploy=running_main_destroy_step, deploy=running_post_destroy_step, deploy=empty", []planner.Target{deploy, smoke, destroy}},
		{"pre_deploy", "deploy=running_pre_step, deploy=failure", []planner.Target{deploy}},
		{"deploy", "deploy=running_pre_step, deploy=running_main_step, deploy=failure", []planner.Target{deploy, smoke}},
		{"smoke", "deploy=running_pre_step, deploy=running_main_step, deploy=running_post_step, deploy=running_test_step, deploy=test_failure", []planner.Target{deploy, smoke, destroy}},
		{"test", "build=running_pre_step, build=running_main_step, build=running_post_step, build=running_test_step, build=test_failure", []planner.Target{build, test, deploy}},
		{"destroy", "deploy=running_pre_step, deploy=running_main_step, deploy=running_post_step, deploy=running_pre_destroy_step, deploy=running_main_destroy_step, deploy=destroy_failure",
			[]planner.Target{deploy, destroy}},
	} {
		w := newWorld(t, nil)
		for _, step := range all {
			w.inline(step, ":")
		}
		if c.fails != "" {
			w.inline(c.fails, "exit 3")
		}
		codes, err := w.statuses(c.run...)
		if got := strings.Join(codes, ", "); got != c.want || (err != nil) != (c.fails != "") {
			t.Errorf("%s fails: statuses are\n%s\nwant\n%s\n(error: %v)", c.fails, got, c.want, err)
		}
		if c.fails != "" {
			stage := state.DeployStage
			if c.fails == "test" {
				stage = state.BuildStage
			}
			if data := w.stage(stage).Status.Data; data != err.Error() || !strings.Contains(data, "exit status 3") {
				t.Errorf("%s fails: the status says %q, the error %q", c.fails, data, err)
			}
		}
	}
}

// TestInlineArguments: outputs of an inline script cannot go where those of a script file go, and the error says so.
func TestInlineArguments(t *testing.T) {
	const hint = "an inline script has no arguments, so $1 is empty; it writes its outputs to .escape/outputs.json"
	for text, want := range map[string]bool{
		"echo {} > $1": true, `echo {} >"${1}"`: true, "echo {} >> $1": true,
		"set -- x; test $1 = y": false, "echo {} > $10; false": false, "awk '{print $1}' nothere": false,
	} {
		w := newWorld(t, nil)
		w.inline("deploy", text)
		if got := slices.Contains(run.Explain(w.deploy()), hint); got != want {
			t.Errorf("%s: hint is %t, want %t", text, got, want)
		}
	}
}

func TestVersionAfterAFailure(t *testing.T) {
	for step, want := range map[string]string{"pre_deploy": "", "deploy": "1.0"} {
		w := newWorld(t, nil)
		w.inline(step, "exit 1")
		if err := w.deploy(); err == nil {
			t.Error("no error")
		}
		if got := w.stage(state.DeployStage).Version; got != want {
			t.Errorf("version after %s failed is %q, want %q", step, got, want)
		}
	}
}

func TestScriptForms(t *testing.T) {
	w := newWorld(t, map[string]string{"sub/x.sh": "#!/bin/sh\necho \"$0 $@\"; pwd\n", "y.sh": "echo \"y $@\"\n"})
	if err := os.Chmod(filepath.Join(w.dir, "y.sh"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.m.Inputs = []*release.Variable{input("a", "string", "A"), input("n", "integer", int64(7))}
	for _, c := range []struct {
		name        string
		stage       release.Stage
		want, shown string
	}{
		{"script", release.Stage{Script: "sub/x.sh a b"}, "./sub/x.sh a b .escape/outputs.json|" + w.dir, "sub/x.sh a b"},
		{"dot", release.Stage{Script: "./sub/x.sh"}, "./sub/x.sh .escape/outputs.json|" + w.dir, "./sub/x.sh"},
		{"mode", release.Stage{Script: "y.sh"}, "y .escape/outputs.json", "y.sh"},
		{"cmd", release.Stage{Cmd: "echo", Args: []string{"a  b", "$this.inputs.a", "$this.inputs.n", "$$x"}}, "a  b A 7 $$x", "echo a  b $this.inputs.a $this.inputs.n $$x"},
		{"bare cmd", release.Stage{Cmd: "pwd"}, w.dir, "pwd "},
		{"cmd expression", release.Stage{Cmd: `$__concat("ec", "ho")`, Args: []string{"x"}}, "x", `$__concat("ec", "ho") x`},
		{"script expression", release.Stage{Script: `$__concat("y", ".sh")`}, "y .escape/outputs.json", `$__concat("y", ".sh")`},
		{"inline", release.Stage{Inline: "echo $# $this\necho 2"}, "0|2", "<inline script starting with 'echo $# $this'>"},
		{"cmd wins", release.Stage{Cmd: "echo", Args: []string{"c"}, Inline: "echo i", Script: "y.sh"}, "c", "echo c"},
		{"nothing", release.Stage{Args: []string{"x"}}, "", ""},
	} {
		w.m.Stages = map[string]*release.Stage{"deploy": &c.stage}
		if err := w.deploy(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Join(w.output(), "|"); got != c.want {
			t.Errorf("%s: output is %q, want %q", c.name, got, c.want)
		}
		shown := ""
		for _, e := range w.events {
			if e.Key == "deploy.step" {
				shown = e.Values["script"]
			}
		}
		if shown != c.shown {
			t.Errorf("%s: shown as %q, want %q", c.name, shown, c.shown)
		}
	}
	left, err := os.ReadDir(w.options.TempDir)
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestScriptErrors(t *testing.T) {
	w := newWorld(t, map[string]string{"ok.sh": "#!/bin/sh\necho detail\nexit 3\n"})
	for _, c := range []struct {
		stage release.Stage
		want  string
	}{
		{release.Stage{Script: "ok.sh"}, "Failed to successfully execute command 'sh -c ./ok.sh .escape/outputs.json': exit status 3"},
		{release.Stage{Script: "gone.sh a"}, "Referenced deploy script 'gone.sh' does not exist"},
		{release.Stage{Cmd: "nonexistcmd", Args: []string{"a"}}, `Failed to successfully execute command 'nonexistcmd a': exec: "nonexistcmd": executable file not found in $PATH`},
		{release.Stage{Cmd: "echo", Args: []string{"$HOME"}}, "Field 'HOME' was not found (this)"},
		{release.Stage{Cmd: "echo", Args: []string{"$this.metadata"}}, "Expression '$this.metadata' did not return a string value"},
		{release.Stage{Inline: "kill -9 $$"}, "': signal: killed"},
		{release.Stage{Inline: "echo '[1]' > .escape/outputs.json"}, "json: cannot unmarshal array into Go value of type map[string]interface {}"},
	} {
		w.m.Stages = map[string]*release.Stage{"deploy": &c.stage}
		err := w.deploy()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error is %v, want %s", c.stage, err, c.want)
		}
	}
	w.m.Stages = map[string]*release.Stage{"deploy": {Script: "ok.sh"}}
	diff(t, "explanation", run.Explain(w.deploy()), []string{
		`step "deploy" of demo/app in environment dev failed`,
		"last output: detail",
		"no later step was started and the status is failure; run the same command again after mending the cause",
	})
}

func TestInputs(t *testing.T) {
	w := newWorld(t, nil)
	set := func(vars ...*release.Variable) { w.m.Inputs = vars }
	values := func() (map[string]any, error) {
		err := w.deploy()
		all := w.stage(state.DeployStage).CalculatedInputs
		out := map[string]any{}
		for _, v := range w.m.Inputs {
			if value, ok := all[v.ID]; ok {
				out[v.ID] = value
			}
		}
		return out, err
	}
	// References work in any order, within the run, and once.
	set(input("b", "string", `$__concat($this.inputs.a, "!")`), input("a", "string", "x"), input("l", "list", []any{"$this.inputs.b", "c"}),
		input("version", "version", nil), input("project", "project", nil), input("env", "environment", nil), input("dep", "deployment", nil))
	w.options.Vars = map[string]any{"a": "new", "version": "9"}
	got, err := values()
	w.must(err)
	diff(t, "values", got, map[string]any{"a": "new", "b": "new!", "l": []any{"new!", "c"}, "version": "1.0", "project": "local-state-project", "env": "dev", "dep": "demo/app"})

	w.options.Vars = nil
	w.options.Unset = []string{"a"}
	got, err = values()
	w.must(err)
	diff(t, "unset", got["b"], "x!")
	w.options.Unset = nil

	for _, c := range []struct {
		vars []*release.Variable
		want string
	}{
		{[]*release.Variable{input("a", "string", nil)}, "Missing value for variable 'a'"},
		{[]*release.Variable{input("a", "string", nil), input("b", "integer", "x")}, "Missing value for variable 'a'\nExpecting 'integer' value, but got 'string' for variable 'b'"},
		{[]*release.Variable{input("a", "string", "$this.inputs.b"), input("b", "string", "$this.inputs.a")}, "inputs refer to each other: a → b → a"},
		{[]*release.Variable{input("a", "string", "$this.inputs.a")}, "inputs refer to each other: a → a"},
		{[]*release.Variable{input("a", "string", "$this.nam")},
			"Couldn't run expression in default field of variable 'a': Failed to evaluate '$this.nam': Field 'nam' was not found ("},
		{[]*release.Variable{input("a", "string", "$this.inputs.gone")}, "Field 'gone' was not found (target collection was empty) in '$this.inputs.gone'"},
	} {
		set(c.vars...)
		if _, err := values(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error is %v, want %s", err, c.want)
		}
		if s := w.stage(state.DeployStage); s.Status.Code != state.Failure || s.Status.Data == "" {
			t.Errorf("%s: status is %+v", c.want, s.Status)
		}
	}
	item := input("a", "string", "a")
	item.Items = []any{"x", "$this.version"}
	set(item)
	if _, err := values(); err == nil || err.Error() != `Expecting one of ["x","1.0"] for variable 'a', got: a (string)` {
		t.Errorf("error is %v", err)
	}
}

func TestWrongUserInputIsNotRecorded(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("build", "echo built")
	w.m.Inputs = []*release.Variable{input("n", "integer", int64(1)), input("kind", "string", "a")}
	w.m.Inputs[1].Items = []any{"a", "b"}
	w.m.Inputs[0].Scopes = []string{"deploy"}
	w.options.Vars = map[string]any{"n": "many", "kind": "c", "knid": "x"}
	_, err := w.run(planner.Target{Action: planner.ActionBuild}, planner.Target{Action: planner.ActionDeploy})
	want := `Expecting one of ["a","b"] for variable 'kind', got: c (string)`
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	w.options.Vars["kind"] = "b"
	_, err = w.run(planner.Target{Action: planner.ActionBuild}, planner.Target{Action: planner.ActionDeploy})
	want = "Expecting 'integer' value, but got 'string' for variable 'n'"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	if len(w.output()) > 0 {
		t.Errorf("the build ran: %q", w.output())
	}
	if s := w.stage(state.DeployStage); len(s.Inputs) > 0 {
		t.Errorf("recorded: %v", s.Inputs)
	}
	w.options.Vars["n"] = "3"
	w.must(w.deploy())
	if !slices.Contains(w.log(), `Deploy: warning "knid" is not an input of demo/app-v1.0; did you mean "kind"?`) {
		t.Errorf("no warning in %q", w.log())
	}
	diff(t, "user inputs", w.stage(state.DeployStage).Inputs, map[string]any{"n": "3", "kind": "b", "knid": "x"})
}

func TestOutputErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.m.Outputs = []*release.Variable{input("n", "integer", nil)}
	if err := w.deploy(); err == nil || err.Error() != "Missing value for variable 'n'" {
		t.Errorf("error is %v", err)
	}
	w.inline("deploy", `echo '{"n": "many"}' > .escape/outputs.json`)
	if err := w.deploy(); err == nil || err.Error() != "Expecting 'integer' value, but got 'string' for variable 'n'" {
		t.Errorf("error is %v", err)
	}
	w.inline("deploy", `echo '{"n": "12", "extra": {}}' > .escape/outputs.json`)
	w.must(w.deploy())
	diff(t, "outputs", w.stage(state.DeployStage).CalculatedOutputs, map[string]any{"n": int64(12)})
	if !slices.Contains(w.log(), "Deploy: warning received unexpected output variable 'extra'") {
		t.Errorf("no warning in %q", w.log())
	}
	// Without a script the main step clears the outputs.
	w.m.Stages = nil
	w.m.Outputs[0].Default = int64(1)
	w.must(w.deploy())
	diff(t, "outputs", w.stage(state.DeployStage).CalculatedOutputs, map[string]any{"n": int64(1)})
}

func TestNotDeployed(t *testing.T) {
	w := newWorld(t, nil)
	smoke := planner.Target{Action: planner.ActionSmoke}
	_, err := w.run(smoke)
	want := "Deployment state 'demo/app' for release 'app-v1.0' could not be found\n\nYou may need to run `escape run deploy app-v1.0` to resolve this issue"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	w.inline("deploy", "exit 1")
	_ = w.deploy()
	if _, err = w.run(smoke); err == nil || err.Error() != want {
		t.Errorf("smoke after a failed deploy: %v", err)
	}
	// But it can be destroyed.
	_, err = w.run(planner.Target{Action: planner.ActionDestroy, Stage: state.BuildStage}, planner.Target{Action: planner.ActionDestroy, Stage: state.DeployStage})
	w.must(err)
	if code := w.stage(state.DeployStage).Status.Code; code != state.Empty {
		t.Errorf("status is %s", code)
	}
	_, err = w.run(planner.Target{Action: planner.ActionTest})
	if err == nil || !strings.HasPrefix(err.Error(), "Build state 'demo/app' for release 'app-v1.0' could not be found") {
		t.Errorf("error is %v", err)
	}
}

func TestDestroyIsReportedOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("build", ":")
	_, err := w.run(planner.Target{Action: planner.ActionBuild}, planner.Target{Action: planner.ActionDeploy})
	w.must(err)
	_, err = w.run(planner.Target{Action: planner.ActionDestroy, Stage: state.BuildStage}, planner.Target{Action: planner.ActionDestroy, Stage: state.DeployStage})
	w.must(err)
	var keys []string
	for _, e := range w.events {
		if e.Key != "" {
			keys = append(keys, e.Key)
		}
	}
	diff(t, "log", keys, []string{"destroy.start", "destroy.finished"})
}

func TestTemplates(t *testing.T) {
	w := newWorld(t, map[string]string{"conf.tpl": "n={{n}} who={{{who}}} {{#list}}<{{.}}>{{/list}} from={{from}}\n"})
	w.m.Inputs = []*release.Variable{input("who", "string", "a&b")}
	w.m.Templates = []*release.Template{{File: "conf.tpl", Target: "conf", Scopes: release.Both(), Mapping: map[string]any{
		"n": int64(1234567), "who": "$this.inputs.who", "list": []any{"x"}, "from": "$this.name",
	}}}
	w.inline("pre_deploy", "test ! -e conf")
	w.inline("deploy", "cat conf")
	w.must(w.deploy())
	diff(t, "rendered", w.output(), []string{"n=1234567 who=a&b <x> from=app"})
	delete(w.m.Templates[0].Mapping, "n")
	if err := w.deploy(); err == nil {
		t.Error("no error") // pre_deploy fails: conf is there
	}
	delete(w.m.Stages, "pre_deploy")
	if err := w.deploy(); err == nil || err.Error() != `Failed to compile template conf.tpl: Missing variable "n"` {
		t.Errorf("error is %v", err)
	}
	w.m.Templates[0].Mapping["n"] = "$this.x"
	if err := w.deploy(); err == nil || !strings.HasPrefix(err.Error(), "Failed to compile template conf.tpl: Error in template 'conf.tpl' mapping key 'n': Failed to evaluate '$this.x': Field 'x' was not found (") {
		t.Errorf("error is %v", err)
	}
}

func TestDownloads(t *testing.T) {
	answers := map[string]string{"/a": "content"}
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		requests++
		if text, ok := answers[r.URL.Path]; ok {
			fmt.Fprint(rw, text)
			return
		}
		http.Error(rw, "an error page", http.StatusNotFound)
	}))
	defer server.Close()
	w := newWorld(t, map[string]string{"present": "x"})
	one := func(d release.Download) {
		d.URL = server.URL + d.URL
		d.Scopes = release.Both()
		w.m.Downloads = []*release.Download{&d}
	}
	w.inline("pre_deploy", "cat sub/a")
	one(release.Download{URL: "/a", Dest: "sub/a"})
	w.must(w.deploy())
	diff(t, "log", w.log(), []string{
		"Deploy: deploy.start",
		"Deploy: deploy.step <inline script starting with 'cat sub/a'> pre_deploy",
		"Deploy: download.start " + server.URL + "/a sub/a",
		"Deploy: download.finished " + server.URL + "/a",
		"Deploy: build.script_output sh content",
		"Deploy: deploy.finished demo/app dev",
	})
	w.must(w.deploy())
	if requests != 1 || !slices.Contains(w.log(), "Deploy: download.skip_overwrite "+server.URL+"/a sub/a") {
		t.Errorf("%d requests, log %q", requests, w.log())
	}
	delete(w.m.Stages, "pre_deploy")
	one(release.Download{URL: "/a", Dest: "b", IfNotExists: []string{"pres*"}})
	w.must(w.deploy())
	one(release.Download{URL: "/a", Dest: "b", Platform: "plan9"})
	w.must(w.deploy())
	one(release.Download{URL: "/a", Dest: "b", Arch: "mips"})
	w.must(w.deploy())
	if requests != 1 {
		t.Errorf("%d requests", requests)
	}
	one(release.Download{URL: "/gone", Dest: "c"})
	for range 2 { // a failed one leaves nothing that the next would take for the file
		if err := w.deploy(); err == nil || err.Error() != "Couldn't download '"+server.URL+"/gone': the server answered 404 Not Found" {
			t.Errorf("error is %v", err)
		}
	}
	one(release.Download{URL: "/a", Dest: "d.rar", Unpack: true})
	if err := w.deploy(); err == nil || err.Error() != "Can't unpack: unknown archive extension 'd.rar'" {
		t.Errorf("error is %v", err)
	}
	if entries, _ := filepath.Glob(filepath.Join(w.dir, "*")); len(entries) != 3 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestNothingToDo(t *testing.T) {
	w := newWorld(t, nil)
	w.always = false
	w.inline("deploy", "echo ran")
	w.m.Inputs = []*release.Variable{input("a", "string", "x"), input("at", "string", "$__timestamp()")}
	res, err := w.run()
	w.must(err)
	if res.Started != 1 || len(w.output()) != 1 {
		t.Errorf("first: %+v, %q", res, w.output())
	}
	before, _ := os.ReadFile(w.store.Location())
	res, err = w.run()
	w.must(err)
	if res.Started != 0 || len(w.output()) != 0 || res.Count(run.Unchanged) != 1 {
		t.Errorf("second: %+v, %q", res, w.output())
	}
	after, _ := os.ReadFile(w.store.Location())
	if string(before) != string(after) {
		t.Errorf("the state changed: %s", cmp.Diff(string(before), string(after)))
	}
	w.options.Vars = map[string]any{"a": "y"}
	res, err = w.run()
	w.must(err)
	if res.Started != 1 || res.Nodes[0].Node.Reasons[0].String() != `a: "x" → "y" (from user)` {
		t.Errorf("third: %+v %v", res, res.Nodes[0].Node.Reasons)
	}
}

func TestBuildDecidesAboutDeploy(t *testing.T) {
	w := newWorld(t, nil)
	w.always = false
	w.inline("build", "echo built")
	w.inline("deploy", "echo deployed")
	w.options.Recompile = func(context.Context) (*release.Metadata, error) { return w.m, nil }
	_, err := w.run()
	w.must(err)
	diff(t, "first", w.output(), []string{"built", "deployed"})
	// A change that only the build sees: its result is the same, so nothing is deployed.
	w.m.Inputs = nil
	w.inline("build", "echo built again")
	generated := *w.m
	generated.Stages = maps.Clone(w.m.Stages)
	_, err = w.run()
	w.must(err)
	diff(t, "second", w.output(), []string{"built again", "deployed"}) // the release differs
	res, err := w.run()
	w.must(err)
	if res.Count(run.Unchanged) != 2 {
		t.Errorf("third: %+v", res.Nodes)
	}
	// Run the build again although nothing changed: the deployment is a "maybe" that proves unnecessary.
	session, err := w.store.Lock(t.Context(), state.Request{})
	w.must(err)
	defer session.Close()
	w.must(session.Commit(t.Context(), state.Batch{Changes: []state.Change{state.PutStatus{
		Address: state.Address{Environment: "dev", Path: state.Path{"demo/app"}}, Stage: state.BuildStage, Status: state.Status{Code: state.RunningMain, UpdatedAt: epoch},
	}}}))
	g, findings := planner.Build(planner.Request{Environment: "dev"}, tree(w.m), planner.View(session.State(), "dev"))
	if len(findings) > 0 || g.Nodes[0].Change != planner.Replace || g.Nodes[1].Change != planner.Maybe {
		t.Fatalf("graph is %+v %+v, %v", g.Nodes[0], g.Nodes[1], findings)
	}
	o := w.options
	o.Session = session
	res, err = run.Run(t.Context(), g, tree(w.m), o)
	w.must(err)
	if res.Started != 1 || res.Count(run.Done) != 1 || res.Count(run.Unchanged) != 1 {
		t.Errorf("fourth: %+v", res.Nodes)
	}
}

func TestTakeOver(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.deploy())
	session, err := w.store.Lock(t.Context(), state.Request{})
	w.must(err)
	defer session.Close()
	other := *w.m
	other.Name = "other"
	_, findings := planner.Build(planner.Request{Environment: "dev", Deployment: "demo/app", Always: true}, tree(&other), planner.View(session.State(), "dev"))
	if len(findings) != 1 || findings[0].Code.Code != "ESC5001" {
		t.Fatalf("findings are %v", findings)
	}
	other.Stages = map[string]*release.Stage{"pre_deploy": {Inline: "exit 1"}}
	var g *planner.Graph
	g, findings = planner.Build(planner.Request{Environment: "dev", Deployment: "demo/app", Always: true, TakeOver: true}, tree(&other), planner.View(session.State(), "dev"))
	if len(findings) != 0 {
		t.Fatalf("findings are %v", findings)
	}
	o := w.options
	o.Session = session
	if _, err := run.Run(t.Context(), g, tree(&other), o); err == nil {
		t.Fatal("no error")
	}
	d, _ := session.State().Environment("dev").Deployment("demo/app")
	if d.Release != "demo/app" || d.Stages["deploy"].Version != "1.0" {
		t.Errorf("after a take-over that failed early: %s-v%s", d.Release, d.Stages["deploy"].Version)
	}
}

func TestPackage(t *testing.T) {
	w := newWorld(t, map[string]string{"a": "a"})
	w.m.Files["a"] = ""
	res, err := w.run(planner.Target{Action: planner.ActionPackage})
	w.must(err)
	want := filepath.Join(w.dir, ".escape/target/app-v1.0.tgz")
	if res.Nodes[0].Archive != want {
		t.Errorf("archive is %s", res.Nodes[0].Archive)
	}
	diff(t, "log", w.log(), []string{"Package: package.start", "Package: package.finished " + want})
	if _, err := w.run(planner.Target{Action: planner.ActionPackage}); err == nil || err.Error() != "File '"+want+"' already exists. Use --force / -f to ignore." {
		t.Errorf("error is %v", err)
	}
}

func TestEventsAreComplete(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("deploy", "echo x")
	w.must(w.deploy())
	var kinds []string
	for _, e := range w.events {
		kinds = append(kinds, e.Kind.String())
		if e.Node != "dev/demo/app#deploy" || e.Release != "demo/app-v1.0" || !e.Time.Equal(epoch) {
			t.Errorf("event %+v", e)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Error(err)
		}
	}
	diff(t, "kinds", kinds, []string{"started", "push", "log", "log", "output", "log", "pop", "finished"})
	w.inline("deploy", "exit 1")
	_ = w.deploy()
	last := w.events[len(w.events)-1]
	if last.Kind != run.Failed || !slices.Equal(last.Sections, []string{"Deploy"}) || last.Err == nil {
		t.Errorf("last event of a failure: %+v", last)
	}
}
