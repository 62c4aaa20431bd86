package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/layout"
)

var formattingFeature = Feature{
	Name:    "Formatting",
	Methods: []string{protocol.MethodTextDocumentFormatting, protocol.MethodTextDocumentRangeFormatting, protocol.MethodTextDocumentRangesFormatting, protocol.MethodTextDocumentOnTypeFormatting},
	Doc: "Indentation and spacing of plans, with the least edits that do it; comments, values and the order of fields stay. " +
		"A plan that cannot be read stays as it is. New lines are indented as they are typed.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		yes := true
		c.DocumentFormattingProvider = protocol.Boolean(true)
		c.DocumentRangeFormattingProvider = &protocol.DocumentRangeFormattingOptions{RangesSupport: &yes}
		c.DocumentOnTypeFormattingProvider = protocol.DocumentOnTypeFormattingOptions{
			FirstTriggerCharacter: layout.Triggers[0], MoreTriggerCharacter: layout.Triggers[1:],
		}
	},
}

// Formatting implements the request "textDocument/formatting".
func (s *server) Formatting(ctx context.Context, p *protocol.DocumentFormattingParams) ([]protocol.TextEdit, error) {
	return s.format(ctx, p.TextDocument, layout.Document)
}

// RangeFormatting implements the request "textDocument/rangeFormatting".
func (s *server) RangeFormatting(ctx context.Context, p *protocol.DocumentRangeFormattingParams) ([]protocol.TextEdit, error) {
	return s.formatRanges(ctx, p.TextDocument, []protocol.Range{p.Range})
}

// RangesFormatting implements the request "textDocument/rangesFormatting".
func (s *server) RangesFormatting(ctx context.Context, p *protocol.DocumentRangesFormattingParams) ([]protocol.TextEdit, error) {
	return s.formatRanges(ctx, p.TextDocument, p.Ranges)
}

func (s *server) formatRanges(ctx context.Context, id protocol.TextDocumentIdentifier, ranges []protocol.Range) ([]protocol.TextEdit, error) {
	return s.format(ctx, id, func(f *source.File, tree *syntax.File) []source.Edit {
		spans := make([]source.Span, len(ranges))
		for i, r := range ranges {
			spans[i] = s.can.span(f, r)
		}
		return layout.Ranges(f, tree, spans)
	})
}

// OnTypeFormatting implements the request "textDocument/onTypeFormatting".
func (s *server) OnTypeFormatting(ctx context.Context, p *protocol.DocumentOnTypeFormattingParams) ([]protocol.TextEdit, error) {
	_, d := document(ctx, p.TextDocument)
	if d == nil || d.Kind != cache.Plan {
		return nil, nil
	}
	return s.can.edits(d.Source, layout.Typed(d.Source, s.can.offset(d.Source, p.Position), p.Ch)), nil
}

func (s *server) format(ctx context.Context, id protocol.TextDocumentIdentifier, edits func(*source.File, *syntax.File) []source.Edit) ([]protocol.TextEdit, error) {
	snap, d := document(ctx, id)
	an := snap.Latest(d)
	if an == nil {
		return nil, nil
	}
	return s.can.edits(d.Source, edits(d.Source, an.Syntax)), nil
}
