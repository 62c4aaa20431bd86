package release_test

import (
	"bytes"
	"encoding/json"
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

// Whatever is changed in a document is told.
func TestDiffSeesEveryField(t *testing.T) {
	seen := 0
	each(reflect.ValueOf(full()).Elem(), "", func(where string, change func(root reflect.Value)) {
		other := full()
		change(reflect.ValueOf(other).Elem())
		if got := release.Diff(full(), other); len(got) == 0 {
			t.Errorf("a change of %s is not told", where)
		}
		seen++
	})
	if seen < 80 {
		t.Errorf("only %d fields were changed", seen)
	}
}

// each calls fn for every text, number and truth value of v with a function that changes it in another document.
func each(v reflect.Value, where string, fn func(where string, change func(root reflect.Value))) {
	walkValue(v, where, func(root reflect.Value) reflect.Value { return root }, fn)
}

func walkValue(v reflect.Value, where string, at func(root reflect.Value) reflect.Value, fn func(string, func(reflect.Value))) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.Kind() == reflect.Interface && v.Elem().Kind() != reflect.Pointer {
			if !v.IsNil() {
				fn(where, func(root reflect.Value) { at(root).Set(reflect.ValueOf("changed")) })
			}
			return
		}
		walkValue(v.Elem(), where, func(root reflect.Value) reflect.Value { return at(root).Elem() }, fn)
	case reflect.Struct:
		for i := range v.NumField() {
			walkValue(v.Field(i), where+"."+v.Type().Field(i).Name, func(root reflect.Value) reflect.Value { return at(root).Field(i) }, fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(v.Index(i), where+"[]", func(root reflect.Value) reflect.Value { return at(root).Index(i) }, fn)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if v.Type().Elem().Kind() == reflect.Pointer {
				walkValue(v.MapIndex(key), where+"[]", func(root reflect.Value) reflect.Value { return at(root).MapIndex(key) }, fn)
				continue
			}
			fn(where+"[]", func(root reflect.Value) { at(root).SetMapIndex(key, reflect.ValueOf("changed")) })
			fn(where+"[]", func(root reflect.Value) { at(root).SetMapIndex(key, reflect.Value{}) })
		}
	case reflect.String:
		fn(where, func(root reflect.Value) { at(root).SetString(v.String() + "x") })
	case reflect.Bool:
		fn(where, func(root reflect.Value) { at(root).SetBool(!v.Bool()) })
	case reflect.Int:
		fn(where, func(root reflect.Value) { at(root).SetInt(v.Int() + 1) })
	}
}

func TestGrouped(t *testing.T) {
	old, new := release.New(), release.New()
	old.Name, new.Name = "app", "app"
	old.Version, new.Version = "0.2", "1.0.0"
	old.Files = map[string]string{"a.txt": "1", "b.txt": "2"}
	new.Files = map[string]string{"a.txt": "9", "c.txt": "3"}
	old.Inputs = []*release.Variable{{ID: "n", Type: "string", Default: int64(1), Visible: true}}
	new.Inputs = []*release.Variable{{ID: "n", Type: "integer", Default: 2.5}, {ID: "m", Type: "string"}}
	new.Downloads = []*release.Download{{URL: "http://x", Dest: "x"}}
	got, err := json.MarshalIndent(release.Grouped(release.Diff(old, new)), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, got); err != nil {
		t.Fatal(err)
	}
	const want = `{"Downloads":{"add":[{"Path":["Downloads"],"PreviousValue":null,"NewValue":"http://x","Added":true,"Removed":false}]},` +
		`"Files":{"add":[{"Path":["Files"],"PreviousValue":null,"NewValue":"c.txt","Added":true,"Removed":false}],` +
		`"change":[{"Path":["Files","[\"a.txt\"]"],"PreviousValue":"1","NewValue":"9","Added":false,"Removed":false}],` +
		`"remove":[{"Path":["Files"],"PreviousValue":"b.txt","NewValue":null,"Added":false,"Removed":true}]},` +
		`"Inputs":{"add":[{"Path":["Inputs"],"PreviousValue":null,"NewValue":"m","Added":true,"Removed":false}],` +
		`"change":[{"Path":["Inputs","[0]",".Type"],"PreviousValue":"string","NewValue":"integer","Added":false,"Removed":false},` +
		`{"Path":["Inputs","[0]",".Default"],"PreviousValue":"1","NewValue":"2.5","Added":false,"Removed":false},` +
		`{"Path":["Inputs","[0]",".Visible"],"PreviousValue":true,"NewValue":false,"Added":false,"Removed":false}]},` +
		`"Version":{"change":[{"Path":["Version"],"PreviousValue":"0.2","NewValue":"1.0.0","Added":false,"Removed":false}]}}`
	if compact.String() != want {
		t.Errorf("Grouped gives\n%s\nwant\n%s", compact.String(), want)
	}
	if got, _ := json.Marshal(release.Grouped(nil)); string(got) != "{}" {
		t.Errorf("nothing different gives %s", got)
	}
}
