package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/outline"
)

var foldingFeature = Feature{
	Name:    "Folding ranges",
	Methods: []string{protocol.MethodTextDocumentFoldingRange},
	Doc:     "Entries, lists, long texts, comments and regions (`# region`, `# endregion`) can be folded.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		c.FoldingRangeProvider = protocol.Boolean(true)
	},
}

var foldKinds = map[outline.FoldKind]protocol.FoldingRangeKind{
	outline.Comments: protocol.FoldingRangeKindComment,
	outline.Region:   protocol.FoldingRangeKindRegion,
}

// FoldingRanges implements the request "textDocument/foldingRange".
func (s *server) FoldingRanges(ctx context.Context, p *protocol.FoldingRangeParams) ([]protocol.FoldingRange, error) {
	_, an := analyzed(ctx, p.TextDocument)
	if an == nil {
		return []protocol.FoldingRange{}, nil
	}
	folds := outline.Folds(an.Syntax)
	can := s.can.TextDocument.FoldingRange
	if n := can.RangeLimit; n > 0 && len(folds) > n {
		folds = folds[:n]
	}
	out := make([]protocol.FoldingRange, len(folds))
	for i, f := range folds {
		out[i] = protocol.FoldingRange{StartLine: uint32(f.First - 1), EndLine: uint32(f.Last - 1), Kind: foldKinds[f.Kind]}
		if !can.LineFoldingOnly {
			r := s.can.rangeOf(an.Source, f.Span)
			out[i].StartLine, out[i].StartCharacter = r.Start.Line, &r.Start.Character
			out[i].EndLine, out[i].EndCharacter = r.End.Line, &r.End.Character
		}
	}
	return out, nil
}
