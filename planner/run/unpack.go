package run

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Limits on what a download may unpack to.
const (
	maxUnpackedFiles = 1_000_000
	maxUnpackedSize  = 64 << 30
)

// unpack unpacks an archive, by its name, into the directory it lies in. Nothing is written outside of that directory,
// not even through links: entries that lead out, and kinds other than files, directories and links, are errors. After an
// error what was made is removed again; only what files held that were there before is lost.
func unpack(file string) error {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer root.Close()
	u := &unpacker{root: root}
	switch {
	case strings.HasSuffix(file, ".zip"):
		err = u.zip(file)
	case strings.HasSuffix(file, ".tgz"), strings.HasSuffix(file, ".tar.gz"):
		err = withFile(file, func(f *os.File) error {
			gz, err := gzip.NewReader(f)
			if err != nil {
				return err
			}
			return u.tar(gz)
		})
	case strings.HasSuffix(file, ".tar"):
		err = withFile(file, func(f *os.File) error { return u.tar(f) })
	default:
		return fmt.Errorf("Can't unpack: unknown archive extension '%s'", file)
	}
	if err != nil {
		for _, name := range slices.Backward(u.made) {
			_ = root.Remove(name) // a directory that held other things stays
		}
		return fmt.Errorf("Failed to unpack '%s': %w", file, err)
	}
	return nil
}

func withFile(name string, fn func(*os.File) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return fn(f)
}

type unpacker struct {
	root  *os.Root
	files int
	size  int64
	made  []string // what was not there before, in order
}

func (u *unpacker) tar(r io.Reader) error {
	archive := tar.NewReader(r)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeXGlobalHeader:
			continue
		case tar.TypeDir:
			err = u.dir(h.Name)
		case tar.TypeReg:
			err = u.file(h.Name, h.FileInfo().Mode(), archive)
		case tar.TypeSymlink:
			err = u.symlink(h.Name, h.Linkname)
		case tar.TypeLink:
			err = u.link(h.Name, h.Linkname)
		default:
			err = fmt.Errorf("Unsupported type for tar header: entry '%s' is neither a file, a directory nor a link", h.Name)
		}
		if err != nil {
			return err
		}
	}
}

func (u *unpacker) zip(file string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, f := range archive.File {
		if f.FileInfo().IsDir() {
			if err := u.dir(f.Name); err != nil {
				return err
			}
			continue
		}
		link := f.Mode().Type() == fs.ModeSymlink
		if !f.Mode().IsRegular() && !link {
			return fmt.Errorf("entry '%s' is neither a file, a directory nor a link", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		if link {
			var target []byte
			if target, err = io.ReadAll(io.LimitReader(r, maxLink)); err == nil {
				err = u.symlink(f.Name, string(target))
			}
		} else {
			err = u.file(f.Name, f.Mode(), r)
		}
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// clean refuses names that lead out of the root.
func clean(name string) (string, error) {
	local := filepath.FromSlash(strings.TrimSuffix(name, "/"))
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("entry '%s' lies outside of the directory", name)
	}
	return filepath.Clean(local), nil
}

func (u *unpacker) dir(name string) error {
	local, err := clean(name)
	if err != nil {
		return err
	}
	return u.mkdir(local)
}

// maxLink is the longest target of a link in a zip archive.
const maxLink = 4096

// mkdir makes a directory and those above it.
func (u *unpacker) mkdir(local string) error {
	if local == "." {
		return nil
	}
	if info, err := u.root.Stat(local); err == nil && info.IsDir() {
		return nil
	}
	if err := u.mkdir(filepath.Dir(local)); err != nil {
		return err
	}
	if err := u.root.Mkdir(local, 0o755); err != nil {
		return err
	}
	u.made = append(u.made, local)
	return nil
}

// prepare makes room for an entry that is no directory, and counts it.
func (u *unpacker) prepare(local string) error {
	if u.files++; u.files > maxUnpackedFiles {
		return fmt.Errorf("more than %d files", maxUnpackedFiles)
	}
	if err := u.mkdir(filepath.Dir(local)); err != nil {
		return err
	}
	info, err := u.root.Lstat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		u.made = append(u.made, local)
		return nil
	case err != nil:
		return err
	case info.Mode().Type() == fs.ModeSymlink: // it is replaced, not what it leads to
		return u.root.Remove(local)
	}
	return nil
}

// symlink makes a symbolic link, if what it leads to lies in the root. The folders of the link must be real ones and the
// target goes up only at its start, so that its text alone tells where it leads.
func (u *unpacker) symlink(name, target string) error {
	local, err := clean(name)
	if err != nil {
		return err
	}
	to := filepath.Clean(filepath.FromSlash(target))
	if target == "" || filepath.IsAbs(to) || !filepath.IsLocal(filepath.Join(filepath.Dir(local), to)) {
		return fmt.Errorf("entry '%s' is a link to '%s', which lies outside of the directory", name, target)
	}
	if err := u.prepare(local); err != nil {
		return err
	}
	for dir := filepath.Dir(local); dir != "."; dir = filepath.Dir(dir) {
		if info, err := u.root.Lstat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("entry '%s' is a link behind another link", name)
		}
	}
	if err := u.remove(local); err != nil {
		return err
	}
	return u.root.Symlink(to, local)
}

// link makes a further name of a file that was unpacked before.
func (u *unpacker) link(name, target string) error {
	local, err := clean(name)
	if err != nil {
		return err
	}
	old, err := clean(target)
	if err != nil {
		return err
	}
	if info, err := u.root.Lstat(old); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("entry '%s' is a link to '%s', which is no file of the archive", name, target)
	}
	if old == local {
		return nil
	}
	if err := u.prepare(local); err != nil {
		return err
	}
	if err := u.remove(local); err != nil {
		return err
	}
	return u.root.Link(old, local)
}

func (u *unpacker) remove(local string) error {
	if err := u.root.Remove(local); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (u *unpacker) file(name string, mode fs.FileMode, r io.Reader) error {
	local, err := clean(name)
	if err != nil {
		return err
	}
	if err := u.prepare(local); err != nil {
		return err
	}
	perm := mode.Perm()
	f, err := u.root.OpenFile(local, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, perm|0o200)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(r, maxUnpackedSize-u.size+1))
	u.size += n
	if err == nil && u.size > maxUnpackedSize {
		err = fmt.Errorf("more than %d bytes", int64(maxUnpackedSize))
	}
	if err == nil {
		err = f.Chmod(perm)
	}
	return errors.Join(err, f.Close())
}
