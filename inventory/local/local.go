package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// An Inventory is a folder with releases.
type Inventory struct {
	base string // absolute; "" if there is none
	opts Options

	mu       sync.Mutex              // guards reserved
	reserved map[string]*reservation // those that Reserve made, by path
}

var (
	_ inventory.Reserver = (*Inventory)(nil)
	_ inventory.Tagged   = (*Inventory)(nil)
)

// Options configure an Inventory.
type Options struct {
	// EscapeVersion is the version of the client, which indexes say they were written by.
	EscapeVersion string

	// at is called before each operation that changes the file system. If it returns an error, that is what becomes of
	// the operation.
	at func(point string) error
}

// Open returns the Inventory in the folder base, which need not exist: it appears with the first release. An Inventory
// with an empty base is empty and stays so. Nothing is read or written by Open; a relative path is made absolute.
func Open(base string, o Options) *Inventory {
	if base != "" {
		if abs, err := filepath.Abs(base); err == nil {
			base = abs
		}
	}
	return &Inventory{base: base, opts: o, reserved: map[string]*reservation{}}
}

// Location returns the absolute path of the folder.
func (i *Inventory) Location() string { return i.base }

// A pkg is where a package is, or would be.
type pkg struct {
	inv             *Inventory
	namespace, name string
	dir             string
}

// pkg returns the place of a package. Only names that a package can have lead to one, so that no path leaves the base.
func (i *Inventory) pkg(namespace, name string) (*pkg, error) {
	if i.base == "" {
		return nil, errors.New("the local inventory has no folder")
	}
	if err := checkNamespace(namespace); err != nil {
		return nil, err
	}
	if err := release.CheckName(name); err != nil {
		return nil, err
	}
	return &pkg{i, namespace, name, filepath.Join(i.base, namespace, name)}, nil
}

func checkNamespace(s string) error {
	if s == "_" {
		return nil
	}
	return release.CheckName(s)
}

func (p *pkg) index() string                      { return filepath.Join(p.dir, "index.json") }
func (p *pkg) archive(v release.Version) string   { return filepath.Join(p.dir, p.releaseID(v)+".tgz") }
func (p *pkg) metadata(v release.Version) string  { return filepath.Join(p.dir, p.releaseID(v)+".json") }
func (p *pkg) releaseID(v release.Version) string { return p.name + "-v" + string(v) }
func (p *pkg) qualifiedID(v release.Version) string {
	return p.namespace + "/" + p.releaseID(v)
}

// Namespaces returns the folders in the base that do not begin with a dot.
func (i *Inventory) Namespaces(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil || i.base == "" {
		return nil, err
	}
	entries, err := os.ReadDir(i.base)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fail(inventory.Unavailable, err, "Could not read the local inventory at %s: %s", i.base, bare(err))
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Packages returns the folders of a namespace that hold an index.
func (i *Inventory) Packages(ctx context.Context, namespace string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	missing := fail(inventory.NotFound, nil, "The project '%s' could not be found in the local inventory at %s.", namespace, i.base)
	if err := checkNamespace(namespace); err != nil {
		return nil, because(missing, err)
	}
	dir := filepath.Join(i.base, namespace)
	if info, err := os.Stat(dir); i.base == "" || errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, missing
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fail(inventory.Unavailable, err, "Could not read the local inventory at %s: %s", dir, bare(err))
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, e.Name(), "index.json")); err == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Versions returns the versions in the index.
func (i *Inventory) Versions(ctx context.Context, namespace, name string) ([]release.Version, error) {
	x, err := i.there(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	return x.versions(), nil
}

// Tags returns the tags in the index.
func (i *Inventory) Tags(ctx context.Context, namespace, name string) ([]string, error) {
	x, err := i.there(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(x.Tags)), nil
}

// there returns the index of a package that there is.
func (i *Inventory) there(ctx context.Context, namespace, name string) (*index, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := i.pkg(namespace, name)
	if err != nil {
		return nil, because(i.noPackage(namespace, name), err)
	}
	x, err := p.load()
	if err != nil {
		return nil, err
	}
	if !x.exists() {
		return nil, i.noPackage(namespace, name)
	}
	return x, nil
}

// NextVersion counts on from the index. Versions that are reserved only do not count.
func (i *Inventory) NextVersion(ctx context.Context, namespace, name string, pattern release.Pattern) (release.Version, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := i.counted(namespace, name, pattern)
	if err != nil {
		return "", err
	}
	x, err := p.load()
	if err != nil {
		return "", err
	}
	return pattern.Next(x.versions()), nil
}

// counted returns the place of a package whose versions are to be counted.
func (i *Inventory) counted(namespace, name string, pattern release.Pattern) (*pkg, error) {
	_, err := release.ParsePattern(pattern.String())
	if err != nil {
		return nil, fail(inventory.Invalid, nil, "%s", err)
	}
	p, err := i.pkg(namespace, name)
	if err != nil {
		return nil, fail(inventory.Invalid, nil, "%s", err)
	}
	return p, nil
}

// Metadata returns what the index says about a release. An exact version which the index does not have may still be in a
// file of its own, as the original leaves it.
func (i *Inventory) Metadata(ctx context.Context, id release.ID) (*release.Metadata, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := i.pkg(id.Namespace, id.Name)
	if err != nil {
		return nil, because(i.noRelease(id), err)
	}
	x, err := p.load()
	if err != nil {
		return nil, err
	}
	v, err := p.resolve(x, id)
	if err != nil {
		return nil, err
	}
	if !x.has(v) {
		m, err := p.unindexed(v)
		return m, newest(err, x)
	}
	m, err := release.Decode(x.Versions[string(v)])
	if err != nil {
		return nil, fail(inventory.Unavailable, err, "Could not read the metadata of %s in the local version index at '%s': %s", p.qualifiedID(v), p.index(), err)
	}
	return m, nil
}

// resolve returns the version that id means. Whether there is a release of an exact one is not looked up.
func (p *pkg) resolve(x *index, id release.ID) (release.Version, error) {
	if v, ok := id.Version(); ok {
		return v, nil
	}
	if tag, ok := id.Constraint.Tag(); ok {
		if v, ok := x.Tags[tag]; ok {
			return release.Version(v), nil
		}
		e := fail(inventory.NotFound, nil, "The application %s could not be found", id)
		if len(x.Tags) > 0 {
			e.Hint = "its tags are " + few(slices.Sorted(maps.Keys(x.Tags)))
		}
		return "", e
	}
	if !x.exists() {
		return "", p.inv.noPackage(id.Namespace, id.Name)
	}
	known := x.versions()
	v, ok := id.Constraint.Select(known)
	if ok {
		return v, nil
	}
	e := fail(inventory.NotFound, nil, "No release of %s matches '%s' in the local inventory at %s.", id.Package(), id.Constraint, p.inv.base)
	return "", newest(e, x)
}

// newest adds to an error that there is no such release which one is the newest, unless the error says more already.
func newest(err error, x *index) error {
	if e := (*inventory.Error)(nil); errors.As(err, &e) && e.Code == inventory.NotFound && e.Hint == "" {
		if known := x.versions(); len(known) > 0 {
			e.Hint = "the newest is v" + string(known[0])
		}
	}
	return err
}

// unindexed reads the metadata of a release that only its own file tells of.
func (p *pkg) unindexed(v release.Version) (*release.Metadata, error) {
	missing := p.inv.noRelease(release.ID{Namespace: p.namespace, Name: p.name, Constraint: release.Exact(v)})
	if _, err := release.ParseVersion(string(v)); err != nil {
		return nil, because(missing, err)
	}
	m, err := release.ReadFile(p.metadata(v))
	// A reservation is looked for after the file was read: it is made before, and goes when the index has the version.
	if errors.Is(err, fs.ErrNotExist) || p.isReserved(v) {
		return nil, missing
	}
	if err != nil {
		return nil, fail(inventory.Unavailable, err, "Could not read release metadata file %s: %s", p.metadata(v), bare(err))
	}
	return m, nil
}

// Download writes the archive of a release, and checks its digest if one is recorded: an error at the end means that what
// was written is not the archive.
func (i *Inventory) Download(ctx context.Context, id release.ID, w io.Writer) error {
	v, ok := id.Version()
	if !ok {
		return fail(inventory.Invalid, nil, "The release '%s' needs its version resolved.", id)
	}
	p, err := i.pkg(id.Namespace, id.Name)
	if err != nil {
		return because(i.noRelease(id), err)
	}
	x, err := p.load()
	if err != nil {
		return err
	}
	if !x.has(v) {
		if _, err := p.unindexed(v); err != nil {
			return newest(err, x)
		}
	}
	f, err := os.Open(p.archive(v))
	if errors.Is(err, fs.ErrNotExist) {
		return fail(inventory.NotFound, err, "The release %s could not be found in the local inventory (expected at %s)", p.qualifiedID(v), p.archive(v))
	}
	if err != nil {
		return p.noDownload(v, err)
	}
	defer f.Close()
	got, err := copyDigest(ctx, w, f)
	if err != nil {
		return p.noDownload(v, err)
	}
	if want, ok := x.Digests[string(v)]; ok && want != got {
		e := fail(inventory.Unavailable, nil, "The package of %s in the local inventory is damaged: its digest is %s, and that of the release is %s", p.qualifiedID(v), got, want)
		e.Hint = "restore " + p.archive(v) + " from a copy, or release another version"
		return e
	}
	return nil
}

func (p *pkg) noDownload(v release.Version, err error) error {
	return fail(inventory.Unavailable, err, "Couldn't download release '%s' from the local inventory: %s", p.qualifiedID(v), err)
}

// copyDigest copies until r or ctx ends, and returns the SHA-256 of what was copied.
func copyDigest(ctx context.Context, w io.Writer, r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, h), &ctxReader{ctx, r}); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *ctxReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

func (i *Inventory) noPackage(namespace, name string) *inventory.Error {
	e := fail(inventory.NotFound, nil, "The application '%s/%s' could not be found in the local inventory at %s.", namespace, name, i.base)
	if names, err := i.Packages(context.Background(), namespace); err == nil && len(names) > 0 {
		e.Hint = fmt.Sprintf("the project '%s' has %s", namespace, few(names))
	} else {
		e.Hint = fmt.Sprintf("nothing of the project '%s' is released here; 'escape run release' in the folder of a package does that", namespace)
	}
	return e
}

// few lists names, or the first of many.
func few(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func (i *Inventory) noRelease(id release.ID) *inventory.Error {
	return fail(inventory.NotFound, nil, "The release %s could not be found in the local inventory at %s. You may have to release it first?", id, i.base)
}

// fail returns an error. What the world said, err, is part of the text.
func fail(code inventory.ErrorCode, err error, format string, args ...any) *inventory.Error {
	return &inventory.Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

// because returns e with err, which says more, as its hint.
func because(e *inventory.Error, err error) *inventory.Error {
	e.Hint = err.Error()
	return e
}

// bare strips operation and path off an error of the operating system.
func bare(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
