package cli

import (
	"bytes"
	"io"
	"os"
	"testing"
)

func TestUnread(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := w.WriteString("five."); err != nil {
		t.Fatal(err)
	}
	if n := unread(w); n != 5 {
		t.Errorf("%d bytes are unread, want 5", n)
	}
	if _, err := io.ReadFull(r, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if n := unread(w) + unread(&bytes.Buffer{}); n != 0 {
		t.Errorf("%d bytes are unread, want none", n)
	}
}
