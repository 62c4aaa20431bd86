package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/hover"
)

var hoverFeature = Feature{
	Name:    "Hover",
	Methods: []string{protocol.MethodTextDocumentHover},
	Doc: "What a word means: its documentation, type and default, its value as far as it is known, also where the plan is deployed, and where that comes from. " +
		"Secrets are never shown.",
	offer: func(_ *server, c *protocol.ServerCapabilities) { c.HoverProvider = protocol.Boolean(true) },
}

// Hover implements the request "textDocument/hover".
func (s *server) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	answer, ok := hover.At(snap, d, s.can.offset(d.Source, p.Position), s.recorder(ctx, snap))
	if !ok {
		return nil, nil
	}
	r := s.can.rangeOf(d.Source, answer.Span)
	return &protocol.Hover{Contents: s.can.markup(answer.Text), Range: &r}, nil
}

// markup makes contents of a text that there is as Markdown and without markup, as the client wants it.
func (a *abilities) markup(text func(markdown bool) string) *protocol.MarkupContent {
	if slices.Contains(a.TextDocument.Hover.ContentFormat, string(protocol.MarkupKindMarkdown)) {
		return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: text(true)}
	}
	return &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: text(false)}
}
