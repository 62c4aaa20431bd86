//go:build unix

package run

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// overwrite gives the outputs file of an earlier script new content and reports whether it did. It does so only with a file
// that could have been made just now: an ordinary one of this user that nobody else can read and that has no other name.
func overwrite(file string, data []byte) bool {
	fd, err := unix.Open(file, unix.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var info unix.Stat_t
	if unix.Fstat(fd, &info) != nil || info.Mode&(unix.S_IFMT|0o7777) != unix.S_IFREG|0o600 || info.Nlink != 1 || int(info.Uid) != unix.Geteuid() {
		return false
	}
	was := make([]byte, len(data)+1)
	if n, err := unix.Pread(fd, was, 0); err == nil && bytes.Equal(was[:n], data) {
		return true
	}
	// Cutting it first would make some file systems write to the disk at once.
	n, err := unix.Pwrite(fd, data, 0)
	return err == nil && n == len(data) && unix.Ftruncate(fd, int64(n)) == nil
}
