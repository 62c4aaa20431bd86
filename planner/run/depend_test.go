//go:build unix

package run_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// pack makes the release "demo/<name>-v1" with a folder of its own.
func (w *world) pack(name string) *planner.Tree {
	w.t.Helper()
	m := release.New()
	m.Project, m.Name, m.Version = "demo", name, "1"
	dir := filepath.Join(w.dir, "deps", "demo", name)
	w.must(os.MkdirAll(dir, 0o755))
	return &planner.Tree{Release: m, Dir: dir}
}

// depend makes one release depend on another under the name of that.
func depend(t, on *planner.Tree) *release.Dependency {
	d := &release.Dependency{
		ReleaseID: on.Release.QualifiedID(), Variable: on.Release.Name, DeploymentName: on.Release.Name, Scopes: release.Both(),
		Mapping: map[string]any{}, BuildMapping: map[string]any{}, DeployMapping: map[string]any{}, Consumes: map[string]string{},
	}
	t.Release.Depends = append(t.Release.Depends, d)
	t.Depends = append(t.Depends, on)
	return d
}

// say makes a step print what it is, with a value, and put out a value.
func say(t *planner.Tree, step, value, output string) {
	text := fmt.Sprintf("echo %s %s %s\n", t.Release.Name, step, value)
	if output != "" {
		text += fmt.Sprintf("echo '{\"out\": \"'%s'\"}' > .escape/outputs.json\n", output)
	}
	t.Release.Stages[step] = &release.Stage{Inline: text}
}

// A chain is demo/app, which needs demo/db and demo/web, which is given what db puts out.
type chain struct {
	*world
	app, db, web *planner.Tree
}

func newChain(t *testing.T) *chain {
	w := newWorld(t, nil)
	c := &chain{world: w, app: &planner.Tree{Release: w.m, Dir: w.dir}, db: w.pack("db"), web: w.pack("web")}
	c.db.Release.Inputs = []*release.Variable{input("size", "string", nil)}
	c.db.Release.Outputs = []*release.Variable{input("out", "string", nil)}
	c.web.Release.Inputs = []*release.Variable{input("url", "string", nil)}
	c.web.Release.Outputs = []*release.Variable{input("out", "string", nil)}
	c.app.Release.Inputs = []*release.Variable{input("size", "string", "small"), input("web", "string", "$web.outputs.out")}
	c.app.Release.Inputs[1].EvalBeforeDependencies = false
	depend(c.app, c.db).DeployMapping = map[string]any{"size": "$this.inputs.size"}
	depend(c.app, c.web).DeployMapping = map[string]any{"url": "$db.outputs.out"}
	c.app.Release.Depends[0].BuildMapping = c.app.Release.Depends[0].DeployMapping
	c.app.Release.Depends[1].BuildMapping = c.app.Release.Depends[1].DeployMapping
	say(c.db, "deploy", "$INPUT_size", "db-$INPUT_size")
	say(c.db, "destroy", "$OUTPUT_out", "")
	say(c.web, "deploy", "$INPUT_url", "web:$INPUT_url")
	say(c.web, "destroy", "", "")
	say(c.app, "deploy", "$INPUT_web", "")
	say(c.app, "destroy", "", "")
	say(c.app, "post_destroy", "", "")
	return c
}

// do runs a request on the chain.
func (c *chain) do(req planner.Request) (*run.Result, error) {
	c.t.Helper()
	session, err := c.store.Lock(c.t.Context(), state.Request{Operation: "test"})
	c.must(err)
	defer func() { c.must(session.Close()) }()
	req.Environment = "dev"
	o := c.options
	o.Session, o.Workers = session, 4
	c.events = nil
	o.Events = func(e run.Event) { c.events = append(c.events, e) }
	if !req.Nested {
		planning, err := run.NewPlanning(c.app, session.State(), "dev", "", o)
		c.must(err)
		req.Values = planning
		g, findings := planner.Build(req, c.app, planner.View(session.State(), "dev"))
		if _, err := planning.Err(); err != nil {
			return nil, err
		}
		if findings.HasErrors() {
			return nil, errors.New(findings[0].Message)
		}
		return run.Run(c.t.Context(), g, c.app, o)
	}
	g, findings := planner.Build(req, c.app, planner.View(session.State(), "dev"))
	if findings.HasErrors() {
		return nil, errors.New(findings[0].Message)
	}
	return run.Run(c.t.Context(), g, c.app, o)
}

func (c *chain) recorded(path string) *state.Stage {
	c.t.Helper()
	view, err := c.store.View(c.t.Context())
	c.must(err)
	p, err := state.ParsePath(path)
	c.must(err)
	s, ok := view.State.Stage(state.Address{Environment: "dev", Path: p}, state.DeployStage)
	if !ok {
		c.t.Fatalf("nothing is recorded about %s", path)
	}
	return s
}

func nested(a *planner.Action) planner.Request {
	return planner.Request{Nested: true, Always: true, Targets: []planner.Target{{Action: a, Stage: state.DeployStage}}}
}

// The original's way: dependencies one after the other, in the order of the plan, each with what the one before put out;
// destroying is the mirror.
func TestDependenciesNested(t *testing.T) {
	c := newChain(t)
	_, err := c.do(nested(planner.ActionDeploy))
	c.must(err)
	diff(t, "output", c.output(), []string{"db deploy small", "web deploy db-small", "app deploy web:db-small"})
	diff(t, "inputs of web", c.recorded("demo/app:web").Inputs, map[string]any{"url": "db-small"})
	diff(t, "status of db", c.recorded("demo/app:db").Status.Code, state.OK)

	// A value of the user reaches the dependency, and stays.
	c.options.Vars = map[string]any{"size": "large"}
	_, err = c.do(nested(planner.ActionDeploy))
	c.must(err)
	c.options.Vars = nil
	_, err = c.do(nested(planner.ActionDeploy))
	c.must(err)
	diff(t, "output", c.output(), []string{"db deploy large", "web deploy db-large", "app deploy web:db-large"})

	_, err = c.do(nested(planner.ActionDestroy))
	c.must(err)
	diff(t, "output", c.output(), []string{"app destroy", "web destroy", "db destroy db-large", "app post_destroy"})
	diff(t, "status of db", c.recorded("demo/app:db").Status.Code, state.Empty)
	diff(t, "status of app", c.recorded("demo/app").Status.Code, state.Empty)
}

// What goes wrong in a dependency is recorded for it and for everything it was needed for.
func TestDependencyFails(t *testing.T) {
	c := newChain(t)
	c.web.Release.Stages["deploy"].Inline = "exit 3"
	_, err := c.do(nested(planner.ActionDeploy))
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !slices.ContainsFunc(run.Explain(err), func(s string) bool { return strings.Contains(s, "demo/app:web") }) {
		t.Fatalf("error is %v, %q", err, run.Explain(err))
	}
	for path, want := range map[string]state.StatusCode{"demo/app": state.Failure, "demo/app:web": state.Failure, "demo/app:db": state.OK} {
		if s := c.recorded(path); s.Status.Code != want || want == state.Failure && !strings.Contains(s.Status.Data, "exit status 3") {
			t.Errorf("%s: status is %+v, want %s", path, s.Status, want)
		}
	}
}

// In a graph each dependency is a node that runs only if it has to.
func TestDependenciesAsNodes(t *testing.T) {
	c := newChain(t)
	deploy := planner.Request{Targets: []planner.Target{{Action: planner.ActionDeploy}}}
	res, err := c.do(deploy)
	c.must(err)
	diff(t, "output", c.output(), []string{"db deploy small", "web deploy db-small", "app deploy web:db-small"})
	if res.Count(run.Done) != 3 {
		t.Errorf("%d nodes are done", res.Count(run.Done))
	}
	// Nothing changed, so nothing runs.
	res, err = c.do(deploy)
	c.must(err)
	if got := c.output(); len(got) > 0 || res.Started != 0 {
		t.Errorf("second time: %q", got)
	}
	// A changed value runs what it goes into, and what comes of that.
	c.options.Vars = map[string]any{"size": "large"}
	_, err = c.do(deploy)
	c.must(err)
	diff(t, "output", c.output(), []string{"db deploy large", "web deploy db-large", "app deploy web:db-large"})
	// A dependency that puts out what it did before is where it ends.
	c.options.Vars = nil
	c.db.Release.Stages["deploy"].Inline += "# changed\n"
	res, err = c.do(deploy)
	c.must(err)
	diff(t, "output", c.output(), []string{"db deploy large"})
	if res.Count(run.Unchanged) != 2 {
		t.Errorf("result is %+v", res)
	}
	// What the last step of app cleans up has to wait for its dependencies.
	_, err = c.do(planner.Request{Targets: planner.DestroyTargets()})
	c.must(err)
	diff(t, "output", c.output(), []string{"app destroy", "web destroy", "db destroy db-large", "app post_destroy"})
	// Otherwise they are nodes of their own.
	delete(c.app.Release.Stages, "post_destroy")
	_, err = c.do(deploy)
	c.must(err)
	res, err = c.do(planner.Request{Targets: planner.DestroyTargets()})
	c.must(err)
	diff(t, "output", c.output(), []string{"app destroy", "web destroy", "db destroy db-large"})
	if res.Count(run.Done) != 3 {
		t.Errorf("%d nodes are done", res.Count(run.Done))
	}
}
