package fetch

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"escape.build/escape/planner/filelock"
)

// lock waits until nobody else works on something, by its absolute path, and keeps others out until unlock is called. The
// locks lie in the cache. Without them (no cache, or a file system that has none) held is false, and work is done twice at
// worst: what is put somewhere is always whole. An error is that of the context.
func (f *Fetcher) lock(ctx context.Context, path string) (unlock func(), held bool, err error) {
	none := func() {}
	if f.o.Cache == "" {
		return none, false, nil
	}
	name := filepath.Join(f.o.Cache, hidden, "lock", key(path))
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
