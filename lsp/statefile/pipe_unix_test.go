//go:build unix

package statefile_test

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"

	"escape.build/escape/lsp"
	"escape.build/escape/lsp/statefile"
)

// A pipe, which could be waited on for ever, is not opened.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{lsp.StateFile, lsp.StateFile + ".journal", lsp.StateFile + ".lock"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := statefile.New(none).Deployments(context.Background(), dir, dir, "shop/app"); err == nil || got != nil {
			t.Errorf("%s: found %v, %v", name, got, err)
		}
	}
}
