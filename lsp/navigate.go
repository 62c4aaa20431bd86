package lsp

import (
	"context"
	"path/filepath"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// symbolAt returns what stands where a request asks; false if that means nothing. It waits for the other plans of the workspace
// only if nothing declares it without them.
func (s *server) symbolAt(ctx context.Context, p protocol.TextDocumentPositionParams) (*cache.Snapshot, symbol.Symbol, bool) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return snap, symbol.Symbol{}, false
	}
	off := s.can.offset(d.Source, p.Position)
	x, ok := symbol.At(snap, d, off)
	if ok && len(x.Defs) == 0 && x.Plan.Alone() {
		snap.Load(ctx, filepath.Dir(x.Plan.Doc.Path))
		x, ok = symbol.At(snap, d, off)
	}
	return snap, x, ok
}

// symbolAmong is symbolAt for a request about all plans of the workspace: it waits until they are known.
func (s *server) symbolAmong(ctx context.Context, p protocol.TextDocumentPositionParams) (*cache.Snapshot, symbol.Symbol, bool) {
	snap, d := document(ctx, p.TextDocument)
	if d != nil && d.Path != "" {
		snap.Load(ctx, filepath.Dir(d.Path))
	}
	return s.symbolAt(ctx, p)
}

// places converts places, each once.
func (s *server) places(snap *cache.Snapshot, list []symbol.Place) []protocol.Location {
	var out []protocol.Location
	seen := map[protocol.Location]bool{}
	for _, at := range list {
		l := location(snap, &s.can, at.File, at.Span)
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// links converts places to links from a symbol, for clients that can show where they come from.
func links[L protocol.DefinitionLink | protocol.DeclarationLink](s *server, snap *cache.Snapshot, from symbol.Symbol, list []symbol.Place) []L {
	origin := s.can.rangeOf(from.File, from.Span)
	var out []L
	for _, l := range s.places(snap, list) {
		link := protocol.LocationLink{OriginSelectionRange: &origin, TargetURI: l.URI, TargetRange: l.Range, TargetSelectionRange: l.Range}
		out = append(out, L(link))
	}
	return out
}

// definitions is the answer to a request for definitions: links if the client takes them.
func (s *server) definitions(snap *cache.Snapshot, from symbol.Symbol, list []symbol.Place, asLinks bool) protocol.DefinitionResult {
	switch {
	case len(list) == 0:
		return nil
	case asLinks:
		return protocol.DefinitionLinkSlice(links[protocol.DefinitionLink](s, snap, from, list))
	}
	return protocol.LocationSlice(s.places(snap, list))
}
