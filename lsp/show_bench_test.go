package lsp_test

import (
	"fmt"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/markertest"
	"escape.build/escape/lsp/internal/plantest"
)

// BenchmarkShow measures what an editor shows by itself, with the connection and with what the client does: a plan that is
// analyzed, and one in which one character was typed, which counts too.
func BenchmarkShow(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		for name, text := range plantest.Plans(b, lines) {
			c := openPlan(b, name, text, []byte(`{"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": true}}}`))
			u := c.URI(name)
			f := c.Text(u)
			doc := protocol.TextDocumentIdentifier{URI: u}
			mid := f.LineCount() / 2
			some := markertest.Range(f, source.Span{Start: f.Line(mid).Start, End: f.Line(min(mid+60, f.LineCount())).End})
			at := strings.Index(text, "description") + 1
			ask := map[string]func() error{
				"full": func() error {
					_, err := c.Server.SemanticTokensFull(c.Ctx, &protocol.SemanticTokensParams{TextDocument: doc})
					return err
				},
				"range": func() error {
					_, err := c.Server.SemanticTokensRange(c.Ctx, &protocol.SemanticTokensRangeParams{TextDocument: doc, Range: some})
					return err
				},
				"symbols": func() error {
					_, err := c.Server.DocumentSymbol(c.Ctx, &protocol.DocumentSymbolParams{TextDocument: doc})
					return err
				},
				"folds": func() error {
					_, err := c.Server.FoldingRanges(c.Ctx, &protocol.FoldingRangeParams{TextDocument: doc})
					return err
				},
				"hints": func() error {
					_, err := c.Server.InlayHint(c.Ctx, &protocol.InlayHintParams{TextDocument: doc, Range: some})
					return err
				},
				"hover": func() error {
					pos := markertest.Range(f, source.Span{Start: int32(at), End: int32(at)}).Start
					_, err := c.Server.Hover(c.Ctx, &protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{TextDocument: doc, Position: pos}})
					return err
				},
			}
			for _, what := range []string{"full", "range", "symbols", "folds", "hints", "hover"} {
				b.Run(fmt.Sprintf("%s/lines=%d/%s", name, lines, what), func(b *testing.B) {
					for b.Loop() {
						if err := ask[what](); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run(fmt.Sprintf("%s/lines=%d/delta", name, lines), func(b *testing.B) {
				full, err := c.Server.SemanticTokensFull(c.Ctx, &protocol.SemanticTokensParams{TextDocument: doc})
				if err != nil {
					b.Fatal(err)
				}
				id := *full.ResultID
				for b.Loop() {
					got, err := c.Server.SemanticTokensFullDelta(c.Ctx, &protocol.SemanticTokensDeltaParams{TextDocument: doc, PreviousResultID: id})
					if err != nil {
						b.Fatal(err)
					}
					delta, ok := got.(*protocol.SemanticTokensDelta)
					if !ok {
						b.Fatalf("the answer is a %T", got)
					}
					id = *delta.ResultID
				}
			})
		}
	}
}
