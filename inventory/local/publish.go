package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// Publish adds a release. If this Inventory reserved its version, that reservation is used up; it stays if Publish fails.
func (i *Inventory) Publish(ctx context.Context, m *release.Metadata, archive string) error {
	p, err := i.pkg(m.ID().Namespace, m.Name)
	if err == nil {
		_, err = release.Decode(m.EncodeCompact()) // what cannot be read must not get into the index
	}
	if err != nil {
		return fail(inventory.Invalid, err, "%s", err)
	}
	v := release.Version(m.Version)
	source, err := os.Open(archive)
	if err != nil {
		return fail(inventory.Invalid, err, "Couldn't copy %s to %s: %s", archive, p.archive(v), err)
	}
	defer source.Close()
	l, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer l.unlock()
	x, err := l.load()
	if err != nil {
		return unloaded(err)
	}
	if x.has(v) {
		return fail(inventory.Conflict, nil, "Could not add release to local inventory at %s. Version %s already exists.", p.index(), v)
	}
	r, kept, err := l.claim(v)
	if err != nil {
		return err
	}
	defer r.mu.Unlock()
	published, err := l.publish(ctx, x, r, m, source)
	if published || !kept {
		r.end()
	}
	return err
}

func unloaded(err error) error {
	e := fail(inventory.Unavailable, err, "Failed to load application index for local inventory: %s", err)
	if cause := (*inventory.Error)(nil); errors.As(err, &cause) {
		e.Hint = cause.Hint
	}
	return e
}

// publish writes the files of a release whose version r keeps. published says whether it is there, which may be so in spite
// of an error.
func (l *locked) publish(ctx context.Context, x *index, r *reservation, m *release.Metadata, source *os.File) (published bool, err error) {
	v := release.Version(m.Version)
	// Without the reservation the metadata would be taken for a release.
	if err := l.sync(l.reservedPath()); err != nil {
		return false, l.noReservation(err)
	}
	digest, err := l.copyArchive(ctx, v, source)
	if err != nil {
		return false, fail(inventory.Unavailable, err, "Couldn't copy %s to %s: %s", source.Name(), l.archive(v), err)
	}
	published, err = l.add(x, m, digest)
	r.unclean = !published && !l.undo(v)
	return published, err
}

// add makes a release of an archive that is in its place. added says whether that is done, which may be so in spite of an
// error.
func (l *locked) add(x *index, m *release.Metadata, digest string) (added bool, err error) {
	v := release.Version(m.Version)
	err = l.replace(l.metadata(v), 0, func(w io.Writer) error {
		_, err := w.Write(m.Encode())
		return err
	})
	if err == nil {
		err = l.sync(l.dir)
	}
	if err != nil {
		return false, fail(inventory.Unavailable, err, "Could not write release metadata file %s: %s", l.metadata(v), err)
	}
	x.Versions[string(v)], x.Digests[string(v)] = m.EncodeCompact(), digest
	return l.save(x)
}

// copyArchive puts a copy of source in the place of an archive.
func (l *locked) copyArchive(ctx context.Context, v release.Version, source *os.File) (digest string, err error) {
	info, err := source.Stat()
	if err != nil {
		return "", err
	}
	err = l.replace(l.archive(v), info.Mode().Perm(), func(w io.Writer) (err error) {
		digest, err = copyDigest(ctx, w, source)
		return err
	})
	return digest, err
}

// save replaces the index. saved says whether that is done, which may be so in spite of an error.
func (l *locked) save(x *index) (saved bool, err error) {
	text, err := x.encode(l.inv.opts.EscapeVersion)
	if err == nil {
		err = l.replace(l.index(), 0, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	if err != nil {
		return false, fail(inventory.Unavailable, err, "Could not write local version index at '%s': %s", l.index(), err)
	}
	folders := []string{l.dir}
	if !x.exists() { // they may be new
		folders = append(folders, filepath.Dir(l.dir), l.inv.base, filepath.Dir(l.inv.base))
	}
	for _, dir := range folders {
		if err := l.sync(dir); err != nil {
			return true, fail(inventory.Unavailable, err, "The local version index at '%s' was written, but may not outlast a power cut: %s", l.index(), err)
		}
	}
	return true, nil
}

// undo removes the files of a release that was not finished.
func (l *locked) undo(v release.Version) bool {
	os.Remove(l.archive(v))
	err := os.Remove(l.metadata(v))
	return err == nil || errors.Is(err, fs.ErrNotExist)
}

// Tag puts a tag on a release that the index has.
func (i *Inventory) Tag(ctx context.Context, id release.ID, tag string) error {
	p, err := i.pkg(id.Namespace, id.Name)
	if err != nil {
		return fail(inventory.Invalid, err, "%s", err)
	}
	if !release.IsTag(tag) {
		return fail(inventory.Invalid, nil, "The tag '%s' is not allowed.", tag)
	}
	if _, err := os.Stat(p.index()); errors.Is(err, fs.ErrNotExist) {
		return fail(inventory.NotFound, err, "The application '%s/%s' could not be found: open %s: %s", p.namespace, p.name, p.index(), bare(err))
	}
	l, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer l.unlock()
	x, err := l.load()
	if err != nil {
		return err
	}
	v, err := l.resolve(x, id)
	if err != nil {
		return err
	}
	if !x.has(v) {
		return fail(inventory.NotFound, nil, "The referenced version '%s' couldn't be tagged, because it couldn't be found.", v)
	}
	if x.Tags[tag] == string(v) {
		return nil
	}
	x.Tags[tag] = string(v)
	_, err = l.save(x)
	return err
}
