package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"
)

// TestAtOnce shows which requests are answered by the goroutine that reads: those about a plan that is known, as long as there is a
// processor for them.
func TestAtOnce(t *testing.T) {
	release, began := make(chan struct{}), make(chan struct{}, 10)
	aside := make(chan bool, 1)
	w := startWith(t, "", "", Options{onCall: func(_ context.Context, method string) {
		switch method {
		case protocol.MethodTextDocumentReferences:
			began <- struct{}{}
			<-release
		case protocol.MethodTextDocumentHover, protocol.MethodTextDocumentCompletion, protocol.MethodTextDocumentRename:
			aside <- strings.Contains(string(debug.Stack()), "(*shell).work")
		}
	}})
	u := "file:///a/escape.yml"
	ask := func(method, uri string) bool {
		id := w.ask(method, fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":1},"newName":"x"}`, uri))
		defer w.wait(id)
		return <-aside
	}
	expect := func(what, method, uri string, want bool) {
		t.Helper()
		got := ask(method, uri)
		// The answer to what was asked before may still be on its way when the client has it.
		for n := 0; got && !want && n < 1000; n++ {
			got = ask(method, uri)
		}
		if got != want {
			t.Errorf("%s: handed to another goroutine is %v, want %v", what, got, want)
		}
	}
	expect("no document", "textDocument/hover", u, true)
	w.open(u, "escape-plan", fmt.Sprintf(plain, "a"))
	w.published(u, 1)
	expect("a known plan", "textDocument/hover", u, false)
	expect("a known plan", "textDocument/completion", u, false)
	expect("a request that may wait for other plans", "textDocument/rename", u, true)
	w.open("file:///a/run.sh", "shellscript", "echo\n")
	expect("a script", "textDocument/hover", "file:///a/run.sh", true)
	for range cap(w.server.workers) {
		w.ask("textDocument/references", fmt.Sprintf(
			`{"textDocument":{"uri":%q},"position":{"line":0,"character":1},"context":{"includeDeclaration":true}}`, u))
		<-began
	}
	id := w.ask("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":1}}`, u))
	w.open("file:///b/escape.yml", "escape-plan", fmt.Sprintf(plain, "b"))
	w.published("file:///b/escape.yml", 1) // so the request has been read
	close(release)
	if !<-aside {
		t.Error("all are busy: hover was answered at once")
	}
	w.wait(id)
}

// TestWhoReadsMayWait shows that a request which is answered by the goroutine that reads keeps nobody waiting if it waits itself.
func TestWhoReadsMayWait(t *testing.T) {
	began := make(chan struct{}, 10)
	w := startWith(t, "", "", Options{onCall: func(ctx context.Context, method string) {
		if method == protocol.MethodTextDocumentCompletion {
			began <- struct{}{}
			<-ctx.Done()
		}
	}})
	u := "file:///a/escape.yml"
	w.open(u, "escape-plan", fmt.Sprintf(plain, "a"))
	w.published(u, 1)
	at := fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":6}}`, u)
	ask := func() string {
		id := w.ask("textDocument/completion", at)
		<-began
		return id
	}
	expect := func(what, id string, code int) {
		t.Helper()
		if r := w.wait(id); r.Error == nil || r.Error.Code != code {
			t.Errorf("%s: got %+v, want error %d", what, r, code)
		}
	}
	id := ask()
	w.notify("$/cancelRequest", fmt.Sprintf(`{"id":%s}`, id))
	expect("cancelled", id, -32800)
	id = ask()
	next := ask()
	expect("asked for again", id, -32801)
	w.set(u, 2, fmt.Sprintf(plain, "b"))
	expect("another text", next, -32801)
	w.good()
}

// A connection that says how much of the output is unread.
type unreadPipe struct {
	pipe
	unread int
}

func (p *unreadPipe) Unread() (int, bool) { return p.unread, true }

func TestBusyIfTheClientDoesNotRead(t *testing.T) {
	p := &unreadPipe{}
	s := newStream(p, nil, &record{})
	for unread, want := range map[int]bool{0: false, 100: false, 60 << 10: true} {
		p.unread = unread
		if busy, clogged := s.busy(), s.clogged(); busy != want || clogged != want {
			t.Errorf("%d bytes unread: busy is %v, clogged %v", unread, busy, clogged)
		}
	}
	if s := newStream(pipe{}, nil, &record{}); s.busy() || !s.clogged() {
		t.Error("a connection that does not tell what is unread may be clogged, and is not busy")
	}
}

// TestClientThatDoesNotRead: whatever it sends is read, and of what it asks no more is kept than of a number of requests.
func TestClientThatDoesNotRead(t *testing.T) {
	in, toServer := net.Pipe() // a write to it waits for a read, and it does not tell what is unread
	served := make(chan error, 1)
	ready := make(chan *server, 1)
	asked := make(chan struct{}, 2*maxRequests)
	go func() {
		served <- Serve(context.Background(), in, Options{
			onServer: func(s *server) { s.full = time.Millisecond; ready <- s },
			onCall: func(_ context.Context, method string) {
				if method == protocol.MethodTextDocumentHover {
					asked <- struct{}{}
				}
			},
		})
	}()
	s := <-ready
	send := func(body string) {
		t.Helper()
		if err := toServer.SetWriteDeadline(time.Now().Add(wireTimeout)); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(toServer, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Fatalf("the server does not read: %v", err)
		}
	}
	send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}}`)
	answer := make([]byte, 64<<10)
	if _, err := toServer.Read(answer); err != nil { // it is written at once
		t.Fatal(err)
	}
	send(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
	text, _ := json.Marshal(fmt.Sprintf(plain, "a"))
	send(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a/escape.yml","languageId":"escape-plan","version":1,"text":%s}}}`, text))
	for id := range maxRequests + 1 {
		send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a/escape.yml"},"position":{"line":0,"character":1}}}`, id+1))
	}
	send(`{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///a/escape.yml"}}}`)
	send(`{"jsonrpc":"2.0","method":"$/none"}`) // so that what came before was read
	if n := len(s.session.Snapshot().Open()); n != 0 {
		t.Errorf("%d documents are open: a message was not handled", n)
	}
	if n := len(asked); n > maxRequests {
		t.Errorf("%d requests were handled", n)
	}
	toServer.Close()
	<-served
}

func TestOutgoing(t *testing.T) {
	for body, want := range map[string]message{
		`{"jsonrpc":"2.0","id":17,"result":{"id":3}}`:                     {id: "#17"},
		`{"jsonrpc":"2.0","id":-17,"result":null}`:                        {id: "#-17"},
		`{"jsonrpc":"2.0","id":"a,\"b","result":null}`:                    {id: `"a,\"b"`},
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32801,"message":"x"}}`:  {id: "#1", failed: -32801},
		`{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}}`:   {failed: -1},
		`{"jsonrpc":"2.0","method":"window/showMessage","params":{}}`:     {what: "window/showMessage"},
		`{"jsonrpc":"2.0","method":"workspace/configuration","params":1}`: {what: "workspace/configuration"},
		`{"jsonrpc":"2.0","id":`:                                          {},
	} {
		if got := outgoing([]byte(body)); got != want {
			t.Errorf("%s\nis recorded as %+v\nwant           %+v", body, got, want)
		}
	}
}
