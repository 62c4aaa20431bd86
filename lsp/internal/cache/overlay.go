package cache

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"time"

	"escape.build/escape/lang/lint/config"
)

// opened returns the open document of a file; nil if there is none.
func (s *Snapshot) opened(path string) *Document {
	for _, d := range s.documents {
		if d.Path == path {
			return d
		}
	}
	return nil
}

// stat looks at a file: one that only the editor has is there, too.
func (s *Snapshot) stat(path string) (fs.FileInfo, error) {
	info, err := s.session.options.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if d := s.opened(path); d != nil {
			return unsaved{d}, nil
		}
	}
	return info, err
}

// readDir lists a folder, with the files in it that only the editor has.
func (s *Snapshot) readDir(dir string) ([]fs.DirEntry, error) {
	list, err := s.session.options.ReadDir(dir)
	return s.withUnsaved(dir, list, err)
}

// withUnsaved adds to what a folder holds the files that only the editor has.
func (s *Snapshot) withUnsaved(dir string, list []fs.DirEntry, err error) ([]fs.DirEntry, error) {
	var more []fs.DirEntry
	for _, d := range s.Open() {
		name := filepath.Base(d.Path)
		if d.Path != "" && filepath.Dir(d.Path) == dir && !slices.ContainsFunc(list, func(e fs.DirEntry) bool { return e.Name() == name }) {
			more = append(more, fs.FileInfoToDirEntry(unsaved{d}))
		}
	}
	if len(more) == 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return list, err
	}
	return slices.Concat(list, more), nil
}

// unsaved describes a file that only the editor has. It may be run: nobody knows better.
type unsaved struct{ *Document }

// Name returns the last element of the path.
func (u unsaved) Name() string { return path.Base(filepath.ToSlash(u.Path)) }

// Size returns the length of the text.
func (u unsaved) Size() int64 { return int64(len(u.Source.Text())) }

// Mode returns that of a regular file.
func (u unsaved) Mode() fs.FileMode { return 0o755 }

// ModTime returns the zero time.
func (u unsaved) ModTime() time.Time { return time.Time{} }

// IsDir returns false.
func (u unsaved) IsDir() bool { return false }

// Sys returns nil.
func (u unsaved) Sys() any { return nil }

// readConfig reads a configuration of the linter as the editor shows it. While what is typed there cannot be read, what was saved
// counts, so that not all findings come and go meanwhile.
func (s *Session) readConfig(path string) ([]byte, error) {
	saved, err := s.options.ReadFile(path)
	d := s.shown.Load().opened(path)
	if d == nil {
		return saved, err
	}
	if _, wrong := config.Parse("", d.Source.Text()); wrong != nil && err == nil {
		return saved, nil
	}
	return []byte(d.Source.Text()), nil
}

// configsAbove are the files above a folder that may be the configuration of its plans, up to the root of the repository.
func (s *Session) configsAbove(dir string) []string {
	root := s.repository(dir)
	var files []string
	for {
		files = append(files, filepath.Join(dir, config.Name))
		if dir == root || dir == filepath.Dir(dir) {
			return files
		}
		dir = filepath.Dir(dir)
	}
}
