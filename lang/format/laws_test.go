package format

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

// checkLaws fails if formatting in breaks one of the laws: it is idempotent, minify undoes it, comments stay, and what
// another reader of YAML finds in the text is the same. Format itself compares the trees (see sameMeaning).
func checkLaws(t *testing.T, in string) {
	t.Helper()
	format := func(text string) string {
		out, findings := Format(source.NewFile("escape.yml", text))
		if findings.HasErrors() {
			t.Errorf("the result cannot be read: %s\n%s", findings[0].Message, out)
		}
		return out
	}
	minify := func(text string) string {
		out, _ := Minify(source.NewFile("escape.yml", text))
		return out
	}
	pretty, small := format(in), minify(in)
	equal(t, "Format is idempotent", pretty, format(pretty))
	equal(t, "Minify is idempotent", small, minify(small))
	equal(t, "Minify undoes Format", small, minify(pretty))
	checkTidy(t, "escape.yml", in)
	if pretty == in && small == in || strings.ContainsAny(strings.TrimPrefix(in, source.BOM), "\u0085\u2028\u2029\uFEFF") {
		return // the referee takes these characters for line breaks
	}
	before, ok := decode(in)
	if !ok {
		return // the referee cannot read it
	}
	for _, out := range []string{pretty, small} {
		after, ok := decode(out)
		if !ok || fmt.Sprintf("%#v", before) != fmt.Sprintf("%#v", after) {
			t.Errorf("values changed (readable: %v)\n--- before\n%s\n--- after\n%s\n%v\n%v", ok, in, out, before, after)
		}
	}
}

// checkTidy fails if tidying in is not idempotent, or other if its tree is given, organizing is not tidy, or Edits do not lead from one text to the other.
func checkTidy(t *testing.T, name, in string) {
	t.Helper()
	run := func(f func(*source.File) (string, diag.List), text string) string {
		out, findings := f(source.NewFile(name, text))
		if findings.HasErrors() {
			t.Errorf("the result cannot be read: %s\n%s", findings[0].Message, out)
		}
		edits := Edits(text, out)
		if applied, err := source.Apply(text, edits); err != nil || applied != out {
			t.Errorf("edits of %q\nlead to %q, want %q: %v", text, applied, out, err)
		}
		return out
	}
	neat, ordered := run(Tidy, in), run(Organize, in)
	if tree, findings := notation.Parse(source.NewFile(name, in)); len(findings) == 0 {
		equal(t, "a tree is formatted as its text is", neat, TidyTree(tree))
	}
	equal(t, "Tidy is idempotent", neat, run(Tidy, neat))
	equal(t, "Organize is idempotent", ordered, run(Organize, ordered))
	equal(t, "what is organized is tidy", ordered, run(Tidy, ordered))
}

func equal(t *testing.T, law, want, got string) {
	t.Helper()
	if d := Diff("text", want, got); d != "" {
		t.Errorf("%s\n%s", law, d)
	}
}

// decode reads the first document with yaml.v3, without fields that have no value. It reports whether it could.
func decode(text string) (map[string]any, bool) {
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader([]byte(text))).Decode(&root); err != nil || len(root.Content) == 0 {
		return map[string]any{}, err == nil || strings.TrimSpace(text) == "" || err.Error() == "EOF"
	}
	doc := root.Content[0]
	if doc.Kind != yaml.MappingNode {
		var v any
		err := doc.Decode(&v)
		if v == nil {
			return map[string]any{}, err == nil
		}
		return map[string]any{"": v}, err == nil
	}
	values := map[string]any{}
	count := map[string]int{}
	for i := 0; i < len(doc.Content); i += 2 {
		var v any
		if err := doc.Content[i+1].Decode(&v); err != nil {
			return nil, false
		}
		key := doc.Content[i].Value
		count[key]++
		values[fmt.Sprint(key, " ", count[key])] = v
	}
	for key, n := range count {
		if f, _, ok := plan.Lookup(key); ok && n == 1 && isEmpty(f.Shape, values[key+" 1"]) {
			delete(values, key+" 1")
		}
	}
	return values, true
}

func isEmpty(shape plan.Shape, v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0 && shape != plan.ShapeStep
	}
	return false
}

// TestComments checks that comments of one entry keep their order.
func TestComments(t *testing.T) {
	const in = "# 1\nversion: 1 # 2\n# 3\n# 4\nname: x\ninputs:\n# 5\n- a # 6\n  # 7\n- b\n# 8\n\n# 9\n"
	out, _ := Format(source.NewFile("escape.yml", in))
	file, _ := yamlfile.Parse(source.NewFile("escape.yml", out))
	var got []string
	for _, c := range file.Comments {
		got = append(got, strings.TrimPrefix(c.Text, "# "))
	}
	if want := "3 4 1 2 5 6 7 8 9"; strings.Join(got, " ") != want {
		t.Errorf("comments in order %v, want %s\n%s", got, want, out)
	}
}
