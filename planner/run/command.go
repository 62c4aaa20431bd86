package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"escape.build/escape/eval/redact"
)

// MaxLine is the longest piece of script output reported as one line, in bytes. A longer line is reported in pieces, so
// that a script which writes without line ends needs no more memory than any other.
const MaxLine = 64 << 10

// OutputGrace is how long run listens to programs that outlive their script and still hold its output.
const OutputGrace = 5 * time.Second

// Grace is how long an interrupted script may take to end before it is killed, if Options say nothing else.
const Grace = 10 * time.Second

// A Command is one program to start.
type Command struct {
	Argv []string // Argv[0] is looked up in the PATH of Lookup if it has no slash
	Dir  string
	Env  []string // whole environment, no name twice
	// Lookup is the value of PATH used to find Argv[0], which is not the one in Env.
	Lookup string
	// Output takes each line of output without its line end, from one goroutine at a time. The slice is only valid
	// during the call. more says that the line goes on in the next call. Standard output and error are one stream, as on
	// a terminal: only so their lines keep the order in which they were written.
	Output func(line []byte, more bool)
	// Held is called if another program still holds the output some time after this one ended: what it writes from then on
	// is lost. nil if nobody wants to know.
	Held func()
	// Redactor masks secrets in the output; nil masks nothing.
	Redactor *redact.Redactor
	// Interrupt stops the program; nil if nothing can.
	Interrupt *Interrupt
	// Closing says that the program undoes something: only the second interrupt ends it.
	Closing bool
	// Started is called with the process number as soon as the program runs, before its output is read; nil if nobody wants
	// to know.
	Started func(process int)
	// Grace and OutputGrace override the constants of the same names if not zero.
	Grace, OutputGrace time.Duration
}

// Exec runs a command to its end and drains its output before it returns. The error is nil for exit status 0; its text is
// the reason only ("exit status 3", "signal: killed", or why it could not be started). A command stopped through its
// Interrupt returns an error that Is ErrInterrupted unless it ended with status 0 all the same.
type Exec func(ctx context.Context, c *Command) error

// ErrInterrupted is wrapped by the errors of everything that an interrupt ended. Its text is what state records.
var ErrInterrupted = errors.New("Interrupted")

// An exitError is how a program ended that was started.
type exitError struct {
	text    string
	code    int  // exit status; 128 and its number for a signal
	stopped bool // it was interrupted
}

func (e *exitError) Error() string        { return e.text }
func (e *exitError) Is(target error) bool { return e.stopped && target == ErrInterrupted }

// exitCode returns the exit status behind the result of an Exec, -1 if there is none.
func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.code
	}
	return -1
}

// An Interrupt tells running commands to end and a run to start nothing more. It is safe for concurrent use.
type Interrupt struct {
	mu                 sync.Mutex
	sig                os.Signal // first of all
	forward            os.Signal // what scripts get
	drains             bool
	drain, first, kill chan struct{}
	killed             bool
}

// NewInterrupt returns an Interrupt that has not happened yet. The first signal is passed on to the scripts; the second
// kills them.
func NewInterrupt() *Interrupt {
	return &Interrupt{drain: make(chan struct{}), first: make(chan struct{}), kill: make(chan struct{})}
}

// NewDrain returns an Interrupt which is patient with people: if the first signal is os.Interrupt, nodes at work come to
// their end and no other one starts. The next signal makes the scripts terminate, the one after that kills them. Any
// other first signal is passed on as by NewInterrupt.
func NewDrain() *Interrupt {
	i := NewInterrupt()
	i.drains = true
	return i
}

// Signal reports a signal of the user.
func (i *Interrupt) Signal(sig os.Signal) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.sig == nil && i.drains && sig == os.Interrupt:
		i.sig = sig
		close(i.drain)
	case i.forward == nil:
		i.forward = sig
		if i.sig == nil {
			i.sig = sig
			close(i.drain)
		} else {
			i.forward = syscall.SIGTERM
		}
		close(i.first)
	case !i.killed:
		i.killed = true
		close(i.kill)
	}
}

// Received returns the first signal, or nil if there was none. A nil Interrupt never happens.
func (i *Interrupt) Received() os.Signal {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.sig
}

// stopping returns the signal that scripts get, or nil as long as they may go on.
func (i *Interrupt) stopping() os.Signal {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.forward
}

func (i *Interrupt) channels() (first, kill <-chan struct{}) {
	if i == nil {
		return nil, nil
	}
	return i.first, i.kill
}

// lookPath finds a program in the directories of path, relative ones below dir. A name with a slash is returned as it
// is; the system resolves it in the directory of the command.
func lookPath(name, path, dir string) (string, error) {
	if name == "" {
		return "", errors.New("exec: no command")
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return name, nil
	}
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		file := filepath.Join(d, name)
		if executable(file) {
			return file, nil
		}
	}
	return "", errors.New(`exec: "` + name + `": executable file not found in $PATH`)
}

func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}
