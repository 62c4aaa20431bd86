package lsp

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// DidOpen implements the notification "textDocument/didOpen".
func (s *server) DidOpen(ctx context.Context, p *protocol.DidOpenTextDocumentParams) error {
	d := p.TextDocument
	// Decoded texts are parts of the message, which would stay in memory with them.
	u := strings.Clone(string(d.URI))
	written, ok := ctx.Value(writtenKey{}).(string)
	if !ok {
		written = u
	}
	s.session.OpenAs(u, written, pathOf(u), strings.Clone(string(d.LanguageID)), d.Version, strings.Clone(d.Text))
	s.publisher.changed(uriKey(u), noCursor)
	return nil
}

// DidChange implements the notification "textDocument/didChange".
func (s *server) DidChange(ctx context.Context, p *protocol.DidChangeTextDocumentParams) error {
	u := string(p.TextDocument.URI)
	d := snapshotOf(ctx).Document(u)
	if d == nil {
		return fmt.Errorf("%s is not open", u)
	}
	f, cursor := d.Source, noCursor
	for _, change := range p.ContentChanges {
		f, cursor = s.edited(f, change)
	}
	u = d.URI // the other is a part of the message
	if _, ok := s.session.Edit(u, p.TextDocument.Version, f); !ok {
		return fmt.Errorf("%s is not open", u)
	}
	s.outdate(d.Written)
	s.publisher.changed(u, cursor)
	return nil
}

// edited returns a text after a change, and where the cursor is then.
func (s *server) edited(f *source.File, change protocol.TextDocumentContentChangeEvent) (*source.File, int) {
	switch c := change.(type) {
	case *protocol.TextDocumentContentChangePartial:
		span := s.can.span(f, c.Range)
		return f.Edit(span, strings.Clone(c.Text)), int(span.Start) + len(c.Text)
	case *protocol.TextDocumentContentChangeWholeDocument:
		return source.NewFile(f.Name(), strings.Clone(c.Text)), lastDifferent(f.Text(), c.Text)
	}
	return f, noCursor
}

// lastDifferent returns where the part of a text ends that is not as it was before; noCursor if there is none.
func lastDifferent(was, is string) int {
	if was == is {
		return noCursor
	}
	n := 0
	for n < min(len(was), len(is)) && was[len(was)-1-n] == is[len(is)-1-n] {
		n++
	}
	return len(is) - n
}

// DidSave implements the notification "textDocument/didSave".
func (s *server) DidSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) error {
	if path := pathOf(string(p.TextDocument.URI)); path != "" {
		s.changedOnDisk([]string{path})
	}
	return nil
}

// DidClose implements the notification "textDocument/didClose".
func (s *server) DidClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) error {
	u := uriKey(strings.Clone(string(p.TextDocument.URI)))
	s.session.Close(u)
	s.colours.forget(u)
	s.publisher.closedDocument(u)
	return nil
}

// document returns the open document of a request; nil if there is none, which is no error: it may have been closed since.
func document(ctx context.Context, id protocol.TextDocumentIdentifier) (*cache.Snapshot, *cache.Document) {
	snap := snapshotOf(ctx)
	return snap, snap.Document(string(id.URI))
}

// analyzed returns what is known of the plan of a request; nil if the document is not open or no plan.
func analyzed(ctx context.Context, id protocol.TextDocumentIdentifier) (*cache.Snapshot, *cache.Analyzed) {
	snap, d := document(ctx, id)
	if an := snap.Ready(d); an != nil {
		return snap, an // without a look at ctx, which tells that somebody waits
	}
	return snap, snap.AnalyzeFor(ctx, d)
}
