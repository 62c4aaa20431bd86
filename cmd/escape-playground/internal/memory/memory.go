// Package memory keeps the files of a workspace that is on no disk.
package memory

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Files are files by absolute path, with slashes. Folders are those in which there are files. The zero value has none. It
// may be used by several goroutines.
type Files struct {
	mu   sync.RWMutex
	text map[string]file
}

type file struct {
	text  string
	since time.Time
}

// Write makes a file or replaces its text.
func (f *Files) Write(name, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.text == nil {
		f.text = map[string]file{}
	}
	f.text[path.Clean(name)] = file{text, time.Now()}
}

// Remove removes a file, if there is one.
func (f *Files) Remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.text, path.Clean(name))
}

// ReadFile returns the text of a file. The error is fs.ErrNotExist, or fs.ErrInvalid for a folder.
func (f *Files) ReadFile(name string) ([]byte, error) {
	info, err := f.stat("read", name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	return []byte(info.text), nil
}

// Stat tells of a file or a folder. The error is fs.ErrNotExist.
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	info, err := f.stat("stat", name)
	if err != nil {
		return nil, err
	}
	return info, nil
}

func (f *Files) stat(op, name string) (entry, error) {
	clean := path.Clean(name)
	f.mu.RLock()
	defer f.mu.RUnlock()
	if t, ok := f.text[clean]; ok {
		return entry{name: path.Base(clean), file: t}, nil
	}
	for have := range f.text {
		if clean == "/" || strings.HasPrefix(have, clean+"/") {
			return entry{name: path.Base(clean), folder: true}, nil
		}
	}
	return entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// ReadDir returns what is in a folder, by name. The error is fs.ErrNotExist, or fs.ErrInvalid for a file.
func (f *Files) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := f.stat("readdir", name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	below := strings.TrimSuffix(path.Clean(name), "/") + "/"
	f.mu.RLock()
	defer f.mu.RUnlock()
	in := map[string]entry{}
	for have, t := range f.text {
		rest, ok := strings.CutPrefix(have, below)
		if !ok {
			continue
		}
		if folder, _, deep := strings.Cut(rest, "/"); deep {
			in[folder] = entry{name: folder, folder: true}
		} else {
			in[rest] = entry{name: rest, file: t}
		}
	}
	all := make([]fs.DirEntry, 0, len(in))
	for _, e := range in {
		all = append(all, fs.FileInfoToDirEntry(e))
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}

// An entry is what is known of a file or a folder.
type entry struct {
	name   string
	folder bool
	file
}

func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return int64(len(e.text)) }
func (e entry) ModTime() time.Time { return e.since }
func (e entry) IsDir() bool        { return e.folder }
func (e entry) Sys() any           { return nil }

// Mode lets everybody run files: scripts are, and there is nothing to tell them by.
func (e entry) Mode() fs.FileMode {
	if e.folder {
		return fs.ModeDir | 0o755
	}
	return 0o755
}
