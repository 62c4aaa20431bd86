package state

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// The lock file holds one Lease as JSON, padded with blanks. It is read and written only under the lock that the
// system keeps for an open file, and that lock is held only for moments: for a step on the lease, one record of the
// journal, or the exchange of the document. So a holder that hangs between two commits blocks nobody for longer than
// its lease lasts, and is found out by its token when it goes on.
//
// The file is removed with the lease. Whoever opened it before finds that the name means another file, or none, once
// it has the lock, and opens again.

// leaseRoom is the size of the lock file, so that one write replaces any lease before it as a whole.
const leaseRoom = 1024

// encodeLease returns the content of the lock file.
func encodeLease(l *Lease) []byte {
	e := encoder{compact: true}
	e.object(l.members)
	for len(e.out) < leaseRoom-1 {
		e.out = append(e.out, ' ')
	}
	return append(e.out, '\n')
}

// decodeLease reads the content of the lock file; nil means that it is free.
func decodeLease(data []byte) (*Lease, error) {
	d := decoder{scanner: scanner{data: data, build: true}}
	if d.peek(); d.pos == len(data) {
		return nil, nil
	}
	var l Lease
	if err := d.lease(&l); err != nil {
		return nil, err
	}
	if l.Token == "" {
		return nil, errors.New("no token")
	}
	return &l, nil
}

// lockedFile opens the lock file and takes the lock on it. With create it is made if it is missing; made says so. It
// waits while another process is in the middle of a step; ctx bounds that.
func (s *FileStore) lockedFile(ctx context.Context, create bool) (f file, made bool, err error) {
	for {
		f, err := s.fs.open(s.lockPath(), os.O_RDWR, 0)
		if made = create && errors.Is(err, fs.ErrNotExist); made {
			f, err = s.fs.open(s.lockPath(), os.O_RDWR|os.O_CREATE, 0o600)
		}
		if err != nil {
			return nil, false, err
		}
		if err := s.lockFile(ctx, f); err != nil {
			f.Close()
			return nil, false, err
		}
		current, err := s.isCurrent(f)
		if err != nil {
			f.Close()
			return nil, false, err
		}
		if current {
			return f, made, nil
		}
		f.Close()
	}
}

// lockFile waits for the lock on f.
func (s *FileStore) lockFile(ctx context.Context, f file) error {
	for wait := 100 * time.Microsecond; ; wait = min(2*wait, 20*time.Millisecond) {
		ok, err := f.tryLock()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process is in the middle of a change, or was stopped there: %w", ctx.Err())
		case <-s.clock.After(wait):
		}
	}
}

// isCurrent reports whether f is still what the name of the lock file means.
func (s *FileStore) isCurrent(f file) (bool, error) {
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	named, err := s.fs.stat(s.lockPath())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && s.fs.same(mine, named), err
}

// readLease reads the lease from the open lock file.
func readLease(f file) (*Lease, []byte, error) {
	buf := make([]byte, 4*leaseRoom)
	n, err := f.ReadAt(buf, 0)
	if n == 0 && err != nil && !errors.Is(err, errEOF) {
		return nil, nil, err
	}
	l, err := decodeLease(buf[:n])
	return l, buf[:n], err
}

// holder returns the live lease, or nil.
func (s *FileStore) holder() (*Lease, error) {
	data, err := s.fs.readFile(s.lockPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read lock of state: %w", err)
	}
	l, err := decodeLease(data)
	if err != nil || l == nil || s.over(l) {
		return nil, nil // a lock that cannot be read is a matter for those who want it
	}
	return l, nil
}

// over reports whether the holder of l lost its right: the lease expired, or the process is provably gone.
func (s *FileStore) over(l *Lease) bool {
	return !s.clock.Now().Before(l.Expires) || s.machine.dead(l)
}

// take takes the lease if it is free or over; takeover says that it was not given back. Otherwise it returns the lease in
// the way, with a zero Token if it cannot be read. seen is a lease that was watched for its whole time without being renewed: it counts as over, whatever
// the clocks of the two machines say.
func (s *FileStore) take(ctx context.Context, r Request, seen string) (mine, held *Lease, takeover bool, err error) {
	f, made, err := s.lockedFile(ctx, true)
	if err != nil {
		return nil, nil, false, err
	}
	defer f.Close()
	old, _, err := readLease(f)
	var fence int64
	switch {
	case err != nil:
		// The machine stopped while the lease was written. Nobody can tell who held it, so wait as long as it can last.
		info, statErr := f.Stat()
		if statErr != nil {
			return nil, nil, false, statErr
		}
		if s.clock.Now().Before(info.ModTime().Add(s.ttl)) && seen != unreadable {
			return nil, &Lease{}, false, nil
		}
	case old != nil:
		if !s.over(old) && old.watch() != seen {
			return nil, old, false, nil
		}
		fence = old.Fence
	}
	takeover = !made
	l, err := s.newLease(r, fence+1)
	if err != nil {
		return nil, nil, false, err
	}
	if _, err := f.WriteAt(encodeLease(l), 0); err != nil {
		f.Truncate(0)
		return nil, nil, false, err
	}
	return l, nil, takeover, nil
}

const unreadable = "unreadable"

// watch identifies one renewal of a lease.
func (l *Lease) watch() string {
	if l.Token == "" {
		return unreadable
	}
	return l.Token + l.Expires.String()
}

func (s *FileStore) newLease(r Request, fence int64) (*Lease, error) {
	var token [16]byte
	if _, err := rand.Read(token[:]); err != nil {
		return nil, err
	}
	m, now := &s.machine, s.clock.Now()
	l := &Lease{Fence: fence, Token: hex.EncodeToString(token[:]), Host: m.host, Process: m.process, Started: m.started,
		Boot: m.boot, Namespace: m.namespace, User: r.User, Run: r.Run, Operation: r.Operation, Since: now.UTC(),
		Expires: now.Add(s.ttl).UTC(), TTL: s.ttl}
	if l.User == "" {
		l.User = m.user
	}
	return l, nil
}

// acquire takes the lease, waiting for it if r says so.
func (s *FileStore) acquire(ctx context.Context, r Request) (mine *Lease, takeover bool, err error) {
	var watched, seen string
	var since time.Time
	told := false
	for wait := 2 * time.Millisecond; ; wait = min(wait*3/2, 100*time.Millisecond) {
		mine, held, takeover, err := s.take(ctx, r, seen)
		if err != nil {
			return nil, false, fmt.Errorf("lock state %s: %w; nothing was changed", s.path, err)
		}
		if mine != nil {
			return mine, takeover, nil
		}
		locked := &LockedError{Location: s.path, Lease: *held}
		if !r.Wait {
			return nil, false, locked
		}
		if r.Waiting != nil && !told {
			told = true
			r.Waiting(*held)
		}
		now := s.clock.Now()
		if w := held.watch(); w != watched {
			watched, since = w, now
		} else if now.Sub(since) > max(held.TTL, s.ttl) {
			seen = w
		}
		select {
		case <-ctx.Done():
			locked.Err = ctx.Err()
			return nil, false, locked
		case <-s.clock.After(wait):
		}
	}
}

// Unlock ends the lease with this token.
func (s *FileStore) Unlock(ctx context.Context, token string) error {
	f, _, err := s.lockedFile(ctx, false)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unlock state %s: %w", s.path, ErrNotLocked)
	}
	if err != nil {
		return fmt.Errorf("unlock state %s: %w", s.path, err)
	}
	defer f.Close()
	l, _, err := readLease(f)
	switch {
	case err == nil && l == nil:
		return fmt.Errorf("unlock state %s: %w", s.path, ErrNotLocked)
	case err == nil && l.Token != token:
		return fmt.Errorf("unlock state %s: the lease has another token: %w", s.path, &LockedError{Location: s.path, Lease: *l})
	}
	return s.free(f)
}

// free empties and removes the lock file, whose lock the caller holds.
func (s *FileStore) free(f file) error {
	truncated := f.Truncate(0)
	removed := s.fs.remove(s.lockPath())
	if truncated != nil && removed != nil { // an empty file is as free as none
		return fmt.Errorf("unlock state %s: %w; it stays locked until this process ends or the lease expires", s.path, removed)
	}
	return nil
}
