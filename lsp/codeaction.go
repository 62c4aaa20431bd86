package lsp

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/format"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/action"
	"escape.build/escape/lsp/internal/cache"
)

var actionKinds = []protocol.CodeActionKind{
	action.QuickFix, action.Extract, action.Inline, action.Rewrite, action.FixAll, action.Organize,
}

var codeActionFeature = Feature{
	Name:    "Code actions",
	Methods: []string{protocol.MethodTextDocumentCodeAction, protocol.MethodCodeActionResolve},
	Doc: "All fixes of findings, one by one and together; comments that silence a finding; extract a constant to an input, and back; " +
		"add what is missing: an input, a mapping, the value of a template tag; pin a version; put the fields in order; convert the " +
		"plan to the other notation.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		yes := true
		c.CodeActionProvider = &protocol.CodeActionOptions{CodeActionKinds: actionKinds, ResolveProvider: &yes}
	},
}

// A lateAction names an action whose edit is made when the client asks for it.
type lateAction struct {
	URI  string `json:"uri"`
	Kind string `json:"kind"`
}

const convertKind = action.Rewrite + ".convert"

// CodeAction implements the request "textDocument/codeAction".
func (s *server) CodeAction(ctx context.Context, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	wanted := func(kind string) bool {
		return len(p.Context.Only) == 0 || slices.ContainsFunc(p.Context.Only, func(k protocol.CodeActionKind) bool {
			return string(k) == kind || strings.HasPrefix(kind, string(k)+".") || k == ""
		})
	}
	var out []protocol.CommandOrCodeAction
	add := func(a protocol.CodeAction) { out = append(out, &a) }
	if slices.ContainsFunc([]string{action.QuickFix, action.Extract, action.Inline, action.Rewrite}, wanted) {
		for _, a := range s.actionsAt(ctx, snap, d, s.can.span(d.Source, p.Range)) {
			if wanted(a.Kind) {
				add(s.codeAction(snap, a))
			}
		}
	}
	if d.Kind == cache.Plan {
		for _, late := range []struct{ kind, title string }{
			{action.FixAll, "Fix all that can be fixed safely"},
			{action.Organize, "Put the fields in order"},
			{convertKind, "Convert to " + other(d.Source).String()},
		} {
			if wanted(late.kind) {
				if a, ok := s.lateAction(snap, d, late.kind, late.title); ok {
					add(a)
				}
			}
		}
	}
	return out, nil
}

// actionsAt returns what can be done at a place: in a plan, or with what plans say of a script or template.
func (s *server) actionsAt(ctx context.Context, snap *cache.Snapshot, d *cache.Document, span source.Span) []action.Action {
	if an := snap.Analyze(d); an != nil {
		return action.At(snap, an, d.Source, span)
	}
	var all []action.Action
	for _, an := range snap.Users(d.Path) {
		if ctx.Err() != nil {
			return all
		}
		for _, a := range action.At(snap, an, d.Source, span) {
			if !slices.ContainsFunc(all, func(b action.Action) bool { return a.Title == b.Title }) {
				all = append(all, a)
			}
		}
	}
	return all
}

func (s *server) codeAction(snap *cache.Snapshot, a action.Action) protocol.CodeAction {
	kind := protocol.CodeActionKind(a.Kind)
	out := protocol.CodeAction{Title: a.Title, Kind: &kind}
	if a.Preferred {
		out.IsPreferred = &a.Preferred
	}
	if a.Finding != nil {
		out.Diagnostics = []protocol.Diagnostic{s.diagnostic(snap, a.Finding)}
	}
	changes := map[*source.File][]source.Edit{}
	for _, c := range a.Changes {
		changes[c.File] = append(changes[c.File], c.Edits...)
	}
	out.Edit = s.workspaceEdit(snap, changes)
	return out
}

// lateAction returns an action on the whole document; false if there is nothing to do. Its edit is left out if the client can ask
// for it later.
func (s *server) lateAction(snap *cache.Snapshot, d *cache.Document, kind, title string) (protocol.CodeAction, bool) {
	k := protocol.CodeActionKind(kind)
	a := protocol.CodeAction{Title: title, Kind: &k}
	if s.can.TextDocument.CodeAction.later("edit") {
		data, err := json.Marshal(lateAction{d.URI, kind})
		a.Data = data
		return a, err == nil && (kind != convertKind || s.canReplaceFiles())
	}
	a.Edit = s.lateEdit(snap, d, kind)
	return a, a.Edit != nil
}

// CodeActionResolve implements the request "codeAction/resolve".
func (s *server) CodeActionResolve(ctx context.Context, a *protocol.CodeAction) (*protocol.CodeAction, error) {
	var late lateAction
	if len(a.Data) == 0 || json.Unmarshal(a.Data, &late) != nil {
		return a, nil
	}
	snap := snapshotOf(ctx)
	d := snap.Document(late.URI)
	if d == nil || d.Kind != cache.Plan {
		return a, nil
	}
	if late.Kind == convertKind {
		if _, err := convertPlan(d.Source); err != nil {
			return nil, err
		}
	}
	a.Edit = s.lateEdit(snap, d, late.Kind)
	if a.Edit == nil {
		a.Edit = &protocol.WorkspaceEdit{}
	}
	return a, nil
}

// lateEdit makes the edit of an action on the whole document; nil if there is nothing to do.
func (s *server) lateEdit(snap *cache.Snapshot, d *cache.Document, kind string) *protocol.WorkspaceEdit {
	var edits []source.Edit
	switch kind {
	case convertKind:
		return s.convertEdit(d)
	case action.FixAll:
		edits = action.All(snap, snap.Analyze(d))
	case action.Organize:
		text, findings := format.Organize(d.Source)
		if !findings.HasErrors() {
			edits = format.Edits(d.Source.Text(), text)
		}
	}
	if len(edits) == 0 {
		return nil
	}
	return s.workspaceEdit(snap, map[*source.File][]source.Edit{d.Source: edits})
}

func (s *server) canReplaceFiles() bool {
	can := s.can.Workspace.WorkspaceEdit
	return can.DocumentChanges && slices.Contains(can.ResourceOperations, "create") && slices.Contains(can.ResourceOperations, "delete")
}

// convertEdit puts a plan in the other notation in place of the plan.
func (s *server) convertEdit(d *cache.Document) *protocol.WorkspaceEdit {
	if !s.canReplaceFiles() || d.Path == "" {
		return nil
	}
	c, err := convertPlan(d.Source)
	if err != nil {
		return nil
	}
	u := uri.URI(d.Written)
	dir, _ := path.Split(d.Written)
	return replaceFile(u, uri.URI(dir+c.Name), c.Text)
}

// other is the notation that a plan is not written in.
func other(f *source.File) syntax.Notation {
	if syntax.NotationOf(f.Name()) == syntax.HCL {
		return syntax.YAML
	}
	return syntax.HCL
}
