// Package wire carries messages of the language server protocol between those who pass them whole, as a browser does, and
// those who read and write them as a stream with a header before each.
package wire

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// A Port is the stream. Messages sent to it are read from it; what is written to it is handed on message by message.
type Port struct {
	receive func(message string)

	mu     sync.Mutex // guards the following
	in     bytes.Buffer
	closed bool
	more   *sync.Cond // in or closed has changed

	out []byte // the beginning of a message; of Write only
}

// New returns a Port that hands what is written on to receive.
func New(receive func(message string)) *Port {
	p := &Port{receive: receive}
	p.more = sync.NewCond(&p.mu)
	return p
}

// Send puts a message into the stream. It never waits.
func (p *Port) Send(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	fmt.Fprintf(&p.in, "Content-Length: %d\r\n\r\n%s", len(message), message)
	p.more.Signal()
}

// Read reads what was sent. It waits until there is something, and ends with io.EOF once the port is closed and empty.
func (p *Port) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.in.Len() == 0 && !p.closed {
		p.more.Wait()
	}
	if len(b) == 0 {
		return 0, nil
	}
	return p.in.Read(b)
}

// Write takes the next bytes of the stream, of one writer at a time. The error says what is wrong with a header.
func (p *Port) Write(b []byte) (int, error) {
	p.out = append(p.out, b...)
	for {
		header, rest, ok := bytes.Cut(p.out, []byte("\r\n\r\n"))
		if !ok {
			return len(b), nil
		}
		n, err := length(string(header))
		if err != nil {
			return 0, err
		}
		if len(rest) < n {
			return len(b), nil
		}
		p.receive(string(rest[:n]))
		p.out = append(p.out[:0], rest[n:]...)
	}
}

// length reads the length of a message in its header.
func length(header string) (int, error) {
	for line := range strings.SplitSeq(header, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 {
			return 0, fmt.Errorf("length of a message: %q", value)
		}
		return n, nil
	}
	return 0, fmt.Errorf("no length in the header of a message: %q", header)
}

// Close ends the stream for the reader.
func (p *Port) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.more.Broadcast()
	return nil
}

var _ io.ReadWriteCloser = (*Port)(nil)
