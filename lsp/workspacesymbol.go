package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

var workspaceSymbolFeature = Feature{
	Name:    "Workspace symbols",
	Methods: []string{protocol.MethodWorkspaceSymbol, protocol.MethodWorkspaceSymbolResolve},
	Doc:     "Finds packages, inputs, outputs and errands of all plans by a part of their name.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		yes := true
		c.WorkspaceSymbolProvider = &protocol.WorkspaceSymbolOptions{ResolveProvider: &yes}
	},
}

var workspaceKinds = map[symbol.Kind]protocol.SymbolKind{
	symbol.Package: protocol.SymbolKindPackage, symbol.Input: protocol.SymbolKindVariable, symbol.Output: protocol.SymbolKindProperty,
	symbol.Errand: protocol.SymbolKindFunction,
}

// Symbols implements the request "workspace/symbol".
func (s *server) Symbols(ctx context.Context, p *protocol.WorkspaceSymbolParams) (protocol.WorkspaceSymbolResult, error) {
	snap := snapshotOf(ctx)
	lazy := s.can.Workspace.Symbol.later("location.range")
	var out protocol.WorkspaceSymbolSlice
	for _, d := range navigate.Symbols(ctx, snap, strings.Clone(p.Query)) {
		x := protocol.WorkspaceSymbol{}
		x.Name, x.Kind = d.Name, workspaceKinds[d.Kind]
		if d.Kind != symbol.Package {
			x.ContainerName = &d.Package
		}
		if lazy {
			x.Location = &protocol.LocationUriOnly{URI: uriOf(snap, d.Place.File)}
			x.Data, _ = json.Marshal(d.Place.Span)
		} else {
			l := location(snap, &s.can, d.Place.File, d.Place.Span)
			x.Location = &l
		}
		out = append(out, x)
	}
	return out, nil
}

// WorkspaceSymbolResolve implements the request "workspaceSymbol/resolve": it adds the range.
func (s *server) WorkspaceSymbolResolve(ctx context.Context, x *protocol.WorkspaceSymbol) (*protocol.WorkspaceSymbol, error) {
	at, ok := x.Location.(*protocol.LocationUriOnly)
	var span source.Span
	if !ok || json.Unmarshal(x.Data, &span) != nil {
		return x, nil
	}
	snap := snapshotOf(ctx)
	d := snap.Document(string(at.URI))
	if d == nil {
		d = snap.File(pathOf(string(at.URI)))
	}
	if d != nil {
		x.Location = &protocol.Location{URI: at.URI, Range: s.can.rangeOf(d.Source, span)}
	}
	return x, nil
}
