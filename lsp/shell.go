package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
)

// A shell stands between the connection and the server. Notifications are handled one after the other as they come. A request
// gets the snapshot of the moment in which it comes and is then answered beside others. Whatever a handler does, the
// connection lives on.
type shell struct {
	server *server
	handle jsonrpc2.Handler

	mu      sync.Mutex // guards the following
	state   lifecycle
	running map[string]context.CancelFunc // requests by id
}

type lifecycle uint8

const (
	created lifecycle = iota
	initialized
	shutDown
)

func newShell(s *server) *shell {
	return &shell{server: s, handle: protocol.ServerHandler(s, nil), running: map[string]context.CancelFunc{}}
}

type snapshotKey struct{}

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
	ctx, cancel := context.WithCancel(context.WithValue(ctx, snapshotKey{}, h.server.session.Snapshot()))
	defer cancel()
	if req.Method() == protocol.MethodInitialize || req.Method() == protocol.MethodShutdown {
		return h.call(ctx, req) // nothing goes on beside these
	}
	id := fmt.Sprint(req.ID())
	h.mu.Lock()
	h.running[id] = cancel
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.running, id)
		h.mu.Unlock()
	}()
	jsonrpc2.Async(own)
	return h.answer(ctx, req)
}

// answer waits for a free processor and calls the handler.
func (h *shell) answer(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	select {
	case h.server.workers <- struct{}{}:
		defer func() { <-h.server.workers }()
	case <-ctx.Done():
		return nil, protocol.ErrRequestCancelled
	}
	if ctx.Err() != nil {
		return nil, protocol.ErrRequestCancelled
	}
	result, err := h.call(ctx, req)
	if ctx.Err() != nil && (err != nil || result == nil) {
		return nil, protocol.ErrRequestCancelled
	}
	return result, err
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
		h.mu.Lock()
		down := h.state == shutDown
		h.mu.Unlock()
		h.server.exit(down)
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
	if _, err := h.call(ctx, req); err != nil && !errors.Is(err, jsonrpc2.ErrMethodNotFound) {
		h.server.log.Warn("a notification failed", "method", req.Method(), "error", err)
	}
}

func (h *shell) cancel(params []byte) {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	var id jsonrpc2.ID
	if json.Unmarshal(p.ID, &id) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if cancel := h.running[fmt.Sprint(id)]; cancel != nil {
		cancel()
	}
}

// call calls the handler. A panic becomes an error.
func (h *shell) call(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			h.server.log.Error("a handler failed, this is a defect of Escape", "method", req.Method(), "panic", p, "stack", string(debug.Stack()))
			result, err = nil, jsonrpc2.NewError(jsonrpc2.InternalError, "internal error, this is a defect of Escape")
		}
	}()
	if req.Method() == protocol.MethodInitialize {
		return h.server.initialize(req.Params())
	}
	return h.handle(ctx, req)
}
