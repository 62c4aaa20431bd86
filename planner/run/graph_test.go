//go:build unix

package run_test

import (
	"context"
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

var deployIt = planner.Request{Targets: []planner.Target{{Action: planner.ActionDeploy}}}

// What a release uses of a dependency in a command is compared with what it was deployed with, also if the run in which it
// changed ended before the release had its turn, and whatever name old metadata has for the dependency.
func TestUsedOutputsChangedEarlier(t *testing.T) {
	for _, name := range []string{"db", "old"} {
		c := newChain(t)
		c.app.Release.VariableContext = map[string]string{"old": "db"}
		c.app.Release.Inputs = c.app.Release.Inputs[:1]
		c.app.Release.Stages["deploy"] = &release.Stage{Cmd: "echo", Args: []string{"app uses", "$" + name + ".outputs.out"}}
		_, err := c.do(deployIt)
		c.must(err)
		diff(t, "output", c.output(), []string{"db deploy small", "web deploy db-small", "app uses db-small"})

		say(c.db, "deploy", "", "other")
		c.db.Release.Stages["post_deploy"] = &release.Stage{Inline: "exit 1"}
		if _, err := c.do(deployIt); err == nil {
			t.Fatal("no error")
		}
		delete(c.db.Release.Stages, "post_deploy")
		_, err = c.do(deployIt)
		c.must(err)
		diff(t, "output", c.output(), []string{"db deploy", "web deploy other", "app uses other"})
		res, err := c.do(deployIt)
		c.must(err)
		if res.Started != 0 {
			t.Errorf("it ran again: %q", c.output())
		}

		// The dependency is done, but the release had not begun.
		say(c.db, "deploy", "", "third")
		stopped := run.NewDrain()
		c.options.Interrupt = stopped
		c.db.Release.Stages["deploy"].Inline += "echo stop\n"
		c.stopAt = func() { stopped.Signal(os.Interrupt) }
		if _, err := c.do(deployIt); err == nil {
			t.Fatal("no error")
		}
		diff(t, "output", c.output(), []string{"db deploy", "stop"})
		c.options.Interrupt, c.stopAt = nil, nil
		_, err = c.do(deployIt)
		c.must(err)
		diff(t, "output", c.output(), []string{"web deploy third", "app uses third"})

		// A release that no longer uses it is not asked about it.
		c.app.Release.Stages["deploy"] = &release.Stage{Cmd: "echo", Args: []string{"app"}}
		_, err = c.do(deployIt)
		c.must(err)
		res, err = c.do(deployIt)
		c.must(err)
		if res.Started != 0 {
			t.Errorf("it ran again: %q", c.output())
		}
	}
}

// What a provider puts out counts too where it is used.
func TestProviderPutsOutSomethingElse(t *testing.T) {
	c := newChain(t)
	c.provider(1, nil)
	c.app.Release.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both(), SkipActivate: true}}
	c.app.Release.Stages["deploy"] = &release.Stage{Cmd: "echo", Args: []string{"app uses", "$i1.outputs.url"}}
	_, err := c.do(deployIt)
	c.must(err)
	res, err := c.do(deployIt)
	c.must(err)
	if res.Started != 0 {
		t.Errorf("it ran again: %q", c.output())
	}
	at := state.Address{Environment: "dev", Path: state.Path{"demo/p1"}}
	session, err := c.store.Lock(t.Context(), state.Request{})
	c.must(err)
	s, _ := session.State().Stage(at, state.DeployStage)
	s = s.Clone()
	s.CalculatedOutputs = map[string]any{"url": "db://moved"}
	c.must(session.Commit(t.Context(), state.Batch{Changes: []state.Change{state.PutStage{Address: at, Stage: state.DeployStage, Value: s}}}))
	c.must(session.Close())
	_, err = c.do(deployIt)
	c.must(err)
	diff(t, "output", c.output(), []string{"app uses db://moved"})
}

// A provider that is named in plain text is waited for like one that an expression names; destroying is the mirror.
func TestProviderByName(t *testing.T) {
	for range 5 {
		c := newChain(t)
		c.db.Release.Provides = []*release.Provider{{Name: "database"}}
		c.web.Release.Consumes = []*release.Consumer{{Name: "database", Variable: "store", Scopes: release.Both(), SkipActivate: true}}
		c.web.Release.Stages["deploy"] = &release.Stage{Cmd: "echo", Args: []string{"web", "$store.outputs.out"}}
		c.web.Release.Inputs, c.app.Release.Inputs = nil, c.app.Release.Inputs[:1]
		c.web.Release.Outputs = nil
		c.app.Release.Depends[1].DeployMapping = map[string]any{}
		c.app.Release.Depends[1].Consumes = map[string]string{"store": "demo/app:db"}
		c.app.Release.Stages = map[string]*release.Stage{}
		_, err := c.do(deployIt)
		c.must(err)
		diff(t, "output", c.output(), []string{"db deploy small", "web db-small"})
		_, err = c.do(planner.Request{Targets: planner.DestroyTargets()})
		c.must(err)
		diff(t, "output", c.output(), []string{"web destroy", "db destroy db-small"})
	}
}

// Dependencies go in the reverse of the order in which they came, also where the plan names them the other way round.
func TestDestroyInOrderOfValues(t *testing.T) {
	c := newChain(t)
	m := c.app.Release
	m.Depends[0], m.Depends[1] = m.Depends[1], m.Depends[0]
	c.app.Depends[0], c.app.Depends[1] = c.app.Depends[1], c.app.Depends[0]
	_, err := c.do(deployIt)
	c.must(err)
	diff(t, "output", c.output(), []string{"db deploy small", "web deploy db-small", "app deploy web:db-small"})
	_, err = c.do(planner.Request{Targets: planner.DestroyTargets()})
	c.must(err)
	diff(t, "output", c.output(), []string{"app destroy", "web destroy", "db destroy db-small", "app post_destroy"})
}

// Consumers that need each other are an error and not a run that does nothing.
func TestDestroyCircle(t *testing.T) {
	c := newChain(t)
	delete(c.app.Release.Stages, "post_destroy")
	_, err := c.do(deployIt)
	c.must(err)
	session, err := c.store.Lock(t.Context(), state.Request{})
	c.must(err)
	for name, other := range map[string]string{"db": "web", "web": "db"} {
		at := state.Address{Environment: "dev", Path: state.Path{"demo/app", name}, RootStage: state.DeployStage}
		s, _ := session.State().Stage(at, state.DeployStage)
		s = s.Clone()
		s.Providers, s.Provides = map[string]string{"x": "demo/app:" + other}, []string{"x"}
		c.must(session.Commit(t.Context(), state.Batch{Changes: []state.Change{state.PutStage{Address: at, Stage: state.DeployStage, Value: s}}}))
	}
	c.must(session.Close())
	for _, tree := range []*planner.Tree{c.db, c.web} {
		tree.Release.Provides = []*release.Provider{{Name: "x"}}
		tree.Release.Consumes = []*release.Consumer{{Name: "x", Variable: "x", Scopes: release.Both(), SkipActivate: true}}
	}
	_, err = c.do(planner.Request{Targets: planner.DestroyTargets()})
	if err == nil || !strings.Contains(err.Error(), "actions wait for each other: dev/demo/app:db#destroy → dev/demo/app:web#destroy → dev/demo/app:db#destroy") {
		t.Errorf("error is %v", err)
	}
}

// Deployments of one package work in folders of their own, since they may run at the same time.
func TestOnePackageTwice(t *testing.T) {
	c := newChain(t)
	c.app.Release.Depends, c.app.Depends, c.app.Release.Inputs = nil, nil, nil
	c.app.Release.Stages = map[string]*release.Stage{}
	c.must(os.WriteFile(filepath.Join(c.db.Dir, "kept.txt"), []byte("kept"), 0o600))
	c.must(os.Symlink("kept.txt", filepath.Join(c.db.Dir, "link")))
	c.must(os.MkdirAll(filepath.Join(c.db.Dir, "sub", ".escape"), 0o755))
	// Each one waits, for a while, until all have written, and then says what it finds.
	c.db.Release.Stages["deploy"] = &release.Stage{Inline: `test -e made && echo dirty
echo $INPUT_size > made; cat link; echo "{\"out\": \"$INPUT_size\"}" > .escape/outputs.json; : > "$INPUT_meet/$INPUT_size"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  test $(ls "$INPUT_meet" | wc -l) = 3 && break; sleep 0.1
done
echo " $INPUT_size $(cat made)"; test ! -e sub/.escape || test $INPUT_size = a`}
	meet := t.TempDir()
	c.db.Release.Inputs = append(c.db.Release.Inputs, input("meet", "string", meet))
	for _, name := range []string{"a", "b", "c"} {
		d := depend(c.app, c.db)
		d.Variable, d.DeploymentName = name, name
		d.DeployMapping = map[string]any{"size": name}
	}
	_, err := c.do(deployIt)
	c.must(err)
	got := c.output()
	slices.Sort(got)
	diff(t, "output", got, []string{"kept a a", "kept b b", "kept c c"})
	for _, name := range []string{"a", "b", "c"} {
		diff(t, name, c.recorded("demo/app:"+name).CalculatedOutputs, map[string]any{"out": name})
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, ".escape", "work", "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if text, err := os.ReadFile(filepath.Join(c.db.Dir, "made")); err != nil || string(text) != "a\n" {
		t.Errorf("the first one worked elsewhere: %q, %v", text, err)
	}
	// What cannot be copied is an error before anything runs.
	c.must(os.MkdirAll(filepath.Join(c.dir, ".escape"), 0o755))
	c.must(os.RemoveAll(filepath.Join(c.dir, ".escape", "work")))
	c.must(os.WriteFile(filepath.Join(c.dir, ".escape", "work"), nil, 0o600))
	res, err := c.do(planner.Request{Replace: true, Targets: deployIt.Targets})
	if err == nil || !strings.Contains(err.Error(), "make a working copy of demo/db-v1 for demo/app:b") || res.Started != 0 || len(c.output()) > 0 {
		t.Errorf("error is %v", err)
	}
}

// A provider that serves several providers is active once too, and one that nobody came to need is not left active.
func TestProviderOfProvidersIsActiveOnce(t *testing.T) {
	for _, idle := range []bool{false, true} {
		c := newChain(t)
		for n := range 2 {
			c.provider(n+1, func(m *release.Metadata) {
				m.Consumes = []*release.Consumer{{Name: "i3", Variable: "i3", Scopes: release.Both()}}
			})
		}
		c.provider(3, nil)
		c.recordProviders("demo/p1", map[string]string{"i3": "demo/p3"})
		c.recordProviders("demo/p2", map[string]string{"i3": "demo/p3"})
		c.db.Release.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
		c.web.Release.Consumes = []*release.Consumer{{Name: "i2", Variable: "i2", Scopes: release.Both()}}
		_, err := c.do(deployIt)
		c.must(err)
		want := []string{
			"act p3 db://p3", "act p1 db://p1", "db deploy small", "deact p1 db://p1",
			"act p2 db://p2", "web deploy db-small", "deact p2 db://p2", "deact p3 db://p3", "app deploy web:db-small",
		}
		if idle { // web may run, and then need not
			c.db.Release.Stages["deploy"].Inline += "# changed\n"
			_, err := c.do(deployIt)
			c.must(err)
			want = []string{"act p3 db://p3", "act p1 db://p1", "db deploy small", "deact p1 db://p1", "deact p3 db://p3"}
		}
		diff(t, "output", c.output(), want)
	}
}

func (c *chain) recordProviders(name string, providers map[string]string) {
	c.t.Helper()
	session, err := c.store.Lock(c.t.Context(), state.Request{})
	c.must(err)
	at := state.Address{Environment: "dev", Path: state.Path{name}}
	s, _ := session.State().Stage(at, state.DeployStage)
	s = s.Clone()
	s.Providers = providers
	c.must(session.Commit(c.t.Context(), state.Batch{Changes: []state.Change{state.PutStage{Address: at, Stage: state.DeployStage, Value: s}}}))
	c.must(session.Close())
}

// A secret of a provider does not get into what the log says of its deactivation, even if that is left to a node which
// did not come to need it.
func TestSecretOfAnIdleProvider(t *testing.T) {
	c := newChain(t)
	c.provider(1, func(m *release.Metadata) {
		m.Outputs[0].Sensitive = true
		m.Stages["deactivate_provider"] = &release.Stage{Cmd: "false", Args: []string{"$this.outputs.url"}}
	})
	for _, tree := range []*planner.Tree{c.db, c.web} {
		tree.Release.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
	}
	_, _ = c.do(deployIt) // deactivation fails
	c.db.Release.Stages["deploy"].Inline += "# changed\n"
	_, err := c.do(deployIt)
	c.must(err)
	found := false
	for _, line := range c.log() {
		found = found || strings.Contains(line, "deactivating a provider failed")
		if strings.Contains(line, "db://p1") {
			t.Errorf("the log says %q", line)
		}
	}
	if !found {
		t.Errorf("no warning in %q", c.log())
	}
}

// A secret stays one where it reaches a dependency only because that has an input of the same name.
func TestSecretByName(t *testing.T) {
	for _, req := range []planner.Request{deployIt, nested(planner.ActionDeploy)} {
		c := newChain(t)
		secret := input("token", "string", nil)
		secret.Sensitive = true
		c.app.Release.Inputs = append(c.app.Release.Inputs, secret)
		c.db.Release.Inputs = append(c.db.Release.Inputs, input("token", "string", nil))
		c.db.Release.Stages["deploy"].Inline = "echo token $INPUT_token\n" + c.db.Release.Stages["deploy"].Inline
		c.options.Vars = map[string]any{"token": "hunter2"}
		_, err := c.do(req)
		c.must(err)
		if text := strings.Join(c.log(), "\n"); strings.Contains(text, "hunter2") || !strings.Contains(text, "token ") {
			t.Errorf("the log is\n%s", text)
		}
		if ids, _ := c.recorded("demo/app:db").Extra[planner.SensitiveKey].([]any); !slices.Contains(ids, any("token")) {
			t.Errorf("secret are %v", ids)
		}
		// A value that does not fit is not shown either.
		c.db.Release.Inputs[1].Type = "integer"
		if _, err := c.do(req); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error is %v", err)
		}
	}
}

// What was deployed is destroyed, although the plan depends on another version by now.
func TestDestroyWhatWasDeployed(t *testing.T) {
	for _, req := range []planner.Request{{Targets: planner.DestroyTargets()}, nested(planner.ActionDestroy)} {
		c := newChain(t)
		delete(c.app.Release.Stages, "post_destroy")
		_, err := c.do(deployIt)
		c.must(err)
		old := *c.db.Release
		c.options.Package = func(_ context.Context, _ string, id release.ID, _ run.Logger) (*release.Metadata, string, error) {
			if id != old.ID() {
				return nil, "", errors.New("no such package")
			}
			return &old, c.db.Dir, nil
		}
		m := old
		m.Version = "2"
		m.Stages = map[string]*release.Stage{"destroy": {Inline: "echo wrong"}}
		c.db.Release = &m
		c.app.Depends[0].Release = &m
		c.app.Release.Depends[0].ReleaseID = m.QualifiedID()
		_, err = c.do(req)
		c.must(err)
		diff(t, "output", c.output(), []string{"app destroy", "web destroy", "db destroy db-small"})
		diff(t, "status", c.recorded("demo/app:db").Status.Code, state.Empty)
		diff(t, "version", c.recorded("demo/app:db").Version, "1")
	}
}

// What a first run that failed got done is destroyed although nothing of the release itself is there.
func TestDestroyAfterTheFirstFailure(t *testing.T) {
	for _, req := range []planner.Request{{Targets: planner.DestroyTargets()}, nested(planner.ActionDestroy)} {
		c := newChain(t)
		inner := c.pack("inner")
		say(inner, "destroy", "", "")
		depend(c.web, inner)
		c.web.Release.Stages["pre_deploy"] = &release.Stage{Inline: "exit 1"}
		if _, err := c.do(deployIt); err == nil {
			t.Fatal("no error")
		}
		c.app.Release.Consumes = []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
		_, err := c.do(req)
		c.must(err)
		got := c.output()
		slices.Sort(got)
		diff(t, "output", got, []string{"db destroy db-small", "inner destroy"})
		diff(t, "status", c.recorded("demo/app:web:inner").Status.Code, state.Empty)
	}
}

// Many deployments at once share a parent, a provider and a secret; one of them fails.
func TestManyAtOnce(t *testing.T) {
	c := newChain(t)
	c.provider(1, func(m *release.Metadata) { m.Outputs[0].Sensitive = true })
	secret := input("pw", "string", "hunter2")
	secret.Sensitive = true
	c.app.Release.Inputs = append(c.app.Release.Inputs, secret)
	consumes := []*release.Consumer{{Name: "i1", Variable: "i1", Scopes: release.Both()}}
	c.app.Release.Consumes = consumes
	for i := range 12 {
		tree := c.pack(fmt.Sprint("x", i))
		tree.Release.Inputs = []*release.Variable{input("pw", "string", nil), input("url", "string", "$i1.outputs.url")}
		tree.Release.Consumes = consumes
		say(tree, "deploy", "$INPUT_pw $INPUT_url", "")
		d := depend(c.app, tree)
		d.DeployMapping = map[string]any{"pw": "$this.inputs.pw"}
		switch {
		case i > 8:
			d.DeployMapping = map[string]any{"pw": "$x0.deployment.concat($this.inputs.pw)"}
		case i == 7:
			tree.Release.Stages["deploy"].Inline = "exit 1"
		case i > 4:
			inner := c.pack(fmt.Sprint("y", i))
			inner.Release.Consumes, inner.Release.Inputs = consumes, tree.Release.Inputs[:1]
			say(inner, "deploy", "$INPUT_pw", "")
			depend(tree, inner).DeployMapping = map[string]any{"pw": "$this.inputs.pw"}
		}
	}
	res, err := c.do(deployIt)
	if err == nil || res.Count(run.HasFailed) != 1 || res.Count(run.NotDone) != 1 || res.Count(run.Done) != 16 {
		t.Errorf("error is %v, %d done", err, res.Count(run.Done))
	}
	text := strings.Join(c.log(), "\n")
	for _, hidden := range []string{"hunter2", "db://p1"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%q is in\n%s", hidden, text)
		}
	}
	for _, once := range []string{"act p1", "deact p1"} {
		if n := strings.Count(text, "sh "+once+" "); n != 1 {
			t.Errorf("%q %d times", once, n)
		}
	}
}

// Providers that were made from versions of one package do not replace each other's files, nor those of a dependency.
func TestProvidersOfOnePackage(t *testing.T) {
	c := newChain(t)
	session, err := c.store.Lock(t.Context(), state.Request{})
	c.must(err)
	names := []string{"demo/q1", "demo/q2", "demo/db"}
	for i, name := range names {
		at := state.Address{Environment: "dev", Path: state.Path{name}}
		of := "demo/queue"
		if i == 2 {
			of = "demo/db"
		}
		c.must(session.Commit(t.Context(), state.Batch{Changes: []state.Change{state.PutStage{Address: at, Stage: state.DeployStage, Release: of, Value: &state.Stage{
			Version: fmt.Sprint(7 + i), Provides: []string{name}, Status: state.Status{Code: state.OK},
		}}}}))
	}
	c.must(session.Close())
	bases := map[string][]string{}
	c.options.Package = func(_ context.Context, base string, id release.ID, _ run.Logger) (*release.Metadata, string, error) {
		if !slices.Contains(bases[id.String()], base) {
			bases[id.String()] = append(bases[id.String()], base)
		}
		m := release.New()
		m.Project, m.Name = id.Namespace, id.Name
		return m, c.dir, nil
	}
	for _, name := range names {
		c.web.Release.Consumes = append(c.web.Release.Consumes, &release.Consumer{Name: name, Variable: name, Scopes: release.Both()})
	}
	_, err = c.do(deployIt)
	c.must(err)
	last := func(id string) string { return bases[id][len(bases[id])-1] }
	all := []string{last("demo/queue-v7"), last("demo/queue-v8"), last("demo/db-v9")}
	if all[0] != c.dir || all[1] == c.dir || all[2] == c.dir || all[1] == all[2] {
		t.Errorf("they are below %q", all)
	}
}

// The same request on the same state gives the same bytes.
func TestGraphIsTheSameEveryTime(t *testing.T) {
	c := newChain(t)
	c.app.Release.Stages["deploy"] = &release.Stage{Cmd: "echo", Args: []string{"$db.outputs.out", "$store.outputs.out"}}
	c.db.Release.Provides = []*release.Provider{{Name: "database"}}
	c.web.Release.Consumes = []*release.Consumer{{Name: "database", Variable: "store", Scopes: release.Both()}, {Name: "database", Variable: "other", Scopes: release.Both()}}
	c.app.Release.Depends[1].Consumes = map[string]string{"store": "$db.deployment", "other": "demo/app:db"}
	view, err := c.store.View(t.Context())
	c.must(err)
	var first string
	for range 100 {
		planning, err := run.NewPlanning(c.app, view.State, "dev", "", c.options)
		c.must(err)
		g, findings := planner.Build(planner.Request{Environment: "dev", Targets: deployIt.Targets, Values: planning}, c.app, planner.View(view.State, "dev"))
		if len(findings) > 0 || len(g.Order()) != 3 {
			t.Fatal(findings)
		}
		text, err := g.MarshalJSON()
		c.must(err)
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Fatalf("first\n%s\nthen\n%s", first, text)
		}
	}
	if !strings.Contains(first, `"kind":"data"`) || strings.Contains(first, `"kind":"provider"`) {
		t.Errorf("the graph is %s", first)
	}
}
