package lsp

import (
	"context"
	"errors"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
)

var renameFeature = Feature{
	Name:    "Rename",
	Methods: []string{protocol.MethodTextDocumentRename, protocol.MethodTextDocumentPrepareRename},
	Doc: "Gives an input, output, alias, errand, package, metadata key, template tag or parameter another name, everywhere: in the plan, its " +
		"scripts and templates, and in other plans. It refuses, and says why, if the name is taken or something cannot be changed.",
	offer: func(s *server, c *protocol.ServerCapabilities) {
		c.RenameProvider = protocol.Boolean(true)
		if yes := true; s.can.TextDocument.Rename.PrepareSupport {
			c.RenameProvider = &protocol.RenameOptions{PrepareProvider: &yes}
		}
	},
}

// PrepareRename implements the request "textDocument/prepareRename".
func (s *server) PrepareRename(ctx context.Context, p *protocol.PrepareRenameParams) (protocol.PrepareRenameResult, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, nil
	}
	if err := navigate.Prepare(snap, x); err != nil {
		return nil, refused(err)
	}
	return &protocol.PrepareRenamePlaceholder{Range: s.can.rangeOf(x.File, x.Span), Placeholder: navigate.Word(x)}, nil
}

// Rename implements the request "textDocument/rename".
func (s *server) Rename(ctx context.Context, p *protocol.RenameParams) (*protocol.WorkspaceEdit, error) {
	snap, x, ok := s.symbolAmong(ctx, p.TextDocumentPositionParams)
	if !ok {
		return nil, refused(errors.New("there is nothing to rename here"))
	}
	edits, err := navigate.Rename(ctx, snap, x, p.NewName)
	if err != nil {
		return nil, refused(err)
	}
	return s.renaming(snap, edits, string(uriOf(snap, x.File)), "Rename in other files"), nil
}

// refused is the error of a request that was understood and cannot be done.
func refused(err error) error {
	return jsonrpc2.NewError(jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed), err.Error())
}

// renaming converts edits of several files. Those of other files than here get an annotation with a label, if the client can
// show one.
func (s *server) renaming(snap *cache.Snapshot, edits navigate.Edits, here, label string) *protocol.WorkspaceEdit {
	changes := map[*source.File][]source.Edit{}
	for _, e := range edits {
		changes[e.File] = e.Edits
	}
	out := s.workspaceEdit(snap, changes)
	can := &s.can.Workspace.WorkspaceEdit
	if !can.DocumentChanges || can.ChangeAnnotationSupport == nil {
		return out
	}
	const id = "elsewhere"
	for _, change := range out.DocumentChanges {
		e, ok := change.(*protocol.TextDocumentEdit)
		if !ok || string(e.TextDocument.URI) == here {
			continue
		}
		for i := range e.Edits {
			if plain, ok := e.Edits[i].(*protocol.TextEdit); ok {
				e.Edits[i] = &protocol.AnnotatedTextEdit{TextEdit: *plain, AnnotationID: id}
			}
		}
		no := false
		out.ChangeAnnotations = map[protocol.ChangeAnnotationIdentifier]protocol.ChangeAnnotation{id: {Label: label, NeedsConfirmation: &no}}
	}
	return out
}
