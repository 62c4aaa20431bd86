package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
)

// Limits on what a client may send. A header line or a body that is longer is skipped.
const (
	maxHeader = 4 << 10
	maxBody   = 256 << 20
	// maxTrusted is the length of a body for which memory is taken before it has come.
	maxTrusted = 1 << 20
)

// A stream reads messages with headers (Language Server Protocol 3.18, section "Base Protocol"). What is no message is skipped
// up to the next header, with a line in the log: the connection ends only with its input. The messages of a batch, which the
// protocol does not have, are read one after the other.
type stream struct {
	jsonrpc2.Stream // writes and closes
	in              *bufio.Reader
	log             *slog.Logger
	record          *record
	batch           []json.RawMessage // not read yet

	writing  atomic.Int32       // messages that are being written
	unread   func() (int, bool) // how many bytes were written that the client has not read; false if nobody knows
	open     atomic.Int32       // requests that are read and not answered
	answered chan struct{}      // gets something when an answer has been written
}

func newStream(rwc io.ReadWriteCloser, log *slog.Logger, r *record) *stream {
	s := &stream{in: bufio.NewReaderSize(rwc, 64<<10), log: log, record: r, answered: make(chan struct{}, 1)}
	s.unread = func() (int, bool) { return 0, false }
	if u, ok := rwc.(interface{ Unread() (int, bool) }); ok {
		s.unread = u.Unread
	}
	s.Stream = jsonrpc2.NewHeaderStream(recorder{rwc, r, &s.writing, s.wrote})
	return s
}

// wrote takes note of an answer.
func (s *stream) wrote() {
	s.open.Add(-1)
	select {
	case s.answered <- struct{}{}:
	default:
	}
}

// fewer waits until no more than some requests have no answer yet, or one that is still being written. It reports false if that takes
// longer than a time, or if ctx ends. Only the one who reads may ask.
func (s *stream) fewer(ctx context.Context, requests int, timeout time.Duration) bool {
	if int(s.open.Load()) <= requests {
		return true
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for int(s.open.Load()) > requests {
		select {
		case <-s.answered:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// busy reports whether the next message, or a part of it, has been read from the input, or what is sent may have to wait for the
// client. Only the one who reads may ask.
func (s *stream) busy() bool {
	n, _ := s.unread()
	return len(s.batch) > 0 || s.in.Buffered() > 0 || s.writing.Load() > 0 || n > maxShort
}

// clogged reports whether what is sent may have to wait for the client, or nobody can tell.
func (s *stream) clogged() bool {
	n, known := s.unread()
	return !known || n > maxShort || s.writing.Load() > 0
}

// Read returns the next message. It fails with io.EOF, or as the input does.
func (s *stream) Read(ctx context.Context) (jsonrpc2.Message, int64, error) {
	grow(0)
	for {
		body, err := s.body(ctx)
		if err != nil {
			return nil, 0, err
		}
		if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
			if err = json.Unmarshal(body, &s.batch); err == nil && len(s.batch) > 0 {
				continue
			}
		}
		msg, decodeErr := jsonrpc2.DecodeMessage(body)
		if decodeErr == nil {
			s.record.received(msg, len(body))
			if _, ok := msg.(*jsonrpc2.Call); ok {
				s.open.Add(1)
			}
			return withParams(msg), int64(len(body)), nil
		}
		s.log.Warn("skipped a message that cannot be read", "bytes", len(body), "error", decodeErr)
		s.open.Add(1) // it is answered
		if _, err := s.Write(ctx, unreadable(body, decodeErr)); err != nil {
			return nil, 0, err
		}
	}
}

// grow makes the stack of a goroutine large while there is next to nothing on it. It would grow anyway, in several steps, which take
// longer the more there is on it.
//
//go:noinline
func grow(n int) byte {
	var room [14 << 10]byte
	return room[n]
}

// body returns the text of the next message.
func (s *stream) body(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.batch) > 0 {
		body := s.batch[0]
		s.batch = s.batch[1:]
		return body, nil
	}
	length, err := s.header()
	if err != nil {
		return nil, err
	}
	if length <= maxTrusted {
		body := make([]byte, length)
		if _, err := io.ReadFull(s.in, body); err != nil {
			return nil, io.EOF // the client is gone in the middle of a message
		}
		return body, nil
	}
	// A length that is a lie must not cost memory: as much is taken as has come.
	var body bytes.Buffer
	if _, err := io.CopyN(&body, s.in, int64(length)); err != nil {
		return nil, io.EOF
	}
	return body.Bytes(), nil
}

// withParams returns a message whose parameters are there: many clients leave out those that are empty, or send null.
func withParams(msg jsonrpc2.Message) jsonrpc2.Message {
	none := func(p jsonrpc2.RawMessage) bool { return len(p) == 0 || string(bytes.TrimSpace(p)) == "null" }
	switch m := msg.(type) {
	case *jsonrpc2.Call:
		if none(m.Params()) {
			return jsonrpc2.NewCall(m.ID(), m.Method(), jsonrpc2.RawMessage("{}"))
		}
	case *jsonrpc2.Notification:
		if none(m.Params()) {
			return jsonrpc2.NewNotification(m.Method(), jsonrpc2.RawMessage("{}"))
		}
	}
	return msg
}

// unreadable answers a message that is none: with its id if it has one.
func unreadable(body []byte, err error) *jsonrpc2.Response {
	code := jsonrpc2.ParseError
	if json.Valid(body) {
		code = jsonrpc2.InvalidRequest
	}
	id, ok := idOf(body)
	if !ok {
		id = jsonrpc2.ID{}
	}
	return jsonrpc2.NewResponse(id, nil, jsonrpc2.NewError(code, "this message cannot be read: "+err.Error()))
}

// header reads up to the end of the next header that tells the length of a body.
func (s *stream) header() (int, error) {
	length, skipped := -1, false
	for {
		line, err := s.line()
		if err != nil {
			return 0, err
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		switch {
		case len(line) == 0 && length >= 0:
			return length, nil
		case len(line) == 0: // between messages
		case ok && bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")):
			n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
			if err == nil && n > 0 && n <= maxBody {
				length = n
				continue
			}
			fallthrough
		case !ok:
			if !skipped {
				s.log.Warn("skipped text that is no header of a message", "bytes", len(line))
			}
			skipped, length = true, -1
		}
	}
}

// line reads a line without its end. Of one that is too long the first bytes are returned.
func (s *stream) line() ([]byte, error) {
	var line []byte
	for {
		part, err := s.in.ReadSlice('\n')
		if len(line) < maxHeader {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, err
		default:
			return bytes.TrimRight(line, "\r\n"), nil
		}
	}
}
