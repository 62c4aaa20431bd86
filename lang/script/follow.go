package script

import (
	"path"
	"slices"
	"strings"

	"escape.build/escape/lang/source"
)

// The bounds of what is followed from one script: how many files, how many more are looked for, and how far they lead to
// each other.
const (
	maxFiles = 64
	maxTries = 1000
	maxDepth = 8
)

// A Unit is a script with all files that it reads in or runs, directly or not.
type Unit struct {
	// Scripts are the script itself and the files that are known, each once.
	Scripts []*Script
	// Loose are files that may be run, or only looked at.
	Loose []*Script
	// Unseen are calls of files that cannot be read: nobody knows what is in them.
	Unseen []Unseen
}

// An Unseen is a call of a file that cannot be read.
type Unseen struct {
	In *Script
	Call
}

// A Loader reads a file of the package by its path; false if it cannot be read. It returns the same Script for the same
// path and language.
type Loader func(file string, lang Lang) (*Script, bool)

// Follow collects what root leads to. dir is the folder of the file of root in the package, "" for a script that is no file
// of it.
func Follow(root *Script, dir string, load Loader) *Unit {
	u := &Unit{Scripts: []*Script{root}}
	if len(root.Calls) == 0 {
		return u
	}
	f := follower{u: u, load: load, seen: map[string]bool{}}
	f.follow(root, dir, 0, false)
	return u
}

type follower struct {
	u    *Unit
	load Loader
	seen map[string]bool
}

// follow follows the calls of s, first those that certainly happen.
func (f *follower) follow(s *Script, dir string, depth int, loose bool) {
	one := map[source.Span]bool{} // whether one of the files that a command looks for is known
	for _, c := range s.Calls {
		switch {
		case c.loose():
		case c.Optional:
			one[c.Span] = one[c.Span] || f.call(s, c, dir, depth, loose)
		default:
			f.call(s, c, dir, depth, loose)
		}
	}
	for _, c := range s.Calls {
		if c.loose() {
			f.call(s, c, dir, depth, true)
		} else if found, ok := one[c.Span]; ok && !found {
			one[c.Span] = true
			f.u.Unseen = append(f.u.Unseen, Unseen{s, c})
		}
	}
}

// loose reports whether nobody knows that a file is run.
func (c *Call) loose() bool { return c.Optional && c.Lang == Unknown }

// call follows one call. It reports whether the file is known.
func (f *follower) call(s *Script, c Call, dir string, depth int, loose bool) bool {
	file := c.Path
	if file == "" {
		f.unseen(s, c)
		return false
	}
	if c.Beside {
		if dir == "" {
			f.unseen(s, c)
			return false
		}
		file = path.Join(dir, file)
	}
	if f.seen[file] {
		return true
	}
	f.seen[file] = true
	if path.IsAbs(file) || file == ".." || strings.HasPrefix(file, "../") || len(f.seen) > maxTries || len(f.u.Scripts)+len(f.u.Loose) >= maxFiles || depth >= maxDepth {
		f.unseen(s, c)
		return false
	}
	called, ok := f.load(file, c.Lang)
	if !ok {
		f.unseen(s, c)
		return false
	}
	switch {
	case slices.Contains(f.u.Scripts, called):
		return true
	case loose:
		f.u.Loose = append(f.u.Loose, called)
	default:
		f.u.Scripts = append(f.u.Scripts, called)
	}
	f.follow(called, path.Dir(file), depth+1, loose)
	return true
}

func (f *follower) unseen(s *Script, c Call) {
	if !c.Optional {
		f.u.Unseen = append(f.u.Unseen, Unseen{s, c})
	}
}

// An Owned says which variables scripts set themselves, and which they can do without.
type Owned struct {
	Assigned, Guarded map[string]bool
	// Any is set if a file that is read in is not known: it may set any.
	Any bool
	// Computed is set if they set variables under names that they put together.
	Computed bool
}

// Own returns what the scripts do with variables of their own.
func (u *Unit) Own() Owned {
	o := Owned{Assigned: map[string]bool{}, Guarded: map[string]bool{}}
	o.Any = slices.ContainsFunc(u.Unseen, func(x Unseen) bool { return x.ReadIn })
	o.Computed = slices.ContainsFunc(u.Scripts, func(s *Script) bool { return s.Computed })
	for _, s := range u.Scripts {
		for name := range s.Assigns {
			o.Assigned[name] = true
		}
		for _, use := range s.Uses {
			if use.Guarded {
				o.Guarded[use.Name] = true
			}
			if o.Computed && use.How == Mentioned {
				o.Assigned[use.Name] = true // what sets the variable may be told so
			}
		}
	}
	return o
}

// Names calls fn with the name of each variable of Escape that the scripts may use, often with one several times. It reports
// whether these are all.
func (u *Unit) Names(fn func(name string)) (all bool) {
	all = len(u.Unseen) == 0
	for _, list := range [][]*Script{u.Scripts, u.Loose} {
		for _, s := range list {
			for _, use := range s.Uses {
				fn(use.Name)
			}
			all = all && len(s.Dynamic) == 0
		}
	}
	return all
}
