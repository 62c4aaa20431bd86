package workspace

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/regular"
	"escape.build/escape/lang/release"
)

// Names are the names of plans. Of several in one folder the first counts.
var Names = []string{"escape.yml", "escape.yaml", "escape.hcl"}

// skipped are folders that hold no plans of the repository.
var skipped = map[string]bool{".git": true, "node_modules": true, "vendor": true, "deps": true, ".escape": true}

// Skips reports whether no plans are looked for in folders of a name.
func Skips(name string) bool { return skipped[name] }

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
	return w.load(func(int) bool { return true })
}

// load makes the index. It tells how many plans were found so far, and stops if the answer is false.
func (w *Workspace) load(found func(plans int) bool) *index {
	if w.index != nil {
		return w.index
	}
	defer w.loaded.Store(true)
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
			if !found(len(w.index.entries)) {
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
		w.add(filepath.Join(dir, Names[plan]))
	}
	return below
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

// planOf returns the file of the plan in a folder; "" if it has none.
func (w *Workspace) planOf(dir string) string {
	list, err := w.o.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, name := range Names {
		if slices.ContainsFunc(list, func(f fs.DirEntry) bool { return f.Name() == name && !f.IsDir() }) {
			return filepath.Join(dir, name)
		}
	}
	return ""
}

// add adds the plan of a file.
func (w *Workspace) add(file string) {
	text, err := w.o.ReadFile(file)
	if err != nil {
		return
	}
	e := read(file, text)
	w.index.entries = append(w.index.entries, e)
	if e.pkg == "" {
		w.index.unnamed = append(w.index.unnamed, e)
		return
	}
	w.index.byPackage[e.pkg] = append(w.index.byPackage[e.pkg], e)
}

// read returns what can be seen in the text of a plan without decoding it.
func read(file string, text []byte) *entry {
	e := &entry{
		dir: filepath.Dir(file), file: file,
		provides: has(text, "pro", "vides"), extends: has(text, "e", "xtends"),
	}
	if name, ok := nameIn(text); ok {
		project, name := release.SplitName(name)
		e.pkg = project + "/" + name
	}
	return e
}

// has reports whether a text has a word, which is cut before a rare letter: that is found soonest.
func has(text []byte, head, tail string) bool {
	return bytes.Contains(text, []byte(tail)) && bytes.Contains(text, []byte(head+tail))
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
	w.catchUp("", nil)
	entries := slices.Clone(w.plans().entries)
	w.mu.Unlock()
	_, name := release.SplitName(pkg)
	// What follows the name in a release id.
	byVersion, byTag := []byte(name+"-"), []byte(name+":")
	var files []string
	for _, e := range entries { // not locked for long, as there may be many
		text, err := w.o.ReadFile(e.file)
		if err == nil && (bytes.Contains(text, byVersion) || bytes.Contains(text, byTag)) && w.needsPackage(e, pkg) {
			files = append(files, e.file)
		}
	}
	slices.Sort(files)
	return files
}

func (w *Workspace) needsPackage(e *entry, pkg string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.decode(e) && slices.ContainsFunc(e.needs, func(id release.ID) bool { return id.Package() == pkg })
}

// Files returns the files of the plans whose texts hold all of the words, in order; without words those of all plans.
func (w *Workspace) Files(words ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp("", nil)
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
	w.catchUp("", nil)
	if e := w.entryOf(pkg); e != nil {
		return e.file
	}
	return ""
}

func readFile(file string) ([]byte, error) { return regular.ReadFile(file, maxSize) }
