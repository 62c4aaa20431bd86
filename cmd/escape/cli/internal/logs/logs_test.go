package logs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, opts Options, entries ...Entry) string {
	t.Helper()
	var b strings.Builder
	l, err := New(&b, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		l.Log(e)
	}
	l.Close()
	return b.String()
}

var (
	start  = Entry{Key: "build.start", Sections: []string{"Build"}}
	output = Entry{Key: "build.script_output", Sections: []string{"Build"}, Values: map[string]string{"cmd": "sh", "line": "  100% ok"}}
	done   = Entry{Key: "build.finished", Sections: []string{"Build"}}
	nested = Entry{Key: "test.start", Sections: []string{"Release", "Test"}}
	failed = Entry{Key: "error", Sections: []string{"Build"}, Values: map[string]string{"error": "no"}, Detail: "  where\n"}
)

func TestHuman(t *testing.T) {
	eighty := func() int { return 80 }
	for _, c := range []struct {
		name    string
		opts    Options
		entries []Entry
		want    string
	}{
		{"nothing logged, nothing written", Options{}, nil, ""},
		{"plain", Options{}, []Entry{start, output, done, nested, failed},
			"Build: Starting build.\nBuild: sh:   100% ok\nBuild: ✔️ Completed build\n  Test: Running tests.\nBuild: Error: no\n  where\n"},
		{"colour is reset before the line break", Options{Color: true}, []Entry{start, done, failed},
			"Build: Starting build.\nBuild: \x1b[32m✔️ Completed build\x1b[0m\nBuild: \x1b[31m Error: no\x1b[0m\n  where\n"},
		{"level hides what is below", Options{Level: Success}, []Entry{start, done}, "Build: ✔️ Completed build\n"},
		{"collapse", Options{Collapse: true, Width: eighty}, []Entry{start, done},
			"Build: Starting build." + strings.Repeat("\b", 15) + strings.Repeat(" ", 15) + strings.Repeat("\b", 15) + "✔️ Completed build\n"},
		{"output ends a collapsed line", Options{Collapse: true}, []Entry{start, output, done}, "Build: Starting build.\nBuild: sh:   100% ok\nBuild: ✔️ Completed build\n"},
		{"another section starts a new line", Options{Collapse: true}, []Entry{start, nested}, "Build: Starting build.\n  Test: Running tests.\n"},
		{"a line that would wrap is cut until nothing overwrites it", Options{Collapse: true, Width: func() int { return 16 }}, []Entry{start, done},
			"Build: Startin…" + over(8) + "✔️ Comp…" + over(8) + "✔️ Completed build\n"},
		{"a cut line before output", Options{Collapse: true, Width: func() int { return 16 }}, []Entry{start, output},
			"Build: Startin…" + over(8) + "Starting build.\nBuild: sh:   100% ok\n"},
		{"wide characters are erased by columns", Options{Collapse: true}, []Entry{
			{Key: "download.unpack", Values: map[string]string{"dest": "字"}}, start2(), start2()},
			"Unpacking 字" + strings.Repeat("\b", 12) + strings.Repeat(" ", 12) + strings.Repeat("\b", 12) + "Deploying." +
				strings.Repeat("\b", 10) + strings.Repeat(" ", 10) + strings.Repeat("\b", 10) + "Deploying.\n"},
		{"a missing value", Options{}, []Entry{{Key: "deploy.step", Values: map[string]string{"step": "deploy"}}}, "Running deploy step <no value>.\n"},
		{"release of the stack", Options{}, []Entry{{Key: "package.finished", Release: "a/b-v1", Values: map[string]string{"path": "p", "release": "other"}}}, "✔️ Packaged a/b-v1 at p\n"},
		{"dollar and braces", Options{}, []Entry{{Key: "provider.activate", Values: map[string]string{"consumes": "k8s", "variable": "k"}}}, "Activating provider k8s ($k)\n"},
	} {
		if diff := cmp.Diff(c.want, write(t, c.opts, c.entries...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// over is what takes n columns away.
func over(n int) string {
	return strings.Repeat("\b", n) + strings.Repeat(" ", n) + strings.Repeat("\b", n)
}

func start2() Entry { return Entry{Key: "deploy.start"} }

func TestJSON(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC) }
	got := write(t, Options{Format: "json", Now: now, Color: true},
		Entry{Key: "deploy.start", Release: "demo/x-v1"}, start, nested,
		Entry{Key: "error", Values: map[string]string{"error": "a < b"}, Detail: "not shown\n"})
	const stamp = `{"timestamp":"2026-01-02T03:04:05.000000006Z",`
	want := stamp + `"message":"Deploying.","level":"info","log_key":"deploy.start","log_values":{"release":"demo/x-v1"},"log_section_changed":true,"log_section_indent":false,"log_section_unindent":false,"log_sections":[]}` + "\n" +
		stamp + `"message":"Starting build.","level":"info","log_key":"build.start","log_values":{},"log_section_changed":true,"log_section_indent":true,"log_section_unindent":false,"log_sections":["Build"]}` + "\n" +
		stamp + `"message":"Running tests.","level":"info","log_key":"test.start","log_values":{},"log_section_changed":true,"log_section_indent":true,"log_section_unindent":false,"log_sections":["Release","Test"]}` + "\n" +
		stamp + `"message":"Error: a \u003c b","level":"error","log_key":"error","log_values":{"error":"a \u003c b"},"log_section_changed":true,"log_section_indent":false,"log_section_unindent":true,"log_sections":[]}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	if _, err := New(nil, Options{Format: "xml"}); err == nil || err.Error() != "Unknown logger type 'xml', expecting 'default' or 'json'." {
		t.Errorf("New with an unknown format: %v", err)
	}
	if _, err := ParseLevel("loud"); err == nil {
		t.Error("ParseLevel accepts an unknown level")
	}
	for _, name := range levelNames {
		if l, err := ParseLevel(name); err != nil || l.String() != name {
			t.Errorf("ParseLevel(%q) = %v, %v", name, l, err)
		}
	}
	seen := map[string]bool{}
	for _, r := range catalog {
		if seen[r.key] {
			t.Errorf("key %s is there twice", r.key)
		}
		seen[r.key] = true
	}
}

// TestKeysAreAsserted: each row of the catalogue stands in a script as "loglines" writes it, with its level.
func TestKeysAreAsserted(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, r := range catalog {
		if strings.HasPrefix(r.key, "config.") || strings.HasPrefix(r.key, "state.") {
			continue // not the original's; scripts look for their text
		}
		if line := "\n" + r.level.String() + " " + r.key + " ["; !strings.Contains(all.String(), line) {
			t.Errorf("no script expects a line %q", line[1:])
		}
	}
}
