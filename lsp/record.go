package lsp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
)

// recorded is how many messages a record keeps.
const recorded = 100

// A record keeps what the last messages were, without what they say: a bug report shows them.
type record struct {
	mu    sync.Mutex // guards the following
	total int
	last  [recorded]message // message n is at n % recorded
	calls map[string]call   // by id
}

// A message is one that came or was sent.
type message struct {
	at     time.Time
	sent   bool
	what   string // the method, "answer", or "answer to" a method
	id     string // "" for a notification
	bytes  int
	took   time.Duration // of an answer
	failed int           // code of the error that an answer is; 0 if it is none
}

// A call is a request that has no answer yet.
type call struct {
	method string
	at     time.Time
}

// maxMethod is how much of a method is kept: its name may be anything.
const maxMethod = 60

func (r *record) received(msg jsonrpc2.Message, bytes int) {
	m := message{at: time.Now(), bytes: bytes}
	switch msg := msg.(type) {
	case *jsonrpc2.Call:
		m.what, m.id = short(msg.Method()), idText(msg.ID())
	case *jsonrpc2.Notification:
		m.what = short(msg.Method())
	case *jsonrpc2.Response:
		m.what, m.id = "answer", idText(msg.ID())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := msg.(*jsonrpc2.Call); ok {
		if r.calls == nil || len(r.calls) > 100*recorded {
			r.calls = map[string]call{}
		}
		r.calls[m.id] = call{m.what, m.at}
	}
	r.add(m)
}

// sent takes a message with its headers, and reports whether it is an answer.
func (r *record) sent(frame []byte) (answer bool) {
	_, body, _ := bytes.Cut(frame, []byte("\r\n\r\n"))
	m := outgoing(body)
	m.at, m.sent, m.bytes = time.Now(), true, len(body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer = m.what == ""; answer {
		m.what = "answer"
		if c, ok := r.calls[m.id]; ok {
			m.what, m.took = "answer to "+c.method, m.at.Sub(c.at)
			delete(r.calls, m.id)
		}
	}
	r.add(m)
	return answer
}

func (r *record) add(m message) {
	r.last[r.total%recorded] = m
	r.total++
}

// idText returns an id as a record has it.
func idText(id jsonrpc2.ID) string {
	if n, ok := id.Number(); ok {
		return "#" + strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%q", id)
}

// usual is how the answer to most requests begins, up to the number of its id; tail is what comes behind that.
const (
	usual = `{"jsonrpc":"2.0","id":`
	tail  = `,"result":`
)

// usualAnswer returns the id of an answer that has a result and whose id is a number; false for any other message.
func usualAnswer(body []byte) (id string, ok bool) {
	rest, ok := bytes.CutPrefix(body, []byte(usual))
	if !ok {
		return "", false
	}
	end := bytes.IndexByte(rest, ',')
	if end < 1 || bytes.ContainsFunc(rest[:end], func(r rune) bool { return r < '0' || r > '9' }) || !bytes.HasPrefix(rest[end:], []byte(tail)) {
		return "", false
	}
	return "#" + string(rest[:end]), true
}

// outgoing reads the head of a message that the server wrote: all that stands before parameters or a result.
func outgoing(body []byte) (m message) {
	if id, ok := usualAnswer(body); ok {
		return message{id: id}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return m
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return m
		}
		switch key {
		case "params", "result":
			return m
		case "error":
			var e struct{ Code int }
			_ = d.Decode(&e) // or else there is no code
			m.failed = e.Code
			return m
		}
		value, err := d.Token()
		if err != nil {
			return m
		}
		switch text, isText := value.(string); {
		case key == "method":
			m.what = short(text)
		case key == "id" && isText:
			m.id = strconv.Quote(text)
		case key == "id" && value != nil:
			m.id = fmt.Sprintf("#%v", value)
		}
	}
	return m
}

// A recorder writes messages, each with one call of Write, and records them.
type recorder struct {
	io.ReadWriteCloser
	record   *record
	writing  *atomic.Int32 // how many writes are under way
	answered func()        // called when an answer has been written
}

func (w recorder) Write(frame []byte) (int, error) {
	answer := w.record.sent(frame)
	w.writing.Add(1)
	n, err := w.ReadWriteCloser.Write(frame)
	w.writing.Add(-1)
	if answer {
		w.answered()
	}
	return n, err
}

func short(method string) string {
	return string([]byte(method[:min(len(method), maxMethod)]))
}

// messages returns the last messages, the oldest first, and how many there were altogether.
func (r *record) messages() ([]message, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []message
	for n := max(0, r.total-recorded); n < r.total; n++ {
		list = append(list, r.last[n%recorded])
	}
	return list, r.total
}
