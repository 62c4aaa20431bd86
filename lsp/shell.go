package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
)

// A shell stands between the connection and the server. Notifications are handled one after the other as they come. A request
// gets the snapshot of the moment in which it comes and is then answered: at once, or beside others. Whatever a handler does, the
// connection lives on.
type shell struct {
	server *server
	stream *stream
	// jobs gets work for a goroutine that has done such work before: its stack is large enough by now, and to let that grow takes
	// longer than most answers. idle counts those that wait for some.
	jobs chan job
	idle atomic.Int32

	mu      sync.Mutex // guards the following
	state   lifecycle
	running map[jsonrpc2.ID]*request // the last one of each id
}

// A request is one that has no answer yet.
type request struct {
	method string
	uri    string // of the document whose next version makes the answer worthless; "" if that does not matter
	cancel context.CancelCauseFunc
}

type lifecycle uint8

const (
	created lifecycle = iota
	initialized
	shutDown
)

// maxRequests is how many requests may be without an answer that has been written, and maxFull how long nothing is read if there are
// more.
const (
	maxRequests = 1000
	maxFull     = 5 * time.Second
)

func newShell(s *server, st *stream) *shell {
	h := &shell{server: s, stream: st, running: map[jsonrpc2.ID]*request{}, jobs: make(chan job)}
	s.outdate = h.outdate
	return h
}

// isDown reports whether the client has shut the server down.
func (h *shell) isDown() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state == shutDown
}

// ofOneVersion reports whether answers to a request are worthless once the document has another text; clients ask again then
// (section "Implementation Considerations").
func ofOneVersion(method string) bool {
	switch method {
	case protocol.MethodTextDocumentCompletion,
		protocol.MethodTextDocumentSignatureHelp,
		protocol.MethodTextDocumentDocumentHighlight,
		protocol.MethodTextDocumentInlayHint,
		protocol.MethodTextDocumentSemanticTokensFull,
		protocol.MethodTextDocumentSemanticTokensFullDelta,
		protocol.MethodTextDocumentSemanticTokensRange:
		return true
	}
	return false
}

// urgent reports whether a user waits for the answer while a file is saved: it does not stand in a queue with others.
func urgent(method string) bool {
	switch method {
	case protocol.MethodTextDocumentFormatting,
		protocol.MethodTextDocumentRangeFormatting,
		protocol.MethodTextDocumentRangesFormatting,
		protocol.MethodTextDocumentOnTypeFormatting,
		protocol.MethodTextDocumentWillSaveWaitUntil,
		protocol.MethodTextDocumentCodeAction,
		protocol.MethodCodeActionResolve:
		return true
	}
	return false
}

type (
	snapshotKey struct{}
	writtenKey  struct{} // the URI of a document that is opened, as the client writes it
)

// snapshotOf returns the snapshot of a request or notification.
func snapshotOf(ctx context.Context) *cache.Snapshot {
	snap, _ := ctx.Value(snapshotKey{}).(*cache.Snapshot)
	return snap
}

// serve is the jsonrpc2.Handler.
func (h *shell) serve(own context.Context, req *jsonrpc2.Request) (any, error) {
	ctx := jsonrpc2.DetachContext(own) // that of the request is used again for others
	if !req.IsCall() {
		h.notification(ctx, req)
		return nil, nil
	}
	if err := h.admit(req.Method()); err != nil {
		return nil, err
	}
	h.server.lookAround()
	snap := h.server.session.Snapshot()
	ctx = context.WithValue(ctx, snapshotKey{}, snap)
	if free := h.atOnce(snap, req); free != nil {
		defer free()
		return h.here(ctx, own, req)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	switch req.Method() {
	case protocol.MethodInitialize:
		return h.call(ctx, req) // nothing goes on beside it
	case protocol.MethodShutdown:
		h.stream.fewer(ctx, 1, grace) // than this one: a client may say everything at once and leave
		return h.call(ctx, req)
	}
	// A client must get some answers first. But it need not be for long: a handler may wait for an answer of the client.
	ok := h.stream.fewer(ctx, maxRequests, h.server.full)
	defer h.enter(req.ID(), h.request(req, cancel))()
	jsonrpc2.Async(own)
	if !ok {
		return nil, errTooMany
	}
	return h.answer(ctx, req)
}

// errTooMany is the answer to a request that comes while very many others have none.
var errTooMany = jsonrpc2.NewError(jsonrpc2.Code(protocol.LSPErrorCodesServerCancelled), "there are too many requests")

// workers has a token for each request that is answered just now.
func (h *shell) workers(method string) chan struct{} {
	if urgent(method) {
		return h.server.urgent
	}
	return h.server.workers
}

// documentOf returns the URI of the document that parameters name.
func documentOf(params []byte) string {
	var p struct {
		TextDocument struct {
			URI string `json:"uri"`
		} `json:"textDocument"`
	}
	_ = json.Unmarshal(params, &p) // which the handler tells
	return p.TextDocument.URI
}

// request makes the note of a request.
func (h *shell) request(req *jsonrpc2.Request, cancel context.CancelCauseFunc) *request {
	r := &request{method: req.Method(), cancel: cancel}
	if ofOneVersion(r.method) {
		r.uri = documentOf(req.Params())
	}
	return r
}

// enter notes a request as running, and ends completions of the same document that were asked for before: while somebody types,
// only the last is wanted. The function that it returns takes the note away.
func (h *shell) enter(id jsonrpc2.ID, r *request) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.method == protocol.MethodTextDocumentCompletion && r.uri != "" {
		for _, other := range h.running {
			if other.method == r.method && other.uri == r.uri {
				other.cancel(protocol.ErrContentModified)
			}
		}
	}
	h.running[id] = r
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.running[id] == r {
			delete(h.running, id)
		}
	}
}

// outdate ends the requests whose answers nobody wants any more, as a document has another text.
func (h *shell) outdate(uri string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.running {
		if r.uri == uri && uri != "" {
			r.cancel(protocol.ErrContentModified)
		}
	}
}

// answer waits for a free processor and calls the handler. If the request is cancelled it does not wait until the handler
// notices that.
func (h *shell) answer(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	workers := h.workers(req.Method())
	select {
	case workers <- struct{}{}:
	case <-ctx.Done():
		return nil, whyEnded(ctx)
	}
	if ctx.Err() != nil {
		<-workers
		return nil, whyEnded(ctx)
	}
	j := job{ctx, req, workers, make(chan outcome, 1)}
	select {
	case h.jobs <- j:
	default: // nobody waits for work
		go h.work(j)
	}
	select {
	case o := <-j.done:
		if ctx.Err() != nil && (o.err != nil || o.result == nil) {
			return nil, whyEnded(ctx)
		}
		return o.result, o.err
	case <-ctx.Done():
		return nil, whyEnded(ctx)
	}
}

// A job is a request whose handler is to be called.
type job struct {
	ctx     context.Context
	req     *jsonrpc2.Request
	workers chan struct{} // from which a token is taken when the handler has ended
	done    chan outcome
}

// An outcome is what a handler returns.
type outcome struct {
	result any
	err    error
}

// work does a job, and then those that come, until the connection ends or enough others wait for jobs.
func (h *shell) work(j job) {
	grow(0)
	for {
		result, err := h.call(j.ctx, j.req)
		j.done <- outcome{result, err}
		<-j.workers
		j = job{} // it may hold a large text
		if int(h.idle.Add(1)) > cap(h.server.workers) {
			h.idle.Add(-1)
			return
		}
		select {
		case j = <-h.jobs:
			h.idle.Add(-1)
		case <-h.server.ctx.Done():
			return
		}
	}
}

// whyEnded is the answer to a request whose context has ended.
func whyEnded(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, protocol.ErrContentModified) {
		return protocol.ErrContentModified
	}
	return protocol.ErrRequestCancelled
}

// admit reports whether a request may come now.
func (h *shell) admit(method string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.state == shutDown:
		return jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server is shut down")
	case method == protocol.MethodInitialize && h.state != created:
		return jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server is initialized already")
	case method == protocol.MethodInitialize:
		h.state = initialized
	case h.state == created:
		return jsonrpc2.NewError(jsonrpc2.Code(protocol.ErrorCodesServerNotInitialized), "the server is not initialized")
	case method == protocol.MethodShutdown:
		h.state = shutDown
	}
	return nil
}

// notification handles what wants no answer. Errors are only logged.
func (h *shell) notification(ctx context.Context, req *jsonrpc2.Request) {
	switch method := req.Method(); method {
	case protocol.MethodExit:
		h.server.exit(h.isDown())
		return
	case protocol.MethodCancelRequest:
		h.cancel(req.Params())
		return
	default:
		h.mu.Lock()
		ready := h.state == initialized
		h.mu.Unlock()
		if !ready || strings.HasPrefix(method, "$/") && method != protocol.MethodSetTrace {
			return // section "$ Notifications and Requests": they may be ignored
		}
	}
	ctx = context.WithValue(ctx, snapshotKey{}, h.server.session.Snapshot())
	if req.Method() == protocol.MethodTextDocumentDidOpen {
		if u := documentOf(req.Params()); u != "" {
			ctx = context.WithValue(ctx, writtenKey{}, u)
		}
	}
	if _, err := h.call(ctx, req); err != nil && !errors.Is(err, errPanic) && !errors.Is(err, jsonrpc2.ErrMethodNotFound) {
		h.server.log.Warn("a notification failed", "method", req.Method(), "error", err)
	}
}

func (h *shell) cancel(params []byte) {
	id, ok := idOf(params)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.running[id]; r != nil {
		r.cancel(protocol.ErrRequestCancelled)
	}
}

// idOf returns the id in an object that has one.
func idOf(object []byte) (jsonrpc2.ID, bool) {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(object, &p) != nil {
		return jsonrpc2.ID{}, false
	}
	var number int64
	if json.Unmarshal(p.ID, &number) == nil {
		return jsonrpc2.NewNumberID(number), string(p.ID) != "null"
	}
	var text string
	err := json.Unmarshal(p.ID, &text)
	return jsonrpc2.NewStringID(text), err == nil
}

// errPanic is the answer to a request whose handler panics, which is in the log.
var errPanic = jsonrpc2.NewError(jsonrpc2.InternalError, "internal error, this is a defect of Escape")

// call calls the handler and writes its result as JSON. A panic becomes an error.
func (h *shell) call(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			h.server.log.Error("a handler failed, this is a defect of Escape", "method", req.Method(), "panic", p, "stack", string(debug.Stack()))
			result, err = nil, errPanic
		}
	}()
	if hook := h.server.options.onCall; hook != nil {
		hook(ctx, req.Method())
	}
	switch req.Method() {
	case protocol.MethodInitialize:
		result, err = h.server.initialize(req.Params())
	case protocol.MethodShutdown: // admit has taken note of it
	default:
		result, err = h.server.dispatch(ctx, req)
	}
	if err != nil || result == nil {
		return nil, err
	}
	raw, err := protocol.Marshal(result)
	return jsonrpc2.RawMessage(raw), err
}
