package wire

import (
	"fmt"
	"io"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRoundTrip: whatever is sent comes out of a port that is fed with the stream, however it is cut.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		messages := rapid.SliceOf(rapid.String()).Draw(t, "messages")
		from := New(nil)
		for _, m := range messages {
			from.Send(m)
		}
		from.Close()
		var got []string
		to := New(func(m string) { got = append(got, m) })
		size := rapid.IntRange(1, 40).Draw(t, "size")
		if _, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, messages) {
			t.Fatalf("got %q, want %q", got, messages)
		}
	})
}

func TestReadWaits(t *testing.T) {
	p := New(nil)
	got := make(chan string)
	go func() {
		text, err := io.ReadAll(p)
		got <- fmt.Sprint(string(text), err)
	}()
	p.Send("{}")
	p.Close()
	p.Send("too late")
	if text := <-got; text != "Content-Length: 2\r\n\r\n{}<nil>" {
		t.Errorf("read %q", text)
	}
}

func TestBadHeader(t *testing.T) {
	for _, header := range []string{"Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Type: a\r\n\r\n", "\r\n\r\n"} {
		if _, err := New(func(string) {}).Write([]byte(header)); err == nil {
			t.Errorf("%q: no error", header)
		}
	}
}
