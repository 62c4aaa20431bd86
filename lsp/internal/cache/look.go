package cache

import (
	"io/fs"
	"path/filepath"
	"slices"
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
	var plans func(dir string, depth int)
	plans = func(dir string, depth int) {
		list, err := s.options.ReadDir(dir)
		if err != nil || skipped[filepath.Base(dir)] {
			return
		}
		for _, f := range list {
			switch path := filepath.Join(dir, f.Name()); {
			case len(all) >= maxLook:
				return
			case slices.Contains(workspace.Names, f.Name()):
				all = append(all, path)
			case f.IsDir() && depth > 0:
				plans(path, depth-1)
			}
		}
	}
	for _, path := range paths {
		if info, err := s.options.Stat(path); err == nil && info.IsDir() && !inSkipped(path) {
			plans(path, depthAround)
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

// maxLook is how many files and folders are looked at.
const maxLook = 5000

// Look returns files on which something depends, and plans, that are not as they were when it was called before. It is for
// clients that do not tell of changes outside the editor, and must not be called by two at once.
func (s *Session) Look() []string {
	snap := s.Snapshot()
	known, _ := snap.depends()
	s.mu.Lock()
	for _, w := range s.workspaces {
		if w.Loaded() {
			for _, dir := range w.Folders() {
				known[dir] = true
			}
		}
	}
	s.mu.Unlock()
	var changed []string
	next := make(map[string]stamp, min(len(known), maxLook))
	for path := range known {
		if len(next) >= maxLook {
			break
		}
		now := stampOf(s.options.Stat(path))
		next[path] = now
		was, seen := s.stamps[path]
		if !seen {
			was, seen = snap.disk.stamp(path)
		}
		if seen && was != now {
			changed = append(changed, path)
		}
	}
	s.stamps = next
	return s.withPlans(changed)
}

// withPlans adds the plans of folders that have changed and of new folders in them.
func (s *Session) withPlans(paths []string) []string {
	all := slices.Clone(paths)
	var plans func(dir string, depth int)
	plans = func(dir string, depth int) {
		list, err := s.options.ReadDir(dir)
		if err != nil || skipped[filepath.Base(dir)] {
			return
		}
		for _, name := range workspace.Names {
			all = append(all, filepath.Join(dir, name))
		}
		for _, f := range list {
			if sub := filepath.Join(dir, f.Name()); f.IsDir() && depth > 0 && len(all) < maxLook {
				if _, known := s.stamps[sub]; !known {
					plans(sub, depth-1)
				}
			}
		}
	}
	for _, path := range paths {
		if info, err := s.options.Stat(path); err == nil && info.IsDir() {
			plans(path, depthAround)
		} else if err != nil {
			for _, name := range workspace.Names {
				all = append(all, filepath.Join(path, name))
			}
		}
	}
	return all
}
