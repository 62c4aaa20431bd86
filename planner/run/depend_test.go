//go:build unix

package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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
	stopAt       func() // is called when a script says "stop"
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
	o.Events = func(e run.Event) {
		c.events = append(c.events, e)
		if c.stopAt != nil && e.Kind == run.Output && e.Values["line"] == "stop" {
			c.stopAt()
		}
	}
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

// A wrapper gives one of its dependencies the other one as provider.
func TestWrapper(t *testing.T) {
	for _, how := range []string{"nested", "graph"} {
		c := newChain(t)
		c.db.Release.Provides = []*release.Provider{{Name: "database"}}
		c.db.Release.Stages["activate_provider"] = &release.Stage{Inline: "echo on $OUTPUT_out"}
		c.db.Release.Stages["deactivate_provider"] = &release.Stage{Inline: "echo off"}
		c.web.Release.Consumes = []*release.Consumer{{Name: "database", Variable: "store", Scopes: release.Both()}}
		c.web.Release.Inputs[0].Default = "$store.outputs.out"
		c.app.Release.Depends[1].DeployMapping = map[string]any{}
		c.app.Release.Depends[1].Consumes = map[string]string{"store": "$db.deployment"}
		c.options.Package = func(_ context.Context, _ string, id release.ID, _ run.Logger) (*release.Metadata, string, error) {
			if id != c.db.Release.ID() {
				return nil, "", errors.New("no such package")
			}
			return c.db.Release, c.db.Dir, nil
		}
		req := planner.Request{Targets: []planner.Target{{Action: planner.ActionDeploy}}}
		if how == "nested" {
			req = nested(planner.ActionDeploy)
		}
		_, err := c.do(req)
		c.must(err)
		diff(t, how, c.output(), []string{"db deploy small", "on db-small", "web deploy db-small", "off", "app deploy web:db-small"})
		diff(t, how, c.recorded("demo/app:web").Providers, map[string]string{"store": "demo/app:db"})
		if how == "graph" {
			res, err := c.do(req)
			c.must(err)
			if res.Started != 0 {
				t.Errorf("second time: %q", c.output())
			}
		}
		// It is gone before what it needs.
		destroy := planner.Request{Targets: planner.DestroyTargets()}
		if how == "nested" {
			destroy = nested(planner.ActionDestroy)
		}
		_, err = c.do(destroy)
		c.must(err)
		diff(t, how, c.output(), []string{"app destroy", "on db-small", "web destroy", "off", "db destroy db-small", "app post_destroy"})

		// What does not offer the interface is refused.
		c.db.Release.Provides = nil
		if _, err := c.do(req); err == nil || !strings.Contains(err.Error(), `deployment "demo/app:db" cannot be the provider "store": it does not offer "database"`) {
			t.Errorf("%s: error is %v", how, err)
		}
	}
}

// In a graph a provider is active once, around all that need it; a failure changes nothing about that.
func TestProviderIsActiveOnce(t *testing.T) {
	for _, fails := range []bool{false, true} {
		c := newChain(t)
		c.provider(1, nil)
		for _, t := range []*planner.Tree{c.db, c.web, c.app} {
			t.Release.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
		}
		want := []string{"act p1 db://p1", "db deploy small", "web deploy db-small", "app deploy web:db-small", "deact p1 db://p1"}
		if fails {
			c.web.Release.Stages["deploy"].Inline = "exit 1"
			want = []string{"act p1 db://p1", "db deploy small", "deact p1 db://p1"}
		}
		_, err := c.do(planner.Request{Targets: []planner.Target{{Action: planner.ActionDeploy}}})
		if (err != nil) != fails {
			t.Errorf("error is %v", err)
		}
		diff(t, fmt.Sprint("fails: ", fails), c.output(), want)
	}
}

// A value that only has the name of an input around it is taken, as the original does, with a warning.
func TestInputOfTheSameName(t *testing.T) {
	c := newChain(t)
	c.db.Release.Inputs = append(c.db.Release.Inputs, input("secretly", "string", "no"))
	c.db.Release.Stages["deploy"].Inline = "echo $INPUT_secretly"
	c.db.Release.Outputs = nil
	c.app.Release.Depends[1].DeployMapping = map[string]any{"url": "x"}
	c.options.Vars = map[string]any{"secretly": "yes"}
	_, err := c.do(nested(planner.ActionDeploy))
	c.must(err)
	diff(t, "output", c.output()[0], "yes")
	if !slices.ContainsFunc(c.log(), func(s string) bool {
		return strings.Contains(s, `input "secretly" of demo/db-v1 is set only because a deployment around it has an input of that name`)
	}) {
		t.Errorf("no warning in %q", c.log())
	}
}

// Random trees end in the same state, one deployment after the other or as a graph with several workers.
func TestNestedAndGraphAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, nil)
		var grow func(name string, depth int) *planner.Tree
		grow = func(name string, depth int) *planner.Tree {
			tree := w.pack(name)
			tree.Release.Inputs = []*release.Variable{input("i", "string", name)}
			tree.Release.Outputs = []*release.Variable{input("o", "string", `$this.inputs.i.concat("+")`)}
			n := rapid.IntRange(0, 3).Draw(r, "dependencies")
			for k := range n {
				if depth == 0 {
					break
				}
				d := depend(tree, grow(fmt.Sprint(name, k), depth-1))
				switch {
				case k > 0 && rapid.Bool().Draw(r, "of a sibling"):
					d.DeployMapping = map[string]any{"i": fmt.Sprintf("$%s%d.outputs.o", name, rapid.IntRange(0, k-1).Draw(r, "sibling"))}
				case rapid.Bool().Draw(r, "of the parent"):
					d.DeployMapping = map[string]any{"i": "$this.inputs.i"}
				}
			}
			if n > 0 && depth > 0 && rapid.Bool().Draw(r, "after dependencies") {
				tree.Release.Outputs[0].Default = fmt.Sprintf("$%s0.outputs.o", name)
			}
			return tree
		}
		root := grow("x", 2)
		var documents []string
		for _, nested := range []bool{true, false} {
			store, err := state.OpenFile(filepath.Join(t.TempDir(), "escape_state.json"), state.Options{})
			w.must(err)
			w.store = store
			c := &chain{world: w, app: root}
			_, err = c.do(planner.Request{Nested: nested, Always: nested, Targets: []planner.Target{{Action: planner.ActionDeploy}}})
			w.must(err)
			text, err := os.ReadFile(store.Location())
			w.must(err)
			var doc map[string]any
			w.must(json.Unmarshal(text, &doc))
			env := doc["environments"].(map[string]any)["dev"].(map[string]any)["deployments"].(map[string]any)["demo/x"].(map[string]any)
			delete(env, "revisions")
			text, err = json.Marshal(env)
			w.must(err)
			documents = append(documents, string(text))
			if !nested { // and then there is nothing to do
				res, err := c.do(planner.Request{Targets: []planner.Target{{Action: planner.ActionDeploy}}})
				w.must(err)
				if res.Started != 0 {
					r.Fatalf("%d nodes ran again", res.Started)
				}
			}
		}
		if d := cmp.Diff(documents[0], documents[1]); d != "" {
			r.Fatalf("nested and graph differ:\n%s", d)
		}
	})
}
