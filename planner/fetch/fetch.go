// Package fetch makes packages available: it finds the archive of a release in a cache or asks a Source for it, and unpacks
// it below the folder "deps" of whoever needs it, together with everything that release needs. It does not find out which
// version is meant (see eval/compile) and does not know what a Source is.
//
// Several processes and goroutines may fetch the same thing at the same time. Read fetch.go (packages below a folder), then
// cache.go (archives) and lock.go.
package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

// A Source has the archives of releases.
type Source interface {
	// Location says where the archive of a release would come from. Archives from different places are kept apart.
	Location(id release.ID) string
	// Download writes the archive of a release to w.
	Download(ctx context.Context, id release.ID, w io.Writer) error
}

// Options are the outside world of a Fetcher. The zero value finds what is unpacked, or lies where it is wanted.
type Options struct {
	// Cache is the folder in which archives are kept; "" is none.
	Cache string
	// Source is asked for what is found nowhere else; nil is nobody.
	Source Source
	// Warn takes what the user should know; nil is nobody.
	Warn func(text string)
	// Limits are those of archives.
	Limits archive.Limits
}

// A Fetcher makes packages available, each once. It may be used by several goroutines.
type Fetcher struct {
	o Options

	mu      sync.Mutex              // guards the following
	done    map[string]available    // by folder
	known   map[release.ID]document // what was read last
	noCache bool                    // the user knows that the cache cannot be used
}

// An available is a package that lies in its folder, with all that it needs.
type available struct {
	id       release.ID
	metadata *release.Metadata
}

// A document is metadata and the text it was read from.
type document struct {
	text     []byte
	metadata *release.Metadata
}

// An Error is a failure to make a package available. Its message is that of the original Escape where it has one; Hint, which
// may be empty, says more.
type Error struct {
	Message string
	Hint    string
	Err     error // the cause, or nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns a Fetcher.
func New(o Options) *Fetcher {
	return &Fetcher{o: o, done: map[string]available{}, known: map[release.ID]document{}}
}

// Dir returns the folder below base in which a package is unpacked.
func Dir(base string, id release.ID) string {
	return filepath.Join(base, archive.Deps, id.Namespace, id.Name)
}

// Limits on what a package may need. It is unpacked once for everything that needs it, so a small number of releases can
// need a very large one of folders.
const (
	maxNesting  = 64
	maxPackages = 10_000
)

// Fetch makes a release, whose id must be resolved, available in Dir(base, id), and below that folder all that it depends on
// and extends. It takes what is unpacked there already if it has the version and comes from the Source; else an archive from
// the cache; else base/name-vVERSION.tgz; else it downloads one into the cache. It returns the metadata, which is shared: it
// must not be changed.
//
// Errors are those of the Source, *Error and *archive.Error, of the context, and of the file system. What was there before
// an error is still there.
func (f *Fetcher) Fetch(ctx context.Context, base string, id release.ID) (*release.Metadata, error) {
	if id.NeedsResolving() {
		return nil, fmt.Errorf("fetch %s: its version is not resolved", id)
	}
	base, err := filepath.Abs(base)
	if err != nil {
		return nil, err
	}
	c := &closure{f: f, ctx: ctx}
	return c.fetch(base, id)
}

// Has reports whether the package of a release is unpacked in Dir(base, id), so that Fetch will not replace it.
func (f *Fetcher) Has(base string, id release.ID) bool {
	m, _, err := f.unpacked(Dir(base, id), id)
	return m != nil && err == nil
}

// Known returns the metadata of a release as far as that is at hand, else nil: what is unpacked in Dir(base, id), or an
// archive in the cache. Nobody is asked and nothing is unpacked. The version of what is unpacked may be any that id allows.
func (f *Fetcher) Known(base string, id release.ID) *release.Metadata {
	if m, _, err := f.unpacked(Dir(base, id), id); m != nil && err == nil {
		return m
	}
	if id.NeedsResolving() {
		return nil
	}
	if s := f.cached(id); s.filled {
		if m, err := archive.ReadMetadata(s.path, id); err == nil {
			return m
		}
	}
	return nil
}

// A closure is a release with all that it needs, on the way.
type closure struct {
	f      *Fetcher
	ctx    context.Context
	around []release.ID // those whose folders are around the one at hand
	count  int
}

func (c *closure) fetch(base string, id release.ID) (*release.Metadata, error) {
	dir := Dir(base, id)
	if m, ok := c.f.isDone(dir, id); ok {
		return m, nil
	}
	if c.count++; c.count > maxPackages {
		return nil, c.failed(fmt.Errorf("%s needs more than %d packages below each other", c.around[0], maxPackages))
	}
	if slices.Contains(c.around, id) || len(c.around) >= maxNesting {
		what := "needs itself"
		if !slices.Contains(c.around, id) {
			what = fmt.Sprintf("is needed through more than %d others", maxNesting)
		}
		return nil, c.failed(fmt.Errorf("%s %s", id, what))
	}
	m, err := c.f.one(c.ctx, base, dir, id)
	if err != nil {
		return nil, c.failed(err)
	}
	ids, err := m.Packages()
	if err != nil {
		return nil, c.failed(&Error{Message: err.Error(), Hint: "the release.json of " + id.String() + " says so", Err: err})
	}
	c.around = append(c.around, id)
	for _, needed := range ids {
		if _, err := c.fetch(dir, needed); err != nil {
			return nil, err
		}
	}
	c.around = c.around[:len(c.around)-1]
	c.f.setDone(dir, available{id, m})
	return m, nil
}

// failed says of an error through which packages it came about.
func (c *closure) failed(err error) error {
	if len(c.around) == 0 {
		return err
	}
	var chain []string
	for _, id := range c.around {
		chain = append(chain, id.String())
	}
	return &Error{Message: err.Error(), Hint: "needed by " + strings.Join(chain, " → "), Err: err}
}

func (f *Fetcher) isDone(dir string, id release.ID) (*release.Metadata, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	have := f.done[dir]
	return have.metadata, have.id == id
}

func (f *Fetcher) setDone(dir string, a available) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done[dir] = a
}

// replaced forgets what lay in a folder.
func (f *Fetcher) replaced(dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for other := range f.done {
		if other == dir || strings.HasPrefix(other, dir+string(filepath.Separator)) {
			delete(f.done, other)
		}
	}
}

func (f *Fetcher) warn(text string) {
	if f.o.Warn != nil {
		f.o.Warn(text)
	}
}

// one makes a package available without what it needs.
func (f *Fetcher) one(ctx context.Context, base, dir string, id release.ID) (*release.Metadata, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m, _, err := f.unpacked(dir, id)
	if m != nil || err != nil {
		return m, err
	}
	unlock, _, err := f.lock(ctx, unpacking, dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	m, unusable, err := f.unpacked(dir, id) // somebody else may have come first
	if m != nil || err != nil {
		return m, err
	}
	f.replaced(dir)
	content, err := f.unpack(ctx, base, dir, id)
	if err != nil {
		if unusable != nil {
			err = &Error{Message: err.Error(), Hint: fmt.Sprintf("the package in %s is not used: %s", dir, unusable), Err: err}
		}
		return nil, err
	}
	for _, text := range content.Warnings {
		f.warn(text)
	}
	return content.Metadata, nil
}

const metadataFile = "release.json"

// unpacked returns the metadata of the package in dir, nil if it is not the wanted one, and why it cannot be used although
// it seems to be.
func (f *Fetcher) unpacked(dir string, id release.ID) (m *release.Metadata, unusable, err error) {
	text, err := os.ReadFile(filepath.Join(dir, metadataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("Couldn't read dependency release.json: %w", err)
	}
	if m, err = f.decode(id, text); err != nil {
		return nil, err, nil
	}
	if !id.Constraint.Matches(release.Version(m.Version)) {
		return nil, nil, nil
	}
	if note, err := os.ReadFile(filepath.Join(dir, archive.NoteFile)); err == nil && f.o.Source != nil && string(note) != f.note(id) {
		return nil, errors.New("it comes from another Inventory"), nil
	}
	return m, nil, nil
}

// decode reads metadata, or returns what was read before if the text is the same: a package may lie in many places.
func (f *Fetcher) decode(id release.ID, text []byte) (*release.Metadata, error) {
	f.mu.Lock()
	known := f.known[id]
	f.mu.Unlock()
	if known.metadata != nil && bytes.Equal(known.text, text) {
		return known.metadata, nil
	}
	m, err := archive.Decode(text)
	if err == nil {
		f.mu.Lock()
		f.known[id] = document{text, m}
		f.mu.Unlock()
	}
	return m, err
}
