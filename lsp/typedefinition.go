package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/navigate"
)

var typeDefinitionFeature = Feature{
	Name:    "Type definition",
	Methods: []string{protocol.MethodTextDocumentTypeDefinition},
	Doc:     "From the name of a dependency or extension to its plan, and from that of a provider to the plans that provide its interface.",
	offer:   func(_ *server, c *protocol.ServerCapabilities) { c.TypeDefinitionProvider = protocol.Boolean(true) },
}

// TypeDefinition implements the request "textDocument/typeDefinition".
func (s *server) TypeDefinition(ctx context.Context, p *protocol.TypeDefinitionParams) (protocol.DefinitionResult, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	return s.definitions(snap, x, navigate.TypeOf(snap, x), s.can.TextDocument.TypeDefinition.LinkSupport), nil
}
