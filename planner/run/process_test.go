//go:build unix

package run_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"escape.build/escape/eval/redact"
	"escape.build/escape/planner/run"
)

// sh runs a shell script through RunProcess and returns its lines.
func sh(t *testing.T, script string, with func(*run.Command)) (out []string, err error) {
	t.Helper()
	c := &run.Command{
		Argv: []string{"sh", "-c", script}, Dir: t.TempDir(), Lookup: os.Getenv("PATH"), Env: []string{"PATH=" + os.Getenv("PATH")},
		Output: func(line []byte, _ bool) { out = append(out, string(line)) },
	}
	if with != nil {
		with(c)
	}
	err = run.RunProcess(t.Context(), c)
	return out, err
}

func TestProcessResult(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"exit 0", "<nil>"},
		{"exit 3", "exit status 3"},
		{"kill -9 $$", "signal: killed"},
		{"read x; test -z \"$x\"", "<nil>"}, // standard input is the null device
	} {
		_, err := sh(t, c.script, nil)
		if fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v, want %s", c.script, err, c.want)
		}
	}
	for argv, want := range map[string]string{
		"nonexistcmd": `exec: "nonexistcmd": executable file not found in $PATH`,
		"./gone":      "fork/exec ./gone: no such file or directory",
		"":            "exec: no command",
	} {
		_, err := sh(t, "", func(c *run.Command) { c.Argv = []string{argv} })
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", argv, err, want)
		}
	}
}

func TestOutputIsKeptAsItIs(t *testing.T) {
	out, err := sh(t, `printf '  indented\n\n\ttab\r\nno end'; printf ', e1\ne2\r' >&2`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(out, "|"), "  indented||\ttab|no end, e1|e2"; got != want {
		t.Errorf("output is %q, want %q", got, want)
	}
}

// Scripts that end at once must not lose a line, and lines of both streams keep their order.
func TestNoOutputIsLost(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	for i := range n {
		out, err := sh(t, "echo a; echo b >&2; echo c", nil)
		if err != nil || strings.Join(out, "") != "abc" {
			t.Fatalf("run %d: output %q, %v", i, out, err)
		}
	}
}

func TestLongLines(t *testing.T) {
	const size = 64 << 20
	var got, pieces int
	_, err := sh(t, fmt.Sprintf("head -c %d /dev/zero | tr '\\0' x; echo; echo end", size), func(c *run.Command) {
		c.Output = func(line []byte, more bool) {
			if len(line) > run.MaxLine {
				t.Errorf("a piece of %d bytes", len(line))
			}
			if !more && string(line) == "end" {
				return
			}
			got += len(line)
			pieces++
			if strings.Trim(string(line), "x") != "" {
				t.Error("a piece is not what was written")
			}
		}
	})
	if err != nil || got != size || pieces != size/run.MaxLine {
		t.Errorf("got %d bytes in %d pieces, %v; want %d in %d", got, pieces, err, size, size/run.MaxLine)
	}
}

func TestPiecesEndBetweenCharacters(t *testing.T) {
	var whole strings.Builder
	_, err := sh(t, `i=0; while [ $i -lt 30000 ]; do printf 'aé字'; i=$((i+1)); done`, func(c *run.Command) {
		c.Output = func(line []byte, _ bool) {
			if !bytes.Equal(line, bytes.ToValidUTF8(line, []byte("?"))) {
				t.Error("a piece cuts a character")
			}
			whole.Write(line)
		}
	})
	if err != nil || whole.String() != strings.Repeat("aé字", 30000) {
		t.Errorf("%d bytes, %v", whole.Len(), err)
	}
}

func TestSecretsAcrossWrites(t *testing.T) {
	out, err := sh(t, `printf 'x hun'; printf 'ter2secret y\nplain\n'`, func(c *run.Command) { c.Redactor = redact.New("hunter2secret") })
	if err != nil || strings.Join(out, "|") != "x (sensitive) y|plain" {
		t.Errorf("output is %q, %v", out, err)
	}
}

// fifo makes a named pipe; a script that writes to it says that it got so far, one that reads from it waits.
func fifo(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// await waits until a script has written a line to a pipe.
func await(t *testing.T, pipe string) string {
	t.Helper()
	data, err := os.ReadFile(pipe)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// gone reports whether a process does not exist any more, waiting for those that were killed to be reaped.
func gone(pid string) bool {
	n, err := strconv.Atoi(pid)
	if err != nil {
		return false
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if syscall.Kill(n, 0) != nil {
			return true
		}
		if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && strings.Contains(string(stat), ") Z ") {
			return true // dead; whoever adopted it is slow to notice
		}
	}
	return false
}

// background starts a script that is to be interrupted, and returns its result when it has ended.
func background(t *testing.T, ctx context.Context, script string, in *run.Interrupt, grace time.Duration) (func() (string, error), string, string) {
	t.Helper()
	dir := t.TempDir()
	ready, forever := fifo(t, dir, "ready"), fifo(t, dir, "forever")
	var mu sync.Mutex
	var out []string
	done := make(chan error, 1)
	go func() {
		done <- run.RunProcess(ctx, &run.Command{
			Argv: []string{"sh", "-c", script}, Dir: dir, Lookup: os.Getenv("PATH"), Env: []string{"PATH=" + os.Getenv("PATH")}, Interrupt: in, Grace: grace,
			Output: func(line []byte, _ bool) {
				mu.Lock()
				defer mu.Unlock()
				out = append(out, string(line))
			},
		})
	}()
	return func() (string, error) {
		err := <-done
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(out, "|"), err
	}, ready, forever
}

func TestInterruptReachesTheWholeGroup(t *testing.T) {
	in := run.NewInterrupt()
	result, ready, _ := background(t, t.Context(), `
		sh -c 'trap "echo child" TERM; read x < forever' &
		child=$!
		trap 'echo parent; wait; exit 5' TERM
		echo $child > ready
		wait`, in, time.Minute)
	child := await(t, ready)
	in.Signal(syscall.SIGTERM)
	out, err := result()
	if !errors.Is(err, run.ErrInterrupted) || !strings.HasPrefix(err.Error(), "exit status 5") {
		t.Errorf("error is %v", err)
	}
	if !strings.Contains(out, "parent") {
		t.Errorf("output is %q; the script was to clean up", out)
	}
	if !gone(child) {
		t.Errorf("process %s is still alive", child)
	}
}

func TestScriptThatEndsWellAfterAnInterrupt(t *testing.T) {
	in := run.NewInterrupt()
	result, ready, _ := background(t, t.Context(), `trap 'exit 0' TERM; echo > ready; read x < forever`, in, time.Minute)
	await(t, ready)
	in.Signal(syscall.SIGTERM)
	if _, err := result(); err != nil {
		t.Errorf("error is %v", err)
	}
}

func TestStubbornScriptIsKilled(t *testing.T) {
	script := `trap '' INT TERM; sh -c 'trap "" INT TERM; echo $$ > ready; while :; do read x < forever; done' ; while :; do read x < forever; done`
	t.Run("second interrupt", func(t *testing.T) {
		in := run.NewInterrupt()
		result, ready, _ := background(t, t.Context(), script, in, time.Hour)
		child := await(t, ready)
		in.Signal(os.Interrupt)
		in.Signal(os.Interrupt)
		if _, err := result(); !errors.Is(err, run.ErrInterrupted) || !gone(child) {
			t.Errorf("error is %v, child gone %v", err, gone(child))
		}
	})
	t.Run("grace", func(t *testing.T) {
		in := run.NewInterrupt()
		result, ready, _ := background(t, t.Context(), script, in, time.Millisecond)
		child := await(t, ready)
		in.Signal(os.Interrupt)
		if _, err := result(); !errors.Is(err, run.ErrInterrupted) || !gone(child) {
			t.Errorf("error is %v, child gone %v", err, gone(child))
		}
	})
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		result, ready, _ := background(t, ctx, script, nil, time.Millisecond)
		child := await(t, ready)
		cancel()
		if _, err := result(); !errors.Is(err, run.ErrInterrupted) || !gone(child) {
			t.Errorf("error is %v, child gone %v", err, gone(child))
		}
	})
}

// A program in the background which holds the output must not hold up the run, is told about, and can go on writing.
func TestProgramsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	forever, after := fifo(t, dir, "forever"), fifo(t, dir, "after")
	var out []string
	held := 0
	err := run.RunProcess(t.Context(), &run.Command{
		Argv: []string{"sh", "-c", "sh -c 'read x < forever; echo late; echo alive > after' & echo $!"}, Dir: dir, Lookup: os.Getenv("PATH"),
		Env: []string{"PATH=" + os.Getenv("PATH")}, OutputGrace: time.Millisecond, Held: func() { held++ },
		Output: func(line []byte, _ bool) { out = append(out, string(line)) },
	})
	if err != nil || len(out) != 1 || held != 1 {
		t.Fatalf("output is %q, told %d times, %v", out, held, err)
	}
	pid, err := strconv.Atoi(out[0])
	if err != nil || syscall.Kill(pid, 0) != nil {
		t.Errorf("the program %q does not live any more", out[0])
	}
	if err := os.WriteFile(forever, []byte("go\n"), 0); err != nil { // and let it write and end
		t.Error(err)
	}
	if text := await(t, after); text != "alive" {
		t.Errorf("the program says %q", text)
	}
}

// A child that left the group does not outlive an interrupt.
func TestInterruptReachesSessionsOfChildren(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("children that leave the group are not found here")
	}
	for name, script := range map[string]string{
		"session": `setsid sh -c 'trap "" TERM; echo $$ > ready; while :; do read x < forever; done' & wait`,
		"group":   `set -m; sh -c 'trap "" TERM; echo $$ > ready; while :; do read x < forever; done' & wait`,
	} {
		in := run.NewInterrupt()
		result, ready, _ := background(t, t.Context(), script, in, time.Minute)
		child := await(t, ready)
		in.Signal(syscall.SIGTERM)
		if _, err := result(); !errors.Is(err, run.ErrInterrupted) {
			t.Errorf("%s: error is %v", name, err)
		}
		if !gone(child) {
			t.Errorf("%s: process %s is still alive", name, child)
		}
	}
}

func TestHugeVariableIsNamed(t *testing.T) {
	_, err := sh(t, "true", func(c *run.Command) { c.Env = append(c.Env, "INPUT_big="+strings.Repeat("x", 1<<20)) })
	if err == nil || !strings.Contains(err.Error(), "INPUT_big with 1048586 bytes") {
		t.Errorf("error is %v", err)
	}
}

func BenchmarkProcess(b *testing.B) {
	c := &run.Command{Argv: []string{"sh", "-c", ":"}, Dir: b.TempDir(), Lookup: os.Getenv("PATH"), Env: []string{"A=b"}, Output: func([]byte, bool) {}}
	for b.Loop() {
		if err := run.RunProcess(context.Background(), c); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareSpawn is the floor: start and wait, hearing nothing.
func BenchmarkBareSpawn(b *testing.B) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	for b.Loop() {
		p, err := os.StartProcess("/bin/sh", []string{"sh", "-c", ":"}, &os.ProcAttr{Env: []string{"A=b"}, Files: []*os.File{null, null, null}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}
