//go:build unix && !linux

package run

import "syscall"

// wantExitFD leaves it to a goroutine to wait for the end of the process.
func wantExitFD(*syscall.SysProcAttr, *int) {}

func newPipe(fds *[2]int) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := syscall.Pipe(fds[:]); err != nil {
		return err
	}
	syscall.CloseOnExec(fds[0])
	syscall.CloseOnExec(fds[1])
	return nil
}

// A stray cannot be found here.
type stray struct{}

func strays(int) []stray { return nil }

func (stray) signal(syscall.Signal) {}
