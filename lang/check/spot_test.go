package check_test

import (
	"slices"
	"sync"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

const spotPlan = `name: demo/app
version: 0.1.@
consumes:
- kubernetes as k8s
inputs:
- id: early
  default: x
- id: late
  default: y
  eval_before_dependencies: false
build_inputs:
- id: compiler
  default: gcc
outputs:
- id: url
  default: z
errands:
  clean:
    inputs: [days]
    run: {cmd: echo}
templates:
- file: a.tpl
  mapping: {port: 1}
`

// ScopeAt knows the names of places where no expression is.
func TestScopeAt(t *testing.T) {
	an := lang.Analyze(source.NewFile("escape.yml", spotPlan), lang.Options{})
	for _, test := range []struct {
		spot   check.Spot
		names  []string
		inputs []string
		output bool
	}{
		{check.Spot{Field: "version"}, nil, nil, false},
		{check.Spot{Field: "inputs", Key: "default"}, []string{"k8s", "this"}, []string{"early"}, false},
		{check.Spot{Field: "inputs", Key: "default", Late: true}, []string{"k8s", "this"}, []string{"early", "late"}, false},
		{check.Spot{Field: "inputs", Key: "default", Stages: plan.StageBuild, Late: true}, []string{"k8s", "this"}, []string{"compiler", "early", "late"}, false},
		{check.Spot{Field: "depends", Key: "mapping"}, []string{"k8s", "this"}, []string{"early"}, false},
		{check.Spot{Field: "build", Key: "cmd"}, []string{"k8s", "this"}, []string{"compiler", "early", "late"}, false},
		{check.Spot{Field: "smoke", Key: "args"}, []string{"k8s", "this"}, []string{"early", "late"}, true},
		{check.Spot{Field: "errands", Key: "run"}, []string{"k8s", "this"}, []string{"early", "late"}, true},
		{check.Spot{Field: "templates", Key: "mapping"}, []string{"k8s", "this"}, []string{"early", "late"}, false},
		{check.Spot{Field: "outputs", Key: "default"}, []string{"k8s", "this"}, []string{"early", "late"}, true},
	} {
		scope, _, ok := an.Info.ScopeAt(test.spot)
		if !ok || !slices.Equal(scope.Names.Names(), test.names) {
			t.Errorf("%+v: names are %q, %v; want %q", test.spot, scope.Names.Names(), ok, test.names)
			continue
		}
		this, _ := scope.Names.Field("this")
		inputs, _ := this.Type.Field("inputs")
		outputs, _ := this.Type.Field("outputs")
		if !slices.Equal(inputs.Type.Names(), test.inputs) || (outputs.Absent == "" && this.Absent == "") != test.output {
			t.Errorf("%+v: inputs are %q, outputs %q; want %q, %v", test.spot, inputs.Type.Names(), outputs.Absent, test.inputs, test.output)
		}
	}
	for _, spot := range []check.Spot{{Field: "name"}, {Field: "inputs", Key: "id"}, {Field: "build", Key: "inline"}, {Field: "nothing"}} {
		if _, _, ok := an.Info.ScopeAt(spot); ok {
			t.Errorf("%+v: an expression can be there", spot)
		}
	}
}

// Scopes can be asked for while the plan is analysed again.
func TestScopeAtBeside(t *testing.T) {
	an := lang.Analyze(source.NewFile("escape.yml", spotPlan), lang.Options{Keep: true})
	var wait sync.WaitGroup
	wait.Go(func() {
		lang.Analyze(source.NewFile("escape.yml", spotPlan+"license: MIT\n"), lang.Options{Keep: true, Before: an})
	})
	for _, field := range plan.FieldNames() {
		for _, key := range []string{"default", "mapping", "cmd", "run"} {
			an.Info.ScopeAt(check.Spot{Field: field, Key: key, Stages: plan.StageBuild})
		}
	}
	wait.Wait()
}

func TestNames(t *testing.T) {
	an := lang.Analyze(source.NewFile("escape.yml", spotPlan), lang.Options{})
	names := func(step string, e *plan.Errand) (list []string) {
		for _, f := range an.Info.ScriptNames(step, e) {
			list = append(list, f.Name)
		}
		return list
	}
	for _, test := range []struct {
		step   string
		errand *plan.Errand
		want   []string
	}{
		{"build", nil, []string{"INPUT_early", "INPUT_late", "INPUT_compiler", "ESCAPE_PLATFORM", "ESCAPE_ARCH"}},
		{"smoke", nil, []string{"INPUT_early", "INPUT_late", "OUTPUT_url", "ESCAPE_PLATFORM", "ESCAPE_ARCH"}},
		{"", an.Plan.Errands[0], []string{"INPUT_days", "INPUT_early", "INPUT_late", "INPUT_OUTPUT_url", "ESCAPE_PLATFORM", "ESCAPE_ARCH"}},
		{"nothing", nil, nil},
	} {
		if got := names(test.step, test.errand); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.step, got, test.want)
		}
	}
	if w := an.Info.WrittenNames("build"); len(w) != 1 || w[0].Name != "url" {
		t.Errorf("a build writes %v", w)
	}
	if w := an.Info.WrittenNames("smoke"); len(w) != 0 {
		t.Errorf("a test of a deployment writes %v", w)
	}
	always, asked := an.Info.TemplateNames(an.Plan.Templates[0])
	if !slices.Contains(always, "port") || !slices.Contains(always, "early") || slices.Contains(always, "compiler") || !slices.Contains(asked, "environment") {
		t.Errorf("a template gets %q, and %q if it asks", always, asked)
	}
}
