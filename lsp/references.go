package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

var referencesFeature = Feature{
	Name:    "References",
	Methods: []string{protocol.MethodTextDocumentReferences},
	Doc: "All uses of a name in the plan, its scripts and templates, and in the other plans of the workspace that depend on it, extend it " +
		"or consume what it provides.",
	offer: func(_ *server, c *protocol.ServerCapabilities) { c.ReferencesProvider = protocol.Boolean(true) },
}

// References implements the request "textDocument/references".
func (s *server) References(ctx context.Context, p *protocol.ReferenceParams) ([]protocol.Location, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	symbols := []symbol.Symbol{x}
	if alias, ok := symbol.Alias(snap, x); ok {
		symbols = append(symbols, alias)
	}
	var list []symbol.Place
	for _, x := range symbols {
		found := navigate.References(ctx, snap, x)
		for i := range found.Uses {
			if u := &found.Uses[i]; u.Use != symbol.Declare || p.Context.IncludeDeclaration {
				list = append(list, u.Place)
			}
		}
		for _, o := range found.Owners {
			if o.Version != "" && p.Context.IncludeDeclaration {
				list = append(list, o.Places...) // in metadata, which is not looked through
			}
		}
	}
	return s.places(snap, list), nil
}
