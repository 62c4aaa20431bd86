package lsp_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/markertest"
)

// TestFileNotifications wants that files which the editor creates, renames and deletes count at once.
func TestFileNotifications(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := markertest.Start(t, dir, nil, nil)
	u := c.URI("escape.yml")
	c.Open(u, "escape-plan", "name: demo/app\nversion: 0.1.@\nincludes:\n- README.md\nbuild: ./scripts/build.sh\n")
	missing := func(want bool) {
		t.Helper()
		ok := c.Until(u, func(list []protocol.Diagnostic) bool {
			found := false
			for _, d := range list {
				found = found || d.Range.Start.Line == 4
			}
			return found == want
		})
		if !ok {
			t.Errorf("the script is missing: want %v", want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return string(c.URI(name)) }
	missing(true)
	must(os.MkdirAll(filepath.Join(dir, "scripts"), 0o777))
	must(os.WriteFile(filepath.Join(dir, "scripts", "build.sh"), []byte("#!/bin/sh\necho\n"), 0o777))
	must(c.Server.DidCreateFiles(c.Ctx, &protocol.CreateFilesParams{Files: []protocol.FileCreate{{URI: file("scripts/build.sh")}}}))
	missing(false)
	must(os.Rename(filepath.Join(dir, "scripts"), filepath.Join(dir, "bin")))
	must(c.Server.DidRenameFiles(c.Ctx, &protocol.RenameFilesParams{Files: []protocol.FileRename{{OldURI: file("scripts"), NewURI: file("bin")}}}))
	missing(true)
	must(os.Rename(filepath.Join(dir, "bin"), filepath.Join(dir, "scripts")))
	must(c.Server.DidRenameFiles(c.Ctx, &protocol.RenameFilesParams{Files: []protocol.FileRename{{OldURI: file("bin"), NewURI: file("scripts")}}}))
	missing(false)
	must(os.RemoveAll(filepath.Join(dir, "scripts")))
	must(c.Server.DidDeleteFiles(c.Ctx, &protocol.DeleteFilesParams{Files: []protocol.FileDelete{{URI: file("scripts")}}}))
	missing(true)
}

// TestFoldersBringPlans wants that the plans in a folder count which is there at once, of which the editor tells without what is in it.
func TestFoldersBringPlans(t *testing.T) {
	for _, kind := range []string{"watched", "renamed", "created"} {
		t.Run(kind, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(os.MkdirAll(filepath.Join(dir, "new", "db"), 0o777))
			must(os.WriteFile(filepath.Join(dir, "new", "db", "escape.yml"), []byte("name: demo/db\nversion: 0.1.@\n"), 0o666))
			outside := filepath.Join(t.TempDir(), "outside")
			must(os.Rename(filepath.Join(dir, "new"), outside))
			c := markertest.Start(t, dir, []byte(`{"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}}`), nil)
			u := c.URI("app/escape.yml")
			c.Open(u, "escape-plan", "name: demo/app\nversion: 0.1.@\ndepends:\n- demo/db-v0.1.@ as db\n")
			defined := func() bool {
				t.Helper()
				got, err := c.Server.Definition(c.Ctx, &protocol.DefinitionParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
					TextDocument: protocol.TextDocumentIdentifier{URI: u}, Position: protocol.Position{Line: 3, Character: 6},
				}})
				must(err)
				return got != nil
			}
			if defined() {
				t.Error("there is a definition before there is a plan")
			}
			must(os.Rename(outside, filepath.Join(dir, "new")))
			switch folder := c.URI("new"); kind {
			case "watched":
				must(c.Server.DidChangeWatchedFiles(c.Ctx, &protocol.DidChangeWatchedFilesParams{Changes: []protocol.FileEvent{{URI: folder, Type: protocol.FileChangeTypeCreated}}}))
			case "renamed":
				must(c.Server.DidRenameFiles(c.Ctx, &protocol.RenameFilesParams{Files: []protocol.FileRename{{OldURI: string(c.URI("old")), NewURI: string(folder)}}}))
			case "created":
				must(c.Server.DidCreateFiles(c.Ctx, &protocol.CreateFilesParams{Files: []protocol.FileCreate{{URI: string(folder)}}}))
			}
			if !defined() {
				t.Error("there is no definition")
			}
		})
	}
}
