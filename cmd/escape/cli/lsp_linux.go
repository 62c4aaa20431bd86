package cli

import (
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// unread returns how many bytes in a pipe or socket the other side has not read; false for anything else. Node connects the programs
// that it starts by sockets. For these the system counts what it needs to keep the bytes too.
func unread(w io.Writer) (bytes int, known bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	info, err := f.Stat()
	if err != nil {
		return 0, false
	}
	question := uint(unix.TIOCINQ)
	switch info.Mode().Type() {
	case fs.ModeNamedPipe:
	case fs.ModeSocket:
		question = unix.TIOCOUTQ
	default:
		return 0, false
	}
	raw, err := f.SyscallConn() // Fd would make the file one that waits
	if err != nil {
		return 0, false
	}
	failed := raw.Control(func(fd uintptr) { bytes, err = unix.IoctlGetInt(int(fd), question) })
	return bytes, failed == nil && err == nil
}
