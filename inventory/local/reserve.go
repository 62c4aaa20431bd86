package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

func (p *pkg) reservedPath() string { return filepath.Join(p.private(), "reserved") }

func (p *pkg) reservation(v release.Version) string {
	return filepath.Join(p.reservedPath(), string(v))
}

// isReserved reports whether a file says that v is, or was, being released.
func (p *pkg) isReserved(v release.Version) bool {
	_, err := os.Lstat(p.reservation(v))
	return err == nil
}

// A reservation keeps a version by the lock on an open file.
type reservation struct {
	pkg  *pkg
	path string

	mu      sync.Mutex // held while Publish uses the reservation
	file    *os.File   // nil once it has ended
	unclean bool       // files of a release that was not finished may be there, so the file has to stay
}

// A holder is the content of the file, for messages.
type holder struct {
	Process int       `json:"process"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
}

// Reserve counts on from the index and from what others have reserved. A reservation is known to this Inventory value:
// Publish of another one refuses the version as long as it lasts.
func (i *Inventory) Reserve(ctx context.Context, namespace, name string, pattern release.Pattern) (release.Version, func(), error) {
	p, err := i.counted(namespace, name, pattern)
	if err != nil {
		return "", nil, err
	}
	l, err := p.lock(ctx)
	if err != nil {
		return "", nil, err
	}
	defer l.unlock()
	x, err := l.load()
	if err != nil {
		return "", nil, err
	}
	others, err := l.reservations(x)
	if err != nil {
		return "", nil, l.noReservation(err)
	}
	v := pattern.Next(append(x.versions(), others...))
	r, err := l.reserve(v)
	if err != nil {
		return "", nil, err
	}
	i.mu.Lock()
	i.reserved[r.path] = r
	i.mu.Unlock()
	return v, r.release, nil
}

func (p *pkg) noReservation(err error) error {
	return fail(inventory.Unavailable, err, "Could not reserve a version of '%s/%s' in the local inventory at %s: %s", p.namespace, p.name, p.inv.base, err)
}

// reservations returns the versions that are reserved. Files of processes that have died are removed, but for those which
// stand for an unfinished release.
func (l *locked) reservations(x *index) ([]release.Version, error) {
	entries, err := os.ReadDir(l.reservedPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var live []release.Version
	for _, e := range entries {
		v, err := release.ParseVersion(e.Name())
		if err != nil {
			continue
		}
		f, dead, err := hold(l.reservation(v), 0)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was just given back
		case err != nil:
			return nil, err
		case !dead:
			live = append(live, v)
		default:
			if _, err := os.Lstat(l.metadata(v)); x.has(v) || errors.Is(err, fs.ErrNotExist) {
				os.Remove(l.reservation(v))
			}
			f.Close()
		}
	}
	return live, nil
}

// reserve makes a reservation. One that somebody else holds gives an error with code Conflict.
func (l *locked) reserve(v release.Version) (*reservation, error) {
	r := &reservation{pkg: l.pkg, path: l.reservation(v)}
	if err := l.inv.at("reserve"); err != nil {
		return nil, l.noReservation(err)
	}
	if err := l.makeReserved(); err != nil {
		return nil, l.noReservation(err)
	}
	if l.isReserved(v) { // by a process that died, if we get it
		_, err := os.Lstat(l.metadata(v))
		r.unclean = !errors.Is(err, fs.ErrNotExist)
	}
	f, ok, err := hold(r.path, os.O_CREATE)
	if err != nil {
		return nil, l.noReservation(err)
	}
	if !ok {
		return nil, fail(inventory.Conflict, nil, "Could not add release to local inventory at %s. Version %s is being released by %s.", l.index(), v, holderOf(r.path))
	}
	r.file = f
	h := holder{Process: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second)}
	h.Host, _ = os.Hostname()
	text, err := json.Marshal(h)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), 0)
	}
	if err != nil {
		r.end()
		return nil, l.noReservation(err)
	}
	return r, nil
}

// makeReserved makes the folder of reservations. Names in it are of use only if it is durable itself.
func (l *locked) makeReserved() error {
	err := os.Mkdir(l.reservedPath(), 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	for _, dir := range []string{l.private(), l.dir} {
		if err == nil {
			err = l.sync(dir)
		}
	}
	return err
}

// holderOf says who keeps a version.
func holderOf(path string) string {
	var h holder
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err != nil {
		return "another process"
	}
	return fmt.Sprintf("process %d on %s, since %s", h.Process, h.Host, h.Since.Format(time.RFC3339))
}

// end gives the version back. The file goes before its lock, as whoever gets the lock looks whether there still is one.
func (r *reservation) end() {
	if r.file == nil {
		return
	}
	if !r.unclean {
		os.Remove(r.path)
	}
	r.file.Close()
	r.file = nil
	i := r.pkg.inv
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.reserved[r.path] == r {
		delete(i.reserved, r.path)
	}
}

// release ends the reservation unless Publish did.
func (r *reservation) release() {
	r.mu.Lock()
	ended := r.file == nil
	r.end()
	r.mu.Unlock()
	if ended {
		return
	}
	// What Reserve made for a package without releases goes too, unless others are at work there.
	if _, err := os.Lstat(r.pkg.index()); errors.Is(err, fs.ErrNotExist) {
		if f, ok, _ := hold(r.pkg.lockPath(), 0); ok {
			(&locked{r.pkg, f}).unlock()
		}
	}
}

// claim returns the reservation of v that Reserve made, or a new one. Its mu is held.
func (l *locked) claim(v release.Version) (r *reservation, kept bool, err error) {
	l.inv.mu.Lock()
	r = l.inv.reserved[l.reservation(v)]
	l.inv.mu.Unlock()
	if r != nil {
		r.mu.Lock()
		if r.file != nil {
			return r, true, nil
		}
		r.mu.Unlock() // it was given back in between
	}
	if r, err = l.reserve(v); err != nil {
		return nil, false, err
	}
	r.mu.Lock()
	return r, false, nil
}
