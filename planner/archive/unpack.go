package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
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
	"strconv"
	"strings"
	"time"

	"escape.build/escape/lang/release"
)

// An Error says what is wrong with an archive; whatever else goes wrong is the fault of the file system. Its message is that
// of the original Escape where it has one. Hint, which may be empty, says more.
type Error struct {
	Message string
	Hint    string
	Err     error // the cause, or nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrOther is the cause of the error for an archive of another release.
var ErrOther = errors.New("archive of another release")

// Reading says how to read an archive. The zero value expects nothing special.
type Reading struct {
	Limits Limits
	// Digest is what the file must have, as in Result; "" takes any.
	Digest string
	// Name is what errors call the file; "" means its path.
	Name string
	// Note is the text of a further file NoteFile which Unpack puts into the folder; "" makes none.
	Note string
	// Keep is asked, when something is in the target after all has been unpacked, whether it may stay there; nil means that
	// it is replaced. Somebody else may have unpacked the same at the same time.
	Keep func() bool
}

// NoteFile is a file in unpacked packages which is not theirs, and is never packed.
const NoteFile = ".escape-origin"

// A Content is what was found in an archive.
type Content struct {
	Metadata *release.Metadata
	Digest   string // as in Result
	// Warnings name files which are not those that the release was compiled from, in an archive of the original Escape: it
	// packs files as they are at that time, so this may be intended. In an archive of ours it is an error.
	Warnings []string
}

// verifiedSince is the first client whose archives hold the digests of the files as packed.
const verifiedSince = release.Version("0.29.0")

// Unpack unpacks the archive of the release id into the folder target, which is there afterwards as a whole or as it was
// before. Nothing is written outside of it. An archive that is not good, or is that of another release, is an *Error.
func Unpack(file string, id release.ID, target string, o Reading) (*Content, error) {
	parent := filepath.Dir(target)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	sweep(target)
	temp, err := os.MkdirTemp(parent, tempPrefix(target)+"*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	c, err := unpackInto(filepath.Join(temp, "new"), file, id, target, o)
	if err != nil {
		return nil, err
	}
	return c, replace(target, temp, o.Keep)
}

func unpackInto(dir, file string, id release.ID, target string, o Reading) (*Content, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	tree := NewTree(root, o.Limits)
	tree.fresh = true
	r := &reading{Reading: o, id: id, file: tree.File, dir: tree.Dir}
	r.folder = filepath.Join(filepath.Dir(target), id.ReleaseID()) // where the original unpacks it
	c, err := r.read(file)
	if err == nil && o.Note != "" {
		err = root.WriteFile(NoteFile, []byte(o.Note), 0o644)
	}
	return c, err
}

// Inspect reads an archive like Unpack, and finds all that is wrong with it, but unpacks nothing.
func Inspect(file string, id release.ID, o Reading) (*Content, error) {
	r := &reading{Reading: o, id: id, folder: id.ReleaseID(), dir: func(string) error { return nil }}
	r.file = func(_ string, _ fs.FileMode, text io.Reader) error {
		_, err := io.Copy(io.Discard, text)
		return err
	}
	return r.read(file)
}

// ReadMetadata returns the metadata in an archive of the release id. It reads no further than it has to, and so does not find
// everything that may be wrong.
func ReadMetadata(file string, id release.ID) (*release.Metadata, error) {
	r := &reading{id: id, folder: id.ReleaseID(), dir: func(string) error { return nil }}
	enough := errors.New("enough")
	r.file = func(name string, _ fs.FileMode, text io.Reader) error {
		if name == metadataFile {
			return enough
		}
		_, err := io.Copy(io.Discard, text)
		return err
	}
	if _, err := r.read(file); r.metadata == nil {
		return nil, err
	}
	return r.decode()
}

// tempPrefix begins the names of the folders in which a target is made. They lie beside it, so that it can be renamed, and
// are hidden.
func tempPrefix(target string) string { return "." + filepath.Base(target) + ".unpack-" }

// abandoned is the age at which what a process left behind that was killed while it unpacked is removed. Nobody unpacks that
// long.
const abandoned = 24 * time.Hour

func sweep(target string) {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempPrefix(target)) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.RemoveAll(filepath.Join(filepath.Dir(target), e.Name()))
		}
	}
}

// replace makes the folder new in temp the target, unless what is there is to be kept; else that is moved to temp. If
// somebody else puts something there at the same time, the last one wins, and it is always a whole one.
func replace(target, temp string, keep func() bool) error {
	const attempts = 100 // nobody comes second that often
	var err error
	for i := range attempts {
		if err = os.Rename(filepath.Join(temp, "new"), target); err == nil {
			return nil
		}
		if keep != nil && keep() {
			return nil
		}
		moved := os.Rename(target, filepath.Join(temp, "old"+strconv.Itoa(i)))
		if moved != nil && !errors.Is(moved, fs.ErrNotExist) {
			return moved
		}
	}
	return err
}

// A reading is the reading of one archive.
type reading struct {
	Reading
	id     release.ID
	folder string // what messages call the folder that the archive has to hold
	file   func(name string, mode fs.FileMode, text io.Reader) error
	dir    func(name string) error

	meter    meter
	seen     map[string]bool // path below the folder: is it a folder?
	sums     map[string]string
	metadata []byte
	stray    string // an entry beside the folder
}

// A counted counts what is read from it.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// A fault marks an error as one of the archive, on the way from the entries up.
type fault struct{ error }

func faultf(format string, args ...any) error { return fault{fmt.Errorf(format, args...)} }

func (r *reading) read(file string) (*Content, error) {
	if r.Name == "" {
		r.Name = file
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("Couldn't open archive '%s': %w", r.Name, err)
	}
	defer f.Close()
	sum := sha256.New()
	packed := &counted{Reader: io.TeeReader(f, sum)}
	buffered := bufio.NewReaderSize(packed, 64<<10)
	gz, err := gzip.NewReader(buffered)
	if err != nil {
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			return nil, fmt.Errorf("Couldn't open archive '%s': %w", r.Name, err)
		}
		return nil, &Error{Message: fmt.Sprintf("Couldn't read gzip archive '%s': %s", r.Name, err), Err: err}
	}
	r.meter.Limits = r.Limits.orDefault()
	r.seen, r.sums = map[string]bool{}, map[string]string{}
	err = r.entries(&guarded{Reader: gz, packed: packed, meter: &r.meter}, &guarded{packed: packed, meter: &r.meter})
	if err == nil {
		_, err = io.Copy(io.Discard, buffered) // an empty one, but for the digest
	}
	if err != nil {
		return nil, r.failed(err)
	}
	c := &Content{Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil))}
	if r.Digest != "" && r.Digest != c.Digest {
		return nil, r.failed(faultf("its digest is %s instead of %s", c.Digest, r.Digest))
	}
	if err := r.conclude(c); err != nil {
		return nil, err
	}
	return c, nil
}

// failed makes an *Error of what is the fault of the archive.
func (r *reading) failed(err error) error {
	var world *fs.PathError
	text := fmt.Sprintf("Failed to unpack '%s': %s", r.Name, err)
	var f fault
	switch {
	case errors.As(err, &f):
		return &Error{Message: text, Err: f.error}
	case errors.As(err, &world) && !errors.Is(err, fs.ErrExist):
		return fmt.Errorf("Failed to unpack '%s': %w", r.Name, err)
	}
	return &Error{Message: text, Err: err}
}

// A guarded is what comes out of the compressor, or out of the files in it, as long as the ratio permits.
type guarded struct {
	io.Reader
	packed *counted
	meter  *meter
	n      int64
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	g.n += int64(n)
	if limit := g.meter.ratio(g.n, g.packed.n); limit != nil {
		return n, fault{limit}
	}
	return n, err
}

// entries takes the entries in, and the rest of the file: its checksum stands at the end. An entry may say that it has
// holes, which take no space in text, so the content of the files is guarded as well.
func (r *reading) entries(text, content *guarded) error {
	archive := tar.NewReader(text)
	content.Reader = archive
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := r.entry(h, content); err != nil {
			return err
		}
	}
	for buf := make([]byte, 32<<10); ; {
		n, err := text.Read(buf)
		if slices.ContainsFunc(buf[:n], func(b byte) bool { return b != 0 }) {
			return faultf("there is something behind its end")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

const maxMetadata = 64 << 20

func (r *reading) entry(h *tar.Header, content io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	isDir := h.Typeflag == tar.TypeDir
	if !isDir && h.Typeflag != tar.TypeReg {
		return faultf("Unsupported type for tar header: entry %s is neither a file nor a directory", shown(h.Name))
	}
	name, err := r.within(h.Name, isDir)
	if err != nil || name == "" {
		return err
	}
	if slices.Contains(strings.Split(name, "/"), NoteFile) {
		return nil // the original may have packed it with an unpacked package; nothing is to be believed because of it
	}
	if err := r.unseen(name, isDir); err != nil {
		return err
	}
	if isDir {
		return r.dir(name)
	}
	if h.Size > r.meter.left() {
		return fault{r.meter.tooLarge()} // before it is tried
	}
	r.meter.size += h.Size
	sum := md5.New()
	content = io.TeeReader(content, sum)
	if name == metadataFile {
		if r.metadata, err = io.ReadAll(io.LimitReader(content, maxMetadata+1)); err != nil {
			return err
		}
		if len(r.metadata) > maxMetadata {
			return faultf("%s has more than %d bytes", metadataFile, maxMetadata)
		}
		content = bytes.NewReader(r.metadata)
	}
	err = r.file(name, h.FileInfo().Mode(), content)
	r.sums[name] = hex.EncodeToString(sum.Sum(nil))
	return err
}

// within returns the path of an entry below the folder of the release; "" for that folder itself and for what lies beside
// it.
func (r *reading) within(name string, isDir bool) (string, error) {
	clean := path.Clean(name)
	outside := name == "" || path.IsAbs(name) || slices.Contains(strings.Split(name, "/"), "..")
	if !outside && clean != "." {
		_, err := filepath.Localize(clean)
		outside = err != nil
	}
	if outside {
		return "", faultf("entry %s lies outside of the directory", shown(name))
	}
	if err := r.meter.entry(clean); err != nil {
		return "", fault{err}
	}
	if isDir && (clean == "." || clean == r.id.ReleaseID()) {
		return "", nil
	}
	below, ok := strings.CutPrefix(clean, r.id.ReleaseID()+"/")
	if !ok {
		if r.stray == "" {
			r.stray = name
		}
		return "", nil
	}
	return below, nil
}

// unseen notes an entry, which must not have the name of another one, nor lie below a file.
func (r *reading) unseen(name string, isDir bool) error {
	wasDir, twice := r.seen[name]
	if twice && !(isDir && wasDir) {
		return faultf("entry %s is there twice", shown(name))
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		aboveIsDir, known := r.seen[dir]
		if known && !aboveIsDir {
			return faultf("entry %s lies below a file", shown(name))
		}
		if known {
			break
		}
		r.seen[dir] = true
	}
	r.seen[name] = isDir
	return nil
}

// conclude judges what was read.
func (r *reading) conclude(c *Content) error {
	if len(r.seen) == 0 {
		e := &Error{Message: fmt.Sprintf("Expected path %s does not exist", r.folder)}
		if e.Hint = fmt.Sprintf("'%s' is empty", r.Name); r.stray != "" {
			e.Hint = fmt.Sprintf("'%s' holds %s, but nothing below %s/", r.Name, shown(r.stray), r.id.ReleaseID())
		}
		return e
	}
	if r.stray != "" {
		return r.failed(faultf("entry %s lies outside of %s", shown(r.stray), r.id.ReleaseID()))
	}
	if r.metadata == nil {
		return &Error{Message: fmt.Sprintf("Couldn't read dependency release.json: '%s' holds none", r.Name)}
	}
	var err error
	if c.Metadata, err = r.decode(); err != nil {
		return err
	}
	return r.verify(c)
}

// decode returns the metadata that was found, if it is that of the release.
func (r *reading) decode() (*release.Metadata, error) {
	m, err := Decode(r.metadata)
	if err != nil {
		return nil, &Error{Message: err.Error(), Hint: fmt.Sprintf("it is part of '%s'", r.Name), Err: err}
	}
	if m.ReleaseID() != r.id.ReleaseID() {
		text := fmt.Sprintf("Failed to unpack '%s': its release.json is that of %s, not of %s", r.Name, m.ReleaseID(), r.id.ReleaseID())
		return nil, &Error{Message: text, Err: ErrOther}
	}
	return m, nil
}

// Decode reads the release.json of an unpacked package. Errors have the text of the original.
func Decode(text []byte) (*release.Metadata, error) {
	m, err := release.Decode(text)
	if err == nil {
		return m, nil
	}
	if cause := errors.Unwrap(err); cause != nil { // Decode put its own words in front
		err = cause
	}
	return nil, fmt.Errorf("Couldn't unmarshal dependency release.json: %w", err)
}

// verifiable reports whether the digests in the metadata are those of the files as packed.
func verifiable(m *release.Metadata) bool {
	built, err := release.ParseVersion(m.BuiltWithEscapeVersion)
	return err == nil && built.Compare(verifiedSince) >= 0
}

// packedAs returns the path below its package of a file as the metadata calls it, false for one that is never packed. An
// absolute name, which we refuse, is packed below the package by the original.
func packedAs(name string) (string, bool) {
	local := path.Clean(strings.TrimLeft(filepath.ToSlash(name), "/"))
	return local, local != metadataFile && path.Base(local) != NoteFile && filepath.IsLocal(filepath.FromSlash(local))
}

// verify compares the files with the digests in the metadata.
func (r *reading) verify(c *Content) error {
	m := c.Metadata
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		local, ok := packedAs(name)
		got, there := r.sums[local]
		want := m.Files[name]
		if !ok || got == want {
			continue
		}
		text := fmt.Sprintf("file %s has the MD5 digest %s instead of %s", shown(name), got, want)
		if !there {
			text = fmt.Sprintf("file %s is missing", shown(name))
		}
		if verifiable(m) {
			return r.failed(faultf("%s", text))
		}
		c.Warnings = append(c.Warnings, fmt.Sprintf("'%s': %s", r.Name, text))
	}
	return nil
}
