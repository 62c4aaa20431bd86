package state

import (
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// memFS is a file system in memory that can lose what was not synced, as a power cut does, and fails on demand.
// Operations which change something are counted; reading is not.
type memFS struct {
	mu      sync.Mutex
	names   map[string]*memInode
	durable map[string]*memInode // names that survive a power cut
	ops     int
	// fail says for each operation, counted from 1, which error it gives; nil means none.
	fail  func(op int, kind string) error
	clock Clock
}

type memInode struct {
	data, synced []byte
	mode         fs.FileMode
	modified     time.Time
	holder       *memFile
	// poisoned is set after a failed sync: the system dropped the changed pages and believes them clean.
	poisoned bool
}

func newMemFS(clock Clock) *memFS {
	return &memFS{names: map[string]*memInode{}, durable: map[string]*memInode{}, clock: clock}
}

// A loss says what a crash leaves of a file.
type loss struct {
	name  string
	names bool // changes of names which were not synced survive
	// removals survive although what was done to other names before them does not.
	removals bool
	data     func(synced, data []byte) []byte
}

var (
	lossKill  = loss{"kill", true, true, func(_, data []byte) []byte { return data }}
	lossAll   = loss{"all unsynced", false, false, func(synced, _ []byte) []byte { return synced }}
	lossOrder = loss{"order of names", false, true, func(synced, _ []byte) []byte { return synced }}
	lossData  = loss{"data but not names", true, true, func(synced, _ []byte) []byte { return synced }}
	lossHalf  = loss{"half of the data", true, true, func(synced, data []byte) []byte { return keepPart(synced, data, false) }}
	lossZeros = loss{"data, but not the length", true, true, func(synced, data []byte) []byte { return keepPart(synced, data, true) }}
)

func keepPart(synced, data []byte, zeros bool) []byte {
	if len(data) <= len(synced) {
		return synced
	}
	half := len(synced) + (len(data)-len(synced))/2
	part := append([]byte(nil), data[:half]...)
	if zeros {
		part = append(part, make([]byte, len(data)-half)...)
	}
	return part
}

// crash returns what is found after a crash.
func (m *memFS) crash(l loss) *memFS {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := newMemFS(m.clock)
	from := m.durable
	if l.names {
		from = m.names
	}
	for name, inode := range from {
		if l.removals && m.names[name] == nil {
			continue
		}
		data := append([]byte(nil), l.data(inode.synced, inode.data)...)
		after.names[name] = &memInode{data: data, synced: data, mode: inode.mode, modified: inode.modified}
	}
	after.durable = maps.Clone(after.names)
	return after
}

// op counts an operation; the caller holds m.mu.
func (m *memFS) op(kind, name string) error {
	m.ops++
	if m.fail != nil {
		if err := m.fail(m.ops, kind); err != nil {
			return &fs.PathError{Op: kind, Path: name, Err: err}
		}
	}
	return nil
}

type memFile struct {
	fs    *memFS
	inode *memInode
	name  string
}

func (m *memFS) open(name string, flag int, perm fs.FileMode) (file, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	inode := m.names[name]
	if inode == nil || flag&syscall.O_TRUNC != 0 {
		if inode == nil && flag&syscall.O_CREAT == 0 {
			return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
		}
		if err := m.op("open", name); err != nil {
			return nil, err
		}
		if inode == nil {
			inode = &memInode{mode: perm}
			m.names[name] = inode
		}
		inode.data, inode.modified = nil, m.clock.Now()
	}
	return &memFile{m, inode, name}, nil
}

func (m *memFS) readFile(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if inode := m.names[name]; inode != nil {
		return append([]byte{}, inode.data...), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
}

func (m *memFS) rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.op("rename", from); err != nil {
		return err
	}
	if m.names[from] == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: syscall.ENOENT}
	}
	m.names[to] = m.names[from]
	delete(m.names, from)
	return nil
}

func (m *memFS) remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.op("remove", name); err != nil {
		return err
	}
	if m.names[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOENT}
	}
	delete(m.names, name)
	return nil
}

func (m *memFS) stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if inode := m.names[name]; inode != nil {
		return memInfo{name, inode, int64(len(inode.data)), inode.modified}, nil
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: syscall.ENOENT}
}

func (m *memFS) same(a, b fs.FileInfo) bool { return a.(memInfo).inode == b.(memInfo).inode }

func (m *memFS) list(dir string) (names []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.names {
		if rest, ok := strings.CutPrefix(name, dir); ok {
			names = append(names, rest)
		}
	}
	return names, nil
}

func (m *memFS) syncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.op("syncdir", dir); err != nil {
		return err
	}
	m.durable = maps.Clone(m.names)
	return nil
}

func (f *memFile) Write(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	err := f.fs.op("write", f.name)
	if err != nil { // the disk is full after half of it
		p = p[:len(p)/2]
	}
	f.inode.data = append(f.inode.data, p...)
	f.inode.modified = f.fs.clock.Now()
	return len(p), err
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.op("write", f.name); err != nil {
		return 0, err
	}
	data := append([]byte(nil), f.inode.data...)
	if n := int(off) + len(p) - len(data); n > 0 {
		data = append(data, make([]byte, n)...)
	}
	copy(data[off:], p)
	f.inode.data, f.inode.modified = data, f.fs.clock.Now()
	return len(p), nil
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	n := copy(p, f.inode.data[min(off, int64(len(f.inode.data))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.op("truncate", f.name); err != nil {
		return err
	}
	f.inode.data = append([]byte(nil), f.inode.data[:size]...)
	return nil
}

func (f *memFile) Chmod(mode fs.FileMode) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.op("chmod", f.name); err != nil {
		return err
	}
	f.inode.mode = mode
	return nil
}

func (f *memFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.op("sync", f.name); err != nil {
		f.inode.poisoned = true
		return err
	}
	if !f.inode.poisoned {
		f.inode.synced = append([]byte(nil), f.inode.data...)
	}
	return nil
}

func (f *memFile) Stat() (fs.FileInfo, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return memInfo{f.name, f.inode, int64(len(f.inode.data)), f.inode.modified}, nil
}

func (f *memFile) Close() error { return f.unlock() }

func (f *memFile) tryLock() (bool, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.inode.holder != nil && f.inode.holder != f {
		return false, nil
	}
	f.inode.holder = f
	return true, nil
}

func (f *memFile) unlock() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.inode.holder == f {
		f.inode.holder = nil
	}
	return nil
}

type memInfo struct {
	name     string
	inode    *memInode
	size     int64
	modified time.Time
}

func (i memInfo) Name() string       { return filepath.Base(i.name) }
func (i memInfo) Size() int64        { return i.size }
func (i memInfo) Mode() fs.FileMode  { return i.inode.mode }
func (i memInfo) ModTime() time.Time { return i.modified }
func (i memInfo) IsDir() bool        { return false }
func (i memInfo) Sys() any           { return nil }

// testClock is moved by hand.
type testClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[chan time.Time]time.Time
	// armed receives a value for every call of After, if it is not nil.
	armed chan time.Duration
}

func newTestClock() *testClock {
	return &testClock{now: epoch, timers: map[chan time.Time]time.Time{}}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	c.mu.Lock()
	c.timers[ch] = c.now.Add(d)
	c.mu.Unlock()
	if c.armed != nil {
		c.armed <- d
	}
	return ch
}

// advance moves the clock and fires what is due.
func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, at := range c.timers {
		if !at.After(c.now) {
			ch <- c.now
			delete(c.timers, ch)
		}
	}
}
