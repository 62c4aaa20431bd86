package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/navigate"
)

var implementationFeature = Feature{
	Name:    "Implementation",
	Methods: []string{protocol.MethodTextDocumentImplementation},
	Doc: "From an interface to the plans that provide it, from a package to the plans that extend it, from an output to the scripts that " +
		"write it, from a step or errand to its script.",
	offer: func(_ *server, c *protocol.ServerCapabilities) { c.ImplementationProvider = protocol.Boolean(true) },
}

// Implementation implements the request "textDocument/implementation".
func (s *server) Implementation(ctx context.Context, p *protocol.ImplementationParams) (protocol.DefinitionResult, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	return s.definitions(snap, x, navigate.Implementations(ctx, snap, x), s.can.TextDocument.Implementation.LinkSupport), nil
}
