package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"escape.build/escape/inventory"
	"escape.build/escape/planner/filelock"
)

func (p *pkg) private() string  { return filepath.Join(p.dir, ".escape") }
func (p *pkg) lockPath() string { return filepath.Join(p.private(), "lock") }
func (p *pkg) newPath() string  { return filepath.Join(p.private(), "new") }

// A locked package is changed by nobody else.
type locked struct {
	*pkg
	file *os.File // the open lock
}

// lock makes the folders of a package if need be and takes its lock, waiting while others work; ctx bounds that.
func (p *pkg) lock(ctx context.Context) (*locked, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for wait, gone := 100*time.Microsecond, 0; ; wait = min(2*wait, 20*time.Millisecond) {
		f, err := p.tryLock()
		switch {
		case errors.Is(err, fs.ErrNotExist) && gone < 100:
			gone++ // somebody tidied up in between
		case err != nil:
			return nil, err
		case f != nil:
			return &locked{p, f}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fail(inventory.Unavailable, ctx.Err(), "The application '%s/%s' in the local inventory at %s is being changed by another process: %s",
				p.namespace, p.name, p.inv.base, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// tryLock returns the open lock, or nil if somebody else has it.
func (p *pkg) tryLock() (*os.File, error) {
	err := p.inv.at("make folders")
	if err == nil {
		err = os.MkdirAll(p.private(), 0o755)
	}
	if err != nil {
		return nil, fail(inventory.Unavailable, err, "Could not create application directory '%s': %s", p.dir, err)
	}
	f, _, err := hold(p.lockPath(), os.O_CREATE)
	if err != nil {
		return nil, fail(inventory.Unavailable, err, "Could not lock the application '%s/%s' in the local inventory at %s: %s", p.namespace, p.name, p.inv.base, err)
	}
	return f, nil
}

// unlock gives the lock back. What locking made is removed again if there is no release and nothing else.
func (l *locked) unlock() {
	if _, err := os.Lstat(l.index()); errors.Is(err, fs.ErrNotExist) {
		for _, path := range []string{l.newPath(), l.reservedPath(), l.lockPath(), l.private(), l.dir, filepath.Dir(l.dir)} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
	}
	l.file.Close()
}

// hold opens a file for its lock and takes it; with os.O_CREATE the file is made. ok is false if somebody else has the
// lock. Closing the file gives it back. As such files are removed at times, it makes sure that what it locked still has
// the name.
func hold(path string, create int) (f *os.File, ok bool, err error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|create, 0o666)
		if err != nil {
			return nil, false, err
		}
		ok, err := filelock.TryLock(f)
		if !ok || err != nil {
			f.Close()
			return nil, false, err
		}
		mine, err := f.Stat()
		if err == nil {
			var named fs.FileInfo
			if named, err = os.Stat(path); err == nil && os.SameFile(mine, named) {
				return f, true, nil
			}
		}
		f.Close()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, false, err
		}
	}
}

// replace puts a file with the content that write makes in the place of path. A mode of 0 is that of the file before, or
// that of a new file.
func (l *locked) replace(path string, mode fs.FileMode, write func(io.Writer) error) error {
	name := filepath.Base(path)
	if mode == 0 {
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode().Perm()
		}
	}
	if err := os.Remove(l.newPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := l.inv.at("write " + name); err != nil {
		return err
	}
	f, err := os.OpenFile(l.newPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil && mode != 0 {
		err = f.Chmod(mode) // the umask must not take bits away
	}
	if err == nil {
		err = l.inv.at("sync " + name)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = l.inv.at("rename " + name)
	}
	if err == nil {
		err = os.Rename(l.newPath(), path)
	}
	if err != nil {
		os.Remove(l.newPath())
	}
	return err
}

// sync makes the names in a folder durable.
func (l *locked) sync(dir string) error {
	if err := l.inv.at("sync folder " + filepath.Base(dir)); err != nil {
		return err
	}
	return filelock.SyncDir(dir)
}

func (i *Inventory) at(point string) error {
	if i.opts.at == nil {
		return nil
	}
	return i.opts.at(point)
}
