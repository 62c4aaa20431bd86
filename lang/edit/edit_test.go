package edit_test

import (
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// TestRemove: an entry goes away with its line or comma, unless something hangs on it.
func TestRemove(t *testing.T) {
	const none = "no fix"
	for _, c := range []struct{ name, text, key, want string }{
		{"a.yml", "a: 1\nb: 2\n", "a", "b: 2\n"},
		{"a.yml", "a: 1\nb:\n  - 2\n  - 3\n", "b", "a: 1\n"},
		{"a.yml", "a: 1\r\nb: 2\r\n", "b", "a: 1\r\n"},
		{"a.yml", "a: 1\nb: 2", "b", "a: 1\n"},
		{"a.yml", "{a: 1, b: 2}\n", "a", "{b: 2}\n"},
		{"a.yml", "{a: 1, b: 2}\n", "b", "{a: 1}\n"},
		{"a.yml", "a: 1 # why\nb: 2\n", "a", none},
		{"a.yml", "a: 1\n", "a", none},
		{"a.yml", "a: &x 1\nb: *x\n", "a", none},
		{"a.yml", "a: {c: &x 1}\nb: *x\n", "a", none},
		{"a.yml", "a: 1\nb: *a\n", "c", none},
		{"a.hcl", "a = 1\nb = 2\n", "a", "b = 2\n"},
		{"a.hcl", "a = 1\nb = [\n  2\n]\n", "b", "a = 1\n"},
		{"a.hcl", "a = 1 // why\nb = 2\n", "a", none},
		{"a.hcl", "a = 1\nbuild {}\n", "build", "a = 1\n"},
		{"a.hcl", "a = 1\n\nbuild {\n}\n\nb = 1\n", "build", "a = 1\n\nb = 1\n"},
		{"a.hcl", "a = 1\nbuild {\n  # why\n}\n", "build", none},
		{"a.hcl", "a = 1\nbuild { b = 1 }\n", "build", "a = 1\n"},
	} {
		f := parse(c.name, c.text)
		m, e := edit.Entry(f.Root, c.key)
		check(t, f, edit.Of(f).Remove(m, e, true), c.want, none)
	}
}

// TestRemovePair: the last pair takes the mapping with it.
func TestRemovePair(t *testing.T) {
	for text, want := range map[string]string{
		"a: {x: 1, y: 2}\nb: 3\n":      "a: {y: 2}\nb: 3\n",
		"a:\n  x: 1\n  y: 2\nb: 3\n":   "a:\n  y: 2\nb: 3\n",
		"a:\n  x: 1\nb: 3\n":           "b: 3\n",
		"a: {x: 1}\n":                  "",
		"c: &c {x: 1}\na: *c\nb: 3\n":  "",
		"a: {x: &x 1, y: 2}\nb: *x\n":  "",
		"a:\n  x: 1 # why\n  y: 2\n":   "",
		"a:\n- {x: 1}\nb: 3\n":         "",
		"a: {y: 2, x: [1,\n  2]}\nb: ": "a: {y: 2}\nb: ",
	} {
		f := parse("a.yml", text)
		var fixes []diag.Fix
		if _, e := edit.Entry(f.Root, "a"); e != nil {
			if m, x := edit.Entry(e.Value, "x"); m != nil {
				fixes = edit.Of(f).RemovePair(f.Root, "a", x.Key, true)
			}
		}
		check(t, f, fixes, want, "")
	}
}

// TestRemoveFrom: the element of a list is found where it stands.
func TestRemoveFrom(t *testing.T) {
	for text, want := range map[string]string{
		"a: [x, y]\n":                       "a: [x]\n",
		"a:\n- x\n- k: 1\n  l: 2\nb: 3\n":   "a:\n- x\nb: 3\n",
		"a:\n- x\n- y # why\n":              "",
		"a: [x]\na: [x, y]\n":               "",
		"a: &l [x, y]\nb: *l\n":             "",
		"a:\n- x\n- k: &k 1\n- z: *k\n":     "",
		"a: [\n  x,\n  {k: 1,\n   l: 2}\n]": "a: [\n  x\n]",
	} {
		f := parse("a.yml", text)
		list := edit.Of(f).List("a")
		var fixes []diag.Fix
		if list != nil {
			fixes = edit.Of(f).RemoveFrom("a", list.Items[1].Value, true)
		}
		check(t, f, fixes, want, "")
	}
}

// TestWord: text that would be something else without quotes gets some.
func TestWord(t *testing.T) {
	for text, want := range map[string]string{
		"config": "config", "conf/site.yml": "conf/site.yml", "true": `"true"`, "yes": `"yes"`, "1.5": `"1.5"`, "a b": `"a b"`, "a: b": `"a: b"`,
		"": `""`, `a"b`: "", `a\b`: "", "a${b}": "", "a\nb": "", "0x10": `"0x10"`, "Null": `"Null"`,
	} {
		if got, ok := edit.Of(parse("a.yml", "a: 1\n")).Word(text); got != want || ok != (want != "") {
			t.Errorf("Word(%q) = %q, %t, want %q", text, got, ok, want)
		}
	}
	if got, _ := edit.Of(parse("a.hcl", "a = 1\n")).Word("config"); got != `"config"` {
		t.Errorf("in HCL it is %s", got)
	}
}

func parse(name, text string) *syntax.File {
	read := yamlfile.Parse
	if syntax.NotationOf(name) == syntax.HCL {
		read = hclfile.Parse
	}
	f, _ := read(source.NewFile(name, text))
	return f
}

// check applies the fixes, of which there are none if want is none.
func check(t *testing.T, f *syntax.File, fixes []diag.Fix, want, none string) {
	t.Helper()
	got := none
	for _, fix := range fixes {
		got, _ = source.Apply(f.Source.Text(), fix.Edits)
	}
	if got != want {
		t.Errorf("%q becomes %q, want %q", f.Source.Text(), got, want)
	}
}

// TestAddToBlock: an attribute goes to the start of a block, which then may no longer be one line.
func TestAddToBlock(t *testing.T) {
	const none = "no fix"
	for text, want := range map[string]string{
		"input \"a\" {}\n":                  "input \"a\" { x = 1 }\n",
		"input \"a\" {\n  b = 2\n}\n":       "input \"a\" {\n  x = 1\n  b = 2\n}\n",
		"input \"a\" { b = \"${c}\" }\n":    "input \"a\" {\n  x = 1\n  b = \"${c}\"\n}\n",
		"input \"a\" {b=2}\r\n":             "input \"a\" {\r\n  x = 1\r\n  b=2\r\n}\r\n",
		"input \"a\" { b = { c = 1 } }":     "input \"a\" {\n  x = 1\n  b = { c = 1 }\n}",
		"input \"a\" { b = 2 } # why\n":     none,
		"input \"a\" { /* why */ b = 2 }\n": none,
		"input \"a\" { x = 2 }\n":           none,
	} {
		f := parse("a.hcl", text)
		root := f.Root.(*syntax.Mapping)
		e := &root.Entries[0]
		label := syntax.Entry{Key: e.Key, Value: e.Labels[0]}
		m := &syntax.Mapping{Entries: append([]syntax.Entry{label}, e.Value.(*syntax.Mapping).Entries...)}
		check(t, f, edit.Of(f).Add(m, &m.Entries[0], "x", "1", true), want, none)
	}
}

// TestRemoveInHCL: an entry of an object goes away with its comma or line, and the one of a block on one line with its blanks.
func TestRemoveInHCL(t *testing.T) {
	const none = "no fix"
	for text, want := range map[string]string{
		"a = { x = 1, y = 2 }\n":                   "a = { y = 2 }\n",
		"a = {\n  x = 1\n  y = 2\n}\n":             "a = {\n  y = 2\n}\n",
		"a = {\n  y = 2\n  x = 1\n}\n":             "a = {\n  y = 2\n}\n",
		"a = {\n  y = 2,\n  x = 1,\n  z = 3,\n}\n": "a = {\n  y = 2,\n  z = 3,\n}\n",
		"a = {\n  y = 2 # why\n  x = 1\n}\n":       none,
		"a \"l\" { x = 1 }\n":                      "a \"l\" {}\n",
		"a \"l\" {\n  x = 1\n}\n":                  "a \"l\" {\n}\n",
		"a \"l\" {\n  y = 2\n  x = 1\n}\n":         "a \"l\" {\n  y = 2\n}\n",
		"a \"l\" { /* why */ x = 1 }\n":            none,
	} {
		f := parse("a.hcl", text)
		e := &f.Root.(*syntax.Mapping).Entries[0]
		m := e.Value.(*syntax.Mapping)
		if e.Block { // the label is an entry, too
			m.Entries = append([]syntax.Entry{{Key: &syntax.Scalar{Pos: e.Labels[0].Pos}, Value: e.Labels[0]}}, m.Entries...)
		}
		m, x := edit.Entry(m, "x")
		check(t, f, edit.Of(f).Remove(m, x, true), want, none)
	}
}

// TestAddBehind: in a block on one line a further attribute needs lines of their own for both.
func TestAddBehind(t *testing.T) {
	const none = "no fix"
	for text, want := range map[string]string{
		"a \"l\" { b = 2 }\n":     "a \"l\" {\n  x = 1\n  b = 2\n}\n",
		"a \"l\" {\n  b = 2\n}\n": "a \"l\" {\n  b = 2\n  x = 1\n}\n",
		"a \"l\" { b = [\n2] }\n": none,
	} {
		f := parse("a.hcl", text)
		m := f.Root.(*syntax.Mapping).Entries[0].Value.(*syntax.Mapping)
		check(t, f, edit.Of(f).Add(m, &m.Entries[0], "x", "1", true), want, none)
	}
}
