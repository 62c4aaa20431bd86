package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"escape.build/escape/cmd/escape/cli/internal/lintcache"
)

// openLintCache returns what earlier runs in the working directory found; nil if it cannot be told what this program is, or
// there is no folder for such things.
func (a *app) openLintCache() *lintcache.Cache {
	dir := a.env.places().CacheDir()
	program, err := os.Executable()
	if err != nil || dir == "" {
		return nil
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil
	}
	id := fmt.Sprintf("%s %s %d %d", Version, program, info.Size(), info.ModTime().UnixNano())
	return lintcache.Open(filepath.Join(dir, "lint"), a.env.Dir, id, a.env.Now())
}
