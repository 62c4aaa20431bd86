package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

var highlightFeature = Feature{
	Name:    "Highlights",
	Methods: []string{protocol.MethodTextDocumentDocumentHighlight},
	Doc:     "The uses of a name in the document: where it is declared or gets a value, and where it is read.",
	offer:   func(_ *server, c *protocol.ServerCapabilities) { c.DocumentHighlightProvider = protocol.Boolean(true) },
}

// DocumentHighlight implements the request "textDocument/documentHighlight".
func (s *server) DocumentHighlight(ctx context.Context, p *protocol.DocumentHighlightParams) ([]protocol.DocumentHighlight, error) {
	snap, x, ok := s.symbolAt(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	uses := navigate.Here(snap, x)
	if alias, ok := symbol.Alias(snap, x); ok {
		uses = append(navigate.Here(snap, alias), uses...)
	}
	var out []protocol.DocumentHighlight
	seen := map[source.Span]bool{}
	for _, u := range uses {
		if u.File.Name() != x.File.Name() || seen[u.Span] {
			continue
		}
		seen[u.Span] = true
		kind := protocol.DocumentHighlightKindRead
		if u.Use == symbol.Declare || u.Use == symbol.Write {
			kind = protocol.DocumentHighlightKindWrite
		}
		out = append(out, protocol.DocumentHighlight{Range: s.can.rangeOf(u.File, u.Span), Kind: kind})
	}
	return out, nil
}
