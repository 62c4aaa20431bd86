package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/navigate"
)

var linkedEditingFeature = Feature{
	Name:    "Linked editing",
	Methods: []string{protocol.MethodTextDocumentLinkedEditingRange},
	Doc: "What must always be the same is typed once: the word that begins a heredoc and the one that ends it, an anchor and its aliases, " +
		"the two ends of a section of a template.",
	offer: func(_ *server, c *protocol.ServerCapabilities) { c.LinkedEditingRangeProvider = protocol.Boolean(true) },
}

// LinkedEditingRange implements the request "textDocument/linkedEditingRange".
func (s *server) LinkedEditingRange(ctx context.Context, p *protocol.LinkedEditingRangeParams) (*protocol.LinkedEditingRanges, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	spans := navigate.Linked(snap, d, s.can.offset(d.Source, p.Position))
	if len(spans) < 2 {
		return nil, nil
	}
	return &protocol.LinkedEditingRanges{Ranges: s.can.ranges(d.Source, spans)}, nil
}
