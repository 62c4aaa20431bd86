//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An editor is a client of a language server over its standard input and output. It decodes nothing but what it waits for. Its own
// work is no part of what it measures: that is the time from when it begins to write a message until all of the answer has come.
type editor struct {
	cmd  *exec.Cmd
	in   *os.File
	late *time.Timer   // ends a server that takes too long
	gone chan struct{} // closed when nothing more comes

	mu       sync.Mutex // guards the following
	began    time.Time  // when the first message was written since begin was called
	came     time.Time  // when the message came that was waited for last
	noted    time.Time  // when findings came last
	next     int
	replies  map[int]chan reply
	versions map[string]int // of the last findings, by URI
	count    map[string]int // how many findings there are
	news     chan struct{}  // closed and replaced when one of the two above changes
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
	at     time.Time // when it had come
}

// patience is how long a session may take.
const patience = 3 * time.Minute

// begin lets the time begin with the next message, and took returns how long it took until what was waited for had come.
func (e *editor) begin() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.began = time.Time{}
}

func (e *editor) took() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.came.Sub(e.began)
}

// startEditor starts a server and returns how long it took until it answered the request to initialize.
func startEditor(argv []string, dir string, folders bool) (*editor, time.Duration, error) {
	e := &editor{
		cmd: exec.Command(argv[0], argv[1:]...), replies: map[int]chan reply{},
		versions: map[string]int{}, count: map[string]int{}, news: make(chan struct{}), gone: make(chan struct{}),
	}
	e.cmd.Dir = dir
	stdin, in, err := os.Pipe()
	if err != nil {
		return nil, 0, err
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		return nil, 0, err
	}
	// Fd has the effect that whoever reads is waked by what comes, not by a poller that waits for all files.
	in.Fd()
	out.Fd()
	e.in, e.cmd.Stdin, e.cmd.Stdout = in, stdin, stdout
	start := time.Now()
	err = e.cmd.Start()
	stdin.Close()
	stdout.Close()
	if err != nil {
		return nil, 0, err
	}
	e.late = time.AfterFunc(patience, func() { e.cmd.Process.Kill() })
	go e.read(out) // ends with the output of the server
	params := map[string]any{
		"processId": os.Getpid(), "rootUri": nil, "capabilities": editorCan,
		"initializationOptions": map[string]any{"semanticTokens": true},
	}
	if folders {
		uri := "file://" + dir
		params["rootUri"] = uri
		params["workspaceFolders"] = []any{map[string]any{"uri": uri, "name": "all"}}
	}
	if err := e.call("initialize", params, nil); err != nil {
		return nil, 0, err
	}
	return e, e.came.Sub(start), e.notify("initialized", map[string]any{})
}

// editorCan are the capabilities of the editor, those of a usual one.
var editorCan = map[string]any{
	"general": map[string]any{"positionEncodings": []string{"utf-8", "utf-16"}},
	"window":  map[string]any{"workDoneProgress": true},
	"workspace": map[string]any{
		"configuration": true, "workspaceFolders": true, "workspaceEdit": map[string]any{"documentChanges": true},
		"didChangeWatchedFiles": map[string]any{"dynamicRegistration": true},
	},
	"textDocument": map[string]any{
		"publishDiagnostics": map[string]any{"versionSupport": true, "relatedInformation": true},
		"completion": map[string]any{"completionItem": map[string]any{
			"snippetSupport": true, "resolveSupport": map[string]any{"properties": []string{"documentation", "detail"}},
		}},
		"hover":          map[string]any{"contentFormat": []string{"markdown"}},
		"documentSymbol": map[string]any{"hierarchicalDocumentSymbolSupport": true},
		"rename":         map[string]any{"prepareSupport": true},
		"semanticTokens": map[string]any{
			"requests": map[string]any{"full": map[string]any{"delta": true}, "range": true},
			"formats":  []string{"relative"}, "tokenTypes": []string{}, "tokenModifiers": []string{},
		},
	},
}

func (e *editor) read(out *os.File) {
	defer close(e.gone)
	defer out.Close()
	r := bufio.NewReaderSize(out, 1<<20)
	var body []byte
	for {
		n, err := length(r)
		if err != nil {
			return
		}
		body = slices.Grow(body[:0], n)[:n]
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		e.message(body, time.Now())
	}
}

// length reads the header of a message.
func length(r *bufio.Reader) (n int, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return 0, err
		}
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case name == "":
			return n, nil
		case ok && name == "Content-Length":
			if n, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
}

// message takes a message that had come at a time.
func (e *editor) message(body []byte, at time.Time) {
	var m struct {
		ID     json.RawMessage
		Method string
		Params json.RawMessage
		reply
	}
	if json.Unmarshal(body, &m) != nil {
		return
	}
	switch {
	case m.Method == "":
		id, _ := strconv.Atoi(string(m.ID))
		e.mu.Lock()
		wait := e.replies[id]
		delete(e.replies, id)
		e.mu.Unlock()
		if wait != nil {
			m.at = at
			wait <- m.reply
		}
	case m.Method == "textDocument/publishDiagnostics":
		var p struct {
			URI         string
			Version     int
			Diagnostics []json.RawMessage
		}
		if json.Unmarshal(m.Params, &p) == nil {
			e.note(func() { e.versions[p.URI], e.count[p.URI], e.noted = p.Version, len(p.Diagnostics), at })
		}
	case len(m.ID) > 0:
		result := "null"
		if m.Method == "workspace/configuration" {
			var p struct{ Items []json.RawMessage }
			json.Unmarshal(m.Params, &p)
			result = "[" + strings.TrimSuffix(strings.Repeat("{},", len(p.Items)), ",") + "]"
		}
		e.write(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": json.RawMessage(result)}, false)
	}
}

func (e *editor) note(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
	close(e.news)
	e.news = make(chan struct{})
}

// until waits until something holds, which may only change with a note.
func (e *editor) until(what string, holds func() bool) error {
	for {
		e.mu.Lock()
		ok, news := holds(), e.news
		if ok {
			e.came = e.noted
		}
		e.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-news:
		case <-e.gone:
			return fmt.Errorf("%s: %s did not come", e.cmd.Path, what)
		}
	}
}

// write sends a message; timed says that the time may begin with it.
func (e *editor) write(m any, timed bool) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	message := slices.Concat([]byte("Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body)
	e.mu.Lock()
	if timed && e.began.IsZero() {
		e.began = time.Now()
	}
	e.mu.Unlock()
	_, err = e.in.Write(message)
	return err
}

func (e *editor) notify(method string, params any) error {
	return e.write(map[string]any{"jsonrpc": "2.0", "method": method, "params": params}, true)
}

// send makes a request and returns what its answer comes on.
func (e *editor) send(method string, params any) (int, chan reply, error) {
	e.mu.Lock()
	e.next++
	id, wait := e.next, make(chan reply, 1)
	e.replies[id] = wait
	e.mu.Unlock()
	return id, wait, e.write(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params}, true)
}

// call makes a request and waits for its result.
func (e *editor) call(method string, params any, result *json.RawMessage) error {
	_, wait, err := e.send(method, params)
	if err != nil {
		return err
	}
	select {
	case r := <-wait:
		e.mu.Lock()
		e.came = r.at
		e.mu.Unlock()
		if r.Error != nil {
			return fmt.Errorf("%s: %s: %s", e.cmd.Path, method, r.Error.Message)
		}
		if result != nil {
			*result = r.Result
		}
		return nil
	case <-e.gone:
		return fmt.Errorf("%s: %s: no answer", e.cmd.Path, method)
	}
}

// stop ends the server and returns its peak memory in KiB.
func (e *editor) stop() int64 {
	peak := e.memory("VmHWM")
	e.call("shutdown", nil, nil)
	e.notify("exit", nil)
	e.in.Close()
	e.late.Stop()
	done := make(chan struct{})
	go func() { defer close(done); e.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		e.cmd.Process.Kill()
		<-done
	}
	return peak
}

// memory returns a line of the status of the process, in KiB: VmRSS is what it has, VmHWM what it had at most. 0 is unknown.
func (e *editor) memory(name string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n
		}
	}
	return 0
}
