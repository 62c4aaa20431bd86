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
	"strings"
)

// Limits on what a download may unpack to.
const (
	maxUnpackedFiles = 1_000_000
	maxUnpackedSize  = 64 << 30
)

// unpack unpacks an archive, by its name, into the directory it lies in. Nothing is written outside of that directory,
// not even through links: entries that lead out, and kinds other than files, directories and links, are errors.
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
		default:
			err = errors.New("Unsupported type for tar header")
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
		if !f.Mode().IsRegular() {
			return fmt.Errorf("entry '%s' is neither a file nor a directory", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		err = u.file(f.Name, f.Mode(), r)
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
	return u.root.MkdirAll(local, 0o755)
}

func (u *unpacker) file(name string, mode fs.FileMode, r io.Reader) error {
	local, err := clean(name)
	if err != nil {
		return err
	}
	if u.files++; u.files > maxUnpackedFiles {
		return fmt.Errorf("more than %d files", maxUnpackedFiles)
	}
	if err := u.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
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
