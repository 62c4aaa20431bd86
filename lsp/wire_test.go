package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A wire is the client's end of a connection to a server of its own, over real pipes, with raw bytes.
type wire struct {
	t      testing.TB
	server *server
	in     io.WriteCloser
	served chan error
	log    *lockedBuffer
	// patience is how long anything may take.
	patience time.Duration
	closed   chan struct{} // closed when the server's output has ended

	mu      sync.Mutex // guards the following
	wake    chan struct{}
	answers map[string][]reply
	told    []reply
	asked   map[string]int
	nextID  int
	answer  func(method string, params json.RawMessage) any // what the client says to a request
	mute    string                                          // a method to which it says nothing
}

// A reply is a message of the server.
type reply struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	at time.Time
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

type pipe struct {
	*os.File
	out *os.File
}

func (p pipe) Write(b []byte) (int, error) { return p.out.Write(b) }
func (p pipe) Close() error                { return errors.Join(p.File.Close(), p.out.Close()) }

const wireTimeout = 30 * time.Second

// connect starts a server that is not initialized.
func connect(t testing.TB, o Options) *wire {
	t.Helper()
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{
		t: t, in: inW, served: make(chan error, 1), log: &lockedBuffer{}, closed: make(chan struct{}),
		patience: wireTimeout, wake: make(chan struct{}), answers: map[string][]reply{}, asked: map[string]int{},
	}
	o.Log = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if o.Patience == 0 {
		o.Patience = wireTimeout
	}
	ready := make(chan *server, 1)
	o.onServer = func(s *server) { ready <- s }
	go func() { w.served <- Serve(context.Background(), pipe{inR, outW}, o) }()
	w.server = <-ready
	go w.read(bufio.NewReaderSize(outR, 1<<16))
	t.Cleanup(func() {
		inW.Close()
		select {
		case <-w.closed:
		case <-time.After(wireTimeout):
			t.Error("the server did not end with its input")
		}
		outR.Close()
	})
	return w
}

// start starts a server and initializes it with capabilities, as JSON or "".
func start(t testing.TB, dir, capabilities string) *wire {
	t.Helper()
	return startWith(t, dir, capabilities, Options{})
}

func startWith(t testing.TB, dir, capabilities string, o Options) *wire {
	t.Helper()
	w := connect(t, o)
	w.initialize(dir, capabilities, "")
	return w
}

func (w *wire) initialize(dir, capabilities, more string) reply {
	w.t.Helper()
	if capabilities == "" {
		capabilities = "{}"
	}
	root := "null"
	if dir != "" {
		root = strconv.Quote(fileURI(dir))
	}
	r := w.call("initialize", fmt.Sprintf(`{"processId":null,"rootUri":%s,"capabilities":%s%s}`, root, capabilities, more))
	w.notify("initialized", "{}")
	return r
}

func fileURI(path string) string { return "file://" + filepath.ToSlash(path) }

// read takes what the server says until its output ends.
func (w *wire) read(r *bufio.Reader) {
	defer close(w.closed)
	for {
		header, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			return
		}
		n, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			w.t.Errorf("a header of the server has no length: %v", header)
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		var m reply
		if err := json.Unmarshal(body, &m); err != nil {
			w.t.Errorf("the server wrote %q: %v", body, err)
			return
		}
		if m.Method == "" && m.Error == nil && !bytes.Contains(body, []byte(`"result"`)) {
			w.t.Errorf("an answer has neither result nor error: %s", body)
		}
		w.take(m)
	}
}

func (w *wire) take(m reply) {
	m.at = time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case m.Method == "":
		w.answers[string(m.ID)] = append(w.answers[string(m.ID)], m)
	case len(m.ID) > 0:
		w.asked[m.Method]++
		w.told = append(w.told, m)
		var result any
		if w.answer != nil {
			result = w.answer(m.Method, m.Params)
		}
		if w.mute == m.Method {
			break
		}
		raw, _ := json.Marshal(result)
		go w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, raw))
	default:
		w.told = append(w.told, m)
	}
	close(w.wake)
	w.wake = make(chan struct{})
}

// raw sends bytes.
func (w *wire) raw(b string) {
	_, _ = io.WriteString(w.in, b) // a server that is gone is told by what it does not answer
}

// send sends a message.
func (w *wire) send(body string) {
	w.raw(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

func (w *wire) notify(method, params string) {
	w.send(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params))
}

// ask sends a request and returns its id.
func (w *wire) ask(method, params string) string {
	w.mu.Lock()
	w.nextID++
	id := strconv.Itoa(w.nextID)
	w.mu.Unlock()
	w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params))
	return id
}

// until waits until something holds, which is asked whenever the server has said something.
func (w *wire) until(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.After(w.patience)
	for {
		w.mu.Lock()
		done, wake := ok(), w.wake
		w.mu.Unlock()
		if done {
			return
		}
		select {
		case <-wake:
		case <-w.closed:
			w.t.Fatalf("the server ended before %s; it logged:\n%s", what, w.log)
		case <-deadline:
			w.mu.Lock()
			last := "nothing"
			if n := len(w.told); n > 0 {
				last = w.told[n-1].Method + " " + string(w.told[n-1].Params)
			}
			w.mu.Unlock()
			w.t.Fatalf("%s did not happen; the server said last:\n%s\nand logged:\n%s", what, last, w.log)
		}
	}
}

// wait returns the answer to a request, with an id as it is written in JSON.
func (w *wire) wait(id string) (r reply) {
	w.t.Helper()
	w.until("the answer "+id, func() bool {
		if len(w.answers[id]) == 0 {
			return false
		}
		if r, w.answers[id] = w.answers[id][0], w.answers[id][1:]; len(w.answers[id]) == 0 {
			delete(w.answers, id)
		}
		return true
	})
	return r
}

// call makes a request and returns its answer.
func (w *wire) call(method, params string) reply {
	w.t.Helper()
	return w.wait(w.ask(method, params))
}

// good fails the test unless the server answers a request.
func (w *wire) good() {
	w.t.Helper()
	if r := w.call("textDocument/hover", `{"textDocument":{"uri":"file:///nowhere"},"position":{"line":0,"character":0}}`); r.Error != nil {
		w.t.Fatalf("the next request failed: %v", *r.Error)
	}
}

func (w *wire) open(uri, language, text string) {
	w.notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":%q,"version":1,"text":%s}}`, uri, language, quoted(text)))
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// set replaces the whole text of a document.
func (w *wire) set(uri string, version int, text string) {
	w.notify("textDocument/didChange", fmt.Sprintf(
		`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"text":%s}]}`, uri, version, quoted(text)))
}

// A published is what the server told of a document.
type publishedNote struct {
	URI         string `json:"uri"`
	Version     *int   `json:"version"`
	Diagnostics []struct {
		Range    json.RawMessage `json:"range"`
		Code     string          `json:"code"`
		Message  string          `json:"message"`
		Severity int             `json:"severity"`
		Tags     []int           `json:"tags"`
	} `json:"diagnostics"`
	at time.Time
}

func (p publishedNote) codes() string {
	var codes []string
	for _, d := range p.Diagnostics {
		codes = append(codes, d.Code)
	}
	return strings.Join(codes, " ")
}

// publishedOf returns all that the server told of a document; "" means any. The caller holds the lock.
func (w *wire) publishedOf(uri string) (list []publishedNote) {
	for _, m := range w.told {
		if m.Method != "textDocument/publishDiagnostics" {
			continue
		}
		p := publishedNote{at: m.at}
		if err := json.Unmarshal(m.Params, &p); err != nil {
			w.t.Errorf("%s: %v", m.Params, err)
		}
		if uri == "" || p.URI == uri {
			list = append(list, p)
		}
	}
	return list
}

// published waits for what the server tells of a version of a document, and returns the last.
func (w *wire) published(uri string, version int) (p publishedNote) {
	w.t.Helper()
	w.until(fmt.Sprintf("findings of version %d of %s", version, uri), func() bool {
		list := w.publishedOf(uri)
		if len(list) == 0 {
			return false
		}
		p = list[len(list)-1]
		return p.Version != nil && *p.Version == version
	})
	return p
}

// untilCodes waits until the last findings told of a document have some codes.
func (w *wire) untilCodes(uri, codes string) {
	w.t.Helper()
	w.until(fmt.Sprintf("findings %q of %s", codes, uri), func() bool {
		list := w.publishedOf(uri)
		return len(list) > 0 && list[len(list)-1].codes() == codes
	})
}

// end shuts the server down and returns what Serve returns.
func (w *wire) end() error {
	w.t.Helper()
	if r := w.call("shutdown", "null"); r.Error != nil {
		w.t.Errorf("shutdown: %v", *r.Error)
	}
	w.notify("exit", "null")
	return w.ended()
}

func (w *wire) ended() error {
	w.t.Helper()
	select {
	case err := <-w.served:
		return err
	case <-time.After(wireTimeout):
		w.t.Fatal("the server did not end")
		return nil
	}
}

// folder writes files to a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
}
