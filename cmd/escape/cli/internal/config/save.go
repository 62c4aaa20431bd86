package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Update lets change work on the configuration file that a user calls path, and saves it. The file is read under a lock,
// so that nothing is lost if two commands do this at once, and replaced as a whole: a reader sees the old text or the new
// one. It keeps its mode; a new one can be read by its owner only. Without a file, change works on what a first run would
// write. If change fails, so does Update, and nothing is written.
//
// A warning that is not empty says that the file holds secrets which others can read.
func Update(p Places, path string, change func(*Document) error) (warning string, err error) {
	c := &Config{Path: p.File(path)}
	if real, err := filepath.EvalSymlinks(c.Path); err == nil {
		c.Path = real // what a link points to is replaced, not the link
	}
	if _, err := c.read(p); err != nil {
		return "", err // before there is a lock file beside what is no configuration
	}
	unlock, err := lockedfile.MutexAt(c.Path + ".lock").Lock()
	if err != nil {
		return "", opened(err, c.Path)
	}
	defer unlock()
	text, err := c.read(p)
	if err != nil {
		return "", err
	}
	if text == nil {
		if text, err = c.File.encode(); err != nil {
			return "", err
		}
	}
	d, err := newDocument(p, c.File, text)
	if err != nil {
		return "", fmt.Errorf("Couldn't parse Escape configuration file '%s': %w", c.Path, err)
	}
	if err := change(d); err != nil {
		return "", err
	}
	if text, err = d.encode(); err != nil {
		return "", err
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(c.Path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := replace(c.Path, text, mode); err != nil {
		return "", err
	}
	if runtime.GOOS != "windows" && mode&0o077 != 0 && d.secret() {
		warning = fmt.Sprintf("%s holds secrets and can be read by others; `chmod 600 %s` changes that", c.Path, c.Path)
	}
	return warning, nil
}

// replace puts a text in the place of a file.
func replace(path string, text []byte, mode fs.FileMode) error {
	temp, err := writeTemp(path, text, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temp) // fails after the rename, as it should
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	// The name must last, too. Where folders cannot be synced it does without.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
	return nil
}

// writeTemp writes a text to a new file beside path and returns its name. Errors of making it speak of path.
func writeTemp(path string, text []byte, mode fs.FileMode) (name string, err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".escape_config-*") // mode 0600
	if err != nil {
		return "", opened(err, path)
	}
	_, err = temp.Write(text)
	if err == nil && mode != 0o600 {
		err = temp.Chmod(mode)
	}
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		os.Remove(temp.Name())
		return "", err
	}
	return temp.Name(), nil
}

// opened makes an error of a file beside path one of path itself.
func opened(err error, path string) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return &fs.PathError{Op: "open", Path: path, Err: e.Err}
	}
	return err
}
