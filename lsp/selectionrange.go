package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/outline"
)

var selectionFeature = Feature{
	Name:    "Selection ranges",
	Methods: []string{protocol.MethodTextDocumentSelectionRange},
	Doc:     "A selection grows from the word to the parts of its expression, its value, entry and list.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		c.SelectionRangeProvider = protocol.Boolean(true)
	},
}

// SelectionRange implements the request "textDocument/selectionRange".
func (s *server) SelectionRange(ctx context.Context, p *protocol.SelectionRangeParams) ([]protocol.SelectionRange, error) {
	_, an := analyzed(ctx, p.TextDocument)
	if an == nil {
		return nil, nil
	}
	out := make([]protocol.SelectionRange, len(p.Positions))
	for i, at := range p.Positions {
		var parent *protocol.SelectionRange
		for _, span := range slices.Backward(outline.Selection(an.Analysis, s.can.offset(an.Source, at))) {
			parent = &protocol.SelectionRange{Range: s.can.rangeOf(an.Source, span), Parent: parent}
		}
		out[i] = *parent
	}
	return out, nil
}
