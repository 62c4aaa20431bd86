package lintcache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits on what is kept: of results in one file, and of files in the folder.
const (
	maxSize  = 32 << 20
	maxAge   = 30 * 24 * time.Hour
	maxFiles = 50
	suffix   = ".lint"
)

// A Cache holds results by key. It may be used by several goroutines. A nil Cache holds nothing.
type Cache struct {
	file, id string
	now      time.Time

	mu      sync.Mutex
	entries map[string]*entry
	changed bool
}

// An entry is a result as it is written.
type entry struct {
	used  int64 // when, in seconds
	text  string
	looks []Look
	body  string
}

// Open reads the results that are kept below dir for one use, such as a working directory. Those of another id, which stands
// for the program that made them, do not count; nor does a file that cannot be read or is damaged.
func Open(dir, use, id string, now time.Time) *Cache {
	sum := sha256.Sum256([]byte(use))
	c := &Cache{file: filepath.Join(dir, hex.EncodeToString(sum[:12])+suffix), id: id, now: now}
	text, err := os.ReadFile(c.file)
	if err == nil {
		c.entries = decode(string(text), id)
	}
	if c.entries == nil {
		c.entries = map[string]*entry{}
	}
	return c
}

// Key joins what a result is for.
func Key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return string(h.Sum(nil)[:16])
}

// Get returns what was looked at, and the body of the result, for a plan of a text.
func (c *Cache) Get(key, text string) (looks []Look, body string, ok bool) {
	if c == nil {
		return nil, "", false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil || e.text != textSum([]byte(text), nil) {
		return nil, "", false
	}
	if day := int64(24 * 60 * 60); c.now.Unix()-e.used > day {
		e.used, c.changed = c.now.Unix(), true
	}
	return e.looks, e.body, true
}

// Put keeps a result.
func (c *Cache) Put(key, text string, looks []Look, body string) {
	if c == nil {
		return
	}
	e := &entry{c.now.Unix(), textSum([]byte(text), nil), looks, body}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key], c.changed = e, true
}

// Save writes what is new, if anything is, and removes what is old.
func (c *Cache) Save() error {
	if c == nil || !c.changed {
		return nil
	}
	dir := filepath.Dir(c.file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(c.encode())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.file); err != nil {
		return err
	}
	c.prune(dir)
	return nil
}

// prune removes files that nobody has written for long, and the oldest of too many.
func (c *Cache) prune(dir string) {
	list, _ := os.ReadDir(dir)
	type file struct {
		path string
		time time.Time
	}
	var files []file
	for _, e := range list {
		info, err := e.Info()
		if err != nil || !strings.HasSuffix(e.Name(), suffix) && !strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		files = append(files, file{filepath.Join(dir, e.Name()), info.ModTime()})
	}
	slices.SortFunc(files, func(a, b file) int { return b.time.Compare(a.time) })
	for i, f := range files {
		if f.path != c.file && (i >= maxFiles || c.now.Sub(f.time) > maxAge) {
			os.Remove(f.path)
		}
	}
}

// encode writes the newest entries, as many as may be kept, with a sum at the end.
func (c *Cache) encode() []byte {
	keys := make([]string, 0, len(c.entries))
	for key, e := range c.entries {
		if c.now.Unix()-e.used <= int64(maxAge/time.Second) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := c.entries[b].used - c.entries[a].used; d != 0 {
			return int(d)
		}
		return strings.Compare(a, b)
	})
	var w writer
	w.text(c.id)
	for _, key := range keys {
		e := c.entries[key]
		start := w.Len()
		w.text(key)
		w.number(uint64(e.used))
		w.text(e.text)
		w.number(uint64(len(e.looks)))
		for _, l := range e.looks {
			w.WriteByte(l.Kind)
			w.text(l.Name)
			w.text(l.Sum)
		}
		w.text(e.body)
		if w.Len() > maxSize {
			w.Truncate(start)
			break
		}
	}
	sum := sha256.Sum256(w.Bytes())
	w.Write(sum[:])
	return w.Bytes()
}

// decode reads what encode wrote for the same id; nil if that cannot be.
func decode(text, id string) map[string]*entry {
	body := len(text) - sha256.Size
	if body < 0 {
		return nil
	}
	if sum := sha256.Sum256([]byte(text[:body])); string(sum[:]) != text[body:] {
		return nil
	}
	r := reader{rest: text[:body]}
	if r.text() != id {
		return nil
	}
	entries := map[string]*entry{}
	for r.rest != "" && !r.failed {
		key := r.text()
		e := &entry{used: int64(r.number()), text: r.text()}
		for n := r.number(); n > 0 && !r.failed; n-- {
			e.looks = append(e.looks, Look{r.byte(), r.text(), r.text()})
		}
		e.body = r.text()
		entries[key] = e
	}
	if r.failed {
		return nil
	}
	return entries
}

type writer struct{ bytes.Buffer }

func (w *writer) number(n uint64) { w.Write(binary.AppendUvarint(w.AvailableBuffer(), n)) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.WriteString(s)
}

// A reader reads what a writer wrote. The texts share the memory of the whole.
type reader struct {
	rest   string
	failed bool
}

func (r *reader) number() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.failed = true
	return 0
}

func (r *reader) byte() byte {
	if r.rest == "" {
		r.failed = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.failed, n = true, 0
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}
