package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Tree writes the entries of any archive below a folder and nowhere else, not even through links: an entry that leads out
// is an error, and so is what goes beyond the limits. An entry of the same name as a file or link that is there replaces it.
// A Tree is for one archive and one goroutine.
type Tree struct {
	root  *os.Root
	meter meter
	made  []string // what was not there before, in order
	fresh bool     // nothing may be there, and what is written becomes durable
}

// NewTree returns a Tree of the folder root, which is the caller's to close.
func NewTree(root *os.Root, l Limits) *Tree {
	return &Tree{root: root, meter: meter{Limits: l.orDefault()}}
}

// Undo removes what was not there before. What files held that were there is lost all the same.
func (t *Tree) Undo() {
	for _, name := range slices.Backward(t.made) {
		_ = t.root.Remove(name) // a folder that holds other things stays
	}
	t.made = nil
}

// shown quotes a name for messages, whatever is in it.
func shown(name string) string {
	const enough = 200
	if len(name) > enough {
		name = name[:enough] + "…"
	}
	text := strconv.Quote(name)
	return "'" + strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text[1:len(text)-1]) + "'"
}

// clean refuses names that lead out of the root.
func clean(name string) (string, error) {
	local := filepath.FromSlash(strings.TrimSuffix(name, "/"))
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("entry %s lies outside of the directory", shown(name))
	}
	return filepath.Clean(local), nil
}

// enter cleans and counts the name of an entry.
func (t *Tree) enter(name string) (string, error) {
	local, err := clean(name)
	if err != nil {
		return "", err
	}
	return local, t.meter.entry(filepath.ToSlash(local))
}

// Dir makes a folder unless it is there.
func (t *Tree) Dir(name string) error {
	local, err := t.enter(name)
	if err != nil {
		return err
	}
	return t.mkdir(local)
}

// mkdir makes a folder and those above it.
func (t *Tree) mkdir(local string) error {
	if local == "." {
		return nil
	}
	if info, err := t.root.Stat(local); err == nil && info.IsDir() {
		return nil
	}
	if err := t.mkdir(filepath.Dir(local)); err != nil {
		return err
	}
	if err := t.root.Mkdir(local, 0o755); err != nil {
		return err
	}
	t.made = append(t.made, local)
	return nil
}

// prepare makes room for an entry that is no folder.
func (t *Tree) prepare(local string) error {
	if err := t.mkdir(filepath.Dir(local)); err != nil {
		return err
	}
	info, err := t.root.Lstat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.made = append(t.made, local)
		return nil
	case err != nil:
		return err
	case info.Mode().Type() == fs.ModeSymlink: // it is replaced, not what it leads to
		return t.root.Remove(local)
	}
	return nil
}

// File writes a file with the permission bits of mode; the other bits do not count.
func (t *Tree) File(name string, mode fs.FileMode, r io.Reader) error {
	local, err := t.enter(name)
	if err != nil {
		return err
	}
	flag := os.O_CREATE | os.O_TRUNC | os.O_WRONLY
	if t.fresh {
		// What has this name already can only be an entry whose name differs by what this file system does not tell apart.
		flag |= os.O_EXCL
		err = t.mkdir(filepath.Dir(local))
	} else {
		err = t.prepare(local)
	}
	if err != nil {
		return err
	}
	perm := mode.Perm()
	f, err := t.root.OpenFile(local, flag, perm|0o200)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(r, t.meter.left()+1))
	t.meter.size += n
	if err == nil && t.meter.left() < 0 {
		err = t.meter.tooLarge()
	}
	if err == nil {
		err = f.Chmod(perm)
	}
	if err == nil && t.fresh {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Symlink makes a symbolic link, if what it leads to lies below the root. The folders of the link must be real ones and the
// target goes up only at its start, so that its text alone tells where it leads.
func (t *Tree) Symlink(name, target string) error {
	local, err := t.enter(name)
	if err != nil {
		return err
	}
	to := filepath.Clean(filepath.FromSlash(target))
	if target == "" || filepath.IsAbs(to) || !filepath.IsLocal(filepath.Join(filepath.Dir(local), to)) {
		return fmt.Errorf("entry %s is a link to %s, which lies outside of the directory", shown(name), shown(target))
	}
	if err := t.prepare(local); err != nil {
		return err
	}
	for dir := filepath.Dir(local); dir != "."; dir = filepath.Dir(dir) {
		if info, err := t.root.Lstat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("entry %s is a link behind another link", shown(name))
		}
	}
	if err := t.remove(local); err != nil {
		return err
	}
	return t.root.Symlink(to, local)
}

// Link makes a further name of a file that was unpacked before.
func (t *Tree) Link(name, target string) error {
	local, err := t.enter(name)
	if err != nil {
		return err
	}
	old, err := clean(target)
	if err != nil {
		return err
	}
	if info, err := t.root.Lstat(old); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("entry %s is a link to %s, which is no file of the archive", shown(name), shown(target))
	}
	if old == local {
		return nil
	}
	if err := t.prepare(local); err != nil {
		return err
	}
	if err := t.remove(local); err != nil {
		return err
	}
	return t.root.Link(old, local)
}

func (t *Tree) remove(local string) error {
	if err := t.root.Remove(local); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
