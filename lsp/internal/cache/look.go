package cache

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/lint/config"
)

// skipped are folders in which no file matters that nothing has asked for.
var skipped = map[string]bool{".git": true, "node_modules": true, "vendor": true}

// depends returns all files and folders on which something depends that is known, and the folders around them.
func (s *Snapshot) depends() (paths, around map[string]bool) {
	paths, around = map[string]bool{}, map[string]bool{}
	add := func(d *Document) {
		paths[d.Path] = true
		if an := d.Known(); an != nil {
			for path := range an.notes.looked {
				paths[path] = true
			}
		}
	}
	for _, d := range s.documents {
		add(d)
	}
	for _, d := range s.disk.all() {
		add(d)
	}
	delete(paths, "")
	for path := range paths {
		for dir := filepath.Dir(path); !around[dir]; dir = filepath.Dir(dir) {
			around[dir] = true
		}
	}
	return paths, around
}

// Matter returns those of some files that may make a difference: plans, configurations, and what something depends on.
func (s *Snapshot) Matter(paths []string) []string {
	if len(paths) == 0 {
		return nil
	}
	known, around := s.depends()
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		base, dir := filepath.Base(path), filepath.Dir(path)
		if known[path] || known[dir] || around[path] {
			return false
		}
		return base != config.Name && !slices.Contains(workspace.Names, base) || inSkipped(path)
	})
}

// Plans returns the plans in those of some paths that are folders, and below them. Editors may tell of a new folder, and not of what
// it brought along.
func (s *Session) Plans(paths []string) []string {
	var all []string
	folders := 0
	var plans func(dir string)
	plans = func(dir string) {
		list, err := s.options.ReadDir(dir)
		if folders++; err != nil || folders > maxLook {
			return
		}
		for _, f := range list {
			switch path := filepath.Join(dir, f.Name()); {
			case slices.Contains(workspace.Names, f.Name()):
				all = append(all, path)
			case f.IsDir() && !skipped[f.Name()]:
				plans(path)
			}
		}
	}
	for _, path := range paths {
		if info, err := s.options.Stat(path); err == nil && info.IsDir() && !inSkipped(path) && !skipped[filepath.Base(path)] {
			plans(path)
		}
	}
	return all
}

func inSkipped(path string) bool {
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if skipped[filepath.Base(dir)] {
			return true
		}
	}
	return false
}

// A stamp says how a file looked from outside.
type stamp struct {
	there bool
	size  int64
	time  time.Time
}

func stampOf(info fs.FileInfo, err error) stamp {
	if err != nil {
		return stamp{}
	}
	return stamp{true, info.Size(), info.ModTime()}
}

// stamps are those of files and folders on which something depends, from before they were read.
type stamps struct {
	mu sync.Mutex // guards the following
	of map[string]stamp
}

// note keeps how a file looks now, unless that of an earlier time is known, or there are very many: clients that watch files themselves
// never let them be forgotten. A file of which nothing is kept is noted when Look meets it first.
func (k *stamps) note(path string, stat func(string) (fs.FileInfo, error)) {
	k.mu.Lock()
	_, known := k.of[path]
	full := len(k.of) >= 2*maxStamps
	k.mu.Unlock()
	if known || full {
		return
	}
	now := stampOf(stat(path))
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.of[path]; known {
		return
	}
	if k.of == nil {
		k.of = map[string]stamp{}
	}
	k.of[path] = now
}

func (k *stamps) get(path string) (stamp, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	was, known := k.of[path]
	return was, known
}

func (k *stamps) set(path string, now stamp) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[string]stamp{}
	}
	k.of[path] = now
}

// forget forgets all files but some if there are very many. It need not: what depends on one may be just about to be known.
func (k *stamps) forget(but map[string]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.of) > maxStamps {
		maps.DeleteFunc(k.of, func(path string, _ stamp) bool { return !but[path] })
	}
}

// maxLook is how many files, and how many folders, are looked at at once, and maxStamps of how many is kept how they looked.
const (
	maxLook   = 5000
	maxStamps = 20_000
)

// Look returns files on which something depends, and plans, that are not as they were when they were read, or when it was called
// before. It is for clients that do not tell of changes outside the editor, and must not be called by two at once. Where there are
// very many files and folders, it looks at others each time.
func (s *Session) Look() []string {
	snap := s.Snapshot()
	known, _ := snap.depends()
	s.stamps.forget(known)
	var changed []string
	looked := 0
	for path := range known { // in another order each time
		if looked++; looked > maxLook {
			break
		}
		now := stampOf(s.options.Stat(path))
		was, seen := s.stamps.get(path)
		if !seen {
			was, seen = snap.disk.stamp(path)
		}
		s.stamps.set(path, now)
		if seen && was != now {
			changed = append(changed, path)
		}
	}
	for _, path := range s.tree.look(&s.options) {
		if !slices.Contains(changed, path) {
			changed = append(changed, path)
		}
	}
	return changed
}

// A tree are the folders in which plans are looked for.
type tree struct {
	mu      sync.Mutex // guards the following
	folders map[string]listing
}

// A listing is what was in a folder.
type listing struct {
	stamp stamp  // of the folder, from before it was listed
	young bool   // the folder was changed just before: once more would give it the same stamp
	plans string // the names of plans in it
	depth int    // how many folders below each other are looked into there
}

// maxTree is how many folders are known, and grain how far two changes of one folder are apart at least that have other stamps.
const (
	maxTree = 20_000
	grain   = 2 * time.Second
)

// list lists a folder, and notes what is in it. It also returns what was in it before.
func (t *tree) list(o *Options, dir string, depth int) (list []fs.DirEntry, was listing, err error) {
	is := listing{stamp: stampOf(o.Stat(dir)), depth: depth}
	is.young = time.Since(is.stamp.time) < grain
	if list, err = o.ReadDir(dir); err == nil {
		for _, f := range list {
			if slices.Contains(workspace.Names, f.Name()) {
				is.plans += f.Name() + "\n"
			}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	was, known := t.folders[dir]
	switch {
	case !is.stamp.there:
		delete(t.folders, dir)
	case known || len(t.folders) < maxTree:
		if t.folders == nil {
			t.folders = map[string]listing{}
		}
		t.folders[dir] = is
	}
	return list, was, err
}

func (t *tree) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.folders = nil
}

func (t *tree) has(dir string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.folders[dir]
	return known
}

// look returns the plans that have come or gone since the folders were listed, also in new folders, which it notes.
func (t *tree) look(o *Options) []string {
	t.mu.Lock()
	folders := maps.Clone(t.folders)
	t.mu.Unlock()
	var plans []string
	looked := 0
	for dir, was := range folders {
		if looked++; looked > maxLook {
			break
		}
		if was.young || stampOf(o.Stat(dir)) != was.stamp {
			plans = append(plans, t.explore(o, dir, was.depth)...)
		}
	}
	return plans
}

// explore lists a folder, and new folders in it, and returns the plans that have come or gone.
func (t *tree) explore(o *Options, dir string, depth int) []string {
	list, was, _ := t.list(o, dir, depth)
	var plans []string
	for _, name := range workspace.Names {
		there := slices.ContainsFunc(list, func(f fs.DirEntry) bool { return f.Name() == name })
		if there != slices.Contains(strings.Split(was.plans, "\n"), name) {
			plans = append(plans, filepath.Join(dir, name))
		}
	}
	for _, f := range list {
		if sub := filepath.Join(dir, f.Name()); f.IsDir() && depth > 1 && !workspace.Skips(f.Name()) && !t.has(sub) {
			plans = append(plans, t.explore(o, sub, depth-1)...)
		}
	}
	return plans
}
