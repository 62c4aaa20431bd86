package run

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"escape.build/escape/planner/state"
)

// A procStat is what the system tells about a process.
type procStat struct {
	dead           bool // a zombie: it does nothing any more
	parent         int
	group, session int
	start          uint64 // clock ticks after boot
}

func readStat(pid int) (s procStat, ok bool) {
	// Every script needs this, and the file package would make several calls more.
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return s, false
	}
	var buf [1024]byte // 52 numbers and a name of at most 64 bytes
	n, err := unix.Read(fd, buf[:])
	_ = unix.Close(fd)
	if err != nil {
		return s, false
	}
	data := buf[:n]
	// The name of the program stands in parentheses and may hold anything.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return s, false
	}
	s.dead = fields[0][0] == 'Z' || fields[0][0] == 'X'
	s.parent, _ = strconv.Atoi(string(fields[1]))
	s.group, _ = strconv.Atoi(string(fields[2]))
	s.session, _ = strconv.Atoi(string(fields[3]))
	s.start, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return s, err == nil
}

// processes returns all processes that can be seen.
func processes() map[int]procStat {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	all := map[int]procStat{}
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if s, ok := readStat(pid); ok {
				all[pid] = s
			}
		}
	}
	return all
}

// startOf returns when a process started, "" if it is gone.
func startOf(pid int) string {
	s, ok := readStat(pid)
	if !ok {
		return ""
	}
	return strconv.FormatUint(s.start, 10)
}

// alive reports whether the group that p led since it started has members.
func alive(p state.Process) bool { return len(members(p)) > 0 }

// members returns the processes, except zombies, of the group that p led since it started. Its number cannot be used again
// while the group or the session has members, so a leader with another start, or members in another session or older than
// the leader, mean that the group is gone and others have its number.
func members(p state.Process) []int {
	start, err := strconv.ParseUint(p.Started, 10, 64)
	if err != nil || p.ID <= 1 || syscall.Kill(-p.ID, 0) == syscall.ESRCH {
		return nil
	}
	if leader, ok := readStat(p.ID); ok && leader.start != start {
		return nil
	}
	var pids []int
	for pid, s := range processes() {
		if s.group != p.ID || s.dead {
			continue
		}
		if s.session != p.ID || s.start < start {
			return nil
		}
		pids = append(pids, pid)
	}
	return pids
}

// endGroups ends the process groups of scripts: it asks, waits up to grace or until ctx ends, then kills.
func endGroups(ctx context.Context, left []Leftover, grace time.Duration) error {
	outside := make([][]stray, len(left))
	for i, l := range left {
		if own, _ := unix.Getsid(0); own == l.Process.ID || unix.Getpgrp() == l.Process.ID {
			return fmt.Errorf("the script of step %q of %s (process group %d) is still running, and started this very command; "+
				"wait for it to end", l.Step, l.Node, l.Process.ID)
		}
		outside[i] = strays(l.Process.ID)
		for _, s := range outside[i] {
			s.signal(syscall.SIGTERM)
		}
		signalGroup(l.Process, syscall.SIGTERM)
		signalGroup(l.Process, syscall.SIGCONT) // one that is stopped hears nothing else
	}
	deadline := time.Now().Add(grace)
	for i, l := range left {
		if !waitGone(ctx.Done(), l.Process, deadline) {
			outside[i] = append(outside[i], strays(l.Process.ID)...)
			signalGroup(l.Process, syscall.SIGKILL)
		}
		for _, s := range outside[i] {
			s.signal(syscall.SIGKILL)
		}
	}
	deadline = time.Now().Add(killGrace)
	for _, l := range left {
		if !waitGone(nil, l.Process, deadline) {
			return fmt.Errorf("the script of step %q of %s cannot be killed (process group %d); end it, then run the same command again",
				l.Step, l.Node, l.Process.ID)
		}
	}
	return nil
}

// killGrace is how long the system may take to end a process that was killed.
const killGrace = 10 * time.Second

// signalGroup sends a signal to what is left of a group.
func signalGroup(p state.Process, sig syscall.Signal) {
	if alive(p) {
		_ = syscall.Kill(-p.ID, sig) // if it is not allowed, waiting for the end will tell
	}
}

// waitGone waits until a group has no members and reports whether that is so. It gives up at the deadline or when stop is
// closed.
func waitGone(stop <-chan struct{}, p state.Process, deadline time.Time) bool {
	var wake [2]int
	if stop != nil {
		if err := newPipe(&wake); err != nil {
			return !alive(p)
		}
		quit, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			select {
			case <-stop:
				_, _ = syscall.Write(wake[1], []byte{wakeCancel})
			case <-quit:
			}
		}()
		defer func() {
			close(quit)
			<-done
			_ = syscall.Close(wake[0])
			_ = syscall.Close(wake[1])
		}()
	}
	for {
		pids := members(p)
		if len(pids) == 0 {
			return true
		}
		left := time.Until(deadline)
		if left <= 0 {
			return false
		}
		var fds []unix.PollFd
		for _, pid := range pids {
			fd, err := unix.PidfdOpen(pid, 0)
			if err == nil {
				fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
			} else if err != unix.ESRCH {
				left = min(left, 20*time.Millisecond) // the system has no such thing: look again soon
			}
		}
		opened := len(fds)
		if stop != nil {
			fds = append(fds, unix.PollFd{Fd: int32(wake[0]), Events: unix.POLLIN})
		}
		if opened < len(pids) && left > 20*time.Millisecond {
			left = 0 // somebody ended meanwhile
		}
		_, _ = unix.Poll(fds, int((left+time.Millisecond-1)/time.Millisecond)) // whatever it says, look again
		for _, fd := range fds[:opened] {
			_ = unix.Close(int(fd.Fd))
		}
		if stop != nil && fds[opened].Revents != 0 {
			return !alive(p)
		}
	}
}
