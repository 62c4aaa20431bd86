package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A session runs commands in a folder of its own.
type session struct {
	t   *testing.T
	dir string
}

func newSession(t *testing.T, plan string) *session {
	s := &session{t, t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.dir, "escape.yml"), []byte(plan), 0o666); err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs a command with in as standard input; terminal says that it is one.
func (s *session) run(in io.Reader, terminal bool, args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	status = Main(context.Background(), Env{
		Args: args, Stdin: in, Stdout: &out, Stderr: &errs, Dir: s.dir,
		Environ:  []string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH")},
		Now:      time.Now,
		Terminal: Terminal{Stdin: terminal},
	})
	return status, out.String(), errs.String()
}

const plainPlan = "name: demo/app\nversion: 1.0\ninputs:\n- id: who\n  default: me\nbuild: {inline: touch ran}\n"

func TestApplyAsks(t *testing.T) {
	for _, c := range []struct {
		answer string
		status int
		stderr string
	}{
		{"y\n", 0, "Applied: 2 done."},
		{"YES\n", 0, "Applied: 2 done."},
		{"yes", 0, "Applied: 2 done."},
		{"n\n", 1, "nothing was applied"},
		{"No\n", 1, "nothing was applied"},
		{"\n", 1, "nothing was applied"},
		{"", 1, "nothing was applied"},
		{"perhaps\nnope\ny\n", 0, "Please answer yes or no."},
		{"perhaps", 1, "read the answer: EOF"},
	} {
		s := newSession(t, plainPlan)
		status, stdout, stderr := s.run(strings.NewReader(c.answer), true, "apply")
		if status != c.status || !strings.Contains(stderr, c.stderr) {
			t.Errorf("answer %q: status %d, want %d with %q; it said\n%s%s", c.answer, status, c.status, c.stderr, stdout, stderr)
		}
		if _, err := os.Stat(filepath.Join(s.dir, "ran")); (err == nil) != (c.status == 0) {
			t.Errorf("answer %q: the script ran: %t", c.answer, err == nil)
		}
	}
}

// A hook is a reader that calls fn before it answers.
type hook struct {
	fn     func()
	answer io.Reader
}

func (h *hook) Read(p []byte) (int, error) {
	if h.fn != nil {
		h.fn()
		h.fn = nil
	}
	return h.answer.Read(p)
}

// TestApplyIsStale: what was approved is what runs, or nothing.
func TestApplyIsStale(t *testing.T) {
	s := newSession(t, plainPlan)
	change := func() {
		if status, _, stderr := s.run(nil, false, "run", "deploy", "-v", "who=you"); status != 0 {
			t.Fatal(stderr)
		}
	}
	status, _, stderr := s.run(&hook{change, strings.NewReader("y\n")}, true, "apply")
	if status != exitStale || !strings.Contains(stderr, "the state was changed while you were asked; nothing ran") {
		t.Errorf("status %d, want %d; it said\n%s", status, exitStale, stderr)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "ran")); err == nil {
		t.Error("the build ran")
	}
}

// TestDirIsNotTheProcess: a command works in the folder it is given, not in that of the process.
func TestDirIsNotTheProcess(t *testing.T) {
	s := newSession(t, plainPlan)
	for _, args := range [][]string{
		{"plan", "init", "-n", "demo/other", "-o", "other.yml"},
		{"plan", "fmt", "--plan", "other.yml"},
		{"validate", "*.yml"},
		{"run", "build"},
		{"run", "package"},
		{"plan", "get", "name"},
	} {
		if status, _, stderr := s.run(nil, false, args...); status != 0 {
			t.Errorf("%q: %s", args, stderr)
		}
	}
	for _, name := range []string{"other.yml", "ran", "escape_state.json", ".escape/target/app-v1.0.tgz"} {
		if _, err := os.Stat(filepath.Join(s.dir, name)); err != nil {
			t.Error(err)
		}
	}
}
