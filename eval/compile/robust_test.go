package compile_test

import (
	"context"
	"testing"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// A plan that was decoded with errors has gaps. Compile may refuse it, but must not fail over it.
func TestPlansWithGaps(t *testing.T) {
	name, version := plan.Text{Value: "foo"}, plan.Script{Text: plan.Text{Value: "1"}}
	for what, p := range map[string]*plan.Plan{
		"nothing": {},
		"nils": {Name: name, Version: version, Extends: []*plan.Extension{nil}, Depends: []*plan.Dependency{nil}, Consumes: []*plan.Consumer{nil},
			Inputs: []*plan.Variable{nil}, Outputs: []*plan.Variable{nil}, Errands: []*plan.Errand{nil, {Inputs: []*plan.Variable{nil}}},
			Downloads: []*plan.Download{nil}, Templates: []*plan.Template{nil}},
		"empty input":      {Name: name, Version: version, Inputs: []*plan.Variable{{}}},
		"empty output":     {Name: name, Version: version, Outputs: []*plan.Variable{{}}},
		"empty consumer":   {Name: name, Version: version, Consumes: []*plan.Consumer{{}}},
		"empty download":   {Name: name, Version: version, Downloads: []*plan.Download{{}}},
		"empty dependency": {Name: name, Version: version, Depends: []*plan.Dependency{{}}},
		"empty extension":  {Name: name, Version: version, Extends: []*plan.Extension{{}}},
		"two in a step": {Name: name, Version: version, Build: &plan.Step{Cmd: plan.Script{Text: plan.Text{Value: "a"}},
			Inline: plan.Text{Value: "b"}}},
		"bad name":    {Name: plan.Text{Value: "Foo"}, Version: version},
		"bad project": {Name: plan.Text{Value: "P/foo"}, Version: version},
		"no name":     {Name: plan.Text{Value: "shop/"}, Version: plan.Script{Text: plan.Text{Value: "1.@"}}},
	} {
		m, findings, err := compile.Compile(context.Background(), p, compile.Options{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if (m == nil) != findings.HasErrors() {
			t.Errorf("%s: there is metadata (%v) and there are findings %v", what, m != nil, findings)
		}
		if what == "nils" && m == nil || what != "nils" && m != nil {
			t.Errorf("%s gives %v", what, m)
		}
	}
}

// The metadata of a package that is used is not changed by using it, so that it can be shared.
func TestDependenciesAreNotChanged(t *testing.T) {
	base := release.New()
	base.Name, base.Version, base.Project = "base", "1", "shop"
	base.Inputs = []*release.Variable{{ID: "x", Type: "string", Scopes: []string{"build"}}, {ID: "y", Type: "string", Scopes: []string{"deploy"}}}
	base.Outputs = []*release.Variable{{ID: "o", Type: "string", Scopes: []string{"build"}}}
	base.Consumes = []*release.Consumer{{Name: "c", Variable: "c", Scopes: []string{"deploy"}}}
	base.Templates = []*release.Template{{File: "f", Target: "t", Scopes: release.Both(), Mapping: map[string]any{}}}
	base.Stages["build"] = &release.Stage{Script: "b.sh"}
	base.Errands["e"] = &release.Errand{Name: "e", Run: &release.Stage{Script: "e.sh"}}
	base.Depends = []*release.Dependency{{ReleaseID: "shop/base-v0", Variable: "b", Scopes: release.Both(), DeployMapping: map[string]any{}, BuildMapping: map[string]any{}}}
	old := release.New()
	old.Name, old.Version, old.Project = "base", "0", "shop"
	known := releases{}
	known.add(base)
	known.add(old)
	before := string(base.Encode())
	p := decode(t, "", `
name: foo
version: 1
extends: [shop/base-v1]
depends: [shop/base-v1]
inputs: [{id: x, default: 1}, {id: y, description: d}]
outputs: [{id: o, default: 1}]
consumes: [c]
build: make
`)
	if _, findings, err := compile.Compile(context.Background(), p, compile.Options{Resolver: known}); err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	if after := string(base.Encode()); after != before {
		t.Errorf("the package changed from\n%s\nto\n%s", before, after)
	}
}
