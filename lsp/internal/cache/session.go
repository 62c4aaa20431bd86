// Package cache holds what an editor shows and what is known about it. A Session takes changes, each of which makes a new
// Snapshot; a Snapshot is one moment, in which everything fits together. Nothing of the protocol is here: documents have URIs
// and byte offsets.
//
// Read document.go, session.go (changes), snapshot.go (questions), then analysis.go (what is known of a plan) and world.go
// (files and other plans).
package cache

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/release"
)

// Options are the world around the documents. nil functions are those of the operating system.
type Options struct {
	ReadFile func(path string) ([]byte, error)
	ReadDir  func(path string) ([]fs.DirEntry, error)
	Stat     func(path string) (fs.FileInfo, error)
	LookPath func(name string) (string, error)
	// Released returns what is at hand of a release that is needed in dir, as workspace.Options wants it. It must not wait
	// for a network.
	Released func(dir string, id release.ID) (*release.Metadata, string)
}

func (o Options) withDefaults() Options {
	if o.ReadFile == nil {
		o.ReadFile = readRegular
	}
	if o.ReadDir == nil {
		o.ReadDir = os.ReadDir
	}
	if o.Stat == nil {
		o.Stat = os.Stat
	}
	if o.LookPath == nil {
		o.LookPath = exec.LookPath
	}
	return o
}

// A Session is what one client has open. It may be used by several goroutines; changes are made one after the other.
type Session struct {
	options Options
	now     atomic.Pointer[Snapshot]
	// shown is the text that workspaces read: that of the present moment, or of the one that is being made.
	shown atomic.Pointer[Snapshot]

	mu         sync.Mutex // guards changes and the following
	workspaces map[string]*workspace.Workspace
	configs    *config.Finder
	commands   sync.Map // results of LookPath, by name
}

// New returns a Session without documents and folders.
func New(o Options) *Session {
	s := &Session{options: o.withDefaults(), workspaces: map[string]*workspace.Workspace{}, configs: &config.Finder{}}
	first := &Snapshot{session: s, documents: map[string]*Document{}, disk: &disk{}}
	s.shown.Store(first)
	s.now.Store(first)
	return s
}

// Snapshot returns the present moment.
func (s *Session) Snapshot() *Snapshot { return s.now.Load() }

// change makes the next snapshot. What edit does to it is all that is different; it returns the files that have another text.
//
// Workspaces get the new texts before anybody sees the snapshot, and only then is forgotten what depends on them: so nothing
// that was found out from old texts is left in it.
func (s *Session) change(edit func(*Snapshot) []string) *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.now.Load()
	next := &Snapshot{ID: was.ID + 1, session: s, documents: maps.Clone(was.documents), folders: was.folders, disk: was.disk}
	paths := edit(next)
	s.shown.Store(next)
	for _, path := range paths {
		next.touched(path)
	}
	s.now.Store(next)
	return next
}

// Open adds a document that the editor shows.
func (s *Session) Open(uri, path, language string, version int32, text string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		d := newDocument(uri, path, language, version, text)
		d.Open = true
		next.documents[uri] = d
		if old := next.disk.peek(path); old != nil && old.Source.Text() == text {
			return nil // others know this text already
		}
		return []string{path}
	})
}

// Close takes a document away; the file on the disk counts again.
func (s *Session) Close(uri string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		d := next.documents[uri]
		if d == nil {
			return nil
		}
		delete(next.documents, uri)
		next.disk = next.disk.without(d.Path)
		return []string{d.Path}
	})
}

// Edit gives an open document another text. It reports false if it is not open.
func (s *Session) Edit(uri string, version int32, text string) (*Snapshot, bool) {
	ok := false
	snap := s.change(func(next *Snapshot) []string {
		d := next.documents[uri]
		if ok = d != nil; !ok {
			return nil
		}
		next.documents[uri] = d.with(version, text)
		return []string{d.Path}
	})
	return snap, ok
}

// Changed tells that files or folders on the disk are different, new or gone.
func (s *Session) Changed(paths ...string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		for _, path := range paths {
			if filepath.Base(path) == config.Name {
				s.configs = &config.Finder{}
				next.forget(everything)
			}
			next.disk = next.disk.without(path)
		}
		return paths
	})
}

// ChangedAll tells that any file may be different.
func (s *Session) ChangedAll() *Snapshot {
	return s.change(func(next *Snapshot) []string {
		s.configs, s.workspaces = &config.Finder{}, map[string]*workspace.Workspace{}
		s.commands.Clear()
		next.disk = &disk{}
		next.forget(everything)
		return nil
	})
}

// SetFolders says which folders the editor has open.
func (s *Session) SetFolders(folders []string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		next.folders = folders
		s.workspaces = map[string]*workspace.Workspace{}
		next.forget(everything)
		return nil
	})
}

func everything(*Document) bool { return true }
