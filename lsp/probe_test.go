package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.lsp.dev/protocol"
)

// Each probe sends something that kills other servers; the next request must be answered well.

func probe(t *testing.T, send func(w *wire)) *wire {
	t.Helper()
	w := start(t, "", "")
	send(w)
	w.good()
	return w
}

// A hover with the text of the document at the place tells which version it saw.
func TestBehaviour03_ProbeOrder(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 500
	}
	results := make(chan string, n)
	w := startWith(t, "", "", Options{onCall: func(ctx context.Context, method string) {
		if method != protocol.MethodTextDocumentHover {
			return
		}
		snap := snapshotOf(ctx)
		results <- snap.Document("file:///a/escape.yml").Source.Text()
	}})
	w.open("file:///a/escape.yml", "escape-plan", "name: v1\n")
	ids := make([]string, n)
	go func() {
		for i := range n {
			w.set("file:///a/escape.yml", i+2, fmt.Sprintf("name: v%d\n", i+2))
			ids[i] = w.ask("textDocument/hover", `{"textDocument":{"uri":"file:///a/escape.yml"},"position":{"line":0,"character":0}}`)
		}
	}()
	saw := map[string]int{}
	for range n {
		select {
		case r := <-results:
			saw[r]++
		case <-time.After(wireTimeout):
			t.Fatalf("a hover is missing: %s", w.log)
		}
	}
	for i := range n {
		if text := fmt.Sprintf("name: v%d\n", i+2); saw[text] != 1 {
			t.Fatalf("%d hovers saw version %d, want 1: messages are out of order", saw[text], i+2)
		}
	}
	if got := w.published("file:///a/escape.yml", n+1); *got.Version != n+1 {
		t.Errorf("the last findings are of version %d", *got.Version)
	}
}

func TestBehaviour23_ProbeUnknownNotifications(t *testing.T) {
	probe(t, func(w *wire) {
		w.notify("custom/x", `{"a":1}`)
		w.notify("$/x", `[1]`)
		w.notify("textDocument/didSomething", `null`)
	})
}

func TestBehaviour23_ProbeInitializedWithoutParams(t *testing.T) {
	for _, message := range []string{
		`{"jsonrpc":"2.0","method":"initialized"}`, `{"jsonrpc":"2.0","method":"initialized","params":null}`,
		`{"jsonrpc":"2.0","method":"initialized","params":[]}`,
	} {
		w := connect(t, Options{})
		w.call("initialize", `{"capabilities":{}}`)
		w.send(message)
		w.good()
	}
}

func TestBehaviour23_ProbeWrongTypes(t *testing.T) {
	w := probe(t, func(w *wire) {
		w.notify("textDocument/didOpen", `{"textDocument":{"uri":"file:///a","languageId":"x","version":"x","text":""}}`)
		w.notify("textDocument/didChange", `{"textDocument":5,"contentChanges":"x"}`)
		w.notify("textDocument/didClose", `[]`)
		w.notify("workspace/didChangeWatchedFiles", `{"changes":[{"uri":1}]}`)
		w.notify("workspace/didChangeConfiguration", `{"settings":[1,2]}`)
		w.notify("$/cancelRequest", `{"id":{"a":1}}`)
		w.notify("$/setTrace", `{"value":7}`)
	})
	if r := w.call("textDocument/hover", `{"textDocument":[],"position":"x"}`); r.Error == nil {
		t.Error("a request with wrong types has a result")
	}
	w.good()
}

func TestBehaviour23_ProbePanic(t *testing.T) {
	boom := true
	w := startWith(t, "", "", Options{onCall: func(_ context.Context, method string) {
		if boom && (method == protocol.MethodTextDocumentHover || method == protocol.MethodTextDocumentDidOpen) {
			panic("boom")
		}
	}})
	w.open("file:///a/escape.yml", "escape-plan", "name: a\n")
	if r := w.call("textDocument/hover", `{"textDocument":{"uri":"file:///a"},"position":{"line":0,"character":0}}`); r.Error == nil || r.Error.Code != -32603 {
		t.Errorf("got %+v, want an internal error", r)
	}
	boom = false
	w.good()
	if n := strings.Count(w.log.String(), "this is a defect of Escape"); n != 2 {
		t.Errorf("%d lines in the log, want 2:\n%s", n, w.log)
	}
}

// What panics beside all requests leaves the server alive, too: what is read of other plans, and what others are asked.
func TestBehaviour23_ProbePanicAside(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "other", "escape.yml"), "name: other\n")
	w := startWith(t, dir, "", Options{
		Patience: time.Millisecond,
		ReadFile: func(path string) ([]byte, error) {
			if filepath.Base(filepath.Dir(path)) == "other" {
				panic("boom")
			}
			return os.ReadFile(path)
		},
		Packages: panicking{},
		Recorded: func(context.Context, string, string, string) ([]*Deployment, error) { panic("boom") },
	})
	u := fileURI(filepath.Join(dir, "escape.yml"))
	w.open(u, "escape-plan", "name: demo/app\nversion: 1.0.0\ninputs:\n- zone\ndepends:\n- x\n")
	w.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":3,"character":3}}`, u))
	w.call("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":5,"character":3}}`, u))
	w.published(u, 1)
	w.good()
	for _, what := range []string{"workspace/index.go", "lsp/deployments.go", "panicking.Names"} {
		if !strings.Contains(w.log.String(), what) {
			t.Errorf("the log does not tell of %s:\n%s", what, w.log)
		}
	}
}

// The question whether an answer can be given at once may panic, too.
func TestBehaviour23_ProbePanicBefore(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".git", "HEAD"), "")
	write(t, filepath.Join(dir, "db", "escape.yml"), "name: demo/db\nversion: 1.0.0\n")
	var boom atomic.Bool
	w := startWith(t, dir, "", Options{ReadFile: func(path string) ([]byte, error) {
		if boom.Load() && filepath.Base(filepath.Dir(path)) == "db" {
			panic("boom")
		}
		return os.ReadFile(path)
	}})
	u, db := fileURI(filepath.Join(dir, "escape.yml")), fileURI(filepath.Join(dir, "db", "escape.yml"))
	w.open(u, "escape-plan", "name: demo/app\nversion: 1.0.0\ndepends:\n- demo/db-v1.0.0 as db\n")
	w.published(u, 1)
	w.good()
	boom.Store(true)
	for range 20 {
		w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":2}]}`, db))
		w.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":8}}`, u))
	}
	w.good()
	if !strings.Contains(w.log.String(), "boom") {
		t.Error("nothing panicked")
	}
}

// panicking are Packages that panic when they are asked.
type panicking struct{}

func (panicking) Names(context.Context) ([]string, error)            { panic("boom") }
func (panicking) Versions(context.Context, string) ([]string, error) { panic("boom") }

func TestBehaviour23_ProbeNoJSON(t *testing.T) {
	w := probe(t, func(w *wire) {
		w.send(`this is no JSON`)
		w.send(`{"jsonrpc":"2.0","id":77,"method":`)
		w.send("\x00\xff\xfe")
		w.send(`"text"`)
		w.send(`17`)
		w.send(`{}`)
		w.send(`{"jsonrpc":"1.0","id":78,"method":"x"}`)
	})
	w.until("an error without id", func() bool { return len(w.answers["null"]) > 0 })
}

func TestBehaviour23_ProbeUnknownRequests(t *testing.T) {
	w := start(t, "", "")
	for _, method := range []string{"custom/x", "$/x", "textDocument/nothing", ""} {
		if r := w.call(method, `{"a":[1,2,{"b":null}]}`); r.Error == nil || r.Error.Code != -32601 {
			t.Errorf("%q: got %+v, want that there is no such method", method, r)
		}
	}
	w.good()
}

func TestBehaviour23_ProbeCapabilities(t *testing.T) {
	w := start(t, "", `{"new":{"deep":[1,{"x":null}]},"textDocument":{"hover":7,"publishDiagnostics":{"tagSupport":{"valueSet":[99,"x"]}},"synchronization":null},"general":{"positionEncodings":["utf-32","nothing"]},"workspace":[]}`)
	w.good()
}

func TestBehaviour23_ProbeDuplicateKeys(t *testing.T) {
	probe(t, func(w *wire) {
		w.send(`{"jsonrpc":"2.0","jsonrpc":"2.0","method":"textDocument/didClose","method":"textDocument/didClose","params":{"textDocument":{"uri":"a","uri":"b"}}}`)
		id := `901`
		w.send(`{"jsonrpc":"2.0","id":900,"id":901,"method":"shutdown","method":"textDocument/hover","params":{"textDocument":{"uri":"a","uri":"b"},"position":{"line":0,"character":0}}}`)
		w.until("an answer", func() bool { return len(w.answers[id])+len(w.answers["null"])+len(w.answers["900"]) > 0 })
	})
}

func TestBehaviour23_ProbeEnumsOutOfRange(t *testing.T) {
	w := probe(t, func(w *wire) {
		w.notify("workspace/didChangeWatchedFiles", `{"changes":[{"uri":"file:///x/escape.yml","type":99}]}`)
		w.notify("$/setTrace", `{"value":"everything"}`)
	})
	w.call("textDocument/completion", `{"textDocument":{"uri":"file:///a"},"position":{"line":4294967295,"character":4294967295},"context":{"triggerKind":77}}`)
	w.call("textDocument/codeAction", `{"textDocument":{"uri":"file:///a"},"range":{"start":{"line":9,"character":0},"end":{"line":0,"character":0}},"context":{"diagnostics":[],"triggerKind":-4,"only":["nothing"]}}`)
	w.call("textDocument/hover", `{"textDocument":{"uri":"file:///a"},"position":{"line":-1,"character":1e99}}`)
	w.good()
}

func TestBehaviour23_ProbeSurrogatesAndBytes(t *testing.T) {
	probe(t, func(w *wire) {
		for i, text := range []string{`"name: \ud800"`, `"\udc00\ud800x"`, "\"name: \xff\xfe\"", `"\u0000"`} {
			u := fmt.Sprintf("file:///s%d/escape.yml", i)
			w.notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"escape-plan","version":1,"text":%s}}`, u, text))
			w.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":7}}`, u))
		}
	})
}

func TestBehaviour23_ProbeURIs(t *testing.T) {
	w := start(t, "", "")
	for _, u := range []string{
		"untitled:Untitled-1", "file:///c%3A/Users/x/escape.yml", "file:///C:/Users/x/escape.yml", "file://server/share/escape.yml",
		"vscode-vfs://github/x/escape.yml", "git:/x/escape.yml?%7B%22ref%22%3A%22%22%7D", "", "%%%", "file:///%zz/escape.yml", "no uri at all",
		"file:///a b/ü/escape.yml", "FILE:///x/escape.yml", "file:", "file:///" + strings.Repeat("x", 5000),
	} {
		w.open(u, "escape-plan", "name: a\nversion: 0.0.@\n")
		if r := w.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":1}}`, u)); r.Error != nil && r.Error.Code == -32603 {
			t.Errorf("%q: %v", u, *r.Error)
		}
	}
	w.published("untitled:Untitled-1", 1)
	w.good()
}

// TestBehaviour21_ProbeCancel also shows that a handler which does not look at its context keeps nobody waiting.
func TestBehaviour21_ProbeCancel(t *testing.T) {
	release, began := make(chan struct{}), make(chan struct{}, 10)
	w := startWith(t, "", "", Options{onCall: func(_ context.Context, method string) {
		if method == protocol.MethodTextDocumentDefinition {
			began <- struct{}{}
			<-release
		}
	}})
	params := `{"textDocument":{"uri":"file:///a"},"position":{"line":0,"character":0}}`
	for _, id := range []string{`500`, `"five"`} {
		w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"textDocument/definition","params":%s}`, id, params))
		<-began
		since := time.Now()
		w.notify("$/cancelRequest", fmt.Sprintf(`{"id":%s}`, id))
		r := w.wait(id)
		if r.Error == nil || r.Error.Code != -32800 {
			t.Errorf("%s: got %+v, want that it is cancelled", id, r)
		}
		if d := r.at.Sub(since); d > 20*time.Millisecond && !raceEnabled {
			t.Logf("%s: the answer took %v", id, d)
		}
	}
	close(release)
	for _, id := range []string{`500`, `"five"`, `1`, `99999`, `null`, `1.5`, `"1"`} {
		w.notify("$/cancelRequest", fmt.Sprintf(`{"id":%s}`, id))
	}
	w.good()
}

func TestBehaviour23_ProbeHuge(t *testing.T) {
	w := start(t, "", "")
	line := "  - a line that is of no use at all: \"${x}\"\n"
	w.open("file:///a/escape.yml", "escape-plan", "name: a\n")
	w.set("file:///a/escape.yml", 2, "name: a\nmetadata:\n"+strings.Repeat("  key: value of it\n", 390_000/19))
	w.open("file:///b/escape.yml", "escape-plan", "name: b\nincludes:\n"+strings.Repeat(line, 20_000_000/len(line)))
	w.open("file:///c/note.txt", "plaintext", strings.Repeat("x", 20_000_000))
	w.good()
	w.notify("textDocument/didClose", `{"textDocument":{"uri":"file:///b/escape.yml"}}`)
	w.set("file:///a/escape.yml", 3, "name: a\n")
	w.published("file:///a/escape.yml", 3)
}

func TestBehaviour23_ProbeHeaders(t *testing.T) {
	body := func(id int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/hover","params":{"textDocument":{"uri":"a"},"position":{"line":0,"character":0}}}`, id)
	}
	w := start(t, "", "")
	for i, frame := range []string{
		"content-length: %d\r\n\r\n%s",
		"CONTENT-LENGTH:%d\r\n\r\n%s",
		"Content-Length: %d\n\n%s",
		"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
		"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n%s",
		"\r\n\r\nContent-Length:   %d  \r\nX-Other: a:b\r\n\r\n%s",
		"garbage between messages\nand more\r\nContent-Length: %d\r\n\r\n%s",
		"Content-Length: -5\r\n\r\nContent-Length: x\r\n\r\nContent-Length: 99999999999999999999\r\n\r\nContent-Length: %d\r\n\r\n%s",
		"\x00\x01\x02" + strings.Repeat("z", 100_000) + "\nContent-Length: %d\r\n\r\n%s",
	} {
		b := body(800 + i)
		w.raw(fmt.Sprintf(frame, len(b), b))
		if r := w.wait(fmt.Sprint(800 + i)); r.Error != nil {
			t.Errorf("%q: %v", frame, *r.Error)
		}
	}
}

func TestBehaviour23_ProbeDuplicateIDs(t *testing.T) {
	w := start(t, "", "")
	hover := `{"jsonrpc":"2.0","id":600,"method":"textDocument/hover","params":{"textDocument":{"uri":"a"},"position":{"line":0,"character":0}}}`
	for range 3 {
		w.send(hover)
	}
	for range 3 {
		w.wait("600")
	}
	w.good()
}

func TestBehaviour23_ProbeBatch(t *testing.T) {
	w := start(t, "", "")
	hover := func(id int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/hover","params":{"textDocument":{"uri":"a"},"position":{"line":0,"character":0}}}`, id)
	}
	w.send(`[` + hover(700) + `,{"jsonrpc":"2.0","method":"x/y"},7,` + hover(701) + `]`)
	w.wait("700")
	w.wait("701")
	w.send(`[]`)
	w.send(`[[]]`)
	w.good()
}

func TestBehaviour23_ProbeLifeCycle(t *testing.T) {
	w := connect(t, Options{})
	w.notify("textDocument/didOpen", `{}`)
	if r := w.call("textDocument/hover", `{}`); r.Error == nil || r.Error.Code != -32002 {
		t.Errorf("before initialize: got %+v", r)
	}
	w.initialize("", "", "")
	if r := w.call("initialize", `{"capabilities":{}}`); r.Error == nil || r.Error.Code != -32600 {
		t.Errorf("initialize twice: got %+v", r)
	}
	w.good()
	w.call("shutdown", "null")
	if r := w.call("textDocument/hover", `{}`); r.Error == nil || r.Error.Code != -32600 {
		t.Errorf("after shutdown: got %+v", r)
	}
	w.notify("textDocument/didOpen", `{}`)
	w.notify("exit", "null")
	if err := w.ended(); err != nil {
		t.Errorf("exit after shutdown: %v", err)
	}
	w = start(t, "", "")
	w.notify("exit", "null")
	if err := w.ended(); !errors.Is(err, ErrNoShutdown) {
		t.Errorf("exit without shutdown: %v", err)
	}
	w = connect(t, Options{})
	w.notify("exit", "null")
	if err := w.ended(); !errors.Is(err, ErrNoShutdown) {
		t.Errorf("exit before initialize: %v", err)
	}
}

func TestBehaviour23_ProbeInputEnds(t *testing.T) {
	for _, rest := range []string{"", "Content-Le", "Content-Length: 500\r\n\r\n", "Content-Length: 500\r\n\r\n{\"jsonrpc\":", "Content-Length: 200000000\r\n\r\n{"} {
		w := start(t, "", "")
		w.raw(rest)
		w.in.Close()
		if err := w.ended(); !errors.Is(err, ErrNoShutdown) {
			t.Errorf("after %q: %v", rest, err)
		}
	}
	w := start(t, "", "")
	w.call("shutdown", "null")
	w.in.Close()
	if err := w.ended(); err != nil {
		t.Errorf("after shutdown: %v", err)
	}
}

// TestBehaviour23_ProbeParentDies starts a process, tells the server that it is its parent, and ends it.
func TestBehaviour23_ProbeParentDies(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("a process is needed that waits for its input")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperWaits$")
	cmd.Env = append(os.Environ(), "ESCAPE_TEST_WAITS=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := connect(t, Options{})
	w.call("initialize", fmt.Sprintf(`{"processId":%d,"capabilities":{}}`, cmd.Process.Pid))
	w.good()
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := w.ended(); !errors.Is(err, ErrNoShutdown) {
		t.Errorf("the server ended with %v", err)
	}
}

// TestHelperWaits is a process that lives until its input ends.
func TestHelperWaits(t *testing.T) {
	if os.Getenv("ESCAPE_TEST_WAITS") == "" {
		t.Skip("this is no test but a process for another")
	}
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func TestNothingIsLeftAfterShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := folder(t, map[string]string{"a/escape.yml": "name: a\nversion: 0.0.@\ndescription: x\n"})
	w := start(t, dir, `{"workspace":{"configuration":true,"didChangeWatchedFiles":{"dynamicRegistration":true}},"window":{"workDoneProgress":true}}`)
	u := fileURI(dir) + "/a/escape.yml"
	w.open(u, "escape-plan", "name: a\n")
	w.published(u, 1)
	for range 20 {
		w.good()
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
	<-w.closed
	deadline := time.Now().Add(wireTimeout)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", before, n, buf[:runtime.Stack(buf, true)])
	}
}

func decode[T any](t testing.TB, raw json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// An editor that is closed says goodbye, and is gone before the findings of what it opened are there: nothing is wrong with that.
func TestBehaviour23_LeavingIsNotLogged(t *testing.T) {
	for range 100 {
		w := start(t, "", "")
		w.open("untitled:a", "escape-plan", "name: demo/a\nversion: 0.1.@\ninputs:\n- zone\n")
		w.ask("shutdown", "null")
		w.notify("exit", "null")
		w.in.Close()
		if err := w.ended(); err != nil {
			t.Fatal(err)
		}
		if w.log.String() != "" {
			t.Fatalf("the log says\n%s", w.log)
		}
	}
}
