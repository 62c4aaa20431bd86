package lsp

import (
	"context"
	"sync"
)

// refreshes are the requests to the client to ask again.
type refreshes struct{ findings, hints, others refresh }

// A refresh is a request of which one is on its way at most: a client may take its time, or never answer.
type refresh struct {
	mu        sync.Mutex // guards the following
	on, again bool
}

// send calls ask beside the caller. If that was done before and has not ended, it is done once more when it has.
func (r *refresh) send(s *server, ask func(ctx context.Context)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.again = true
		return
	}
	r.on = true
	s.background(func(ctx context.Context) {
		for more := true; more; more = r.ended() {
			ask(ctx)
		}
	})
}

// ended reports whether it is to be done once more.
func (r *refresh) ended() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on, r.again = r.again, false
	return r.on
}

// somethingChanged tells the client all that may be different, if it wants to know.
func (s *server) somethingChanged() {
	s.publisher.all()
	s.refreshHints()
	can := &s.can.Workspace
	if !can.CodeLens.RefreshSupport && !can.SemanticTokens.RefreshSupport {
		return
	}
	s.refreshes.others.send(s, func(ctx context.Context) {
		if can.CodeLens.RefreshSupport {
			s.told(s.client.CodeLensRefresh(ctx))
		}
		if can.SemanticTokens.RefreshSupport {
			s.told(s.client.SemanticTokensRefresh(ctx))
		}
	})
}

// refreshHints tells the client to ask for inlay hints again, if it wants to know.
func (s *server) refreshHints() {
	if s.can.Workspace.InlayHint.RefreshSupport {
		s.refreshes.hints.send(s, func(ctx context.Context) { s.told(s.client.InlayHintRefresh(ctx)) })
	}
}

// refreshFindings tells the client, which wants to know, to ask for findings again.
func (s *server) refreshFindings() {
	s.refreshes.findings.send(s, func(ctx context.Context) { s.told(s.client.DiagnosticRefresh(ctx)) })
}
