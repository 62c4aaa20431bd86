package lsp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"

	"go.lsp.dev/jsonrpc2"
)

// Limits on what a client may send. A header line or a body that is longer is skipped.
const (
	maxHeader = 4 << 10
	maxBody   = 256 << 20
)

// A stream reads messages with headers (Language Server Protocol 3.18, section "Base Protocol"). What is no message is skipped
// up to the next header, with a line in the log: the connection ends only with its input.
type stream struct {
	jsonrpc2.Stream // writes and closes
	in              *bufio.Reader
	log             *slog.Logger
}

func newStream(rwc io.ReadWriteCloser, log *slog.Logger) *stream {
	return &stream{Stream: jsonrpc2.NewHeaderStream(rwc), in: bufio.NewReaderSize(rwc, 64<<10), log: log}
}

// Read returns the next message. It fails with io.EOF, or as the input does.
func (s *stream) Read(ctx context.Context) (jsonrpc2.Message, int64, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		length, err := s.header()
		if err != nil {
			return nil, 0, err
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(s.in, body); err != nil {
			return nil, 0, io.EOF // the client is gone in the middle of a message
		}
		msg, err := jsonrpc2.DecodeMessage(body)
		if err == nil {
			return withParams(msg), int64(length), nil
		}
		s.log.Warn("skipped a message that cannot be read", "bytes", length, "error", err)
		if _, err := s.Write(ctx, parseError(err)); err != nil {
			return nil, 0, err
		}
	}
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

// parseError answers a message whose id nobody knows.
func parseError(err error) *jsonrpc2.Response {
	return jsonrpc2.NewResponse(jsonrpc2.ID{}, nil, jsonrpc2.NewError(jsonrpc2.ParseError, "this message cannot be read: "+err.Error()))
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
