// Package archive writes and reads package archives: the gzip compressed tar file of a release, with its files and its
// metadata. It does not publish or fetch them (see inventory and planner/fetch). The layout is that of the original Escape:
// regular files only, all below "name-vVERSION/", directories breadth first and files sorted in each.
//
// The same files give the same bytes: owners and times of the file system do not reach the archive.
//
// Read archive.go (Pack), uber.go, unpack.go (Unpack), then tree.go and limits.go, which keep an archive from harming.
package archive

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"escape.build/escape/lang/release"
)

// Target is where archives are put, relative to the directory of the plan.
const Target = ".escape/target"

// Options say how to pack.
type Options struct {
	Force bool // replace an archive that is there
	// Uber adds the packages of all dependencies and extensions, with their own, as they are unpacked below deps.
	Uber bool
	// Files are the files of the release; nil means those in the directory of the plan.
	Files *Snapshot
	// ModTime is the modification time of all entries; zero means the start of 1980, the least every tool knows.
	ModTime time.Time
}

// A Result says what was packed.
type Result struct {
	Path   string // absolute
	Digest string // "sha256:" and hex digits, of the archive
	Size   int64
	Files  int // release.json and those of other packages too
	// Metadata is what the archive holds as release.json: that given to Pack, with the digests of the files as packed.
	Metadata *release.Metadata
}

// ErrExists is wrapped by the error for an archive that is there already.
var ErrExists = errors.New("archive exists")

type existsError struct{ path string }

func (e *existsError) Error() string {
	return fmt.Sprintf("File '%s' already exists. Use --force / -f to ignore.", e.path)
}
func (e *existsError) Unwrap() error { return ErrExists }

// Pack writes the archive of a release to <dir>/.escape/target/<name>-v<version>.tgz: the files that its metadata lists,
// read below dir, and the metadata itself as release.json. The archive is there whole or not at all. Errors are ErrExists,
// a listed file that is gone or lies outside of dir, what Unpack would refuse as too much, and those of the file system.
func Pack(dir string, m *release.Metadata, o Options) (*Result, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	target := filepath.Join(dir, filepath.FromSlash(Target))
	if err := os.MkdirAll(target, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(target, m.ReleaseID()+".tgz")
	if _, err := os.Lstat(file); err == nil && !o.Force {
		return nil, &existsError{file}
	}
	packed := *m
	packed.Files = maps.Clone(m.Files)
	p := &packer{dir: dir, files: o.Files, listed: map[string]bool{}, root: m.ReleaseID(), modTime: o.ModTime, metadata: &packed, sums: map[string]string{}, nested: map[string]bool{}}
	if p.modTime.IsZero() {
		p.modTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	err = p.hash()
	if err == nil && o.Uber {
		err = p.nest(".", m)
	}
	if err == nil {
		err = p.sort()
	}
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", m.QualifiedID(), err)
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "package")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name()) // fails after the rename, as it should
	sum := sha256.New()
	counter := &countWriter{}
	err = p.write(io.MultiWriter(temp, sum, counter))
	if err == nil {
		err = p.meter.ratio(p.meter.size, counter.n)
	}
	if err == nil {
		err = errors.Join(temp.Chmod(0o644), temp.Sync())
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return nil, fmt.Errorf("package %s: %w", m.QualifiedID(), err)
	}
	if err := os.Rename(temp.Name(), file); err != nil {
		return nil, err
	}
	return &Result{
		Path: file, Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Size: counter.n, Files: len(p.paths), Metadata: &packed,
	}, nil
}

type countWriter struct{ n int64 }

func (c *countWriter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

type packer struct {
	dir, root string
	files     *Snapshot
	listed    map[string]bool // files that the metadata lists
	modTime   time.Time
	metadata  *release.Metadata
	paths     []string // clean and relative, in the order of the archive
	sums      map[string]string
	nested    map[string]bool // packages that were added, by folder
	meter     meter
}

const metadataFile = "release.json"

// hash reads every file once, so that the metadata, which may come first, holds what is about to be packed: files may have
// changed since they were compiled, as rendered templates do.
func (p *packer) hash() error {
	for name := range p.metadata.Files {
		local, err := localName(name)
		if err != nil {
			return err
		}
		if local == metadataFile {
			delete(p.metadata.Files, name) // the generated one wins
			continue
		}
		p.listed[local] = true
		sum, err := p.take(local)
		if err != nil {
			return err
		}
		p.metadata.Files[name] = sum
	}
	p.paths = append(p.paths, metadataFile)
	return nil
}

// localName returns the path of a listed file below the package. One that lies outside is an error.
func localName(name string) (string, error) {
	local := path.Clean(filepath.ToSlash(name))
	if !filepath.IsLocal(filepath.FromSlash(local)) {
		return "", fmt.Errorf("file %q lies outside of the package", name)
	}
	return local, nil
}

// take hashes a file and notes that it is to be packed.
func (p *packer) take(local string) (string, error) {
	if sum, ok := p.sums[local]; ok {
		return sum, nil
	}
	f, _, err := p.open(local)
	if err != nil {
		return "", err
	}
	sum := md5.New()
	_, err = io.Copy(sum, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	p.paths = append(p.paths, local)
	p.sums[local] = hex.EncodeToString(sum.Sum(nil))
	return p.sums[local], nil
}

// sort brings the files into the order of the archive, if they are not too many.
func (p *packer) sort() error {
	slices.SortFunc(p.paths, func(a, b string) int {
		da, db := path.Dir(a), path.Dir(b)
		return cmp.Or(cmp.Compare(depth(da), depth(db)), cmp.Compare(da, db), cmp.Compare(path.Base(a), path.Base(b)))
	})
	p.meter.Limits = Limits{}.orDefault()
	for _, local := range p.paths {
		if err := p.meter.entry(p.root + "/" + local); err != nil {
			return err
		}
	}
	return nil
}

func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

func (p *packer) open(local string) (*os.File, fs.FileInfo, error) {
	dir := p.dir
	if p.files != nil && p.listed[local] {
		dir = p.files.dir
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(local)))
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			pe.Op, pe.Path = "stat", local // as the original words it
		}
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%q is not a regular file", local)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

func (p *packer) write(w io.Writer) error {
	gz := gzip.NewWriter(w)
	archive := tar.NewWriter(gz)
	for _, local := range p.paths {
		if err := p.add(archive, local); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return gz.Close()
}

func (p *packer) add(archive *tar.Writer, local string) error {
	if local == metadataFile {
		data := p.metadata.Encode()
		return p.entry(archive, local, 0o644, int64(len(data)), bytes.NewReader(data), nil)
	}
	f, info, err := p.open(local)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := md5.New()
	return p.entry(archive, local, info.Mode().Perm(), info.Size(), io.TeeReader(f, sum), func() error {
		if hex.EncodeToString(sum.Sum(nil)) != p.sums[local] {
			return fmt.Errorf("%q changed while it was packed; run it again", local)
		}
		return nil
	})
}

func (p *packer) entry(archive *tar.Writer, local string, mode fs.FileMode, size int64, r io.Reader, check func() error) error {
	if p.meter.size += size; p.meter.left() < 0 {
		return p.meter.tooLarge()
	}
	err := archive.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: p.root + "/" + local, Mode: int64(mode), Size: size, ModTime: p.modTime,
	})
	if err != nil {
		return err
	}
	if n, err := io.Copy(archive, r); err != nil || n != size {
		if err == nil || errors.Is(err, tar.ErrWriteTooLong) {
			err = fmt.Errorf("%q changed while it was packed; run it again", local)
		}
		return err
	}
	if check != nil {
		return check()
	}
	return nil
}
