package run

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"escape.build/escape/planner/archive"
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
	tree := archive.NewTree(root, archive.Limits{})
	switch {
	case strings.HasSuffix(file, ".zip"):
		err = unzip(tree, file)
	case strings.HasSuffix(file, ".tgz"), strings.HasSuffix(file, ".tar.gz"):
		err = withFile(file, func(f *os.File) error {
			gz, err := gzip.NewReader(f)
			if err != nil {
				return err
			}
			return untar(tree, gz)
		})
	case strings.HasSuffix(file, ".tar"):
		err = withFile(file, func(f *os.File) error { return untar(tree, f) })
	default:
		return fmt.Errorf("Can't unpack: unknown archive extension '%s'", file)
	}
	if err != nil {
		tree.Undo()
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

func untar(tree *archive.Tree, r io.Reader) error {
	entries := tar.NewReader(r)
	for {
		h, err := entries.Next()
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
			err = tree.Dir(h.Name)
		case tar.TypeReg:
			err = tree.File(h.Name, h.FileInfo().Mode(), entries)
		case tar.TypeSymlink:
			err = tree.Symlink(h.Name, h.Linkname)
		case tar.TypeLink:
			err = tree.Link(h.Name, h.Linkname)
		default:
			err = fmt.Errorf("Unsupported type for tar header: entry '%s' is neither a file, a directory nor a link", h.Name)
		}
		if err != nil {
			return err
		}
	}
}

// maxLink is the longest target of a link in a zip archive.
const maxLink = 4096

func unzip(tree *archive.Tree, file string) error {
	entries, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer entries.Close()
	for _, f := range entries.File {
		if f.FileInfo().IsDir() {
			if err := tree.Dir(f.Name); err != nil {
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
				err = tree.Symlink(f.Name, string(target))
			}
		} else {
			err = tree.File(f.Name, f.Mode(), r)
		}
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
