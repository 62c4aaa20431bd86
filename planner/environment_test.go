package planner_test

import (
	"slices"
	"strings"
	"testing"

	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		name      string
		providers map[string]string // deployment: deployments that serve it
		want      string
		problems  string
	}{
		{"free", map[string]string{"b": "", "a": ""}, "a b", ""},
		{"chain", map[string]string{"a": "b", "b": "c", "c": ""}, "c b a", ""},
		{"diamond", map[string]string{"a": "b c", "b": "d", "c": "d", "d": ""}, "d b c a", ""},
		{"nested provider", map[string]string{"a": "b:x", "b": ""}, "b a", ""},
		{"own dependency", map[string]string{"a": "a:x"}, "a", ""},
		{"itself", map[string]string{"a": "a", "b": ""}, "a b", "a: 'a' name is trying to consume itself"},
		{"gone", map[string]string{"a": "x", "b": ""}, "a b", "a: Referencing unknown provider deployment 'x'"},
		{"circle", map[string]string{"a": "b", "b": "a", "c": ""}, "c a b", "a: deployments consume each other: a → b → a; b: deployments consume each other: a → b → a"},
		{"with a free chain", map[string]string{"a": "x b", "b": "a", "x": "y", "y": ""}, "y x a b", "a: deployments consume each other: a → b → a; b: deployments consume each other: a → b → a"},
		{"behind a circle", map[string]string{"a": "b", "b": "c", "c": "b"}, "a b c",
			"a: deployments consume each other: b → c → b; b: deployments consume each other: b → c → b; c: deployments consume each other: b → c → b"},
	} {
		s := state.New("p")
		for name, served := range c.providers {
			stage := &state.Stage{Version: "1", Status: state.Status{Code: state.OK}, Providers: map[string]string{}}
			for i, p := range strings.Fields(served) {
				stage.Providers[string(rune('p'+i))] = p
			}
			if err := s.Apply(state.PutStage{Address: state.Address{Environment: "dev", Path: state.Path{name}}, Stage: state.DeployStage, Release: "d/" + name, Value: stage}); err != nil {
				t.Fatal(err)
			}
		}
		var names, problems []string
		for _, m := range planner.Members(s.Environment("dev")) {
			names = append(names, m.Name)
			if m.Err != nil {
				problems = append(problems, m.Name+": "+m.Err.Error())
			}
		}
		slices.Sort(problems)
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: order is %s, want %s", c.name, got, c.want)
		}
		if got := strings.Join(problems, "; "); got != c.problems {
			t.Errorf("%s: problems are %s, want %s", c.name, got, c.problems)
		}
	}
}
