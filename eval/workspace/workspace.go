// Package workspace knows the plans of one repository. What it tells of a package is made from the source of its plan, so
// that plans which depend on each other are checked against each other before anything is released. It neither reads
// plans itself (see lang) nor finds out what was released (see planner/fetch): both are functions of its Options.
//
// Read workspace.go (what is known of the packages of a plan), then source.go (what the source of one tells), circles.go and
// index.go (finding plans).
package workspace

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// Options are the world of a Workspace. Paths are absolute.
type Options struct {
	// Root is the folder below which plans are looked for; "" has none.
	Root string
	// Depth is how many folders below each other are looked into; 0 is as many as there may be.
	Depth int
	// ReadDir and ReadFile read the file system; nil are those of package os. An editor gives the text that it shows.
	ReadDir  func(dir string) ([]fs.DirEntry, error)
	ReadFile func(file string) ([]byte, error)
	// Decode reads a plan in the notation of its file. It reports whether the text could be read in full.
	Decode func(f *source.File) (p *plan.Plan, whole bool)
	// Released returns what is at hand of a release that is needed in dir, and the folder in which what that needs is
	// looked for; nil if nothing is at hand.
	Released func(dir string, id release.ID) (m *release.Metadata, below string)
	// Name is how findings call a file; nil calls it by its path.
	Name func(file string) string
}

// A Workspace knows the plans below a folder. It looks for them when it is first asked about a package, and reads each when
// it is needed, once. It may be used by several goroutines.
type Workspace struct {
	o Options

	originsMu sync.RWMutex // guards the following
	// origins are those of all metadata made since the last change, and before since the one before that: who asked then may
	// still be at work.
	origins, before map[*release.Metadata]*check.Origin

	mu    sync.Mutex // guards the following
	index *index     // nil until needed
	seen  int        // how many plans circles has seen
	way   []*entry   // on which it is
	// changes counts what others have to know of, and other says which of them was the last of a file.
	changes uint64
	other   map[string]uint64

	loaded atomic.Bool // all plans were looked for

	staleMu sync.Mutex      // guards the following
	stale   map[string]bool // files that have changed, which was not looked at yet
}

// New returns a Workspace. Nothing is read yet.
func New(o Options) *Workspace {
	if o.ReadDir == nil {
		o.ReadDir = os.ReadDir
	}
	if o.ReadFile == nil {
		o.ReadFile = readFile
	}
	if o.Released == nil {
		o.Released = func(string, release.ID) (*release.Metadata, string) { return nil, "" }
	}
	if o.Name == nil {
		o.Name = func(file string) string { return file }
	}
	return &Workspace{o: o}
}

// A found is what is known of a package that is needed somewhere.
type found struct {
	m   *release.Metadata // nil if nothing is
	dir string            // where what it needs is looked for
	// entry is its plan; nil for a release.
	entry *entry
}

// Deps returns what is known of the packages that p, the plan of file, needs, and of what these need where it can matter. Of
// a package with a plan in the workspace that plan is taken if the release it would make can be the one that is asked for.
// The file need not exist.
//
// Origin and Providers are for the check.Env with which p is checked then.
func (w *Workspace) Deps(p *plan.Plan, file string) check.Deps {
	deps := check.Deps{}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp(file, p)
	own := at{dir: filepath.Dir(file), file: file, pkg: packageOf(p)}
	add := func(ref plan.Text, alias string) (k found) {
		id, err := release.ParseID(ref.Value)
		if err != nil {
			return k
		}
		if k = w.known(own, id); k.m != nil {
			deps[alias], deps[id.String()] = k.m, k.m
			w.needed(deps, k)
		}
		return k
	}
	for _, e := range p.Extends {
		if e != nil {
			w.brought(deps, add(e.Release, e.Alias()))
		}
	}
	for _, d := range p.Depends {
		if d != nil {
			add(d.Release, d.Alias())
		}
	}
	return deps
}

// Origin returns where metadata was made from a plan of the workspace; nil for a release.
func (w *Workspace) Origin(m *release.Metadata) *check.Origin {
	w.originsMu.RLock()
	defer w.originsMu.RUnlock()
	if o := w.origins[m]; o != nil {
		return o
	}
	return w.before[m]
}

func (w *Workspace) setOrigin(m *release.Metadata, o *check.Origin) {
	w.originsMu.Lock()
	defer w.originsMu.Unlock()
	if w.origins == nil {
		w.origins = map[*release.Metadata]*check.Origin{}
	}
	w.origins[m] = o
}

// dropOrigin lets go of metadata that nobody has seen.
func (w *Workspace) dropOrigin(m *release.Metadata) {
	w.originsMu.Lock()
	defer w.originsMu.Unlock()
	delete(w.origins, m)
}

// forgetOrigins lets go of metadata that nobody is looking at any more.
func (w *Workspace) forgetOrigins() {
	w.originsMu.Lock()
	defer w.originsMu.Unlock()
	w.origins, w.before = nil, w.origins
}

// needed adds, by release id, what a package needs, as far as that is known and can matter: the checker looks for circles.
func (w *Workspace) needed(deps check.Deps, k found) {
	if k.entry != nil {
		if w.leadsOn(k.entry) {
			for _, id := range k.entry.needs {
				w.need(deps, k.entry.at(), id)
			}
		}
		return
	}
	ids, _ := k.m.Packages() // an id that is no good leads nowhere
	for _, id := range ids {
		w.need(deps, at{dir: k.dir}, id)
	}
}

// brought adds the packages that an extension brings along, which belong to the plan that extends it.
func (w *Workspace) brought(deps check.Deps, k found) {
	if k.entry == nil {
		return // needed has added all
	}
	for _, d := range k.m.Depends {
		if id, err := release.ParseID(d.ReleaseID); err == nil {
			w.need(deps, k.entry.at(), id)
		}
	}
}

func (w *Workspace) need(deps check.Deps, from at, id release.ID) {
	if _, ok := deps[id.String()]; ok {
		return
	}
	if k := w.known(from, id); k.m != nil {
		deps[id.String()] = k.m
		w.needed(deps, k)
	}
}

// An at is where a package is needed.
type at struct {
	dir string
	// file and pkg are of the plan that needs it; empty for a release, which needs other releases only.
	file, pkg string
}

// neighbour returns the plan that makes the release which id means; nil if there is none in the workspace.
func (w *Workspace) neighbour(from at, id release.ID) *entry {
	if from.file == "" || id.Package() == from.pkg {
		return nil
	}
	e := w.entryOf(id.Package())
	if e == nil || e.file == from.file || !w.decode(e) || !e.satisfies(id.Constraint) {
		return nil
	}
	return e
}

// known returns what is known of the package that id means.
func (w *Workspace) known(from at, id release.ID) found {
	if e := w.neighbour(from, id); e != nil {
		return found{w.made(e), e.dir, e}
	}
	m, below := w.o.Released(from.dir, id)
	return found{m: m, dir: below}
}

// Needed returns what is known of a release that another package of the workspace needs, whose metadata is m; nil if nothing is.
func (w *Workspace) Needed(m *release.Metadata, id release.ID) *release.Metadata {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp("", nil)
	e := w.entryOf(m.VersionlessID())
	if e == nil || w.Origin(m) == nil {
		return nil
	}
	return w.known(e.at(), id).m
}

// Providers returns the packages of the workspace, besides that of file, whose plans provide an interface.
func (w *Workspace) Providers(file, iface string) []*release.Metadata {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp(file, nil)
	var all []*release.Metadata
	for _, e := range w.providing(iface) {
		if e.file == file {
			continue
		}
		if m := w.made(e); m != nil {
			all = append(all, m)
		}
	}
	return all
}

// packageOf returns the name of the package of a plan, with its project.
func packageOf(p *plan.Plan) string {
	project, name := release.SplitName(p.Name.Value)
	return project + "/" + name
}
