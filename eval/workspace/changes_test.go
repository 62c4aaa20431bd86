package workspace_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/source"
)

// TestKept: what a plan says to others stays the same value while an edit does not change it.
func TestKept(t *testing.T) {
	dir := lay(t, "-- a/escape.yml --\nname: app\nversion: 1.0.@\ndepends: [base-v1.0.@ as b]\n-- b/escape.yml --\nname: base\nversion: 1.0.@\noutputs: [x]\n")
	w := open(dir, nil)
	a, b := filepath.Join(dir, "a", "escape.yml"), filepath.Join(dir, "b", "escape.yml")
	text, _ := os.ReadFile(a)
	p, _ := lang.Decode(source.NewFile(a, string(text)))
	n := w.Now(p, a)
	m := w.Deps(p, a)["b"]
	for _, step := range []struct {
		text string
		same bool
	}{
		{"name: base\nversion: 1.0.@\noutputs: [x]\nbuild: {inline: echo}\n", false},
		{"name: base\nversion: 1.0.@\noutputs: [x]\nbuild: {inline: echo}\n# a comment\n", true},
		{"name: base\nversion: 1.0.@\noutputs: [x]\nbuild: {inline: 'ech", false}, // it cannot be read in full
		{"name: base\nversion: 1.0.@\noutputs: [x]\n", false},
		{"name: base\nversion: 1.0.@\noutputs: [x]\n# a comment\n", true},
		{"name: base\nversion: 1.0.@\noutputs: [x, y]\n", false},
		{"name: base\nversion: 1.0.@\n\noutputs: [x, y]\n", false}, // it stands elsewhere
		{"name: other\nversion: 1.0.@\n\noutputs: [x, y]\n", false},
	} {
		if err := os.WriteFile(b, []byte(step.text), 0o644); err != nil {
			t.Fatal(err)
		}
		w.Changed(b)
		if since := w.Since(n, a); since == step.same {
			t.Errorf("%q: something else is said: %v", step.text, since)
		}
		n = w.Now(p, a)
		now := w.Deps(p, a)["b"]
		if (now == m) != step.same {
			t.Errorf("%q: the same metadata: %v", step.text, now == m)
		}
		if o := w.Origin(now); now != nil && (o == nil || o.File.Text() != step.text) {
			t.Errorf("%q: it is said to come from another text", step.text)
		}
		m = now
	}
	if !w.Since(0, a) || w.Since(0, "") == false {
		t.Error("nothing has changed since the start")
	}
	// What only the plan itself says does not matter to it.
	n = w.Now(p, a)
	if err := os.WriteFile(a, []byte("name: z\nversion: 1.0.@\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.Changed(a)
	if w.Since(n, a) {
		t.Error("a plan is told that it has changed itself")
	}
	if !w.Since(n, b) {
		t.Error("another is not told")
	}
}

// TestGoneUnseen: a plan that was known and whose file has gone without a word is none, however often it is asked for.
func TestGoneUnseen(t *testing.T) {
	dir := lay(t, "-- a/escape.yml --\nname: app\nversion: 1.0.@\ndepends: [base-v1.0.@ as b]\n-- b/escape.yml --\nname: base\nversion: 1.0.@\n-- c/escape.yml --\nname: c\n")
	w := open(dir, nil)
	a, b, c := filepath.Join(dir, "a", "escape.yml"), filepath.Join(dir, "b", "escape.yml"), filepath.Join(dir, "c", "escape.yml")
	text, _ := os.ReadFile(a)
	p, _ := lang.Decode(source.NewFile(a, string(text)))
	if w.Deps(p, a)["b"] == nil {
		t.Fatal("the package is not known")
	}
	if err := os.Remove(b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c, []byte("name: other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.Changed(c)
	for range 2 {
		if m := w.Deps(p, a)["b"]; m != nil {
			t.Errorf("it is known as %v", m)
		}
	}
}

// TestEdits: a workspace that is told of edits knows the same as one that is opened afterwards.
func TestEdits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const plans = 6
	parts := []string{
		"outputs: [x]", "outputs: [x, y]", "inputs: [{id: i}]", "provides: [iface]", "consumes: [iface]", "build: {inline: echo}", "metadata: {k: v}",
		"extends: [p0-v1.0.@ as e]", "name: p1", "version: 2.0.@", "# nothing", "outputs: [", "deploy_outputs: [z]",
	}
	dir := t.TempDir()
	file := func(i int) string { return filepath.Join(dir, fmt.Sprintf("p%d", i), "escape.yml") }
	w := open(dir, nil)
	know := func(w *workspace.Workspace, i int) map[string]any {
		text, err := os.ReadFile(file(i))
		if err != nil {
			return nil
		}
		p, _ := lang.Decode(source.NewFile(file(i), string(text)))
		known := map[string]any{}
		for alias, m := range w.Deps(p, file(i)) {
			known[alias] = *m
			if o := w.Origin(m); o != nil {
				known[alias+" from"] = []any{o.File.Text(), o.Open, o.Places}
			}
		}
		for _, m := range w.Providers(file(i), "iface") {
			known["provider "+w.Origin(m).File.Name()] = *m
		}
		known["needing"] = w.Needing("_/p2")
		return known
	}
	for range 400 {
		for range 1 + rng.IntN(3) {
			i := rng.IntN(plans)
			if rng.IntN(12) == 0 {
				if err := os.RemoveAll(filepath.Dir(file(i))); err != nil {
					t.Fatal(err)
				}
				w.Changed(file(i))
				continue
			}
			lines := []string{fmt.Sprintf("name: p%d", i), "version: 1.0.@"}
			if n := rng.IntN(plans + 3); n < plans {
				lines = append(lines, fmt.Sprintf("depends: [p%d-v1.0.@ as d, p%d-v1.0.@ as f]", n, rng.IntN(plans)))
			}
			for range rng.IntN(3) {
				lines = append(lines, parts[rng.IntN(len(parts))])
			}
			if err := os.MkdirAll(filepath.Dir(file(i)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file(i), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			w.Changed(file(i))
		}
		i := rng.IntN(plans)
		fresh := open(dir, nil)
		if got, want := know(w, i), know(fresh, i); !reflect.DeepEqual(got, want) {
			text, _ := os.ReadFile(file(i))
			t.Fatalf("of what\n%s\nneeds is known\n%v\nwant\n%v", text, got, want)
		}
	}
}

// BenchmarkTyping: an edit of a plan among 1,000 costs what its own packages cost.
func BenchmarkTyping(b *testing.B) {
	var archive strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&archive, "-- p%d/escape.yml --\nname: p%d\nversion: 1.0.@\noutputs: [x]\ndepends: [p%d-v1.0.@ as d]\n", i, i, i/2)
	}
	dir := lay(b, archive.String())
	w := open(dir, nil)
	file := filepath.Join(dir, "p500", "escape.yml")
	text, _ := os.ReadFile(file)
	p, _ := lang.Decode(source.NewFile(file, string(text)))
	var deps check.Deps
	for b.Loop() {
		w.Changed(file)
		deps = w.Deps(p, file)
	}
	_ = deps
}
