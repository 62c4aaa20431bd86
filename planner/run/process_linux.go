package run

import "syscall"

// wantExitFD asks for a descriptor that becomes readable when the process ends.
func wantExitFD(attr *syscall.SysProcAttr, fd *int) { attr.PidFD = fd }

func newPipe(fds *[2]int) error { return syscall.Pipe2(fds[:], syscall.O_CLOEXEC) }
