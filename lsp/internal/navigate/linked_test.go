package navigate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

// A heredoc leaves no room for a marker behind its first word.
func TestLinkedHeredoc(t *testing.T) {
	const text = "name = \"demo/app\"\nversion = \"0.1.@\"\nbuild {\n  inline = <<-EOT\n    echo EOT\n  EOT\n}\ndeploy {\n  inline = <<END\necho EOT\nEND\n}\n"
	path := filepath.Join(t.TempDir(), "escape.hcl")
	s := cache.New(cache.Options{})
	snap := s.Open(cache.FileURI(path), path, "", 1, text)
	d := snap.Open()[0]
	for _, c := range []struct{ before, want string }{
		{"<<-E", "4:15 6:3"}, {"EOT\n  E", "4:15 6:3"}, {"echo E", ""}, {"<<EN", "9:14 11:1"}, {"echo EOT\nE", "9:14 11:1"},
	} {
		var got []string
		for _, span := range navigate.Linked(snap, d, strings.Index(text, c.before)+len(c.before)) {
			p := d.Source.Position(int(span.Start))
			got = append(got, fmt.Sprintf("%d:%d", p.Line, p.Column))
		}
		if joined := strings.Join(got, " "); joined != c.want {
			t.Errorf("at the end of %q: %s, want %s", c.before, joined, c.want)
		}
	}
}

// TestReadOnly wants that a file which cannot be written is named, and nothing is renamed.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plan := write("escape.yml", "name: demo/app\nversion: 0.1.@\ninputs:\n- zone\nbuild: build.sh\n", 0o666)
	write("build.sh", "#!/bin/sh\necho \"$INPUT_zone\"\n", 0o444)
	s := cache.New(cache.Options{})
	s.SetFolders([]string{dir})
	snap := s.Snapshot()
	snap.Load(t.Context(), dir)
	x, ok := symbol.At(snap, snap.File(plan), strings.Index(snap.File(plan).Source.Text(), "zone"))
	if !ok {
		t.Fatal("the input is not found")
	}
	if _, err := navigate.Rename(t.Context(), snap, x, "region"); err == nil || err.Error() != "build.sh cannot be written" {
		t.Error(err)
	}
}

// TestUsers wants the plans that use a file: those around it, with the text that the editor shows, and none that does not.
func TestUsers(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"escape.yml":     "name: demo/app\nversion: 0.1.@\nbuild: sub/build.sh\n",
		"sub/escape.yml": "name: demo/sub\nversion: 0.1.@\ntemplates: [c.tpl]\n",
		"sub/build.sh":   "#!/bin/sh\n. sub/lib.sh\n", "sub/lib.sh": "echo", "sub/c.tpl": "{{> part}}", "sub/part.mustache": "x", "sub/README.md": "x",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := cache.New(cache.Options{})
	s.SetFolders([]string{dir})
	check := func(file string, want ...string) {
		t.Helper()
		var got []string
		for _, an := range s.Snapshot().Users(filepath.Join(dir, file)) {
			got = append(got, an.Plan.Name.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is used by %v, want %v", file, got, want)
		}
	}
	check("sub/build.sh", "demo/app")
	check("sub/lib.sh", "demo/app")
	check("sub/c.tpl", "demo/sub")
	check("sub/part.mustache", "demo/sub")
	check("sub/README.md")
	check("escape.yml")
	sub := filepath.Join(dir, "sub", "escape.yml")
	s.Open(cache.FileURI(sub), sub, "escape-plan", 1, "name: demo/sub\nversion: 0.1.@\ndeploy: build.sh\nbroken: \"\n")
	check("sub/build.sh", "demo/sub", "demo/app")
	check("sub/c.tpl")
	s.Edit(cache.FileURI(sub), 2, source.NewFile(sub, "name: demo/sub\nversion: 0.1.@\ntemplates:\n- c.tpl\nbroken: \"\n"))
	check("sub/build.sh", "demo/app")
	check("sub/c.tpl", "demo/sub")
}
