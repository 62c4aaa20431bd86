package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestColour: colours and overwritten lines are for terminals, and only if the user does not refuse them.
func TestColour(t *testing.T) {
	const plain = "Build: Starting build.\nBuild: ✔️ Completed build\n"
	const coloured = "Build: Starting build.\nBuild: \x1b[32m✔️ Completed build\x1b[0m\n"
	back := strings.Repeat("\b", len("Starting build."))
	over := back + strings.Repeat(" ", len(back)) + back
	for _, c := range []struct {
		name     string
		terminal Terminal
		environ  string
		flags    []string
		want     string
	}{
		{"no terminal", Terminal{}, "", nil, plain},
		{"standard output does not count", Terminal{Stdout: true, Stdin: true}, "", nil, plain},
		{"terminal", Terminal{Stderr: true}, "", nil, "Build: Starting build." + over + "\x1b[32m✔️ Completed build\x1b[0m\n"},
		{"CI", Terminal{Stderr: true}, "CI=true", nil, coloured},
		{"CI must be true", Terminal{Stderr: true}, "CI=1", nil, "Build: Starting build." + over + "\x1b[32m✔️ Completed build\x1b[0m\n"},
		{"not collapsed", Terminal{Stderr: true}, "", []string{"--collapse-logs=false"}, coloured},
		{"NO_COLOR", Terminal{Stderr: true}, "NO_COLOR=1", []string{"--collapse-logs=0"}, plain},
		{"dumb", Terminal{Stderr: true}, "TERM=dumb", []string{"--collapse-logs=f"}, plain},
	} {
		s := newSession(t, "name: demo/app\nversion: 1.0\n")
		var out, errs bytes.Buffer
		status := Main(context.Background(), Env{
			Args: append(c.flags, "run", "build"), Stdout: &out, Stderr: &errs, Dir: s.dir, Now: time.Now,
			Environ: []string{"HOME=" + s.dir, c.environ}, Terminal: c.terminal,
		})
		if got := errs.String(); status != 0 || got != c.want || out.Len() > 0 {
			t.Errorf("%s: status %d\n got %q\nwant %q", c.name, status, got, c.want)
		}
	}
}

// TestErrorColour: the blank before a red error is the original's; without colour there is none.
func TestErrorColour(t *testing.T) {
	s := newSession(t, "name: demo/app\nversion: v1\n")
	var errs bytes.Buffer
	Main(context.Background(), Env{
		Args: []string{"plan", "preview"}, Stdout: &errs, Stderr: &errs, Dir: s.dir, Now: time.Now,
		Environ: []string{"HOME=" + s.dir}, Terminal: Terminal{Stderr: true},
	})
	if got, want := errs.String(), "Compile: \x1b[31m Error: Invalid version string 'v1'"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin with %q", got, want)
	}
}

// TestBug: a defect of our own is one line, and the report holds no values.
func TestBug(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var errs bytes.Buffer
	a := newApp(Env{Stderr: &errs, Args: []string{"run", "build", "-v", "password=canary", "--extra-vars=canary"}})
	if got := a.bug("boom", []byte("the stack\n")); got != exitBug {
		t.Errorf("status %d, want %d", got, exitBug)
	}
	line := errs.String()
	if strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "Error: internal error") {
		t.Errorf("it said %q", line)
	}
	files, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "escape-report-*"))
	if err != nil || len(files) != 1 || !strings.Contains(line, files[0]) {
		t.Fatalf("reports: %v, %v", files, err)
	}
	report, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if text := string(report); strings.Contains(text, "canary") || !strings.Contains(text, "boom") || !strings.Contains(text, "the stack") {
		t.Errorf("the report says\n%s", text)
	}
}
