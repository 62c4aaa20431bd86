package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// unread returns how many bytes in a pipe nobody has read; 0 for anything else.
func unread(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	raw, err := f.SyscallConn() // Fd would make the file one that waits
	if err != nil {
		return 0
	}
	var n int
	if err := raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) }); err != nil {
		return 0
	}
	return n
}
