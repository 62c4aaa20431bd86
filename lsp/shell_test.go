package lsp

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

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

func (p *unreadPipe) Unread() int { return p.unread }

func TestBusyIfTheClientDoesNotRead(t *testing.T) {
	p := &unreadPipe{}
	s := newStream(p, nil, &record{})
	for unread, want := range map[int]bool{0: false, 100: false, 60 << 10: true} {
		p.unread = unread
		if got := s.busy(); got != want {
			t.Errorf("%d bytes unread: busy is %v", unread, got)
		}
	}
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
