// Package cache holds what an editor shows and what is known about it. A Session takes changes, each of which makes a new
// Snapshot; a Snapshot is one moment, in which everything fits together. Nothing of the protocol is here: documents have URIs
// and byte offsets.
//
// Read document.go, session.go (changes), snapshot.go (questions), then analysis.go (what is known of a plan) and world.go
// (files and other plans).
package cache

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
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
	// Key returns the one form of all URIs of a file; nil leaves them as they are.
	Key func(uri string) string
	// Patience is how long an analysis waits while plans are looked for; then it knows no others. 0 is 10 ms.
	Patience time.Duration
	// Loading is called when plans are looked for in a folder; nil tells nobody.
	Loading func() Loading
	// Safely calls fn beside all callers, and returns also if that panics; nil lets it panic.
	Safely func(fn func())
}

type silent struct{}

func (silent) Found(int) bool { return true }
func (silent) Done()          {}

func (o Options) withDefaults() Options {
	if o.ReadFile == nil {
		o.ReadFile = readFile
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
	if o.Key == nil {
		o.Key = func(uri string) string { return uri }
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Millisecond
	}
	if o.Loading == nil {
		o.Loading = func() Loading { return silent{} }
	}
	if o.Safely == nil {
		o.Safely = func(fn func()) { fn() }
	}
	return o
}

// A Session is what one client has open. It may be used by several goroutines; changes are made one after the other.
type Session struct {
	options Options
	now     atomic.Pointer[Snapshot]
	// shown is the text that workspaces read: that of the present moment, or of the one that is being made.
	shown   atomic.Pointer[Snapshot]
	touched touched

	ctx      context.Context // ends with the session
	end      context.CancelFunc
	busy     sync.WaitGroup // what goes on beside the callers
	commands sync.Map       // results of LookPath, by name
	// commandCount is how many names were put there since it was empty, or a few more.
	commandCount atomic.Int32
	stamps       stamps
	tree         tree

	mu         sync.Mutex // guards changes and the following
	workspaces map[string]*workspace.Workspace
	loading    map[*workspace.Workspace]chan struct{}
	configs    *config.Finder
}

// New returns a Session without documents and folders. It must be stopped.
func New(o Options) *Session {
	s := &Session{
		options: o.withDefaults(), workspaces: map[string]*workspace.Workspace{},
		loading: map[*workspace.Workspace]chan struct{}{},
	}
	s.configs = s.newConfigs()
	s.ctx, s.end = context.WithCancel(context.Background())
	first := &Snapshot{session: s, documents: map[string]*Document{}, disk: &disk{}}
	s.shown.Store(first)
	s.now.Store(first)
	return s
}

func (s *Session) newConfigs() *config.Finder {
	return &config.Finder{ReadFile: s.readConfig, Stat: s.options.Stat}
}

// Stop ends what goes on in the background.
func (s *Session) Stop() {
	s.mu.Lock()
	s.end() // nothing begins any more
	s.mu.Unlock()
	s.busy.Wait()
}

// Snapshot returns the present moment.
func (s *Session) Snapshot() *Snapshot { return s.now.Load() }

// change makes the next snapshot. What edit does to it is all that is different; it returns the files that have another text.
//
// Workspaces get the new texts before anybody sees the snapshot, and only then is noted which files were touched: what was
// found out from old texts is of an older snapshot, and does not hold in this one.
func (s *Session) change(edit func(*Snapshot) []string) *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.now.Load()
	next := &Snapshot{ID: was.ID + 1, session: s, documents: maps.Clone(was.documents), folders: was.folders, roots: was.roots, disk: was.disk}
	paths := edit(next)
	s.shown.Store(next)
	for _, path := range paths {
		if filepath.Base(path) == config.Name {
			s.configs = s.newConfigs()
		}
		for _, w := range s.workspaces {
			w.Changed(path)
		}
		s.touched.file(next.ID, path)
	}
	s.now.Store(next)
	return next
}

// Open adds a document that the editor shows.
func (s *Session) Open(uri, path, language string, version int32, text string) *Snapshot {
	return s.OpenAs(uri, uri, path, language, version, text)
}

// OpenAs is Open for a client that writes the URI in another form.
func (s *Session) OpenAs(uri, written, path, language string, version int32, text string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		d := newDocument(s.options.Key(uri), path, language, version, text)
		d.Open, d.Written = true, written
		next.documents[d.URI] = d
		if old := next.disk.peek(path); old != nil && old.Source.Text() == text {
			return nil // others know this text already
		}
		return s.withFolder(path)
	})
}

// withFolder returns a file, and its folder if the file is not on the disk: then the folder holds it only while it is open.
func (s *Session) withFolder(path string) []string {
	if path == "" {
		return nil
	}
	if _, err := s.options.Stat(path); err != nil {
		return []string{path, filepath.Dir(path)}
	}
	return []string{path}
}

// Close takes a document away; the file on the disk counts again.
func (s *Session) Close(uri string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		d := next.Document(uri)
		if d == nil {
			return nil
		}
		delete(next.documents, d.URI)
		next.disk = next.disk.without(d.Path)
		return s.withFolder(d.Path)
	})
}

// Edit gives an open document another text, whose name must be that of the present one. It reports false if it is not open.
func (s *Session) Edit(uri string, version int32, text *source.File) (*Snapshot, bool) {
	ok := false
	snap := s.change(func(next *Snapshot) []string {
		d := next.Document(uri)
		if ok = d != nil; !ok {
			return nil
		}
		next.documents[d.URI] = d.with(version, text)
		return []string{d.Path}
	})
	return snap, ok
}

// Changed tells that files or folders on the disk are different, new or gone.
func (s *Session) Changed(paths ...string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		var touched []string
		for _, path := range paths {
			touched = append(touched, path, filepath.Dir(path))
			if info, err := s.options.Stat(path); err != nil || info.IsDir() { // then what lies below it may be different too
				s.configs = s.newConfigs()
				s.touched.tree(next.ID, path)
				touched = append(touched, next.disk.below(path)...)
			}
		}
		next.disk = next.disk.without(touched...)
		return touched
	})
}

// ChangedAll tells that any file may be different.
func (s *Session) ChangedAll() *Snapshot {
	return s.change(func(next *Snapshot) []string {
		s.configs, s.workspaces = s.newConfigs(), map[string]*workspace.Workspace{}
		s.tree.clear()
		s.commands.Clear()
		next.disk = &disk{}
		s.touched.everything(next.ID)
		return nil
	})
}

// SetFolders says which folders the editor has open.
func (s *Session) SetFolders(folders []string) *Snapshot {
	return s.change(func(next *Snapshot) []string {
		next.folders, next.roots = folders, withReal(folders)
		s.workspaces = map[string]*workspace.Workspace{}
		s.tree.clear()
		s.touched.everything(next.ID)
		return nil
	})
}

// withReal adds to folders those that they are links to: an editor may name a file in either way.
func withReal(folders []string) []string {
	all := slices.Clone(folders)
	for _, dir := range folders {
		if real, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(all, real) {
			all = append(all, real)
		}
	}
	return all
}
