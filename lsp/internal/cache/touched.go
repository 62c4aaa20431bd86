package cache

import "sync"

// touched says which snapshot was the last to bring something else for a file.
type touched struct {
	mu    sync.Mutex // guards the following
	files map[string]uint64
	trees map[string]uint64 // with all that lies below
	all   uint64            // for all files
}

// Limits on what is remembered. Where there is more, all files count as touched.
const (
	maxTouched = 100_000
	maxTrees   = 1000
)

func (t *touched) file(id uint64, path string) {
	if path == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.files == nil || len(t.files) >= maxTouched {
		if t.files != nil {
			t.all = id
		}
		t.files = map[string]uint64{}
	}
	t.files[path] = id
}

func (t *touched) tree(id uint64, path string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trees == nil || len(t.trees) >= maxTrees {
		if t.trees != nil {
			t.all = id
		}
		t.trees = map[string]uint64{}
	}
	t.trees[path] = id
}

func (t *touched) everything(id uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all, t.files, t.trees = id, nil, nil
}

// since reports whether one of some files was touched after a snapshot.
func (t *touched) since(id uint64, files map[string]bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all > id {
		return true
	}
	for path := range files {
		if t.files[path] > id {
			return true
		}
	}
	for tree, touched := range t.trees {
		if touched <= id {
			continue
		}
		for path := range files {
			if Below(path, tree) {
				return true
			}
		}
	}
	return false
}
