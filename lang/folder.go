package lang

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"escape.build/escape/lang/check"
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
		ReadFile: func(path string) ([]byte, error) { return readFile(at(path)) },
		LookPath: exec.LookPath,
	}
}

// maxTemplate is how large a file may be that the checker looks into.
const maxTemplate = 1 << 20

// readFile reads a regular file that is not too large.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxTemplate {
		return nil, fs.ErrInvalid
	}
	return os.ReadFile(path)
}
