package lsp

import (
	"context"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/outline"
)

var symbolsFeature = Feature{
	Name:    "Document symbols",
	Methods: []string{protocol.MethodTextDocumentDocumentSymbol},
	Doc:     "The outline of a plan: its package, inputs, outputs, dependencies, consumers, steps, errands and templates.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		c.DocumentSymbolProvider = protocol.Boolean(true)
	},
}

var symbolKinds = map[outline.Kind]protocol.SymbolKind{
	outline.Package:    protocol.SymbolKindPackage,
	outline.Group:      protocol.SymbolKindNamespace,
	outline.Value:      protocol.SymbolKindProperty,
	outline.Input:      protocol.SymbolKindVariable,
	outline.Output:     protocol.SymbolKindField,
	outline.Dependency: protocol.SymbolKindModule,
	outline.Extension:  protocol.SymbolKindClass,
	outline.Consumer:   protocol.SymbolKindInterface,
	outline.Provider:   protocol.SymbolKindInterface,
	outline.Fact:       protocol.SymbolKindKey,
	outline.Step:       protocol.SymbolKindFunction,
	outline.Errand:     protocol.SymbolKindMethod,
	outline.File:       protocol.SymbolKindFile,
}

// DocumentSymbol implements the request "textDocument/documentSymbol".
func (s *server) DocumentSymbol(ctx context.Context, p *protocol.DocumentSymbolParams) (protocol.DocumentSymbolResult, error) {
	_, an := analyzed(ctx, p.TextDocument)
	if an == nil {
		return protocol.DocumentSymbolSlice{}, nil
	}
	list := outline.Symbols(an.Syntax)
	if s.can.TextDocument.DocumentSymbol.Hierarchical {
		return s.symbolTree(an.Source, list), nil
	}
	flat := protocol.SymbolInformationSlice{}
	s.flatten(&flat, p.TextDocument.URI, an.Source, list, "")
	return flat, nil
}

func (s *server) symbolTree(f *source.File, list []outline.Symbol) protocol.DocumentSymbolSlice {
	out := make(protocol.DocumentSymbolSlice, len(list))
	for i := range list {
		x := &list[i]
		out[i] = protocol.DocumentSymbol{
			Name: x.Name, Kind: symbolKinds[x.Kind], Tags: symbolTags(x), Range: s.can.rangeOf(f, x.Span),
			SelectionRange: s.can.rangeOf(f, x.NameSpan),
		}
		if x.Detail != "" {
			out[i].Detail = &x.Detail
		}
		if len(x.Children) > 0 {
			out[i].Children = s.symbolTree(f, x.Children)
		}
	}
	return out
}

// flatten is for clients that know no trees: each symbol says what it stands in.
func (s *server) flatten(out *protocol.SymbolInformationSlice, u uri.URI, f *source.File, list []outline.Symbol, within string) {
	for i := range list {
		x := &list[i]
		one := protocol.SymbolInformation{Location: protocol.Location{URI: u, Range: s.can.rangeOf(f, x.Span)}}
		one.Name, one.Kind, one.Tags = x.Name, symbolKinds[x.Kind], symbolTags(x)
		if within != "" {
			one.ContainerName = &within
		}
		*out = append(*out, one)
		s.flatten(out, u, f, x.Children, x.Name)
	}
}

func symbolTags(x *outline.Symbol) []protocol.SymbolTag {
	if x.Deprecated {
		return []protocol.SymbolTag{protocol.SymbolTagDeprecated}
	}
	return nil
}
