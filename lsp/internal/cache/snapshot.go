package cache

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"escape.build/escape/lang/source"
)

// A Snapshot is what the editor shows at one moment. It may be used by several goroutines.
type Snapshot struct {
	// ID counts the changes of the session.
	ID uint64

	session   *Session
	documents map[string]*Document // open ones, by URI
	folders   []string
	roots     []string // the same, and what they are links to
	disk      *disk
}

// Folders returns the folders that the editor has open, as absolute paths.
func (s *Snapshot) Folders() []string { return s.folders }

// Open returns the open documents in the order of their URIs.
func (s *Snapshot) Open() []*Document {
	all := make([]*Document, 0, len(s.documents))
	for _, d := range s.documents {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *Document) int { return cmp.Compare(a.URI, b.URI) })
	return all
}

// Document returns the open document with a URI; nil if there is none.
func (s *Snapshot) Document(uri string) *Document {
	if d := s.documents[uri]; d != nil {
		return d
	}
	return s.documents[s.session.options.Key(uri)]
}

// File returns the document of an absolute path, or of a name that findings use: the open one, or else what the disk holds.
// It is nil if there is neither.
func (s *Snapshot) File(name string) *Document {
	for _, d := range s.documents {
		if d.Path == name || d.Source.Name() == name {
			return d
		}
	}
	return s.disk.load(s.session, name)
}

// SourceOf returns the text of a file as File finds it; nil if there is none.
func (s *Snapshot) SourceOf(name string) *source.File {
	if d := s.File(name); d != nil {
		return d.Source
	}
	return nil
}

// A disk keeps documents that were read from the disk. Snapshots share it: what it says of a file is the same for all of them until
// the session is told that the file has changed. A file that is not there is looked for again each time.
type disk struct {
	mu    sync.Mutex
	files map[string]*Document
	bytes int // of text
}

// How many files are kept, and how many bytes of text they may have.
const (
	maxDisk      = 20_000
	maxDiskBytes = 64 << 20
)

func (k *disk) peek(path string) *Document {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.files[path]
}

// load returns the document of a file, which it reads if that was not done before.
func (k *disk) load(s *Session, path string) *Document {
	if d := k.peek(path); d != nil {
		return d
	}
	before := stampOf(s.options.Stat(path))
	text, err := s.options.ReadFile(path)
	if err != nil {
		return nil
	}
	d := newDocument(FileURI(path), path, "", 0, string(text))
	d.stamp = before
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.files == nil || len(k.files) >= maxDisk || k.bytes >= maxDiskBytes {
		k.files, k.bytes = map[string]*Document{}, 0
	}
	if was := k.files[path]; was != nil {
		return was
	}
	k.files[path] = d
	k.bytes += len(text)
	return d
}

// without returns the disk without some files, of which something else is to be read.
func (k *disk) without(paths ...string) *disk {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := &disk{files: maps.Clone(k.files), bytes: k.bytes}
	for _, path := range paths {
		if d := next.files[path]; d != nil {
			delete(next.files, path)
			next.bytes -= len(d.Source.Text())
		}
	}
	return next
}

// below returns the files that are known below a folder.
func (k *disk) below(dir string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var paths []string
	for path := range k.files {
		if path != dir && Below(path, dir) {
			paths = append(paths, path)
		}
	}
	return paths
}

// all returns the documents of all files that are known.
func (k *disk) all() []*Document {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Values(k.files))
}

// stamp returns how a file looked when it was read.
func (k *disk) stamp(path string) (stamp, bool) {
	d := k.peek(path)
	if d == nil {
		return stamp{}, false
	}
	return d.stamp, true
}
