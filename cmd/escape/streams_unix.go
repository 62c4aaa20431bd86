//go:build unix

package main

import (
	"os"
	"syscall"
)

// output returns a stream of the process under another number. A process that writes to 1 or 2 when nobody reads any more is
// ended by the runtime; writing to any other number fails, and no more. (To ask for the signal has the same effect, but starts
// a thread, which takes longer than many commands. Programs which Escape starts are not concerned either way.)
func output(f *os.File) *os.File {
	n, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return f
	}
	syscall.CloseOnExec(n)
	return os.NewFile(uintptr(n), f.Name())
}
