package cache

import (
	"cmp"
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
func (s *Snapshot) Document(uri string) *Document { return s.documents[uri] }

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

// touched lets go of what depends on a file, in a snapshot that is being made. The session is locked.
func (s *Snapshot) touched(path string) {
	if path == "" {
		return
	}
	for _, w := range s.session.workspaces {
		w.Changed(path)
	}
	s.forget(func(d *Document) bool { return d.Path != path && d.looked(path) })
}

// forget lets go of what is known of some documents.
func (s *Snapshot) forget(which func(*Document) bool) {
	for uri, d := range s.documents {
		if which(d) {
			s.documents[uri] = d.forgotten()
		}
	}
	s.disk = s.disk.forget(which)
}

// A disk keeps documents that were read from the disk. A nil Document is a file that is not there. Snapshots share it: what
// it says of a file is the same for all of them until the session is told that the file has changed.
type disk struct {
	mu    sync.Mutex
	files map[string]*Document
}

// maxDisk is how many files are kept.
const maxDisk = 20_000

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
	text, err := s.options.ReadFile(path)
	if err != nil {
		return nil
	}
	d := newDocument(FileURI(path), path, "", 0, string(text))
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.files == nil || len(k.files) >= maxDisk {
		k.files = map[string]*Document{}
	}
	if was := k.files[path]; was != nil {
		return was
	}
	k.files[path] = d
	return d
}

func (k *disk) without(path string) *disk {
	return k.copied(func(d *Document) *Document {
		if d.Path == path {
			return nil
		}
		return d
	})
}

func (k *disk) forget(which func(*Document) bool) *disk {
	if !k.some(which) {
		return k
	}
	return k.copied(func(d *Document) *Document {
		if which(d) {
			return d.forgotten()
		}
		return d
	})
}

func (k *disk) some(which func(*Document) bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range k.files {
		if which(d) {
			return true
		}
	}
	return false
}

func (k *disk) copied(fn func(*Document) *Document) *disk {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := &disk{files: make(map[string]*Document, len(k.files))}
	for path, d := range k.files {
		if d = fn(d); d != nil {
			next.files[path] = d
		}
	}
	return next
}
