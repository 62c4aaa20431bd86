package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

var hoverFeature = Feature{
	Name:    "Hover",
	Methods: []string{protocol.MethodTextDocumentHover},
	Doc:     "What a word means.",
	offer:   func(_ *server, c *protocol.ServerCapabilities) { c.HoverProvider = protocol.Boolean(true) },
}

// Hover implements the request "textDocument/hover".
func (s *server) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	return nil, nil
}
