package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A FileStore keeps the state of a project in a file, with a lock and a journal beside it while somebody works on it.
type FileStore struct {
	path    string // of the document, absolute, not a symbolic link
	project string
	ttl     time.Duration
	clock   Clock
	fs      fsys
	machine machine
}

var _ Store = (*FileStore)(nil)

// A Clock tells the time and waits. The zero Options use the clock of the system.
type Clock interface {
	Now() time.Time
	// After returns a channel which delivers once d has passed.
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Options configure a FileStore. The zero value is good for commands.
type Options struct {
	// Project is the name the document must have; a new one gets it. "" accepts any name and calls new ones
	// DefaultProject.
	Project string
	// TTL is how long a lease lasts without being renewed; 0 means DefaultTTL. It is renewed three times as often.
	TTL   time.Duration
	Clock Clock // nil means the clock of the system

	fs      fsys
	machine *machine
}

// DefaultTTL is how long a lease lasts after its last renewal. It matters only if the holder dies on another host or
// hangs: one which died on this host is noticed at once.
const DefaultTTL = time.Minute

// OpenFile returns the store of the document at path. Nothing is read or created yet: a missing document is an empty
// state, and appears with the first commit. The path is made absolute now; a symbolic link is followed, and what it
// points to is what will be replaced. Only an empty path and a folder that cannot be read give an error here.
func OpenFile(path string, o Options) (*FileStore, error) {
	if path == "" {
		return nil, errors.New("Configuration file path is required.") //nolint:staticcheck // text of the original
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	s := &FileStore{path: abs, project: o.Project, ttl: o.TTL, clock: o.Clock, fs: o.fs}
	if s.fs == nil {
		s.fs = osFS{}
		if s.path, err = resolve(abs); err != nil {
			return nil, fmt.Errorf("open state %s: %w", path, err)
		}
	}
	if s.ttl <= 0 {
		s.ttl = DefaultTTL
	}
	if s.clock == nil {
		s.clock = systemClock{}
	}
	if o.machine != nil {
		s.machine = *o.machine
	} else {
		s.machine = thisMachine()
	}
	return s, nil
}

// Location returns the absolute path of the document.
func (s *FileStore) Location() string { return s.path }

func (s *FileStore) lockPath() string    { return s.path + ".lock" }
func (s *FileStore) journalPath() string { return s.path + ".journal" }

// loaded is what document and journal say together.
type loaded struct {
	state *State
	document
	left      bool     // there is a journal, if only the beginning of one
	journal   *journal // nil without one
	folded    bool     // the commits of the journal are in the document already
	recovered Recovered
}

// A document is what is known about the bytes of the document on disk.
type document struct {
	base string // checksum; "" if there is no document
	size int64
	mode fs.FileMode // for the next one
	id   fileID      // as long as the file has it, it was not changed; zero if that is not sure
}

// readDocument reads the document, and its checksums while the bytes are still in the cache of the processor.
func (s *FileStore) readDocument() (data []byte, sums *sums, info fs.FileInfo, err error) {
	f, err := s.fs.open(s.path, os.O_RDONLY, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, nil, nil, err
	}
	data, sums = make([]byte, 0, info.Size()+1), newSums(nil)
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := f.ReadAt(data[len(data):min(len(data)+sumBlock, cap(data))], int64(len(data)))
		sums.add(data[len(data) : len(data)+n])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, sums, info, nil
		}
		if err != nil {
			return nil, nil, nil, err
		}
	}
}

// load reads journal and document. The journal comes first: if the document is replaced in between, it holds
// everything the journal held and perhaps more, so that what was committed before load was called is never missed.
func (s *FileStore) load() (*loaded, error) {
	l := &loaded{document: document{mode: 0o600}}
	data, err := s.fs.readFile(s.journalPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("load state: %w", err)
	}
	if l.left = err == nil; l.left {
		if l.journal, err = parseJournal(data); err != nil {
			return nil, fmt.Errorf("load state: %s: %w; nothing was changed; keep both files, and restore the journal from a "+
				"copy or move it away to go on with the document alone", s.journalPath(), err)
		}
		if l.journal == nil {
			l.recovered.Torn = int64(len(data))
		}
	}
	data, sums, info, err := s.readDocument()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.state = New(s.newProject())
		l.state.now = s.clock.Now()
	case err != nil:
		return nil, fmt.Errorf("load state: %w", err)
	default:
		if l.state, err = decode(data, sums, s.clock.Now()); err != nil {
			var d *DocumentError
			if errors.As(err, &d) {
				d.File = s.path
			}
			return nil, fmt.Errorf("load state: %w; nothing was changed", err)
		}
		l.base, l.size, l.mode = checksumText(sums.total, int64(len(data))), int64(len(data)), info.Mode().Perm()
		l.id = fileIDOf(info)
		if s.project != "" && l.state.name != s.project {
			return nil, fmt.Errorf("load state: %s belongs to project %q, not to %q; nothing was changed", s.path, l.state.name, s.project)
		}
	}
	if l.journal == nil {
		return l, nil
	}
	return l, s.replay(l)
}

func (s *FileStore) newProject() string {
	if s.project != "" {
		return s.project
	}
	return DefaultProject
}

// replay applies the commits of the journal to the document it was written for.
func (s *FileStore) replay(l *loaded) error {
	j := l.journal
	l.recovered.Torn = j.torn
	l.recovered.Lease = j.header.lease
	if !j.changed() {
		l.folded = true
		return nil
	}
	if l.base != j.header.base {
		if l.state.lineage == j.header.lineage && l.state.serial >= j.serial() {
			l.folded = true
			return nil
		}
		what := "was changed by another program"
		switch {
		case l.base == "":
			what = "is gone"
		case l.state.name != j.header.project || l.state.lineage != "" && l.state.lineage != j.header.lineage:
			what = "is another one"
		}
		return fmt.Errorf("load state: %w: %s %s since %s, and %s holds commits that are not in it; nothing was changed; "+
			"restore the document from before, or move the journal away to go on without these commits", ErrConflict, s.path,
			what, j.header.lease.Holder(), s.journalPath())
	}
	if l.base == "" {
		l.state.name = j.header.project
	}
	for i, c := range j.commits {
		if err := l.state.apply(c.changes, c.at, j.header.lineage, max(l.state.serial, c.serial)); err != nil {
			return fmt.Errorf("load state: %s: %w: line %d: %w", s.journalPath(), ErrCorrupt, i+2, err)
		}
		l.recovered.Commits++
	}
	return nil
}

// View returns what is recorded now. It takes no lock and writes nothing; a journal, of a session at work or left
// behind, is applied in memory.
func (s *FileStore) View(ctx context.Context) (*View, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lease, err := s.holder()
	if err != nil {
		return nil, err
	}
	l, err := s.load()
	if err != nil {
		return nil, err
	}
	v := &View{State: l.state, Lease: lease, Recovered: l.recovered}
	if l.journal != nil {
		v.Runs = runs(l.journal.events())
	}
	for _, p := range l.state.Running() {
		// What became running under the live lease is being worked on.
		if lease == nil || p.Status.UpdatedAt.Before(lease.Since) {
			v.Interrupted = append(v.Interrupted, p)
		}
	}
	return v, nil
}
