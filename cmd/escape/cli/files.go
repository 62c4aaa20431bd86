package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// createFile writes a file that must not be there yet; fs.ErrExist says that it is. Errors call it by path.
func (a *app) createFile(path, text string) error {
	f, err := os.OpenFile(a.env.abs(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return named(err, path)
	}
	_, err = f.WriteString(text)
	return named(errors.Join(err, f.Close()), path)
}

// replaceFile writes a file as a whole: a reader sees the old text or the new one. An existing file keeps its mode, and
// a link is followed.
func (a *app) replaceFile(path, text string) error { return a.writeFile(path, text, 0o644) }

// modeOf returns the permissions of a file.
func (a *app) modeOf(path string) fs.FileMode {
	if info, err := os.Stat(a.env.abs(path)); err == nil && info.Mode().IsRegular() {
		return info.Mode().Perm()
	}
	return 0o644
}

// writeFile does what replaceFile does; mode is that of a new file, as far as the umask allows.
func (a *app) writeFile(path, text string, mode fs.FileMode) error {
	target := a.env.abs(path)
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real
	}
	exists := false
	if info, err := os.Stat(target); err == nil {
		if info.IsDir() {
			return &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
		}
		mode, exists = info.Mode().Perm(), true
	}
	temp := fmt.Sprintf("%s.%d.tmp", target, os.Getpid())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return named(err, path)
	}
	defer os.Remove(temp)
	_, err = f.WriteString(text)
	if exists && err == nil {
		err = f.Chmod(mode) // the umask must not take bits away
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return named(err, path)
	}
	return named(os.Rename(temp, target), path)
}
