package state

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	for _, test := range []struct {
		check func(string) error
		good  []string
		bad   []string
	}{
		{CheckProjectName, []string{"ab", "a-b", "1_", "local-state-project"}, []string{"", "a", "-a", "_a", "a b", "a/b", "ä1"}},
		{CheckEnvironmentName, []string{"a", "dev", "a-1_"}, []string{"", "Dev", "1a", "_a", "a.b", "a/b", "devÄ"}},
		{CheckDeploymentName, []string{"a", "_/my-app", "A/b//c/", "_", "a-_1"}, []string{"", "1y", "/a", "-a", "a:b", "a b", "a.b"}},
	} {
		for _, name := range test.good {
			if err := test.check(name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
		for _, name := range test.bad {
			var n *NameError
			if err := test.check(name); !errors.As(err, &n) || n.Name != name {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	want := "The deployment name '1 y' is not allowed. Expected a string matching /^[a-zA-Z_]+[a-zA-Z0-9-_/]*$/"
	if _, err := ParsePath("a:1 y"); err == nil || err.Error() != want {
		t.Errorf("path: %v", err)
	}
	if p, err := ParsePath("a/b:c:d"); err != nil || p.String() != "a/b:c:d" || len(p) != 3 || p.Root() != "a/b" {
		t.Errorf("path: %v, %v", p, err)
	}
	p := Path{"a"}
	if a, b := p.Child("b"), p.Child("c"); a.String() != "a:b" || b.String() != "a:c" {
		t.Errorf("children: %v, %v", a, b)
	}
}

var allCodes = []StatusCode{Empty, Pending, RunningPre, RunningMain, RunningPost, Failure, OK, TestPending, RunningTest, TestFailure,
	DestroyPending, DestroyAndDelete, RunningPreDestroy, RunningMainDestroy, RunningPostDestroy, DestroyFailure}

func TestTransitionTable(t *testing.T) {
	if len(transitions) != len(allCodes) {
		t.Errorf("%d codes in the table, want %d", len(transitions), len(allCodes))
	}
	reached := map[StatusCode]bool{Empty: true}
	for from, next := range transitions {
		for _, to := range next {
			reached[to] = true
			if !slices.Contains(allCodes, to) || !from.CanBecome(to) {
				t.Errorf("%s may become %s, which is no code", from, to)
			}
		}
	}
	for _, code := range allCodes {
		if !reached[code] {
			t.Errorf("nothing becomes %s", code)
		}
	}
	groups := map[StatusGroup]int{}
	for _, code := range append(slices.Clone(allCodes), "unknown") {
		groups[code.Group()]++
		if code.Active() && code.Group() != GroupRunning {
			t.Errorf("%s is active but in group %s", code, code.Group())
		}
	}
	if diff := cmp.Diff(map[StatusGroup]int{GroupOK: 3, GroupError: 3, GroupRunning: 11}, groups); diff != "" {
		t.Error(diff)
	}
}

// TestRandomWalk walks over the table of transitions and records every step; the store must agree with a model at every
// step, through sessions that end well and sessions that die.
func TestRandomWalk(t *testing.T) {
	ctx := context.Background()
	random := rand.New(rand.NewPCG(1, 2))
	clock := newTestClock()
	m := newMemFS(clock)
	alive := true
	store := memStore(t, m, testMachine("boot", &alive))
	addresses := []Address{{"dev", Path{"a"}, ""}, {"dev", Path{"a", "b"}, ""}, {"dev", Path{"a", "b", "c"}, BuildStage}, {"prod", Path{"a"}, ""}}
	model := map[string]StatusCode{}
	session, err := store.Lock(ctx, Request{})
	if err != nil {
		t.Fatal(err)
	}
	for step := range 600 {
		a := addresses[random.IntN(len(addresses))]
		key := a.String()
		from := model[key]
		if from == "" {
			from = Empty
		}
		next := from.Next()
		if len(next) == 0 { // test_pending is served by converge, which the table does not know
			next = []StatusCode{RunningTest}
		}
		to := next[random.IntN(len(next))]
		clock.advance(1)
		if err := session.Commit(ctx, Batch{Changes: []Change{PutStatus{a, DeployStage, Status{Code: to, UpdatedAt: clock.Now()}}}}); err != nil {
			t.Fatal(err)
		}
		model[key] = to
		switch random.IntN(20) {
		case 0:
			if err := session.Close(); err != nil {
				t.Fatal(err)
			}
			if session, err = store.Lock(ctx, Request{}); err != nil {
				t.Fatal(err)
			}
		case 1:
			m = m.crash(lossKill)
			alive = false
			store = memStore(t, m, testMachine("boot", &alive))
			if session, err = store.Lock(ctx, Request{}); err != nil {
				t.Fatal(err)
			}
			alive = true
		}
		view, err := store.View(ctx)
		if err != nil {
			t.Fatal(err)
		}
		active := 0
		for _, a := range addresses {
			want := model[a.String()]
			if want == "" {
				want = Empty
			}
			if want.Active() {
				active++
			}
			for who, s := range map[string]*State{"session": session.State(), "view": view.State} {
				if st, _ := s.Stage(a, DeployStage); st.Status.Code != want {
					t.Fatalf("step %d: %s sees %s as %q, want %q", step, who, a, st.Status.Code, want)
				}
			}
		}
		if got := len(session.State().Running()); got != active {
			t.Fatalf("step %d: %d stages are running, want %d", step, got, active)
		}
	}
}

func TestDeployed(t *testing.T) {
	for _, test := range []struct {
		code                         StatusCode
		deployed, testable, offering bool
	}{
		{OK, true, true, true}, {TestFailure, true, true, true}, {RunningTest, true, true, true}, {TestPending, true, true, true},
		{Empty, false, false, false}, {Failure, true, false, false}, {RunningMain, true, false, false}, {DestroyFailure, true, false, false},
	} {
		d := &Deployment{Name: "d", Release: "team/d", Stages: map[StageName]*Stage{
			DeployStage: {Version: "1.0", Provides: []string{"db"}, Status: Status{Code: test.code}}}}
		if got := d.Deployed(DeployStage, "team/d", "1.0"); got != test.deployed {
			t.Errorf("%s: deployed is %v", test.code, got)
		}
		if got := d.Testable(DeployStage, "team/d", "1.0"); got != test.testable {
			t.Errorf("%s: testable is %v", test.code, got)
		}
		if got := len(d.Offers()) > 0; got != test.offering {
			t.Errorf("%s: offering is %v", test.code, got)
		}
		if d.Deployed(DeployStage, "team/d", "1.1") || d.Deployed(DeployStage, "team/e", "1.0") || d.Deployed(BuildStage, "team/d", "1.0") {
			t.Errorf("%s: another release counts as deployed", test.code)
		}
	}
	var none *Deployment
	if none.Deployed(DeployStage, "a", "1") || none.Testable(DeployStage, "a", "1") || none.Offers() != nil {
		t.Error("no deployment counts as deployed")
	}
}

func TestNotDeployedMessage(t *testing.T) {
	for _, test := range []struct {
		stage               StageName
		root, release, want string
	}{
		{BuildStage, "_/app", "_/app", "Build state '_/app' for release 'app-v1' could not be found\n\nYou may need to run `escape run build` to resolve this issue"},
		{BuildStage, "x", "_/app", "Build state 'x' for release 'app-v1' could not be found\n\nYou may need to run `escape run build -d x` to resolve this issue"},
		{DeployStage, "_/app", "_/app", "Deployment state '_/app' for release 'app-v1' could not be found\n\nYou may need to run `escape run deploy app-v1` to resolve this issue"},
		{DeployStage, "x", "_/app", "Deployment state 'x' for release 'app-v1' could not be found\n\nYou may need to run `escape run deploy -d x app-v1` to resolve this issue"},
	} {
		if diff := cmp.Diff(test.want, NotDeployedMessage(test.stage, test.root, test.release, "1")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestMergedInputs(t *testing.T) {
	s := mustDecode(t, `{"name":"pp","environments":{"dev":{"inputs":{"a":"env","b":"env","z":"env"},"deployments":{
		"root":{"inputs":{"b":"root","c":"root"},"stages":{
			"build":{"inputs":{"c":"build"},"providers":{"db":"pg1"},"deployments":{"sub":{"stages":{"deploy":{"inputs":{"e":"sub of build"}}}}}},
			"deploy":{"inputs":{"c":"deploy","d":"deploy"},"providers":{"db":"pg2","k8s":"kube"},"deployments":{
				"sub":{"inputs":{"d":"sub"},"stages":{"deploy":{"inputs":{"e":"stage"},"providers":{"db":"pg3"}}}}}}}}}}}}`)
	for _, test := range []struct {
		a     Address
		stage StageName
		want  map[string]any
	}{
		{Address{"dev", Path{"root"}, ""}, DeployStage, map[string]any{"a": "env", "b": "root", "c": "deploy", "d": "deploy", "z": "env"}},
		{Address{"dev", Path{"root"}, ""}, BuildStage, map[string]any{"a": "env", "b": "root", "c": "build", "z": "env"}},
		{Address{"dev", Path{"root", "sub"}, ""}, DeployStage, map[string]any{"a": "env", "b": "root", "c": "deploy", "d": "sub", "e": "stage", "z": "env"}},
		{Address{"dev", Path{"root", "sub"}, BuildStage}, DeployStage, map[string]any{"a": "env", "b": "root", "c": "build", "e": "sub of build", "z": "env"}},
		{Address{"dev", Path{"root", "none"}, ""}, DeployStage, map[string]any{"a": "env", "b": "root", "c": "deploy", "d": "deploy", "z": "env"}},
		{Address{"dev", Path{"new"}, ""}, DeployStage, map[string]any{"a": "env", "b": "env", "z": "env"}},
		{Address{"none", Path{"new"}, ""}, DeployStage, map[string]any{}},
	} {
		if diff := cmp.Diff(test.want, s.MergedInputs(test.a, test.stage)); diff != "" {
			t.Errorf("%s %s: %s", test.a, test.stage, diff)
		}
	}
	want := map[string]string{"db": "pg3", "k8s": "kube"}
	if diff := cmp.Diff(want, s.MergedProviders(Address{"dev", Path{"root", "sub"}, ""}, DeployStage)); diff != "" {
		t.Error(diff)
	}
	if names := s.Environments(); len(names) != 1 {
		t.Errorf("asking created environments: %v", names)
	}
}

func TestProviders(t *testing.T) {
	s := mustDecode(t, `{"name":"pp","environments":{"dev":{"deployments":{
		"b":{"stages":{"deploy":{"provides":["db","cache"],"version":"1"}}},
		"a":{"stages":{"deploy":{"provides":["db"],"version":"1","status":{"status":"test_failure","updated_at":"2018-11-21T20:47:49Z"}}}},
		"failed":{"stages":{"deploy":{"provides":["db"],"status":{"status":"failure","updated_at":"2018-11-21T20:47:49Z"}}}},
		"destroyed":{"stages":{"deploy":{"provides":["db"],"version":"1","status":{"status":"empty","updated_at":"2018-11-21T20:47:49Z"}}}},
		"escaped":{"stages":{"deploy":{"\u0070rovides":["queue"],"version":"1"}}},
		"built":{"stages":{"build":{"provides":["db"],"version":"1"}}},
		"parent":{"stages":{"deploy":{"version":"1","deployments":{"sub":{"stages":{"deploy":{"provides":["db"],"version":"1"}}}}}}}}}}}`)
	want := map[string][]string{"db": {"a", "b"}, "cache": {"b"}, "queue": {"escaped"}}
	if diff := cmp.Diff(want, s.Environment("dev").Providers()); diff != "" {
		t.Error(diff)
	}
}

func TestChangesAreSeparateFromWhatIsRead(t *testing.T) {
	s := mustDecode(t, exampleOfChapter)
	a := Address{"dev", Path{"_/my-app"}, ""}
	before, _ := s.Lookup(a)
	copied := before.Clone()
	for _, c := range []Change{
		PutStatus{a, DeployStage, Status{Code: Failure}},
		PutStatus{Address{"dev", Path{"_/my-app", "x", "y"}, ""}, DeployStage, Status{Code: Failure}},
		AddRevision{a, Revision{Release: "r"}},
		DeleteDeployment{Address{"dev", Path{"_/my-app", "x"}, ""}},
		PutStage{a, BuildStage, "other/release", &Stage{}},
	} {
		if err := s.Apply(c); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(copied, before); diff != "" {
			t.Fatalf("%T changed what was read before: %s", c, diff)
		}
	}
}

func TestRefusedChanges(t *testing.T) {
	ok := Address{"dev", Path{"a"}, ""}
	for _, c := range []Change{
		PutStatus{Address{"Dev", Path{"a"}, ""}, DeployStage, Status{}},
		PutStatus{Address{"dev", nil, ""}, DeployStage, Status{}},
		PutStatus{Address{"dev", Path{"a", "1"}, ""}, DeployStage, Status{}},
		PutStatus{Address{"dev", Path{"a", "b"}, "foo"}, DeployStage, Status{}},
		PutStatus{ok, "foo", Status{}},
		PutStatus{Address{"dev", Path{"a", "b"}, ""}, BuildStage, Status{}},
		PutStage{ok, DeployStage, "", nil},
		PutDeployment{ok, nil},
		PutDeployment{ok, &Deployment{Stages: map[StageName]*Stage{"foo": {}}}},
		PutDeployment{ok, &Deployment{Stages: map[StageName]*Stage{DeployStage: nil}}},
		PutDeployment{ok, &Deployment{Stages: map[StageName]*Stage{DeployStage: {Deployments: map[string]*Deployment{"1 y": {Name: "1 y"}}}}}},
		PutDeployment{ok, &Deployment{Stages: map[StageName]*Stage{DeployStage: {Deployments: map[string]*Deployment{"y": nil}}}}},
		DeleteDeployment{Address{"dev", nil, ""}},
		PutEnvironment{Environment: ""},
		DeleteEnvironment{Environment: "A"},
	} {
		s := New("pp")
		if err := s.Apply(PutEnvironment{Environment: "dev"}, c); err == nil {
			t.Errorf("%T %+v: no error", c, c)
		}
		if len(s.Environments()) != 0 {
			t.Errorf("%T: half of the changes was made", c)
		}
	}
}

func TestDepth(t *testing.T) {
	path := Path{"app"}
	for len(path) < maxNames {
		path = append(path, "dep")
	}
	s := New("project")
	at := Address{Environment: "dev", Path: path}
	// Values of an unusual depth still fit in.
	deep := any("x")
	for range 300 {
		deep = []any{deep}
	}
	value := &Stage{Version: "1", Inputs: map[string]any{"a": deep}, Status: Status{Code: OK}}
	if err := s.Apply(PutStage{Address: at, Stage: DeployStage, Value: value}); err != nil {
		t.Fatal(err)
	}
	text, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(text, epoch); err != nil {
		t.Errorf("what was written cannot be read: %v", err)
	}

	want := "dependencies of the deployment 'app' in environment 'dev' lie 400 levels below it; 399 levels are allowed"
	below := Address{Environment: "dev", Path: path.Child("dep")}
	whole, _ := s.Lookup(Address{Environment: "dev", Path: Path{"app"}})
	for name, c := range map[string]Change{
		"stage":  PutStage{Address: below, Stage: DeployStage, Value: &Stage{}},
		"status": PutStatus{Address: below, Stage: DeployStage, Status: Status{Code: Failure}},
		"whole": PutDeployment{Address: Address{Environment: "dev", Path: Path{"app", "dep"}}, Deployment: &Deployment{
			Name: "dep", Stages: map[StageName]*Stage{DeployStage: {Deployments: map[string]*Deployment{"dep": whole.Stages[DeployStage].Deployments["dep"]}}},
		}},
	} {
		if err := s.Apply(c); err == nil || err.Error() != want {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
