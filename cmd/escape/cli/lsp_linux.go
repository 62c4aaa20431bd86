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
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}
