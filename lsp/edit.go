package lsp

import (
	"cmp"
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// workspaceEdit makes one edit of changes in several files, with the versions of those that are open.
func (s *server) workspaceEdit(snap *cache.Snapshot, changes map[*source.File][]source.Edit) *protocol.WorkspaceEdit {
	files := make([]*source.File, 0, len(changes))
	for f := range changes {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b *source.File) int { return cmp.Compare(a.Name(), b.Name()) })
	out := &protocol.WorkspaceEdit{}
	for _, f := range files {
		edits := s.can.edits(f, changes[f])
		if !s.can.Workspace.WorkspaceEdit.DocumentChanges {
			u := uriOf(snap, f)
			if out.Changes == nil {
				out.Changes = map[uri.URI][]protocol.TextEdit{}
			}
			out.Changes[u] = append(out.Changes[u], edits...)
			continue
		}
		out.DocumentChanges = append(out.DocumentChanges, textDocumentEdit(snap, f, edits))
	}
	return out
}

func textDocumentEdit(snap *cache.Snapshot, f *source.File, edits []protocol.TextEdit) *protocol.TextDocumentEdit {
	e := &protocol.TextDocumentEdit{}
	e.TextDocument.URI = uriOf(snap, f)
	if d := snap.File(f.Name()); d != nil && d.Open {
		e.TextDocument.Version = &d.Version
	}
	for i := range edits {
		e.Edits = append(e.Edits, &edits[i])
	}
	return e
}

// replaceFile makes an edit that writes a file with a text in place of another one, in the same folder.
func replaceFile(old, new uri.URI, text string) *protocol.WorkspaceEdit {
	no := false
	create := &protocol.CreateFile{Kind: "create", URI: new, Options: &protocol.CreateFileOptions{Overwrite: &no}}
	write := &protocol.TextDocumentEdit{}
	write.TextDocument.URI = new
	write.Edits = []protocol.TextDocumentEditElement{&protocol.TextEdit{NewText: text}}
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{create, write, &protocol.DeleteFile{Kind: "delete", URI: old}}}
}
