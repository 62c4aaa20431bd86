package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
)

var callHierarchyFeature = Feature{
	Name:    "Call hierarchy",
	Methods: []string{protocol.MethodTextDocumentPrepareCallHierarchy, protocol.MethodCallHierarchyIncomingCalls, protocol.MethodCallHierarchyOutgoingCalls},
	Doc:     "From a package to those that depend on it or extend it, and to those that it depends on and extends.",
	offer:   func(_ *server, c *protocol.ServerCapabilities) { c.CallHierarchyProvider = protocol.Boolean(true) },
}

// A calledPackage is what the server wants to know of an item when it is asked for more.
type calledPackage struct {
	Package string `json:"package"`
	Near    string `json:"near"` // a plan of the workspace
}

// PrepareCallHierarchy implements the request "textDocument/prepareCallHierarchy".
func (s *server) PrepareCallHierarchy(ctx context.Context, p *protocol.CallHierarchyPrepareParams) ([]protocol.CallHierarchyItem, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	pkg, ok := navigate.PackageAt(snap, x)
	if !ok {
		return nil, nil
	}
	return []protocol.CallHierarchyItem{s.callItem(snap, pkg, x.Plan.Source.Name())}, nil
}

func (s *server) callItem(snap *cache.Snapshot, p navigate.Package, near string) protocol.CallHierarchyItem {
	l := location(snap, &s.can, p.At.File, p.At.Span)
	item := protocol.CallHierarchyItem{Name: p.Name, Kind: protocol.SymbolKindPackage, URI: l.URI, Range: l.Range, SelectionRange: l.Range}
	if p.Version != "" {
		item.Detail = &p.Version
	}
	if data, err := json.Marshal(calledPackage{p.Name, near}); err == nil {
		item.Data = data
	}
	return item
}

// IncomingCalls implements the request "callHierarchy/incomingCalls".
func (s *server) IncomingCalls(ctx context.Context, p *protocol.CallHierarchyIncomingCallsParams) ([]protocol.CallHierarchyIncomingCall, error) {
	var of calledPackage
	if json.Unmarshal(p.Item.Data, &of) != nil {
		return nil, nil
	}
	snap := snapshotOf(ctx)
	var out []protocol.CallHierarchyIncomingCall
	for _, n := range navigate.Needing(ctx, snap, of.Near, of.Package) {
		out = append(out, protocol.CallHierarchyIncomingCall{From: s.callItem(snap, n.Package, of.Near), FromRanges: s.can.ranges(n.From, n.At)})
	}
	return out, nil
}

// OutgoingCalls implements the request "callHierarchy/outgoingCalls".
func (s *server) OutgoingCalls(ctx context.Context, p *protocol.CallHierarchyOutgoingCallsParams) ([]protocol.CallHierarchyOutgoingCall, error) {
	var of calledPackage
	if json.Unmarshal(p.Item.Data, &of) != nil {
		return nil, nil
	}
	snap := snapshotOf(ctx)
	file := pathOf(string(p.Item.URI))
	if d := snap.Document(string(p.Item.URI)); d != nil {
		file = d.Source.Name()
	}
	var out []protocol.CallHierarchyOutgoingCall
	for _, n := range navigate.Needs(ctx, snap, file) {
		out = append(out, protocol.CallHierarchyOutgoingCall{To: s.callItem(snap, n.Package, of.Near), FromRanges: s.can.ranges(n.From, n.At)})
	}
	return out, nil
}
