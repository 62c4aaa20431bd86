package lsp

import (
	"context"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
)

// prompt returns how long the text of a plan may be for a request to be answered, from what is known, before anything else is
// read. What asks about one place takes next to no time; what asks about all of a text takes some milliseconds for the longest.
func prompt(method string) (bytes int) {
	switch method {
	case protocol.MethodTextDocumentHover,
		protocol.MethodTextDocumentCompletion,
		protocol.MethodTextDocumentSignatureHelp,
		protocol.MethodTextDocumentDefinition,
		protocol.MethodTextDocumentDeclaration,
		protocol.MethodTextDocumentTypeDefinition,
		protocol.MethodTextDocumentDocumentHighlight,
		protocol.MethodTextDocumentLinkedEditingRange,
		protocol.MethodTextDocumentSelectionRange,
		protocol.MethodTextDocumentSemanticTokensRange:
		return 1 << 20
	case protocol.MethodTextDocumentDocumentSymbol,
		protocol.MethodTextDocumentFoldingRange,
		protocol.MethodTextDocumentSemanticTokensFull,
		protocol.MethodTextDocumentSemanticTokensFullDelta,
		protocol.MethodTextDocumentFormatting,
		protocol.MethodTextDocumentRangeFormatting,
		protocol.MethodTextDocumentOnTypeFormatting:
		return 64 << 10
	}
	return 0
}

// atOnce reports whether a request is answered before anything else is read: to hand it to another goroutine would take longer
// than the answer. That is so if it is prompt, all that it needs is known, the client has said nothing more, which could make the
// answer worthless, and reads what it is sent, and there is a free processor. The function that it returns gives that back; it is
// nil if the answer is no.
func (h *shell) atOnce(snap *cache.Snapshot, req *jsonrpc2.Request) (free func()) {
	longest := prompt(req.Method())
	if longest == 0 || h.stream.busy() {
		return nil
	}
	var an *cache.Analyzed
	h.server.safely(func() { an = snap.Ready(snap.Document(documentOf(req.Params()))) }) // it may read plans that have changed
	if an == nil || an.Alone() || len(an.Doc.Source.Text()) > longest {
		return nil
	}
	workers := h.workers(req.Method())
	select {
	case workers <- struct{}{}:
		return func() { <-workers }
	default:
		return nil
	}
}

// here calls the handler of a request while nothing more is read. If that is about to wait, another goroutine reads from then on,
// and the request can be cancelled as any other.
func (h *shell) here(ctx, own context.Context, req *jsonrpc2.Request) (any, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting, leave := false, func() {}
	defer func() {
		waiting = true // who asks later asks for nothing: own and req are used again
		leave()
	}()
	waits := func() {
		if !waiting {
			waiting = true
			leave = h.enter(req.ID(), h.request(req, cancel))
			jsonrpc2.Async(own)
		}
	}
	result, err := h.call(waiter{ctx, waits}, req)
	if ctx.Err() != nil && (err != nil || result == nil) {
		return nil, whyEnded(ctx)
	}
	if raw, _ := result.(jsonrpc2.RawMessage); len(raw) > maxShort || h.stream.clogged() {
		waits() // until the client has read it
	}
	return result, err
}

// maxShort is how long an answer may be, and what the client has not read before, for the system to keep both until it does.
const maxShort = 16 << 10

// A waiter is a context that tells when somebody is about to wait for its end. Only one goroutine may use it.
type waiter struct {
	context.Context
	waits func()
}

// Done implements context.Context.
func (w waiter) Done() <-chan struct{} {
	w.waits()
	return w.Context.Done()
}
