package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

type script = *testscript.TestScript

// commands are the script commands beside the built-in ones.
func commands() map[string]func(ts script, neg bool, args []string) {
	return map[string]func(ts script, neg bool, args []string){
		"status":  status,
		"same":    same,
		"bytes":   write,
		"bytecmp": bytecmp,
		"fill":    fill,
		"expand":  expand,
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

// expand FILE replaces the variables of the environment in a file, as cmpenv does.
func expand(ts script, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	file := ts.MkAbs(args[0])
	text, err := os.ReadFile(file)
	ts.Check(err)
	ts.Check(os.WriteFile(file, []byte(os.Expand(string(text), ts.Getenv)), 0o666))
}
