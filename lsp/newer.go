package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

const takeVersionCommand = "escape.takeVersion"

// versionLenses say where a plan needs one version of a package and a newer one is there.
func (s *server) versionLenses(ctx context.Context, snap *cache.Snapshot, an *cache.Analyzed) []protocol.CodeLens {
	var all []protocol.CodeLens
	versions := s.world(snap, an).Versions
	for _, n := range an.Plan.Needs() {
		ref := n.Release
		id, err := release.ParseID(ref.Value)
		if err != nil || id.NeedsResolving() {
			continue
		}
		known, _ := versions(ctx, id.Package())
		newest, ok := newerThan(id, known)
		if !ok {
			continue
		}
		to := strings.TrimSuffix(ref.Value, id.Constraint.Suffix()) + "-v" + newest
		raw, err := json.Marshal([]string{ref.Value, to})
		if err != nil {
			continue
		}
		uri, err := json.Marshal(an.Doc.URI)
		if err != nil {
			continue
		}
		all = append(all, protocol.CodeLens{
			Range: s.can.rangeOf(an.Source, ref.Span()),
			Command: protocol.Command{
				Title: "v" + newest + " is there; take it", Command: takeVersionCommand, Arguments: []protocol.LSPAny{uri, raw},
			},
		})
	}
	return all
}

// newerThan returns the newest of some versions if it is newer than the one of a release.
func newerThan(id release.ID, versions []string) (string, bool) {
	own, ok := id.Constraint.Version()
	newest := own
	for _, v := range versions {
		if v := release.Version(v); release.IsVersion(string(v)) && v.Compare(newest) > 0 {
			newest = v
		}
	}
	return string(newest), ok && newest != own
}

// takeVersion puts another version of a release in place of the one that a plan names.
func (s *server) takeVersion(ctx context.Context, snap *cache.Snapshot, d *cache.Document, more []protocol.LSPAny) (any, error) {
	an, err := planOf(snap, d)
	if err != nil {
		return nil, err
	}
	var change []string
	if len(more) == 0 || json.Unmarshal(more[0], &change) != nil || len(change) != 2 {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "the second argument must be two releases")
	}
	for _, n := range an.Plan.Needs() {
		ref := n.Release
		if ref.Value != change[0] {
			continue
		}
		edit := s.workspaceEdit(snap, map[*source.File][]source.Edit{an.Source: {{Span: ref.Span(), New: change[1]}}})
		result, err := s.client.ApplyEdit(ctx, &protocol.ApplyWorkspaceEditParams{Edit: *edit})
		if err != nil {
			return nil, err
		}
		return result.Applied, nil
	}
	return nil, requestFailed("the plan does not name %s any more", change[0])
}
