package run

import "syscall"

// wantExitFD asks for a descriptor that becomes readable when the process ends.
func wantExitFD(attr *syscall.SysProcAttr, fd *int) { attr.PidFD = fd }

func newPipe(fds *[2]int) error { return syscall.Pipe2(fds[:], syscall.O_CLOEXEC) }

// A stray is a descendant of a script that left its group.
type stray struct {
	pid   int
	start uint64
}

// strays returns the processes in the session of a script, and all their descendants, which are not in its group.
func strays(leader int) []stray {
	all := processes()
	family := map[int]bool{leader: true}
	for pid, s := range all {
		if s.session == leader {
			family[pid] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for pid, s := range all {
			if !family[pid] && family[s.parent] {
				family[pid], grown = true, true
			}
		}
	}
	var found []stray
	for pid := range family {
		if s, ok := all[pid]; ok && s.group != leader && !s.dead {
			found = append(found, stray{pid, s.start})
		}
	}
	return found
}

// signal sends a signal to the stray, unless it is gone.
func (s stray) signal(sig syscall.Signal) {
	if now, ok := readStat(s.pid); ok && now.start == s.start {
		_ = syscall.Kill(s.pid, sig)
	}
}
