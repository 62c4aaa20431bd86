// Command escape builds, tests, deploys and describes packages. All of it is in package cli; this file only connects
// that package to the process.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"escape.build/escape/cmd/escape/cli"
)

func main() {
	grow()
	os.Exit(run())
}

// grow makes the stack large while there is next to nothing on it. It would grow anyway, in several steps, each of which
// costs as much as a good part of what short commands do.
//
//go:noinline
func grow() byte {
	var room [24 << 10]byte
	return room[len(os.Args)]
}

func run() int {
	dir, err := os.Getwd()
	if err != nil {
		os.Stderr.WriteString("Error: " + err.Error() + "\n")
		return 1
	}
	// A reader of the output that goes away must not end a run: writing to it fails, and no more.
	stdout, stderr := output(os.Stdout), output(os.Stderr)
	return cli.Main(context.Background(), cli.Env{
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  stdout,
		Stderr:  stderr,
		Dir:     dir,
		Environ: os.Environ(),
		Now:     time.Now,
		Terminal: cli.Terminal{
			Stdin:  isTerminal(os.Stdin),
			Stdout: isTerminal(os.Stdout),
			Stderr: isTerminal(os.Stderr),
			Width: func() int {
				width, _, err := term.GetSize(int(os.Stderr.Fd()))
				if err != nil {
					return 0
				}
				return width
			},
			Password: readPassword,
		},
		Browse:  browse,
		Signals: signals,
	})
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// signals hands the signals that ask the process to end to the caller until stop is called.
func signals() (c <-chan os.Signal, stop func()) {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return ch, func() { signal.Stop(ch) }
}
