package lsp

import (
	"context"
	"path/filepath"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
)

var documentLinkFeature = Feature{
	Name:    "Document links",
	Methods: []string{protocol.MethodTextDocumentDocumentLink},
	Doc: "Paths open their files, releases the plan of the package or its page in the Inventory, downloads their address. In plans, scripts " +
		"and templates.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		c.DocumentLinkProvider = &protocol.DocumentLinkOptions{}
	},
}

// DocumentLink implements the request "textDocument/documentLink".
func (s *server) DocumentLink(ctx context.Context, p *protocol.DocumentLinkParams) ([]protocol.DocumentLink, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	if an := snap.Analyze(d); an != nil && an.Alone() {
		snap.Load(ctx, filepath.Dir(d.Path)) // packages lead to plans
	}
	var out []protocol.DocumentLink
	for _, l := range navigate.Links(snap, d, s.options.PackageURL) {
		target := uri.URI(l.URL)
		if l.File != "" {
			target = uri.URI(cache.FileURI(l.File))
		}
		link := protocol.DocumentLink{Range: s.can.rangeOf(d.Source, l.Span), Target: &target}
		if l.Tooltip != "" && s.can.TextDocument.DocumentLink.TooltipSupport {
			link.Tooltip = &l.Tooltip
		}
		out = append(out, link)
	}
	return out, nil
}
