package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

var declarationFeature = Feature{
	Name:    "Declaration",
	Methods: []string{protocol.MethodTextDocumentDeclaration},
	Doc:     "As the definition; of what several packages declare under one name, that of the package in which it comes from.",
	offer:   func(_ *server, c *protocol.ServerCapabilities) { c.DeclarationProvider = protocol.Boolean(true) },
}

// Declaration implements the request "textDocument/declaration".
func (s *server) Declaration(ctx context.Context, p *protocol.DeclarationParams) (protocol.DeclarationResult, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok || len(x.Defs) == 0 {
		return nil, nil
	}
	first := x.Owners[len(x.Owners)-1].Places
	if len(first) == 0 {
		first = x.Defs
	}
	if s.can.TextDocument.Declaration.LinkSupport {
		return protocol.DeclarationLinkSlice(links[protocol.DeclarationLink](s, snap, x, first)), nil
	}
	return protocol.LocationSlice(s.places(snap, first)), nil
}
