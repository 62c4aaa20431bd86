package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

var definitionFeature = Feature{
	Name:    "Definition",
	Methods: []string{protocol.MethodTextDocumentDefinition},
	Doc: "From a word to what declares it: in the plan, in the plan of another package, or in its metadata below `deps`. From a path to " +
		"the file.",
	offer: func(_ *server, c *protocol.ServerCapabilities) { c.DefinitionProvider = protocol.Boolean(true) },
}

// Definition implements the request "textDocument/definition".
func (s *server) Definition(ctx context.Context, p *protocol.DefinitionParams) (protocol.DefinitionResult, error) {
	snap, x, ok := s.symbolAt(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	return s.definitions(snap, x, x.Defs, s.can.TextDocument.Definition.LinkSupport), nil
}
