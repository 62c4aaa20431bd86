package workspace

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/release"
)

// Names are the names of plans. Of several in one folder the first counts.
var Names = []string{"escape.yml", "escape.yaml", "escape.hcl"}

// skipped are folders that hold no plans of the repository.
var skipped = map[string]bool{".git": true, "node_modules": true, "vendor": true, "deps": true, ".escape": true}

// Limits on what is looked at. What lies beyond them is not known.
const (
	maxFolders = 10_000
	maxPlans   = 10_000
	maxDepth   = 32
	maxSize    = 4 << 20
)

// An index are the plans of a workspace.
type index struct {
	entries []*entry
	// byPackage has the plans whose name is known without reading them, and those that were read.
	byPackage map[string][]*entry
	unnamed   []*entry
	providing map[string][]*entry // by interface: plans that may provide it
}

// plans returns the index. The first call looks for all plans.
func (w *Workspace) plans() *index {
	if w.index != nil {
		return w.index
	}
	w.index = &index{byPackage: map[string][]*entry{}, providing: map[string][]*entry{}}
	if w.o.Root == "" || w.o.Decode == nil {
		return w.index
	}
	folders := 0
	depth := w.o.Depth
	if depth == 0 {
		depth = maxDepth
	}
	level := []string{w.o.Root}
	for ; depth > 0 && len(level) > 0; depth-- {
		var below []string
		for _, dir := range level {
			if folders++; folders > maxFolders || len(w.index.entries) >= maxPlans {
				return w.index
			}
			below = append(below, w.folder(dir)...)
		}
		level = below
	}
	return w.index
}

// folder adds the plan of a folder and returns the folders in it. Links are not followed.
func (w *Workspace) folder(dir string) []string {
	list, err := w.o.ReadDir(dir)
	if err != nil {
		return nil
	}
	var below []string
	plan := len(Names)
	for _, f := range list {
		switch i := slices.Index(Names, f.Name()); {
		case f.IsDir():
			if !skipped[f.Name()] {
				below = append(below, filepath.Join(dir, f.Name()))
			}
		case i >= 0:
			plan = min(plan, i)
		}
	}
	if plan < len(Names) {
		w.add(&entry{dir: dir, file: filepath.Join(dir, Names[plan])})
	}
	return below
}

// Changed says that a file is there, is gone, or has another text. Files that are no plans, or lie where none are looked
// for, do not matter. What was returned before stays as it was.
func (w *Workspace) Changed(file string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dir := filepath.Dir(file)
	if w.index == nil || !slices.Contains(Names, filepath.Base(file)) || !w.looksInto(dir) {
		return
	}
	x := w.index
	there := func(e *entry) bool { return e.dir == dir }
	x.entries = slices.DeleteFunc(x.entries, there)
	x.unnamed = slices.DeleteFunc(x.unnamed, there)
	for pkg, list := range x.byPackage {
		x.byPackage[pkg] = slices.DeleteFunc(list, there)
	}
	w.folder(dir)
	// Whatever needs the plan says something else now.
	clear(x.providing)
	for _, e := range x.entries {
		e.meta, e.circle, e.seen, e.low, e.leads = nil, 0, 0, 0, 0
		e.tried = e.tried && e.plan != nil
	}
	w.seen = 0
	w.forgetOrigins()
}

// looksInto reports whether plans are looked for in dir.
func (w *Workspace) looksInto(dir string) bool {
	rel, err := filepath.Rel(w.o.Root, dir)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	if rel == "." {
		return true
	}
	names := strings.Split(rel, string(filepath.Separator))
	return (w.o.Depth == 0 || len(names) < w.o.Depth) && !slices.ContainsFunc(names, func(name string) bool { return skipped[name] })
}

func (w *Workspace) add(e *entry) {
	text, err := w.o.ReadFile(e.file)
	if err != nil {
		return
	}
	w.index.entries = append(w.index.entries, e)
	e.provides, e.extends = bytes.Contains(text, []byte("provides")), bytes.Contains(text, []byte("extends"))
	if name, ok := nameIn(text); ok {
		project, name := release.SplitName(name)
		e.pkg = project + "/" + name
		w.index.byPackage[e.pkg] = append(w.index.byPackage[e.pkg], e)
		return
	}
	w.index.unnamed = append(w.index.unnamed, e)
}

// nameIn returns the name of a package from the text of its plan, if a line says it that can mean nothing else: the word
// "name" at its start, a ":" or "=", and one plain or quoted word.
func nameIn(text []byte) (string, bool) {
	found := ""
	for rest := text; ; {
		i := bytes.Index(rest, []byte("name"))
		if i < 0 {
			break
		}
		starts := i == 0 || rest[i-1] == '\n'
		rest = rest[i+len("name"):]
		if !starts {
			continue
		}
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] != ':' && line[0] != '=' {
			continue
		}
		word := bytes.TrimSpace(line[1:])
		if n := len(word); n > 1 && (word[0] == '"' || word[0] == '\'') && word[n-1] == word[0] {
			word = word[1 : n-1]
		}
		if found != "" || len(word) == 0 || bytes.ContainsFunc(word, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '/')
		}) {
			return "", false
		}
		found = string(word)
	}
	return found, found != ""
}

// entryOf returns the plan of a package; nil if there is none, or more than one.
func (w *Workspace) entryOf(pkg string) *entry {
	x := w.plans()
	for _, e := range x.unnamed { // only they can say
		if w.decode(e) {
			x.byPackage[e.pkg] = append(x.byPackage[e.pkg], e)
		}
	}
	x.unnamed = nil
	if list := x.byPackage[pkg]; len(list) == 1 {
		return list[0]
	}
	return nil
}

// providing returns the plans that may provide an interface.
func (w *Workspace) providing(iface string) []*entry {
	x := w.plans()
	if list, ok := x.providing[iface]; ok {
		return list
	}
	list := []*entry{}
	for _, e := range x.entries {
		may := e.extends
		if !may && e.provides {
			text, err := w.o.ReadFile(e.file)
			may = err == nil && bytes.Contains(text, []byte(iface))
		}
		if may {
			list = append(list, e)
		}
	}
	x.providing[iface] = list
	return list
}

// Needing returns the files of the plans that depend on a package ("project/name") or extend it, in order: those in which
// other things are found when it changes.
func (w *Workspace) Needing(pkg string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, name := release.SplitName(pkg)
	// What follows the name in a release id.
	byVersion, byTag := []byte(name+"-"), []byte(name+":")
	var files []string
	for _, e := range w.plans().entries {
		if !e.tried {
			if text, err := w.o.ReadFile(e.file); err != nil || !bytes.Contains(text, byVersion) && !bytes.Contains(text, byTag) {
				continue
			}
		}
		if w.decode(e) && slices.ContainsFunc(e.needs, func(id release.ID) bool { return id.Package() == pkg }) {
			files = append(files, e.file)
		}
	}
	slices.Sort(files)
	return files
}

// Files returns the files of the plans whose texts hold all of the words, in order; without words those of all plans.
func (w *Workspace) Files(words ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var files []string
	for _, e := range w.plans().entries {
		if len(words) > 0 {
			text, err := w.o.ReadFile(e.file)
			if err != nil || slices.ContainsFunc(words, func(word string) bool { return !bytes.Contains(text, []byte(word)) }) {
				continue
			}
		}
		files = append(files, e.file)
	}
	slices.Sort(files)
	return files
}

// File returns the file of the plan of a package ("project/name"); "" if there is none, or more than one.
func (w *Workspace) File(pkg string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.entryOf(pkg); e != nil {
		return e.file
	}
	return ""
}

// readFile reads a regular file that is not too large.
func readFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSize {
		return nil, fmt.Errorf("%s: %w", file, fs.ErrInvalid)
	}
	return os.ReadFile(file)
}
