package lintcache

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// A World is what a plan is looked at in: the folder of the plan, the commands, and the packages at hand.
type World struct {
	Env check.Env
	// Find returns what is at hand of the packages that a plan needs.
	Find func(*plan.Plan) check.Deps
}

// A Look is one question to a World and a sum of the answer.
type Look struct {
	Kind byte   // one of the kinds below
	Name string // a path relative to the folder of the plan, a command, or an interface
	Sum  string
}

const (
	stat     = 's'
	readDir  = 'd'
	readFile = 'r'
	lookPath = 'p'
	find     = 'k'
	provide  = 'v'
)

// A Recorder keeps the questions that a World is asked, each once.
type Recorder struct {
	world World
	sums  *Sums

	mu    sync.Mutex
	looks []Look
	seen  map[Look]bool // without sums
}

// Record returns a Recorder and the World that tells it what is asked.
func Record(w World, sums *Sums) (*Recorder, World) {
	r := &Recorder{world: w, sums: sums, seen: map[Look]bool{}}
	out := w
	if w.Env.Stat != nil {
		out.Env.Stat = func(path string) (fs.FileInfo, error) {
			info, err := w.Env.Stat(path)
			r.add(stat, path, func() string { return statSum(info, err) })
			return info, err
		}
	}
	if w.Env.ReadDir != nil {
		out.Env.ReadDir = func(path string) ([]fs.DirEntry, error) {
			list, err := w.Env.ReadDir(path)
			r.add(readDir, path, func() string { return dirSum(list, err) })
			return list, err
		}
	}
	if w.Env.ReadFile != nil {
		out.Env.ReadFile = func(path string) ([]byte, error) {
			text, err := w.Env.ReadFile(path)
			r.add(readFile, path, func() string { return textSum(text, err) })
			return text, err
		}
	}
	if w.Env.LookPath != nil {
		out.Env.LookPath = func(name string) (string, error) {
			path, err := sums.lookPath(w, name)
			r.add(lookPath, name, func() string { return pathSum(path, err) })
			return path, err
		}
	}
	if w.Env.Providers != nil {
		out.Env.Providers = func(iface string) []*release.Metadata {
			list := w.Env.Providers(iface)
			r.add(provide, iface, func() string { return sums.list(w, list) })
			return list
		}
	}
	if w.Find != nil {
		out.Find = func(p *plan.Plan) check.Deps {
			deps := w.Find(p)
			if len(p.Depends)+len(p.Extends) > 0 {
				r.add(find, "", func() string { return sums.deps(w, deps) })
			}
			return deps
		}
	}
	return r, out
}

func (r *Recorder) add(kind byte, name string, sum func() string) {
	key := Look{Kind: kind, Name: name}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	key.Sum = sum()
	r.looks = append(r.looks, key)
}

// Looks returns what was asked so far.
func (r *Recorder) Looks() []Look { return r.looks }

// Files returns the paths, relative to the folder of the plan, of the files that were looked at. If read is true it is only
// about those whose text was.
func Files(looks []Look, read bool) []string {
	var names []string
	for _, l := range looks {
		if l.Kind == readFile || l.Kind == stat && !read {
			names = append(names, l.Name)
		}
	}
	return names
}

// Same reports whether all questions have the same answers in w, and returns the texts of the files that were read. decode
// returns the plan that was looked at, if that is needed.
func Same(looks []Look, w World, sums *Sums, decode func() *plan.Plan) (texts map[string]string, same bool) {
	texts = map[string]string{}
	for _, l := range looks {
		sum := ""
		switch l.Kind {
		case stat:
			sum = statSum(w.Env.Stat(l.Name))
		case readDir:
			sum = dirSum(w.Env.ReadDir(l.Name))
		case readFile:
			text, err := w.Env.ReadFile(l.Name)
			sum = textSum(text, err)
			texts[l.Name] = string(text)
		case lookPath:
			sum = pathSum(sums.lookPath(w, l.Name))
		case find:
			sum = sums.deps(w, w.Find(decode()))
		case provide:
			sum = sums.list(w, w.Env.Providers(l.Name))
		}
		if sum != l.Sum {
			return nil, false
		}
	}
	return texts, true
}

// Sums remembers answers that are the same for many plans. It is for one run.
type Sums struct {
	commands sync.Map // by name
	releases sync.Map // by *release.Metadata
}

type command struct {
	path string
	err  error
}

func (s *Sums) lookPath(w World, name string) (string, error) {
	if c, ok := s.commands.Load(name); ok {
		return c.(command).path, c.(command).err
	}
	path, err := w.Env.LookPath(name)
	s.commands.Store(name, command{path, err})
	return path, err
}

// deps is about the packages, by the names under which the plan knows them.
func (s *Sums) deps(w World, deps check.Deps) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(deps)) {
		fmt.Fprintf(h, "%s\x00%s\x00", name, s.metadata(w, deps[name]))
	}
	return string(h.Sum(nil)[:16])
}

func (s *Sums) list(w World, list []*release.Metadata) string {
	h := sha256.New()
	for _, m := range list {
		fmt.Fprintf(h, "%s\x00", s.metadata(w, m))
	}
	return string(h.Sum(nil)[:16])
}

// metadata is about what a release says, and how much of it is known if it is made from a plan. Where that says it does not
// matter: a finding which tells it is in a file that is not read, and is not kept.
func (s *Sums) metadata(w World, m *release.Metadata) string {
	if m == nil {
		return "-"
	}
	if sum, ok := s.releases.Load(m); ok {
		return sum.(string)
	}
	sum := textSum(m.EncodeCompact(), nil)
	if w.Env.Origin != nil {
		if o := w.Env.Origin(m); o != nil {
			sum += fmt.Sprintf(" %d", o.Open)
		}
	}
	s.releases.Store(m, sum)
	return sum
}

// statSum is about what a file is and how large, not about when it was changed: no finding depends on that.
func statSum(info fs.FileInfo, err error) string {
	switch {
	case err != nil:
		return failure(err)
	case info.Mode().IsRegular():
		return fmt.Sprintf("%o %d", info.Mode(), info.Size())
	}
	return fmt.Sprintf("%o", info.Mode())
}

func dirSum(list []fs.DirEntry, err error) string {
	if err != nil {
		return failure(err)
	}
	h := sha256.New()
	for _, e := range list {
		fmt.Fprintf(h, "%s\x00%o\x00", e.Name(), e.Type())
	}
	return string(h.Sum(nil)[:16])
}

func textSum(text []byte, err error) string {
	if err != nil {
		return failure(err)
	}
	sum := sha256.Sum256(text)
	return string(sum[:16])
}

func pathSum(path string, err error) string {
	if err != nil {
		return failure(err)
	}
	return path
}

// failure tells the absence of a file from other errors.
func failure(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "-"
	}
	return "!"
}
