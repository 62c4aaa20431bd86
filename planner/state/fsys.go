package state

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"escape.build/escape/planner/filelock"
)

// fsys is what the file store needs of a file system. The tests put one in its place that loses unsynced data and
// fails on demand.
type fsys interface {
	open(name string, flag int, perm fs.FileMode) (file, error)
	readFile(name string) ([]byte, error)
	rename(from, to string) error
	remove(name string) error
	stat(name string) (fs.FileInfo, error)
	same(a, b fs.FileInfo) bool
	list(dir string) ([]string, error)
	syncDir(dir string) error
}

type file interface {
	io.Writer
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Chmod(mode fs.FileMode) error
	Sync() error
	Stat() (fs.FileInfo, error)
	Close() error
	// tryLock takes an exclusive lock on the open file, which ends with it; false means that somebody else has it.
	tryLock() (bool, error)
	unlock() error
}

// A soonFile is one that can be told what will happen. Both calls may do nothing.
type soonFile interface {
	reserve(size int64)         // so much will be written
	begin(offset, length int64) // this part is complete and may go to the disk
}

// osFS is the real file system.
type osFS struct{}

type osFile struct{ *os.File }

func (f osFile) tryLock() (bool, error) { return filelock.TryLock(f.File) }
func (f osFile) unlock() error          { return filelock.Unlock(f.File) }

func (osFS) open(name string, flag int, perm fs.FileMode) (file, error) {
	if err := mayEnd(name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) rename(from, to string) error          { return os.Rename(from, to) }
func (osFS) remove(name string) error              { return os.Remove(name) }
func (osFS) stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
func (osFS) same(a, b fs.FileInfo) bool            { return os.SameFile(a, b) }
func (osFS) syncDir(dir string) error              { return filelock.SyncDir(dir) }

func (osFS) readFile(name string) ([]byte, error) {
	if err := mayEnd(name); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// mayEnd refuses pipes and devices: opening or reading one might never end.
func mayEnd(name string) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	return nil
}

func (osFS) list(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}

// resolve follows path if it is a symbolic link, also one whose target is missing, so that the target is replaced and
// not the link.
func resolve(path string) (string, error) {
	for range 40 {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: errors.New("too many levels of symbolic links")}
}
