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
