package check_test

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// Each release is looked at once, however many ways lead to it: level by level, two releases that both need the two below
// make 2^40 ways.
func TestManyWaysToOneRelease(t *testing.T) {
	const levels = 40
	id := func(level, side int) string { return fmt.Sprintf("acme/level%d-%d-v1", level, side) }
	deps := check.Deps{}
	for level := range levels {
		for side := range 2 {
			m := release.New()
			m.Project, m.Name, m.Version = "acme", fmt.Sprintf("level%d-%d", level, side), "1"
			for below := range 2 {
				m.Depends = append(m.Depends, &release.Dependency{ReleaseID: id(level+1, below), Variable: fmt.Sprintf("d%d", below)})
			}
			deps[m.QualifiedID()] = m
		}
	}
	p := &plan.Plan{Name: plan.Text{Value: "acme/top"}, Depends: []*plan.Dependency{
		{Release: plan.Text{Value: id(0, 0)}, As: plan.Text{Value: "left"}},
		{Release: plan.Text{Value: id(0, 1)}, As: plan.Text{Value: "right"}},
	}}
	if list := check.Packages(p, deps); len(list) > 0 {
		t.Errorf("findings where no way leads back:\n%s", diag.Sprint(list))
	}
	last := deps[id(levels-1, 1)]
	last.Depends[1].ReleaseID = "acme/top-v0"
	list := check.Packages(p, deps)
	if len(list) != 1 || list[0].Code != diag.SelfDependency {
		t.Fatalf("Packages gives %s, want one %s", diag.Sprint(list), diag.SelfDependency.Code)
	}
	const want = `"acme/top" depends on itself: acme/top → acme/level0-0 → acme/level1-0 → acme/level2-0 → ... → acme/level37-0 → acme/level38-0 → acme/level39-1 → acme/top`
	if list[0].Message != want {
		t.Errorf("the message is\n%s\nwant\n%s", list[0].Message, want)
	}
}

// A plan that was decoded with errors has gaps.
func TestPackagesOfPlansWithGaps(t *testing.T) {
	m, err := release.Decode([]byte(`{"name": "base", "version": "1", "depends": [{"release_id": "other-v1"}], "inputs": [{"id": "x", "type": "odd"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{Extends: []*plan.Extension{nil, {}, {Release: plan.Text{Value: "base-v1"}}}, Depends: []*plan.Dependency{nil, {}, {Release: plan.Text{Value: "?"}}},
		Consumes: []*plan.Consumer{nil, {}}, Inputs: []*plan.Variable{nil, {}}, Errands: []*plan.Errand{nil}, Downloads: []*plan.Download{nil}}
	var texts []string
	for _, d := range check.Packages(p, check.Deps{"": m, "_/base": m, "?": m}) {
		texts = append(texts, d.Message)
	}
	if len(texts) > 0 {
		t.Errorf("findings about gaps:\n%s", strings.Join(texts, "\n"))
	}
}
