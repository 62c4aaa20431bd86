package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"escape.build/escape/inventory/local"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

type script = *testscript.TestScript

// commands are the script commands beside the built-in ones.
func commands() map[string]func(ts script, neg bool, args []string) {
	return map[string]func(ts script, neg bool, args []string){
		"status":   status,
		"statecmp": statecmp,
		"same":     same,
		"bytes":    write,
		"bytecmp":  bytecmp,
		"fill":     fill,
		"release":  publish,
	}
}

// status CODE COMMAND... runs a command and checks its exit status. "stdout" and "stderr" then see its output.
func status(ts script, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// same FILE COPY checks that two files have the same bytes, whatever they are.
func same(ts script, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same FILE COPY")
	}
	a, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if bytes.Equal(a, b) == neg {
		ts.Fatalf("%s and %s: equal is %t", args[0], args[1], !neg)
	}
}

// bytes FILE TEXT writes a Go string literal without its quotes to a file.
func write(ts script, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytes FILE TEXT")
	}
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// bytecmp STREAM TEXT checks that stdout or stderr is exactly the Go string literal given without its quotes.
func bytecmp(ts script, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytecmp STREAM TEXT")
	}
	want, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	if got := ts.ReadFile(args[0]); (got == want) == neg {
		ts.Fatalf("%s is %q, want %q", args[0], got, want)
	}
}

// fill FILE SIZE LINE makes a file of at least SIZE bytes by repeating LINE, in which %d is the number of the line.
func fill(ts script, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: fill FILE SIZE LINE")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(strings.ReplaceAll(args[2], "%d", strconv.Itoa(i)) + "\n")
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
	ts.Check(os.WriteFile(file, []byte(b.String()), 0o666))
}

// release FOLDER [FLAG...] packs the plan in a folder, with flags for "escape run package", and publishes the package in the
// local Inventory of the default profile.
func publish(ts script, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: release FOLDER [FLAG...]")
	}
	back := ts.MkAbs(".")
	ts.Check(ts.Chdir(args[0]))
	ts.Check(ts.Exec("escape", append([]string{"run", "package", "-f"}, args[1:]...)...))
	ts.Check(ts.Exec("escape", "plan", "preview"))
	m, err := release.Decode([]byte(ts.ReadFile("stdout")))
	ts.Check(err)
	file := ts.MkAbs(filepath.Join(archive.Target, m.ReleaseID()+".tgz"))
	c, err := archive.Inspect(file, m.ID(), archive.Reading{})
	ts.Check(err)
	inv := local.Open(filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "escape", ".inventory"), local.Options{})
	ts.Check(inv.Publish(context.Background(), c.Metadata, file))
	ts.Check(ts.Chdir(back))
}
