package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"escape.build/escape/cmd/escape/cli/internal/config"
)

// An Env is everything a command knows of the world outside the files it works on. Commands read nothing global.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dir            string   // working directory, absolute
	Environ        []string // "NAME=value"
	Now            func() time.Time
	Terminal       Terminal
	// Browse shows a URL in the user's browser. It does not wait for anything the user does there. nil if there is none.
	Browse func(url string) error
	// Pause waits for d, or until ctx ends. nil means a real clock.
	Pause func(ctx context.Context, d time.Duration) error
	// Signals starts to hand over the signals that ask the process to end; stop gives them back. nil if there are none.
	Signals func() (c <-chan os.Signal, stop func())
}

// A Terminal says which streams are connected to one.
type Terminal struct {
	Stdin, Stdout, Stderr bool
	Width                 func() int // of standard error in columns; 0 if unknown
	// Password reads a line from Stdin without showing what is typed. nil if there is no terminal.
	Password func() (string, error)
}

// Getenv returns the value of an environment variable, the last one if it is there twice, or "".
func (e *Env) Getenv(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if key, value, _ := strings.Cut(e.Environ[i], "="); key == name {
			return value
		}
	}
	return ""
}

func (e *Env) places() config.Places {
	return config.Places{Getenv: e.Getenv, OS: runtime.GOOS, Dir: e.Dir}
}

// abs returns the absolute path of a path as a user wrote it.
func (e *Env) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(e.Dir, path)
}

// relative returns an absolute path as the user would write it: without the working directory, if it lies there.
func (e *Env) relative(path string) string {
	if rel, err := filepath.Rel(e.Dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// readFile reads a file the user named; errors call it by that name.
func (e *Env) readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	}
	text, err := readLimited(e.abs(path), maxRead)
	return text, named(err, path)
}

// named makes err speak of path instead of the file that was really touched.
func named(err error, path string) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return &fs.PathError{Op: e.Op, Path: path, Err: e.Err}
	}
	return err
}

// bare strips operation and path off an error of the operating system.
func bare(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
