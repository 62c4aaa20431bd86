//go:build unix

package run_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
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

func TestMain(m *testing.M) {
	if dir := os.Getenv("ESCAPE_TEST_VICTIM"); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

func TestInterruptedRun(t *testing.T) {
	for _, c := range []struct {
		step   string
		action planner.Target
		stage  state.StageName
		want   state.StatusCode
	}{
		{"build", planner.Target{Action: planner.ActionBuild}, state.BuildStage, state.Failure},
		{"pre_deploy", planner.Target{Action: planner.ActionDeploy}, state.DeployStage, state.Failure},
		{"deploy", planner.Target{Action: planner.ActionDeploy}, state.DeployStage, state.Failure},
		{"smoke", planner.Target{Action: planner.ActionSmoke}, state.DeployStage, state.TestFailure},
		{"destroy", planner.Target{Action: planner.ActionDestroy, Stage: state.DeployStage}, state.DeployStage, state.DestroyFailure},
	} {
		t.Run(c.step, func(t *testing.T) {
			w := newWorld(t, nil)
			w.must(w.deploy())
			ready, _ := fifo(t, w.dir, "ready"), fifo(t, w.dir, "forever")
			w.inline(c.step, "echo $$ > ready; read x < forever")
			w.options.Interrupt = run.NewInterrupt()
			pid := make(chan string, 1)
			go func() {
				pid <- await(t, ready)
				w.options.Interrupt.Signal(syscall.SIGTERM)
			}()
			// Whatever comes after it does not start.
			res, err := w.run(c.action, planner.Target{Action: planner.ActionPackage})
			if !errors.Is(err, run.ErrInterrupted) || res.Signal != syscall.SIGTERM || res.Count(run.Interrupted) != 1 || res.Count(run.NotDone) != 1 {
				t.Errorf("result is %+v, %v", res, err)
			}
			s := w.stage(c.stage)
			if s.Status.Code != c.want || s.Status.Data != "Interrupted" {
				t.Errorf("status is %+v", s.Status)
			}
			if !gone(<-pid) {
				t.Error("the script is still alive")
			}
			// The same again goes through.
			delete(w.m.Stages, c.step)
			w.options.Interrupt = nil
			if c.step == "smoke" || c.step == "destroy" || c.step == "build" {
				_, err = w.run(c.action)
			} else {
				err = w.deploy()
			}
			w.must(err)
		})
	}
}

// A script that ends well in spite of the interrupt is done; what comes after it does not start.
func TestInterruptBetweenSteps(t *testing.T) {
	w := newWorld(t, nil)
	ready, _ := fifo(t, w.dir, "ready"), fifo(t, w.dir, "forever")
	w.inline("deploy", `trap 'echo "{\"o\":\"v\"}" > .escape/outputs.json; exit 0' TERM; echo > ready; read x < forever`)
	w.inline("post_deploy", "echo not this")
	w.m.Outputs = []*release.Variable{input("o", "string", nil)}
	w.options.Interrupt = run.NewInterrupt()
	go func() {
		await(t, ready)
		w.options.Interrupt.Signal(syscall.SIGTERM)
	}()
	err := w.deploy()
	s := w.stage(state.DeployStage)
	if !errors.Is(err, run.ErrInterrupted) || slices.Contains(w.output(), "not this") || s.Status.Data != "Interrupted" || s.CalculatedOutputs["o"] != "v" {
		t.Errorf("%v, output %q, state %+v", err, w.output(), s)
	}
}

func TestInterruptBeforeTheStart(t *testing.T) {
	w := newWorld(t, nil)
	w.inline("deploy", "echo not this")
	w.options.Interrupt = run.NewInterrupt()
	w.options.Interrupt.Signal(os.Interrupt)
	res, err := w.run(planner.Target{Action: planner.ActionDeploy})
	if !errors.Is(err, run.ErrInterrupted) || res.Started != 0 || res.Signal != os.Interrupt {
		t.Errorf("result is %+v, %v", res, err)
	}
	if _, err := os.Stat(w.store.Location()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the state was touched: %v", err)
	}
}

const canary = "hunter2/κ&<s3cret>"

// forms are what a canary may look like.
func forms() []string {
	return []string{
		canary, base64.StdEncoding.EncodeToString([]byte(canary)), url.QueryEscape(canary), `hunter2/κ\u0026\u003cs3cret\u003e`,
	}
}

func leaks(text string) bool {
	return slices.ContainsFunc(forms(), func(f string) bool { return strings.Contains(text, f) })
}

// No secret reaches an event, an error, a status, a revision, a graph or a file that is left over.
func TestSecretsLeaveNoTrace(t *testing.T) {
	secret := func(id string) *release.Variable {
		v := input(id, "string", nil)
		v.Sensitive = true
		return v
	}
	for name, change := range map[string]func(w *world){
		"success": func(*world) {},
		"failure": func(w *world) { w.inline("post_deploy", `echo "$INPUT_password" >&2; exit 1`) },
		"argument": func(w *world) {
			w.m.Stages["post_deploy"] = &release.Stage{Cmd: "false", Args: []string{"$this.inputs.password", "$this.inputs.derived"}}
		},
		"no such command": func(w *world) { w.m.Stages["post_deploy"] = &release.Stage{Cmd: "$this.inputs.password"} },
		"items":           func(w *world) { w.m.Inputs[0].Items = []any{"a"} },
		"type":            func(w *world) { w.m.Inputs[0].Type = "integer" },
		"output type":     func(w *world) { w.m.Outputs[0].Type = "list" },
		"template":        func(w *world) { w.m.Templates[0].Mapping["x"] = "$__integer($this.inputs.password)" },
		"download": func(w *world) {
			w.m.Downloads = []*release.Download{{URL: "http://127.0.0.1:1/" + url.QueryEscape(canary), Dest: "x"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]string{"t.tpl": "{{password}}"})
			w.m.Inputs = []*release.Variable{secret("password"), input("derived", "string", `$__concat("https://", $this.inputs.password, "@x")`)}
			w.m.Outputs = []*release.Variable{secret("dsn")}
			w.m.Templates = []*release.Template{{File: "t.tpl", Target: "rendered", Scopes: release.Both(), Mapping: map[string]any{"password": "$this.inputs.password"}}}
			w.inline("deploy", `echo "plain $INPUT_password end"; printf '%s' "$INPUT_password" | base64; echo "  $INPUT_derived" >&2
				printf '{"dsn": "pg:%s"}' "$INPUT_password" > .escape/outputs.json; echo "$INPUT_PREVIOUS_password"`)
			w.inline("post_deploy", `echo "out $OUTPUT_dsn"`)
			w.options.Vars = map[string]any{"password": canary}
			change(w)
			for range 2 {
				_, err := w.run(planner.Target{Action: planner.ActionDeploy})
				text := fmt.Sprintf("%v %q", err, run.Explain(err))
				for _, e := range w.events {
					text += fmt.Sprintf("%+v\n", e)
				}
				if s := w.stage(state.DeployStage); leaks(s.Status.Data) {
					t.Errorf("the status holds the secret: %s", s.Status.Data)
				}
				v, viewErr := w.store.View(t.Context())
				w.must(viewErr)
				if d, ok := v.State.Environment("dev").Deployment("demo/app"); ok {
					for _, r := range d.Revisions {
						text += fmt.Sprintf("%+v\n", r)
					}
				}
				g, _ := planner.Build(planner.Request{Environment: "dev", Values: given{"deploy": {
					{ID: "password", Type: "string", Known: true, Value: canary + "2", Sensitive: true, From: "user"}}}}, tree(w.m), planner.View(v.State, "dev"))
				data, jsonErr := g.MarshalJSON()
				w.must(jsonErr)
				var human strings.Builder
				w.must(g.WriteText(&human, planner.Full))
				text += string(data) + human.String()
				if leaks(text) {
					t.Errorf("the secret is in\n%s", text)
				}
				if (name == "success") != (err == nil) {
					t.Errorf("error is %v", err)
				}
				for _, dir := range []string{w.options.TempDir, filepath.Join(w.dir, ".escape")} {
					w.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
						if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
							return nil
						}
						info, err := d.Info()
						if err != nil {
							return err
						}
						data, err := os.ReadFile(path)
						if leaks(string(data)) && info.Mode().Perm() != 0o600 {
							t.Errorf("%s (%v) holds the secret", path, info.Mode())
						}
						return err
					}))
				}
			}
		})
	}
}

// victim is the other process of TestKilledRunner: it deploys and never comes to an end.
func victim(dir string) {
	store, err := state.OpenFile(filepath.Join(dir, "escape_state.json"), state.Options{})
	fatal(err)
	session, err := store.Lock(context.Background(), state.Request{})
	fatal(err)
	m := release.New()
	m.Project, m.Name, m.Version = "demo", "app", "1.0"
	m.Stages["pre_deploy"] = &release.Stage{Inline: "echo done > pre"}
	m.Stages["deploy"] = &release.Stage{Inline: os.Getenv("ESCAPE_TEST_SCRIPT")}
	m.Inputs = []*release.Variable{input("a", "string", "x")}
	g, _ := planner.Build(planner.Request{Environment: "dev", Targets: []planner.Target{{Action: planner.ActionDeploy}}}, tree(m), planner.View(session.State(), "dev"))
	_, err = run.Run(context.Background(), g, tree(m), run.Options{Session: session, Dir: dir, Environ: os.Environ(), TempDir: dir, Events: func(e run.Event) {
		if e.Kind == run.Output { // by then the process is recorded
			fatal(os.WriteFile(filepath.Join(dir, "said"), []byte(e.Values["line"]+"\n"), 0))
		}
	}})
	fatal(err)
	os.Exit(0)
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// kill lets another process deploy with this script in dir, waits until the script wrote a line, and kills the process,
// but not the script. It returns the line.
func kill(t *testing.T, dir, script string) string {
	t.Helper()
	pipe := fifo(t, dir, "said")
	defer os.Remove(pipe)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "ESCAPE_TEST_VICTIM="+dir, "ESCAPE_TEST_SCRIPT="+script)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := await(t, pipe)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return said
}

// after takes the lease as the next command does.
func after(t *testing.T, dir string) (*state.FileStore, state.Session) {
	t.Helper()
	store, err := state.OpenFile(filepath.Join(dir, "escape_state.json"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	session, err := store.Lock(ctx, state.Request{Wait: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return store, session
}

func TestKilledRunner(t *testing.T) {
	dir := t.TempDir()
	forever := fifo(t, dir, "forever")
	kill(t, dir, "echo ready; read x < forever")
	defer func() {
		if err := os.WriteFile(forever, []byte("\n"), 0); err != nil { // let the script go
			t.Error(err)
		}
	}()
	_, session := after(t, dir)
	places := session.Interrupted()
	if len(places) != 1 || places[0].Status.Code != state.RunningMain || places[0].Stage != state.DeployStage {
		t.Fatalf("interrupted: %+v", places)
	}
	s, _ := session.State().Stage(places[0].Address, state.DeployStage)
	if s.Version != "1.0" || s.CalculatedInputs["a"] != "x" {
		t.Errorf("what the pre step recorded is lost: %+v", s)
	}
	m := release.New()
	m.Project, m.Name, m.Version = "demo", "app", "1.0"
	g, _ := planner.Build(planner.Request{Environment: "dev"}, tree(m), planner.View(session.State(), "dev"))
	n := g.Nodes[0]
	if n.Change != planner.Replace || n.Reasons[0].Kind != planner.ReasonInterrupted {
		t.Errorf("node is %+v", n)
	}
	if got, want := n.Reasons[0].String(), "the last run was interrupted: it stopped in step deploy"; got != want {
		t.Errorf("reason is %q, want %q", got, want)
	}
}

// providers makes a provider deployment "p<n>" of package demo/p<n>, which offers the interface "i<n>".
func (w *world) provider(n int, script func(m *release.Metadata)) {
	w.t.Helper()
	name := fmt.Sprintf("p%d", n)
	m := release.New()
	m.Project, m.Name, m.Version = "demo", name, "2.0"
	m.Provides = []*release.Provider{{Name: fmt.Sprintf("i%d", n)}}
	m.Outputs = []*release.Variable{input("url", "string", nil)}
	m.Stages["activate_provider"] = &release.Stage{Script: "act.sh"}
	m.Stages["deactivate_provider"] = &release.Stage{Script: "deact.sh"}
	dir := w.t.TempDir()
	for _, s := range []string{"act", "deact"} {
		file := filepath.Join(dir, s+".sh")
		if err := os.WriteFile(file, []byte("#!/bin/sh\necho "+s+" "+name+" $OUTPUT_url\ntest ! -e fail-"+s+"\n"), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	if script != nil {
		script(m)
	}
	session, err := w.store.Lock(w.t.Context(), state.Request{})
	w.must(err)
	defer session.Close()
	w.must(session.Commit(w.t.Context(), state.Batch{Changes: []state.Change{state.PutStage{
		Address: state.Address{Environment: "dev", Path: state.Path{"demo/" + name}}, Stage: state.DeployStage, Release: "demo/" + name,
		Value: &state.Stage{Version: "2.0", Provides: []string{fmt.Sprintf("i%d", n)}, CalculatedOutputs: map[string]any{"url": "db://" + name},
			Status: state.Status{Code: state.OK, UpdatedAt: epoch}},
	}}}))
	before := w.options.Package
	w.options.Package = func(ctx context.Context, base string, id release.ID, log run.Logger) (*release.Metadata, string, error) {
		if id == m.ID() {
			return m, dir, nil
		}
		if before == nil {
			return nil, "", errors.New("no such package")
		}
		return before(ctx, base, id, log)
	}
	_ = os.MkdirAll(dir, 0o755)
	w.dirs = append(w.dirs, dir)
}

func TestProviders(t *testing.T) {
	consumer := func(n int) *release.Consumer {
		return &release.Consumer{Name: fmt.Sprintf("i%d", n), Variable: fmt.Sprintf("v%d", n), Scopes: release.Both()}
	}
	w := newWorld(t, nil)
	w.m.Consumes = []*release.Consumer{consumer(1), consumer(2)}
	err := w.deploy()
	if err == nil || err.Error() != "Missing provider 'v1' of type 'i1'. This can be configured using the -p / --extra-provider flag." {
		t.Errorf("error is %v", err)
	}
	w.provider(1, nil)
	w.provider(2, nil)
	w.m.Inputs = []*release.Variable{input("url", "string", `$__concat($v1.outputs.url, "+", $v2.outputs.url)`), input("r", "string", "$v1.release")}
	w.inline("deploy", "echo $INPUT_url $INPUT_r")
	w.must(w.deploy())
	diff(t, "output", w.output(), []string{"act p1 db://p1", "act p2 db://p2", "db://p1+db://p2 p1-v2.0", "deact p2 db://p2", "deact p1 db://p1"})
	diff(t, "log", w.log()[1:4], []string{
		"Deploy/Provider demo/p1-v2.0 ($i1): provider.activate i1 v1",
		"Deploy/Provider demo/p1-v2.0 ($i1): deploy.step act.sh activate_provider",
		"Deploy/Provider demo/p1-v2.0 ($i1): build.script_output sh act p1 db://p1",
	})
	diff(t, "links", w.stage(state.DeployStage).Providers, map[string]string{"v1": "demo/p1", "v2": "demo/p2"})

	// Closing actions run after a failure, and after an interrupt.
	w.inline("deploy", "exit 1")
	if err := w.deploy(); err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("error is %v", err)
	}
	closed := []string{"act p1 db://p1", "act p2 db://p2", "deact p2 db://p2", "deact p1 db://p1"}
	diff(t, "output after a failure", w.output(), closed)
	w.options.Interrupt = run.NewInterrupt()
	fifo(t, w.dir, "forever")
	w.inline("deploy", "exec 2>/dev/null; read x < forever")
	w.options.Exec = func(ctx context.Context, c *run.Command) error {
		if len(c.Argv) == 2 { // the inline script
			w.options.Interrupt.Signal(os.Interrupt)
		}
		return run.RunProcess(ctx, c)
	}
	if err := w.deploy(); !errors.Is(err, run.ErrInterrupted) {
		t.Errorf("error is %v", err)
	}
	diff(t, "output after an interrupt", w.output(), closed)
	w.options.Interrupt, w.options.Exec = nil, nil

	// A failing activation closes what was opened before, and is recorded with the consumer.
	w.inline("deploy", "echo not this")
	if err := os.WriteFile(filepath.Join(w.dirs[1], "fail-act"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err = w.deploy()
	diff(t, "output after a failed activation", w.output(), []string{"act p1 db://p1", "act p2 db://p2", "deact p1 db://p1"})
	if s := w.stage(state.DeployStage); s.Status.Code != state.Failure || s.Status.Data != err.Error() {
		t.Errorf("status is %+v, error %v", s.Status, err)
	}
	v, viewErr := w.store.View(t.Context())
	w.must(viewErr)
	if p, _ := v.State.Environment("dev").Deployment("demo/p2"); p.Stages["deploy"].Status.Code != state.OK {
		t.Errorf("the provider's status changed: %+v", p.Stages["deploy"].Status)
	}

	// A failing deactivation does not lose the result.
	_ = os.Remove(filepath.Join(w.dirs[1], "fail-act"))
	if err := os.WriteFile(filepath.Join(w.dirs[0], "fail-deact"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err = w.deploy()
	if s := w.stage(state.DeployStage); err == nil || s.Status.Code != state.OK {
		t.Errorf("after a failed deactivation: %v, %+v", err, s.Status)
	}
}

// The providers of a provider are active around its own scripts.
func TestProvidersOfProviders(t *testing.T) {
	w := newWorld(t, nil)
	w.provider(1, nil)
	w.provider(2, func(m *release.Metadata) {
		m.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
	})
	link := func(from, to string) {
		session, err := w.store.Lock(t.Context(), state.Request{})
		w.must(err)
		defer session.Close()
		at := state.Address{Environment: "dev", Path: state.Path{"demo/" + from}}
		s, _ := session.State().Stage(at, state.DeployStage)
		s = s.Clone()
		s.Providers = map[string]string{"i1": "demo/" + to}
		w.must(session.Commit(t.Context(), state.Batch{Changes: []state.Change{state.PutStage{Address: at, Stage: state.DeployStage, Value: s}}}))
	}
	link("p2", "p1")
	w.m.Consumes = []*release.Consumer{{Name: "i2", Variable: "i2", Scopes: release.Both()}}
	w.inline("deploy", "echo deploy")
	w.must(w.deploy())
	diff(t, "output", w.output(), []string{"act p1 db://p1", "act p2 db://p2", "deploy", "deact p2 db://p2", "deact p1 db://p1"})
	link("p2", "p2")
	if err := w.deploy(); err == nil || err.Error() != "deployments consume each other: demo/p2 → demo/p2" {
		t.Errorf("error is %v", err)
	}
}

func TestReject(t *testing.T) {
	w := newWorld(t, nil)
	reject := func() {
		session, err := w.store.Lock(t.Context(), state.Request{})
		w.must(err)
		defer session.Close()
		w.must(run.Reject(t.Context(), session, "dev", "demo/app", planner.ActionSmoke, state.DeployStage, errors.New("no such release"), epoch))
	}
	reject()
	if _, err := os.Stat(w.store.Location()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deployment was made up: %v", err)
	}
	w.must(w.deploy())
	reject()
	if s := w.stage(state.DeployStage).Status; s.Code != state.TestFailure || s.Data != "no such release" {
		t.Errorf("status is %+v", s)
	}
}

func TestProviderWithoutPackage(t *testing.T) {
	w := newWorld(t, nil)
	w.provider(1, nil)
	w.options.Package = nil
	w.m.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
	err := w.deploy()
	want := "activate provider i1 ($i1): the package of demo/p1-v2.0, which deployment demo/p1 was made from, is not available: packages of other releases are not available here"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	// Its values can be had all the same.
	w.m.Consumes[0].SkipActivate = true
	w.m.Inputs = []*release.Variable{input("u", "string", "$i1.outputs.url")}
	w.must(w.deploy())
	diff(t, "input", w.stage(state.DeployStage).CalculatedInputs["u"], any("db://p1"))
}

func BenchmarkDeploy(b *testing.B) {
	dir := b.TempDir()
	store, err := state.OpenFile(filepath.Join(b.TempDir(), "escape_state.json"), state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	m := release.New()
	m.Project, m.Name, m.Version = "demo", "app", "1.0"
	m.Stages["deploy"] = &release.Stage{Inline: ":"}
	for b.Loop() {
		session, err := store.Lock(b.Context(), state.Request{})
		if err != nil {
			b.Fatal(err)
		}
		g, _ := planner.Build(planner.Request{Environment: "dev", Always: true}, tree(m), planner.View(session.State(), "dev"))
		if _, err := run.Run(b.Context(), g, tree(m), run.Options{Session: session, Dir: dir, Environ: os.Environ(), Events: func(run.Event) {}}); err != nil {
			b.Fatal(err)
		}
		if err := session.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
