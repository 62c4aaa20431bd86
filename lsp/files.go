package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/navigate"
)

var filesFeature = Feature{
	Name: "Files",
	Methods: []string{protocol.MethodWorkspaceWillRenameFiles, protocol.MethodWorkspaceWillDeleteFiles, protocol.MethodWorkspaceDidCreateFiles,
		protocol.MethodWorkspaceDidRenameFiles, protocol.MethodWorkspaceDidDeleteFiles},
	Doc: "When a script, a template or a folder is renamed, so are the paths in plans, scripts and templates that name it; when it is " +
		"deleted, what names it is taken out of plans.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		scheme := "file"
		all := protocol.FileOperationRegistrationOptions{Filters: []protocol.FileOperationFilter{
			{Scheme: &scheme, Pattern: protocol.FileOperationPattern{Glob: "**"}},
		}}
		if c.Workspace == nil {
			c.Workspace = &protocol.WorkspaceOptions{}
		}
		c.Workspace.FileOperations = &protocol.FileOperationOptions{WillRename: all, WillDelete: all, DidCreate: all, DidRename: all, DidDelete: all}
	},
}

// WillRenameFiles implements the request "workspace/willRenameFiles".
func (s *server) WillRenameFiles(ctx context.Context, p *protocol.RenameFilesParams) (*protocol.WorkspaceEdit, error) {
	var moves []navigate.Move
	for _, f := range p.Files {
		m := navigate.Move{Old: pathOf(f.OldURI), New: pathOf(f.NewURI)}
		if m.Old != "" && m.New != "" {
			moves = append(moves, m)
		}
	}
	snap := snapshotOf(ctx)
	edits := navigate.Moved(snap, moves)
	if len(edits) == 0 {
		return nil, nil
	}
	return s.renaming(snap, edits, "", "Follow renamed files"), nil
}

// WillDeleteFiles implements the request "workspace/willDeleteFiles".
func (s *server) WillDeleteFiles(ctx context.Context, p *protocol.DeleteFilesParams) (*protocol.WorkspaceEdit, error) {
	var paths []string
	for _, f := range p.Files {
		if path := pathOf(f.URI); path != "" {
			paths = append(paths, path)
		}
	}
	snap := snapshotOf(ctx)
	edits := navigate.Deleted(snap, paths)
	if len(edits) == 0 {
		return nil, nil
	}
	return s.renaming(snap, edits, "", "Take deleted files out of plans"), nil
}

// DidCreateFiles implements the notification "workspace/didCreateFiles".
func (s *server) DidCreateFiles(_ context.Context, p *protocol.CreateFilesParams) error {
	var uris []string
	for _, f := range p.Files {
		uris = append(uris, f.URI)
	}
	return s.filesChanged(uris...)
}

// DidRenameFiles implements the notification "workspace/didRenameFiles".
func (s *server) DidRenameFiles(_ context.Context, p *protocol.RenameFilesParams) error {
	var uris []string
	for _, f := range p.Files {
		uris = append(uris, f.OldURI, f.NewURI)
	}
	return s.filesChanged(uris...)
}

// DidDeleteFiles implements the notification "workspace/didDeleteFiles".
func (s *server) DidDeleteFiles(_ context.Context, p *protocol.DeleteFilesParams) error {
	var uris []string
	for _, f := range p.Files {
		uris = append(uris, f.URI)
	}
	return s.filesChanged(uris...)
}

// filesChanged tells the session of files that are different, and of folders, of which nobody knows what was in them.
func (s *server) filesChanged(uris ...string) error {
	var paths []string
	for _, u := range uris {
		if path := pathOf(u); path != "" {
			paths = append(paths, path)
		}
	}
	if s.session.Snapshot().AreFiles(paths) {
		s.session.Changed(paths...)
	} else {
		s.session.ChangedAll()
	}
	s.somethingChanged()
	return nil
}
