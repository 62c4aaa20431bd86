package state

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

var errEOF = io.EOF

// A fileSession is a Session of a FileStore.
type fileSession struct {
	store       *FileStore
	state       *State
	recovered   Recovered
	interrupted []Place
	runs        []RunLog
	done        chan struct{} // closed by Close
	lost        chan struct{} // closed when the lease is gone
	renewing    sync.WaitGroup

	mu      sync.Mutex // guards what follows; held for the whole of a commit or fold, but not while syncing
	lease   Lease
	lock    file   // the lock file
	held    string // its content when it was read last
	closed  bool
	isLost  bool
	doc     document
	events  []Event // of runs which did not end
	changed bool    // the journal holds changes

	journal file   // nil until the first commit
	number  int    // of the journal in this session
	last    string // digits of its last line
	end     int64  // bytes of whole lines
	synced  int64  // bytes known to be on disk
	changes int64  // bytes of the lines that change the state
	due     mark   // end of the last batch that was left for later
	// suspect says that the journal on disk may not be what was written: the next step is a fold, which writes
	// everything anew from memory.
	suspect bool

	syncMu sync.Mutex // held while syncing, so that those who wait share one sync; taken before mu
}

// A mark is a place in a journal of a session.
type mark struct {
	number int
	end    int64
}

// Lock takes the lease. A journal left behind is folded into the document first.
func (s *FileStore) Lock(ctx context.Context, r Request) (Session, error) {
	lease, takeover, err := s.acquire(ctx, r)
	if err != nil {
		return nil, err
	}
	f := &fileSession{store: s, lease: *lease, done: make(chan struct{}), lost: make(chan struct{})}
	if takeover {
		f.sweep()
	}
	if err := f.begin(ctx); err != nil {
		f.release()
		return nil, err
	}
	f.renewing.Add(1)
	go f.renew()
	return f, nil
}

// begin loads the state and cleans up after the session before.
func (f *fileSession) begin(ctx context.Context) error {
	s := f.store
	var err error
	if f.lock, err = s.fs.open(s.lockPath(), os.O_RDWR, 0); err != nil {
		return fmt.Errorf("lock state %s: %w", s.path, err)
	}
	l, err := s.load()
	if err != nil {
		return err
	}
	f.state, f.doc, f.recovered = l.state, l.document, l.recovered
	// The lease was written before the document was read. If the file system dates it later than the last change of the
	// document, it will date every change from now on later too.
	if info, err := f.lock.Stat(); err != nil || !f.doc.id.before(info) {
		f.doc.id = fileID{}
	}
	f.interrupted = f.state.Running()
	// Fences grow from one lease that wrote to the next, even if the lock file was removed in between, because a
	// commit lifts the serial above the fence of its lease.
	fence := max(f.lease.Fence, f.state.serial+1)
	if l.journal != nil {
		fence = max(fence, l.journal.header.lease.Fence+1)
		f.events = l.journal.events()
		f.runs = runs(f.events)
	}
	if fence != f.lease.Fence {
		f.lease.Fence = fence
		if err := f.critical(ctx, f.writeLease); err != nil {
			return err
		}
	}
	if !l.left {
		return nil
	}
	f.changed = l.journal != nil && !l.folded
	if !f.changed && len(f.runs) > 0 {
		// Only the logs of runs are left; the first commit or Close writes them to a journal of this session.
		return nil
	}
	return f.fold(ctx)
}

// sweep removes temporary files of sessions which died while folding.
func (f *fileSession) sweep() {
	s := f.store
	dir, base := filepath.Split(s.path)
	names, err := s.fs.list(dir)
	if err != nil {
		return
	}
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, base+"."); ok && strings.HasSuffix(rest, ".tmp") {
			s.fs.remove(filepath.Join(dir, name))
		}
	}
}

// State returns the state with all commits of this session.
func (f *fileSession) State() *State { return f.state }

// Lease returns the lease as it was taken or last renewed.
func (f *fileSession) Lease() Lease {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lease
}

// Recovered says what was left behind by the session before.
func (f *fileSession) Recovered() Recovered { return f.recovered }

// Interrupted returns the stages that were running when the session began.
func (f *fileSession) Interrupted() []Place { return f.interrupted }

// Runs returns the runs that were not ended when the session began.
func (f *fileSession) Runs() []RunLog { return f.runs }

// Lost is closed when the lease is found lost.
func (f *fileSession) Lost() <-chan struct{} { return f.lost }

// critical runs do while this session surely holds the lease: under the lock of the lock file, after a look at the
// lease. The caller holds f.mu, or nobody else knows f yet.
func (f *fileSession) critical(ctx context.Context, do func() error) error {
	s := f.store
	if f.isLost {
		return f.fenced()
	}
	if err := s.lockFile(ctx, f.lock); err != nil {
		return fmt.Errorf("save state %s: %w", s.path, err)
	}
	defer f.lock.unlock()
	current, err := s.isCurrent(f.lock)
	if err != nil {
		return fmt.Errorf("save state %s: %w", s.path, err)
	}
	if current {
		current = f.holds()
	}
	if !current {
		f.isLost = true
		close(f.lost)
		return f.fenced()
	}
	return do()
}

// holds reports whether the lock file holds the lease of this session.
func (f *fileSession) holds() bool {
	if f.held != "" { // most often nothing happened to it
		buf := make([]byte, len(f.held))
		if n, _ := f.lock.ReadAt(buf, 0); string(buf[:n]) == f.held {
			return true
		}
	}
	held, text, err := readLease(f.lock)
	if err != nil && !errors.Is(err, errEOF) || held == nil || held.Token != f.lease.Token {
		return false
	}
	f.held = string(text)
	return true
}

func (f *fileSession) fenced() error {
	return fmt.Errorf("save state %s: %w: it was taken over, or removed, while %s was working; what was recorded before is kept, "+
		"nothing more is recorded", f.store.path, ErrFenced, f.lease.Holder())
}

func (f *fileSession) writeLease() error {
	if _, err := f.lock.WriteAt(encodeLease(&f.lease), 0); err != nil {
		return fmt.Errorf("renew lock of state %s: %w", f.store.path, err)
	}
	return nil
}

// renew moves the end of the lease on, three times as often as it must. It is the only goroutine of a session; it ends
// with Close, or when the lease is lost. An error of the disk is not the end: the next attempt may succeed, and if none
// does the lease expires.
func (f *fileSession) renew() {
	defer f.renewing.Done()
	s := f.store
	for {
		select {
		case <-f.done:
			return
		case <-f.lost:
			return
		case <-s.clock.After(s.ttl / 3):
		}
		f.mu.Lock()
		if !f.closed {
			ctx, cancel := context.WithTimeout(context.Background(), s.ttl)
			before := f.lease.Expires
			f.lease.Expires = s.clock.Now().Add(s.ttl).UTC()
			if err := f.critical(ctx, f.writeLease); err != nil {
				f.lease.Expires = before
			}
			cancel()
		}
		f.mu.Unlock()
	}
}

// Commit appends b to the journal and makes its changes visible in State.
func (f *fileSession) Commit(ctx context.Context, b Batch) error {
	m, err := f.write(ctx, &b)
	if err != nil {
		return err
	}
	if b.mustSync() {
		if err := f.sync(m); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changes > max(f.doc.size, minFold) && !f.closed {
		// The commit is in the journal, so what goes wrong here loses nothing; the next fold will tell.
		if f.fold(ctx) != nil {
			f.changes = 0
		}
	}
	return nil
}

// minFold is how much the journal may hold even if the document is smaller.
const minFold = 1 << 20

// write appends b to the journal and returns where its line ends.
func (f *fileSession) write(ctx context.Context, b *Batch) (mark, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return mark{}, fmt.Errorf("save state %s: %w", f.store.path, ErrClosed)
	}
	if err := f.state.Err(); err != nil {
		return mark{}, fmt.Errorf("save state %s: %w", f.store.path, err)
	}
	if f.suspect {
		if err := f.fold(ctx); err != nil {
			return mark{}, err
		}
	}
	c := commit{serial: f.state.serial, at: f.store.clock.Now().UTC(), changes: f.state.numbered(b.Changes), events: b.Events}
	lineage := f.state.lineage
	if len(b.Changes) > 0 {
		c.serial = max(f.state.serial+1, f.lease.Fence)
		if lineage == "" {
			lineage = rand.Text()
		}
	}
	draft, err := f.state.draft(c.changes, c.at)
	if err != nil {
		return mark{}, fmt.Errorf("save state %s: %w", f.store.path, err)
	}
	payload, err := c.payload()
	if err != nil {
		return mark{}, fmt.Errorf("save state %s: %w; nothing was recorded", f.store.path, err)
	}
	var lines []byte
	last := f.last
	if f.journal == nil {
		lines, last = f.opening(lineage)
	}
	headed := len(lines)
	lines, last = appendLine(lines, last, payload)
	if err := f.critical(ctx, func() error { return f.append(lines) }); err != nil {
		return mark{}, err
	}
	f.last = last
	f.end += int64(len(lines))
	f.state.install(draft, lineage, c.serial)
	f.events = append(f.events, c.events...)
	if len(b.Changes) > 0 {
		f.changed = true
		f.changes += int64(len(lines) - headed)
	}
	m := mark{f.number, f.end}
	if b.Later {
		f.due = m
	}
	return m, nil
}

// opening returns the first lines of a journal: its header, and the events of runs which did not end.
func (f *fileSession) opening(lineage string) (lines []byte, last string) {
	h := header{format: Format, project: f.state.name, lineage: lineage, base: f.doc.base, serial: f.state.serial, lease: f.lease}
	lines, last = appendLine(nil, journalSeed, h.payload())
	f.events = flatten(runs(f.events))
	if len(f.events) > 0 {
		c := commit{serial: f.state.serial, events: f.events}
		payload, err := c.payload()
		if err != nil { // they were written before
			return lines, last
		}
		lines, last = appendLine(lines, last, payload)
	}
	return lines, last
}

func flatten(logs []RunLog) []Event {
	var events []Event
	for _, l := range logs {
		events = append(events, l.Events...)
	}
	return events
}

// append writes lines behind the journal, or as a new journal. After an error the journal is as it was before; if that
// is not sure, f.suspect is set.
func (f *fileSession) append(lines []byte) error {
	s := f.store
	if f.journal == nil {
		return f.create(lines)
	}
	if _, err := f.journal.Write(lines); err != nil {
		if f.journal.Truncate(f.end) != nil {
			f.suspect = true
		}
		return fmt.Errorf("save state: append to %s: %w; this change was not recorded, everything before it is", s.journalPath(), err)
	}
	return nil
}

// create makes a journal with these lines, in place of one that holds nothing but logs.
func (f *fileSession) create(lines []byte) error {
	s := f.store
	err := f.replace(s.journalPath(), [][]byte{lines}, 0o600, false)
	var j file
	if err == nil {
		j, err = s.fs.open(s.journalPath(), os.O_WRONLY|os.O_APPEND, 0)
	}
	if err != nil {
		return fmt.Errorf("save state: create %s: %w; this change was not recorded; the document %s is as it was", s.journalPath(), err, s.path)
	}
	f.number++
	f.journal, f.end, f.synced, f.changes = j, 0, 0, 0
	return nil
}

// replace puts data in the place of a file, all or nothing, with sync so that a power cut finds one or the other.
func (f *fileSession) replace(name string, data [][]byte, mode fs.FileMode, sync bool) error {
	tmp, err := f.prepare(data, mode, sync)
	if err != nil {
		return err
	}
	if err := f.store.fs.rename(tmp, name); err != nil {
		f.store.fs.remove(tmp)
		return err
	}
	if sync {
		return f.store.fs.syncDir(filepath.Dir(name))
	}
	return nil
}

// prepare writes data to a temporary file beside the document.
func (f *fileSession) prepare(data [][]byte, mode fs.FileMode, sync bool) (name string, err error) {
	s := f.store
	tmp := s.path + "." + f.lease.Token[:12] + ".tmp"
	t, err := s.fs.open(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	if sync {
		err = writeSoon(t, data)
	} else {
		err = writeAll(t, data)
	}
	if err == nil && mode != 0o600 {
		err = t.Chmod(mode)
	}
	if err == nil && sync {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err != nil {
		s.fs.remove(tmp)
		return "", err
	}
	return tmp, nil
}

func sizeOf(data [][]byte) (n int64) {
	for _, b := range data {
		n += int64(len(b))
	}
	return n
}

func writeAll(w io.Writer, data [][]byte) error {
	for _, b := range data {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// writeSoon is writeAll for a new file that will be synced: the disk begins to work while the rest is still being written.
func writeSoon(t file, data [][]byte) error {
	const part = 1 << 20
	size := sizeOf(data)
	f, ok := t.(soonFile)
	if !ok || size < 2*part {
		return writeAll(t, data)
	}
	f.reserve(size)
	var written, begun int64
	for _, b := range data {
		for len(b) > 0 {
			n, err := t.Write(b[:min(len(b), part)])
			if err != nil {
				return err
			}
			b = b[n:]
			if written += int64(n); written-begun >= part {
				f.begin(begun, written-begun)
				begun = written
			}
		}
	}
	return nil
}

// Sync brings to the disk what was committed for later.
func (f *fileSession) Sync() error {
	f.mu.Lock()
	due := f.due
	f.mu.Unlock()
	return f.sync(due)
}

// sync brings the journal up to m to the disk. Callers that wait at the same time share one sync.
func (f *fileSession) sync(m mark) error {
	f.syncMu.Lock()
	defer f.syncMu.Unlock()
	f.mu.Lock()
	j, end, first := f.journal, f.end, f.synced == 0
	done := f.number != m.number || j == nil || f.synced >= m.end // what was folded is on disk
	f.mu.Unlock()
	if done {
		return nil
	}
	err := j.Sync()
	if err == nil && first {
		err = f.store.fs.syncDir(filepath.Dir(f.store.path))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.number != m.number || f.journal == nil {
		return nil
	}
	if err != nil {
		// After a failed sync the system may have dropped what was written, and a second one would not tell.
		f.suspect = true
		return fmt.Errorf("save state: sync %s: %w; the last changes may not survive a crash; the next change tries to write all anew",
			f.store.journalPath(), err)
	}
	f.synced = end
	return nil
}

// fold writes the document with all that was committed and removes the journal; logs of runs which did not end go to a
// new one. The caller holds f.mu. Whatever goes wrong, at every moment the document is valid, and document and journal
// together hold every commit.
func (f *fileSession) fold(ctx context.Context) error {
	s := f.store
	fail := func(err error) error {
		return fmt.Errorf("save state: write %s: %w; the document is as it was, and %s holds everything recorded since", s.path, err, s.journalPath())
	}
	var tmp string
	if f.changed {
		data, sum, err := f.state.segments()
		if err != nil {
			return fail(err)
		}
		if tmp, err = f.prepare(data, f.doc.mode, true); err != nil {
			return fail(err)
		}
		err = f.critical(ctx, func() error { return f.exchange(tmp, data, sum) })
		if err != nil {
			s.fs.remove(tmp)
			return err
		}
	} else if err := s.fs.syncDir(filepath.Dir(s.path)); err != nil {
		// The session before may have failed just here, after it replaced the document.
		return fail(err)
	}
	// From here on the document holds every change. The journal may go, or is replaced.
	f.suspect = true
	f.events = flatten(runs(f.events))
	err := f.critical(ctx, func() error {
		if len(f.events) > 0 {
			lines, last := f.opening(f.state.lineage)
			if err := f.replace(s.journalPath(), [][]byte{lines}, 0o600, true); err != nil {
				return err
			}
			f.drop()
			j, err := s.fs.open(s.journalPath(), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			f.number++
			f.journal, f.last, f.end, f.synced, f.changes = j, last, int64(len(lines)), int64(len(lines)), 0
			return nil
		}
		f.drop()
		if err := s.fs.remove(s.journalPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save state: replace %s: %w; the document %s holds everything recorded", s.journalPath(), err, s.path)
	}
	f.suspect = false
	return nil
}

// drop forgets the journal.
func (f *fileSession) drop() {
	if f.journal != nil {
		f.journal.Close()
	}
	f.journal = nil
	f.number++
}

// exchange puts the new document, which is tmp, in the place of the old one, if that is still what the session began
// with.
func (f *fileSession) exchange(tmp string, data [][]byte, sum uint32) error {
	s := f.store
	base, err := s.currentBase(&f.doc)
	if err != nil {
		return fmt.Errorf("save state: %w; %s holds everything recorded since", err, s.journalPath())
	}
	if base != f.doc.base {
		return fmt.Errorf("save state %s: %w while %s was working; it was left as it is, and %s holds everything recorded since",
			s.path, ErrConflict, f.lease.Holder(), s.journalPath())
	}
	if err := s.fs.rename(tmp, s.path); err != nil {
		return fmt.Errorf("save state: %w; the document is as it was, and %s holds everything recorded since", err, s.journalPath())
	}
	f.doc = document{mode: f.doc.mode, size: sizeOf(data)}
	f.doc.base = checksumText(sum, f.doc.size)
	// The journal goes only after this is sure to survive: until then it must not be appended to, because it builds on
	// the old document.
	f.suspect = true
	if err := s.fs.syncDir(filepath.Dir(s.path)); err != nil {
		return fmt.Errorf("save state: sync folder of %s: %w; the document was replaced, but may be the old one after a crash, "+
			"with %s beside it", s.path, err, s.journalPath())
	}
	f.changed = false
	return nil
}

// Close folds the journal into the document and gives the lease back.
func (f *fileSession) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	f.closed = true
	close(f.done)
	var err error
	if f.changed || f.suspect || f.journal != nil && len(runs(f.events)) == 0 {
		err = f.fold(context.Background())
	}
	f.drop()
	f.mu.Unlock()
	f.renewing.Wait()
	return errors.Join(err, f.release())
}

// release gives the lease back, if it is still this session's.
func (f *fileSession) release() error {
	if f.lock != nil {
		f.lock.Close()
	}
	if f.isLost {
		return nil
	}
	err := f.store.Unlock(context.Background(), f.lease.Token)
	if errors.Is(err, ErrNotLocked) || errors.Is(err, ErrLocked) {
		return nil // it was taken away after the last change
	}
	return err
}

// currentBase returns the checksum of the document as it is on disk now, "" without one. doc is what was known about it.
func (s *FileStore) currentBase(doc *document) (string, error) {
	f, err := s.fs.open(s.path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && doc.id != (fileID{}) && fileIDOf(info) == doc.id {
		return doc.base, nil
	}
	buf := make([]byte, 128<<10)
	var crc uint32
	var size int64
	for {
		n, err := f.ReadAt(buf, size)
		crc = crc32.Update(crc, castagnoli(), buf[:n])
		size += int64(n)
		if errors.Is(err, io.EOF) {
			return checksumText(crc, size), nil
		}
		if err != nil {
			return "", err
		}
	}
}
