// Package archivetest reads the archives that tests of several packages share.
package archivetest

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Files calls fn with each file of the archives that patterns match, and the base name of the archive. A pattern that matches
// none fails the test.
func Files(t testing.TB, fn func(archive, name, text string), patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		archives, err := filepath.Glob(pattern)
		if err != nil || len(archives) == 0 {
			t.Fatalf("no archives %s: %v", pattern, err)
		}
		for _, path := range archives {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range a.Files {
				fn(filepath.Base(path), f.Name, string(f.Data))
			}
		}
	}
}
