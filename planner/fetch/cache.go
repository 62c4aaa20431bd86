package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

// The cache is shared with the original Escape, which keeps the archive of a release in <project>/<name>-v<version>.tgz and
// does not ask where it came from. We write that down beside it. An archive from elsewhere stays, and ours goes to
// .cache/<key of the location>/<project>/.

// hidden is the folder of the cache that only we know.
const hidden = ".cache"

// An origin says where an archive in the cache came from. It is a file beside the archive.
type origin struct {
	Location string `json:"location"`
	Digest   string `json:"digest"` // as in archive.Result
}

// key names something in file names.
func key(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func (f *Fetcher) location(id release.ID) string {
	if f.o.Source == nil {
		return ""
	}
	return f.o.Source.Location(id)
}

// note is what is written into an unpacked package about where it comes from. It does not tell the location itself, which is
// nobody's business if somebody passes the package on.
func (f *Fetcher) note(id release.ID) string {
	if f.o.Source == nil {
		return ""
	}
	return key(f.location(id)) + "\n"
}

func archiveName(id release.ID) string { return id.ReleaseID() + ".tgz" }

func originFile(path string) string { return path + ".origin" }

// A slot is the place in the cache for the archive of a release from the Source.
type slot struct {
	path   string
	digest string // what the archive must have; "" if it was put there by somebody who did not write that down
	filled bool
}

// slot finds the place for a release. A file that does not say properly where it comes from is no reason to keep away.
func (f *Fetcher) slot(id release.ID) slot {
	location := f.location(id)
	s := slot{path: filepath.Join(f.o.Cache, id.Namespace, archiveName(id))}
	o, err := readOrigin(s.path)
	if err == nil && f.o.Source != nil && o.Location != location {
		s.path = filepath.Join(f.o.Cache, hidden, key(location), id.Namespace, archiveName(id))
		o, err = readOrigin(s.path)
	}
	_, there := os.Stat(s.path)
	switch {
	case err == nil:
		s.digest = o.Digest
		s.filled = there == nil
	case errors.Is(err, fs.ErrNotExist):
		s.filled = there == nil
	}
	return s
}

func readOrigin(path string) (origin, error) {
	var o origin
	text, err := os.ReadFile(originFile(path))
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err == nil && o.Digest == "" {
		err = errors.New("no digest")
	}
	return o, err
}

// unpack unpacks a package from where it is to be had.
func (f *Fetcher) unpack(ctx context.Context, base, dir string, id release.ID) (*archive.Content, error) {
	bad := (*archive.Error)(nil)
	if s := f.cached(id); s.filled {
		o := f.reading(dir, id)
		o.Digest = s.digest
		c, err := archive.Unpack(s.path, id, dir, o)
		if err == nil || !errors.As(err, &bad) && !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
		if f.o.Source != nil && bad != nil {
			f.warn(fmt.Sprintf("the archive in the cache is fetched again: %s", err))
		}
	}
	file := filepath.Join(base, archiveName(id))
	if _, err := os.Stat(file); err == nil {
		o := f.reading(dir, id)
		o.Note = "" // nobody knows
		c, err := archive.Unpack(file, id, dir, o)
		if !errors.Is(err, archive.ErrOther) {
			return c, err
		}
		f.warn(err.Error())
	}
	if f.o.Source == nil {
		if bad != nil {
			return nil, bad
		}
		return nil, unresolved(id, "")
	}
	c, err := f.fetched(ctx, dir, id)
	if err != nil && bad != nil && ctx.Err() == nil {
		return nil, &archive.Error{Message: bad.Message, Hint: "fetching it again failed: " + err.Error(), Err: bad.Err}
	}
	return c, err
}

// reading is how to read the archive of a release from the Source.
func (f *Fetcher) reading(dir string, id release.ID) archive.Reading {
	return archive.Reading{Limits: f.o.Limits, Note: f.note(id), Keep: func() bool {
		m, _, err := f.unpacked(dir, id)
		return m != nil && err == nil
	}}
}

// cached is slot, or an empty one if there is no cache.
func (f *Fetcher) cached(id release.ID) slot {
	if f.o.Cache == "" {
		return slot{}
	}
	return f.slot(id)
}

func unresolved(id release.ID, hint string) error {
	return &Error{Message: "Could not resolve dependency: " + id.ReleaseID(), Hint: hint}
}

// fetched downloads a package, into the cache if that can be, and unpacks it.
func (f *Fetcher) fetched(ctx context.Context, dir string, id release.ID) (*archive.Content, error) {
	o := f.reading(dir, id)
	if f.o.Cache != "" {
		path, digest, err := f.download(ctx, id)
		if err == nil {
			o.Digest = digest
			return archive.Unpack(path, id, dir, o)
		}
		if !errors.As(err, &cacheError{}) {
			return nil, err
		}
		f.warnOfCache(err)
	}
	temp, _, err := f.receive(ctx, "", archiveName(id), id)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp)
	return archive.Unpack(temp, id, dir, o)
}

// A cacheError is about the cache itself, which is not needed.
type cacheError struct{ error }

func (e cacheError) Unwrap() error { return e.error }

func (f *Fetcher) warnOfCache(err error) {
	f.mu.Lock()
	warned := f.noCache
	f.noCache = true
	f.mu.Unlock()
	if !warned {
		f.warn(fmt.Sprintf("the package cache cannot be used: %s", err))
	}
}

// download brings the archive of a release into the cache, or finds that somebody else has done so in the meantime.
func (f *Fetcher) download(ctx context.Context, id release.ID) (path, digest string, err error) {
	s, unlock, err := f.enter(ctx, id)
	if err != nil {
		return "", "", err
	}
	defer unlock()
	if s.filled {
		c, err := archive.Inspect(s.path, id, archive.Reading{Limits: f.o.Limits, Digest: s.digest})
		if err == nil {
			return s.path, c.Digest, nil
		}
	}
	temp, c, err := f.receive(ctx, filepath.Dir(s.path), s.path, id)
	if err != nil {
		return "", "", err
	}
	defer os.Remove(temp) // fails after the rename, as it should
	return s.path, c.Digest, f.store(temp, s.path, origin{f.location(id), c.Digest})
}

// enter locks the slot of a release and makes its folder.
func (f *Fetcher) enter(ctx context.Context, id release.ID) (s slot, unlock func(), err error) {
	unlock, held, err := f.lock(ctx, caching, id.String())
	if err != nil {
		return s, nil, err
	}
	s = f.slot(id)
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		unlock()
		return s, nil, cacheError{err}
	}
	if !held {
		return s, unlock, nil
	}
	left, _ := os.ReadDir(filepath.Dir(s.path)) // who made these did not live to remove them: the slot is ours
	for _, e := range left {
		if strings.HasPrefix(e.Name(), tempPrefix(id)) {
			_ = os.Remove(filepath.Join(filepath.Dir(s.path), e.Name()))
		}
	}
	return s, unlock, nil
}

// tempPrefix begins the names of files that are going to be the archive of a release.
func tempPrefix(id release.ID) string { return "." + archiveName(id) + ".part-" }

// receive downloads the archive of a release into a temporary file in dir, "" for that of the system, and reads it through.
// Errors call it name.
func (f *Fetcher) receive(ctx context.Context, dir, name string, id release.ID) (temp string, c *archive.Content, err error) {
	file, err := os.CreateTemp(dir, tempPrefix(id)+"*")
	if err != nil {
		return "", nil, cacheError{err}
	}
	if err = f.o.Source.Download(ctx, id, file); err == nil {
		err = errors.Join(file.Chmod(0o644), file.Sync())
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		c, err = archive.Inspect(file.Name(), id, archive.Reading{Limits: f.o.Limits, Name: name})
		err = f.downloaded(id, err)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", nil, err
	}
	return file.Name(), c, nil
}

// downloaded says of what is wrong with an archive where it comes from.
func (f *Fetcher) downloaded(id release.ID, err error) error {
	bad := (*archive.Error)(nil)
	if !errors.As(err, &bad) {
		return err
	}
	from := fmt.Sprintf("this is what the Inventory at '%s' gives; nothing of it is kept", f.location(id))
	if errors.Is(err, archive.ErrOther) {
		return unresolved(id, bad.Message+"; "+from)
	}
	if bad.Hint != "" {
		from = bad.Hint + "; " + from
	}
	return &archive.Error{Message: bad.Message, Hint: from, Err: bad.Err}
}

// store makes a temporary file the archive at path. What is known about it is written first: an archive of which nothing is
// known would be anybody's.
func (f *Fetcher) store(temp, path string, o origin) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	note := temp + ".origin"
	defer os.Remove(note) // fails after the rename, as it should
	if err := writeFile(note, text); err != nil {
		return cacheError{err}
	}
	if err := os.Rename(note, originFile(path)); err != nil {
		return cacheError{err}
	}
	if err := os.Rename(temp, path); err != nil {
		return cacheError{err}
	}
	return nil
}

func writeFile(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// Cached returns where the archive of a release from the Source is kept, and whether there is one.
func (f *Fetcher) Cached(id release.ID) (path string, there bool) {
	if f.o.Cache == "" {
		return "", false
	}
	s := f.slot(id)
	return s.path, s.filled
}

// Put puts the archive of a release that was just published at the Source into the cache, in place of one that is there, and
// returns its path.
func (f *Fetcher) Put(ctx context.Context, id release.ID, file string) (string, error) {
	if f.o.Cache == "" {
		return "", errors.New("there is no package cache")
	}
	s, unlock, err := f.enter(ctx, id)
	if err != nil {
		return "", err
	}
	defer unlock()
	temp, digest, err := copyTo(filepath.Dir(s.path), file, id)
	if err != nil {
		return "", err
	}
	defer os.Remove(temp) // fails after the rename, as it should
	return s.path, f.store(temp, s.path, origin{f.location(id), digest})
}

// KeepMetadata writes the metadata of a release that is published beside its archive in the cache. Nobody here reads it; the
// original writes it too.
func (f *Fetcher) KeepMetadata(m *release.Metadata) error {
	if f.o.Cache == "" {
		return nil
	}
	dir := filepath.Join(f.o.Cache, m.ID().Namespace)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, "."+m.ReleaseID()+".json.part-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails after the rename, as it should
	_, err = temp.Write(m.Encode())
	if err := errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(dir, m.ReleaseID()+".json"))
}

// copyTo copies a file to a temporary one in dir.
func copyTo(dir, file string, id release.ID) (temp, digest string, err error) {
	in, err := os.Open(file)
	if err != nil {
		return "", "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(dir, tempPrefix(id)+"*")
	if err != nil {
		return "", "", err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	if err == nil {
		err = errors.Join(out.Chmod(0o644), out.Sync())
	}
	if err := errors.Join(err, out.Close()); err != nil {
		os.Remove(out.Name())
		return "", "", err
	}
	return out.Name(), "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}
