package cli

import (
	"bytes"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestUnread(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	here, there := os.NewFile(uintptr(pair[0]), "socket"), os.NewFile(uintptr(pair[1]), "socket")
	for _, f := range []*os.File{r, w, here, there} {
		defer f.Close()
	}
	for what, c := range map[string]struct{ out, in *os.File }{"pipe": {w, r}, "socket": {here, there}} {
		if n, known := unread(c.out); n != 0 || !known {
			t.Errorf("%s: %d bytes are unread before any were written, known: %v", what, n, known)
		}
		if _, err := c.out.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if n, known := unread(c.out); n < 1000 || !known {
			t.Errorf("%s: %d bytes are unread, want 1,000, known: %v", what, n, known)
		}
		if _, err := io.ReadFull(c.in, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if n, known := unread(c.out); n != 0 || !known {
			t.Errorf("%s: %d bytes are unread when all are read, known: %v", what, n, known)
		}
	}
	if _, known := unread(&bytes.Buffer{}); known {
		t.Error("what is unread of a buffer is known")
	}
}
