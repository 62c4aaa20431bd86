//go:build unix

package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pipeLimit is more than a pipe can hold: having read so much after a script ended, all of its own output was read.
const pipeLimit = 2 << 20

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// RunProcess is the Exec that starts real processes.
//
// One goroutine waits for everything that can happen, in one system call: output on either stream, the end of the process
// and the wish to stop it. That is what makes it hardly slower than starting the process alone.
func RunProcess(ctx context.Context, c *Command) error {
	if len(c.Argv) == 0 {
		return errors.New("exec: no command")
	}
	path, err := lookPath(c.Argv[0], c.Lookup, c.Dir)
	if err != nil {
		return err
	}
	p := &process{Command: c}
	if err := p.start(path); err != nil {
		return startError(err, c)
	}
	if c.Started != nil {
		c.Started(p.process.Pid)
	}
	unwatch, err := p.watch(ctx)
	if err != nil {
		p.kill(syscall.SIGKILL)
		p.exit()
	}
	p.loop()
	unwatch()
	switch {
	case err != nil:
		return err
	case p.state == nil:
		return errors.New("its exit status was lost")
	case p.state.Success():
		return nil
	}
	e := &exitError{text: p.state.String(), code: p.state.ExitCode(), stopped: p.stopped}
	if status, ok := p.state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.code = 128 + int(status.Signal())
	}
	return e
}

// A process is a Command that was started.
type process struct {
	*Command
	process *os.Process
	output  stream
	exitFD  int // becomes readable when the process ends; -1 if the system has no such thing
	wakeFD  int // reads the codes that watch sends; -1 if nothing can stop the process
	state   *os.ProcessState

	strays          []stray // descendants that left the group, when it was stopped
	exited, stopped bool
	killAt, drainAt time.Time // zero: not planned
}

// A stream is the reading end of the output of the process.
type stream struct {
	fd     int // -1 when closed
	lines  *lines
	masked io.WriteCloser
	left   int // how much is read after the process ended
}

// start starts the process with a pipe as its output.
func (p *process) start(path string) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	var fds [2]int
	if err := newPipe(&fds); err != nil {
		return err
	}
	w := os.NewFile(uintptr(fds[1]), "output")
	defer w.Close()
	p.output.fd = fds[0]
	p.output.lines = &lines{emit: func(line []byte, more bool) {
		if p.Output != nil {
			p.Output(line, more)
		}
	}}
	p.output.masked = p.Redactor.Writer(p.output.lines)
	if err := syscall.SetNonblock(p.output.fd, true); err != nil {
		p.finish()
		return err
	}
	// A session of its own: one signal reaches all of it, and it has no terminal to wait for.
	attr := &syscall.SysProcAttr{Setsid: true}
	p.exitFD = -1
	wantExitFD(attr, &p.exitFD)
	p.process, err = os.StartProcess(path, p.Argv, &os.ProcAttr{Dir: p.Dir, Env: p.Env, Files: []*os.File{null, w, w}, Sys: attr})
	if err != nil {
		p.finish()
		return err
	}
	return nil
}

// The codes that watch sends.
const (
	wakeInterrupt = 'i'
	wakeKill      = 'k'
	wakeCancel    = 'c'
	wakeExit      = 'x'
)

// watch turns what happens in Go into something that poll can wait for. The result ends it.
func (p *process) watch(ctx context.Context) (unwatch func(), err error) {
	p.wakeFD = -1
	first, kill := p.Interrupt.channels()
	if p.Closing {
		first = nil
	}
	cancelled := ctx.Done()
	if p.Closing || first == nil && kill == nil && cancelled == nil {
		if p.Closing {
			cancelled = nil
		}
		if kill == nil && p.exitFD >= 0 {
			return func() {}, nil
		}
	}
	var fds [2]int
	if err := newPipe(&fds); err != nil {
		return func() {}, fmt.Errorf("make a pipe: %w", err)
	}
	p.wakeFD = fds[0]
	send := func(code byte) { _, _ = syscall.Write(fds[1], []byte{code}) }
	quit := make(chan struct{})
	var watchers sync.WaitGroup
	watchers.Go(func() {
		for {
			select {
			case <-quit:
				return
			case <-first:
				first = nil
				send(wakeInterrupt)
			case <-kill:
				kill = nil
				send(wakeKill)
			case <-cancelled:
				cancelled = nil
				send(wakeCancel)
			}
		}
	})
	if p.exitFD < 0 {
		watchers.Go(func() {
			p.state, _ = p.process.Wait()
			send(wakeExit)
		})
	}
	return func() {
		close(quit)
		watchers.Wait()
		_ = syscall.Close(fds[0])
		_ = syscall.Close(fds[1])
	}, nil
}

// kill sends a signal to everything in the session of the process.
func (p *process) kill(sig syscall.Signal) {
	// A session leader is the leader of its group too. The group keeps its number as long as it has members, also after
	// its leader ended, so this reaches what is left of it or nothing.
	_ = syscall.Kill(-p.process.Pid, sig)
}

// stop sends a signal to the group and to the descendants that left it.
func (p *process) stop(sig syscall.Signal) {
	p.strays = append(p.strays, strays(p.process.Pid)...) // who loses its parent now cannot be found later
	p.kill(sig)
	for _, s := range p.strays {
		s.signal(sig)
	}
}

// loop runs until the process has ended and its output was read.
func (p *process) loop() {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	fds := make([]unix.PollFd, 0, 4)
	for !p.exited || p.output.fd >= 0 {
		fds = fds[:0]
		if p.output.fd >= 0 {
			fds = append(fds, unix.PollFd{Fd: int32(p.output.fd), Events: unix.POLLIN})
		}
		if !p.exited && p.exitFD >= 0 {
			fds = append(fds, unix.PollFd{Fd: int32(p.exitFD), Events: unix.POLLIN})
		}
		if p.wakeFD >= 0 {
			fds = append(fds, unix.PollFd{Fd: int32(p.wakeFD), Events: unix.POLLIN})
		}
		n, err := unix.Poll(fds, p.timeout())
		if err == syscall.EINTR || err == syscall.EAGAIN { // the Go runtime sends itself signals
			continue
		}
		if err != nil {
			p.kill(syscall.SIGKILL)
			p.exit()
			n = 0
		}
		if n == 0 {
			p.expire()
			continue
		}
		for _, fd := range fds {
			if fd.Revents == 0 {
				continue
			}
			switch int(fd.Fd) {
			case p.exitFD:
				p.exit()
			case p.wakeFD:
				p.wake()
			case p.output.fd:
				p.read(*buf)
			}
		}
	}
	if p.exitFD >= 0 {
		_ = syscall.Close(p.exitFD)
	}
}

// timeout returns how long poll may wait, in milliseconds.
func (p *process) timeout() int {
	next := p.killAt
	if p.exited {
		next = p.drainAt
	}
	if next.IsZero() {
		return -1
	}
	return int(max(time.Until(next), 0)/time.Millisecond) + 1
}

// expire does what the time has come for.
func (p *process) expire() {
	now := time.Now()
	if p.exited && (p.state == nil || !now.Before(p.drainAt)) {
		p.leave()
	}
	if !p.exited && !p.killAt.IsZero() && !now.Before(p.killAt) {
		p.killAt = time.Time{}
		p.stop(syscall.SIGKILL)
	}
}

// exit notes that the process has ended.
func (p *process) exit() {
	if p.stopped {
		p.stop(syscall.SIGKILL)
	}
	if p.state == nil {
		p.state, _ = p.process.Wait()
	}
	p.exited = true
	p.drainAt = time.Now().Add(orDefault(p.OutputGrace, OutputGrace))
	p.output.left = pipeLimit
}

// wake does what watch asks for.
func (p *process) wake() {
	var codes [8]byte
	n, err := syscall.Read(p.wakeFD, codes[:])
	if err != nil {
		return
	}
	for _, code := range codes[:n] {
		switch {
		case code == wakeExit:
			p.exit()
		case p.exited:
		case code == wakeKill:
			p.stopped = true
			p.stop(syscall.SIGKILL)
		case !p.stopped:
			sig, ok := p.Interrupt.stopping().(syscall.Signal)
			if !ok || code == wakeCancel {
				sig = syscall.SIGTERM
			}
			p.stopped = true
			p.killAt = time.Now().Add(orDefault(p.Grace, Grace))
			p.stop(sig)
		}
	}
}

// read reads what the output holds now.
func (p *process) read(buf []byte) {
	n, err := syscall.Read(p.output.fd, buf)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return
	}
	if n <= 0 {
		p.finish()
		return
	}
	_, _ = p.output.masked.Write(buf[:n]) // writes to lines never fail
	if p.exited {
		p.drainAt = time.Now().Add(orDefault(p.OutputGrace, OutputGrace))
		if p.output.left -= n; p.output.left < 0 {
			p.leave()
		}
	}
}

// finish closes the output after its last line.
func (p *process) finish() {
	if p.output.fd < 0 {
		return
	}
	_ = p.output.masked.Close()
	p.output.lines.close()
	_ = syscall.Close(p.output.fd)
	p.output.fd = -1
}

// leave stops listening to whoever holds the output though the script ended. It can go on writing as long as Escape runs:
// closing the pipe would end it.
func (p *process) leave() {
	if p.output.fd < 0 {
		return
	}
	if p.stopped {
		p.finish()
		return
	}
	held, err := syscall.Dup(p.output.fd)
	p.finish()
	if err == nil {
		syscall.CloseOnExec(held)
		f := os.NewFile(uintptr(held), "output")
		go func() { // ends with the last one that holds the output, or with Escape
			_, _ = io.Copy(io.Discard, f)
			_ = f.Close()
		}()
	}
	if p.Held != nil {
		p.Held()
	}
}

// startError says why a program could not be started, and which variable is to blame if the environment is too large.
func startError(err error, c *Command) error {
	if errors.Is(err, syscall.E2BIG) {
		largest := ""
		for _, e := range append(c.Env[:len(c.Env):len(c.Env)], c.Argv...) {
			if len(e) > len(largest) {
				largest = e
			}
		}
		name, _, ok := strings.Cut(largest, "=")
		if !ok {
			name = "an argument"
		}
		return fmt.Errorf("%w: the largest part is %s with %d bytes; pass large values in a file", err, name, len(largest))
	}
	if errors.Is(err, syscall.ENOEXEC) {
		return fmt.Errorf("%w; a script that is run directly needs a first line such as #!/bin/sh", err)
	}
	return err
}
