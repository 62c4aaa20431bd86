package fetch

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"escape.build/escape/planner/filelock"
)

// A kind says what is locked.
type kind string

// The kinds, in their order.
const (
	unpacking kind = "deps"  // a folder that packages are unpacked into
	caching   kind = "cache" // an archive in the cache
)

// lock waits until nobody else works on a place, and keeps others out until unlock is called. The locks lie in the cache.
// Without them (no cache, or a file system that has none) held is false, and work is done twice at worst: what is put
// somewhere is always whole. An error is that of the context.
//
// There is a fixed number of locks of a kind, so that they do not pile up, and some places share one. So who holds a lock
// may take one of a later kind only.
func (f *Fetcher) lock(ctx context.Context, k kind, place string) (unlock func(), held bool, err error) {
	none := func() {}
	if f.o.Cache == "" {
		return none, false, nil
	}
	name := filepath.Join(f.o.Cache, hidden, "lock", string(k)+"-"+key(place)[:2])
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return none, false, nil
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return none, false, nil
	}
	const longest = 100 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		locked, err := filelock.TryLock(file)
		if locked {
			return func() { file.Close() }, true, nil
		}
		if err != nil {
			file.Close()
			return none, false, nil
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, false, ctx.Err()
		case <-time.After(pause):
		}
	}
}
