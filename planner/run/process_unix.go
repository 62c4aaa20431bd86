//go:build unix

package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// pipeLimit is more than a pipe can hold: having read so much after a script ended, all of its own output was read.
const pipeLimit = 2 << 20

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// RunProcess is the Exec that starts real processes.
func RunProcess(ctx context.Context, c *Command) error {
	path, err := lookPath(first(c.Argv), c.Lookup, c.Dir)
	if err != nil {
		return err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	var mu sync.Mutex // one line at a time, whichever stream it came from
	outR, outW, err := os.Pipe()
	if err != nil {
		return err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		outR.Close()
		outW.Close()
		return err
	}
	process, err := os.StartProcess(path, c.Argv, &os.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: []*os.File{null, outW, errW}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	outW.Close()
	errW.Close()
	if err != nil {
		outR.Close()
		errR.Close()
		return startError(err, c)
	}
	readers := [2]*reader{{file: outR, stream: "stdout"}, {file: errR, stream: "stderr"}}
	for _, r := range readers {
		r.done = make(chan struct{})
		go r.run(&mu, c)
	}
	state, stopped := await(ctx, process, c)
	drain(readers, c.OutputGrace)
	switch {
	case state == nil:
		return errors.New("its exit status was lost")
	case state.Success():
		return nil
	case stopped:
		return fmt.Errorf("%s: %w", state, ErrInterrupted)
	}
	return errors.New(state.String())
}

// await waits for the end of a process and stops its group when asked to.
func await(ctx context.Context, process *os.Process, c *Command) (state *os.ProcessState, stopped bool) {
	ended := make(chan *os.ProcessState, 1)
	go func() {
		state, err := process.Wait()
		if err != nil {
			state = nil
		}
		ended <- state
	}()
	firstC, killC := c.Interrupt.channels()
	cancelled := ctx.Done()
	if c.Closing {
		firstC = nil
	}
	var expired <-chan time.Time
	group := -process.Pid // a session leader is the leader of its group too
	stop := func(sig syscall.Signal) {
		stopped, firstC, cancelled = true, nil, nil
		_ = syscall.Kill(group, sig) // fails only if nothing is left of the group
		timer := time.NewTimer(orDefault(c.Grace, Grace))
		expired = timer.C
	}
	for {
		select {
		case state = <-ended:
			if stopped {
				// The group keeps its number as long as it has members, so this reaches what is left of it or nothing.
				_ = syscall.Kill(group, syscall.SIGKILL)
			}
			return state, stopped
		case <-firstC:
			sig, ok := c.Interrupt.Received().(syscall.Signal)
			if !ok {
				sig = syscall.SIGTERM
			}
			stop(sig)
		case <-cancelled:
			stop(syscall.SIGTERM)
		case <-killC:
			stopped, killC = true, nil
			_ = syscall.Kill(group, syscall.SIGKILL)
		case <-expired:
			_ = syscall.Kill(group, syscall.SIGKILL)
		}
	}
}

// A reader turns one stream of a process into lines.
type reader struct {
	file    *os.File
	stream  string
	done    chan struct{}
	waiting atomic.Bool  // in Read, not busy with lines
	read    atomic.Int64 // bytes so far
}

func (r *reader) run(mu *sync.Mutex, c *Command) {
	defer close(r.done)
	defer r.file.Close()
	l := &lines{emit: func(line []byte, more bool) {
		if c.Output != nil {
			mu.Lock()
			defer mu.Unlock()
			c.Output(r.stream, line, more)
		}
	}}
	masked := c.Redactor.Writer(l) // writes to lines never fail
	buf := make([]byte, 32<<10)
	for {
		r.waiting.Store(true)
		n, err := r.file.Read(buf)
		r.waiting.Store(false)
		r.read.Add(int64(n))
		_, _ = masked.Write(buf[:n])
		if err != nil {
			_ = masked.Close()
			l.close()
			return
		}
	}
}

// drain waits until all output of an ended process was read. Programs that outlive it may hold the pipes open: a reader
// that got nothing for the grace time, or more than a pipe holds, has all of the process's own output and is cut off.
func drain(readers [2]*reader, grace time.Duration) {
	for _, r := range readers {
		select {
		case <-r.done:
			continue
		default:
		}
		ticker := time.NewTicker(orDefault(grace, OutputGrace))
		start := r.read.Load()
		for last, open := start, true; open; {
			select {
			case <-r.done:
				open = false
			case <-ticker.C:
				now := r.read.Load()
				if r.waiting.Load() && now == last || now-start > pipeLimit {
					_ = r.file.SetReadDeadline(time.Unix(1, 0))
					<-r.done
					open = false
				}
				last = now
			}
		}
		ticker.Stop()
	}
}

// startError says why a program could not be started, and which variable is to blame if the environment is too large.
func startError(err error, c *Command) error {
	if errors.Is(err, syscall.E2BIG) {
		largest := ""
		for _, e := range append(c.Env, c.Argv...) {
			if len(e) > len(largest) {
				largest = e
			}
		}
		name := "an argument"
		for i := range largest {
			if largest[i] == '=' {
				name = largest[:i]
				break
			}
		}
		return fmt.Errorf("%w: the largest part is %s with %d bytes; pass large values in a file", err, name, len(largest))
	}
	if errors.Is(err, syscall.ENOEXEC) {
		return fmt.Errorf("%w; a script that is run directly needs a first line such as #!/bin/sh", err)
	}
	return err
}

func first(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return filepath.FromSlash(argv[0])
}

func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}
