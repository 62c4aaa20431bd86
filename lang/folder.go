package lang

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/regular"
)

// Folder returns an Env that looks at the folder dir and at the commands on the PATH.
func Folder(dir string) check.Env {
	at := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	return check.Env{
		Stat:     func(path string) (fs.FileInfo, error) { return os.Stat(at(path)) },
		ReadDir:  func(path string) ([]fs.DirEntry, error) { return os.ReadDir(at(path)) },
		ReadFile: func(path string) ([]byte, error) { return regular.ReadFile(at(path), maxTemplate) },
		LookPath: exec.LookPath,
	}
}

// maxTemplate is how large a file may be that the checker looks into.
const maxTemplate = 1 << 20
