package release_test

import (
	"reflect"
	"strings"
	"testing"

	"escape.build/escape/lang/release"
)

func TestDiff(t *testing.T) {
	variable := func(id string, def any) *release.Variable {
		return &release.Variable{ID: id, Type: "string", Default: def, Visible: true, Scopes: release.Both()}
	}
	for _, c := range []struct {
		name     string
		old, new func(*release.Metadata)
		want     string
	}{
		{"nothing", nil, nil, ""},
		{"texts and maps", func(m *release.Metadata) {
			m.Metadata = map[string]string{"a": "1", "b": "x"}
			m.Generates = []string{"a", "z"}
		}, func(m *release.Metadata) {
			m.Metadata = map[string]string{"a": "2", "c": "x"}
			m.Generates = []string{"b"}
			m.Version = "2"
		}, `Change Metadata["a"] from '1' to '2'
Remove 'b' from Metadata
Add 'c' to Metadata
Change Version from '1' to '2'
Change Generates[0] from 'a' to 'b'
Remove 'z' from Generates`},
		{"stages", func(m *release.Metadata) { m.Stages["build"] = &release.Stage{} }, func(m *release.Metadata) {
			m.Stages["build"] = &release.Stage{Cmd: "b", Args: []string{"x"}}
			m.Stages["test"] = &release.Stage{Script: "t"}
		}, `Change Stages["build"].Cmd from '' to 'b'
Add 'x' to Stages["build"].Args
Add 'test' to Stages`},
		{"errands", func(m *release.Metadata) {
			m.Errands["e"] = &release.Errand{Run: &release.Stage{Script: "a"}}
			m.Errands["f"] = &release.Errand{}
		}, func(m *release.Metadata) {
			m.Errands["e"] = &release.Errand{Run: &release.Stage{Script: "b"}}
			m.Errands["f"] = &release.Errand{Run: &release.Stage{Inline: "ls\npwd"}}
		}, `Change Errands["e"].Run.RelativeScript from 'a' to 'b'
Add '<inline script starting with 'ls'>' to Errands["f"].Run`},
		{"values", func(m *release.Metadata) {
			m.Inputs = []*release.Variable{variable("a", nil), variable("b", []any{"y"}), variable("n", float64(2)), variable("s", []any{"x"}), variable("o", map[string]any{"k": int64(1)})}
		}, func(m *release.Metadata) {
			m.Inputs = []*release.Variable{variable("a", []any{"x"}), variable("b", []any{"y", true}), variable("n", int64(2)), variable("s", "x"), variable("o", map[string]any{"k": 1.5})}
			m.Inputs[2].Visible = false
		}, `Add '[x]' to Inputs[0].Default
Add 'true' to Inputs[1].Default
Change Inputs[2].Visible from 'true' to 'false'
Change Inputs[3].Default from '[x]' to 'x'
Change Inputs[4].Default["k"] from '1' to '1.5'`},
		{"removing the first of three", func(m *release.Metadata) {
			m.Inputs = []*release.Variable{variable("a", nil), variable("b", nil), variable("c", nil)}
		}, func(m *release.Metadata) { m.Inputs = []*release.Variable{variable("c", "1"), variable("b", nil)} },
			`Add '1' to Inputs[0].Default
Remove 'a' from Inputs`},
		{"dependencies and downloads", func(m *release.Metadata) {
			m.Depends = []*release.Dependency{{ReleaseID: "_/aa-v1", Variable: "a"}}
			m.Extends = []*release.Extension{{ReleaseID: "_/xx-v1"}}
			m.Consumes = []*release.Consumer{{Name: "i", Variable: "v"}}
		}, func(m *release.Metadata) {
			m.Depends = []*release.Dependency{{ReleaseID: "_/aa-v2", Variable: "a"}}
			m.Extends = []*release.Extension{{ReleaseID: "_/xx-v2"}}
			m.Consumes = []*release.Consumer{{Name: "j", Variable: "v", SkipActivate: true}}
			m.Downloads = []*release.Download{{URL: "http://b", Dest: "d"}}
			m.Templates = []*release.Template{{File: "t"}}
			m.Provides = []*release.Provider{{Name: "p"}}
		}, `Change Consumes[0].Name from 'i' to 'j'
Change Consumes[0].SkipActivate from 'false' to 'true'
Add 'http://b' to Downloads
Change Depends[0].ReleaseId from '_/aa-v1' to '_/aa-v2'
Change Depends[0].Version from '1' to '2'
Change Extends[0].ReleaseId from '_/xx-v1' to '_/xx-v2'
Add 'p' to Provides
Add 't' to Templates`},
	} {
		old, new := release.New(), release.New()
		old.Version, new.Version = "1", "1"
		if c.old != nil {
			c.old(old)
		}
		if c.new != nil {
			c.new(new)
		}
		want := lines(c.want)
		if got := sentences(release.Diff(old, new)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Diff gives\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), c.want)
		}
		if got := release.Diff(new, new); len(got) > 0 {
			t.Errorf("%s: a document differs from itself: %v", c.name, got)
		}
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func sentences(changes []release.Change) (out []string) {
	for _, c := range changes {
		out = append(out, c.String())
	}
	return out
}

func TestDiffOfWhatWasReadBack(t *testing.T) {
	m := full()
	again, err := release.Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if got := release.Diff(m, again); len(got) > 0 {
		t.Errorf("a document differs from what is read back: %v", sentences(got))
	}
}
