package cache

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/regular"
	"escape.build/escape/lang/release"
)

// maxFile is how large a file may be that is read besides the documents of the editor.
const maxFile = 4 << 20

func readFile(path string) ([]byte, error) { return regular.ReadFile(path, maxFile) }

// FileURI returns the URI of an absolute path.
func FileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// world is what a plan is analyzed in: files as the editor shows them, or else as they are on the disk, and the other plans
// around it.
func (s *Snapshot) world(ctx context.Context, d *Document, n *notes) lang.Options {
	nobody := lang.Options{
		Env:  check.Env{Origin: func(*release.Metadata) *check.Origin { return nil }},
		Find: func(*plan.Plan) check.Deps { return nil },
	}
	if d.Path == "" {
		return nobody
	}
	dir := filepath.Dir(d.Path)
	abs := func(path string) string {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return filepath.Clean(path)
	}
	at := func(path string) string {
		path = abs(path)
		s.session.stamps.note(path, s.session.options.Stat)
		n.file(path)
		return path
	}
	opts := nobody
	opts.Env.Stat = func(path string) (fs.FileInfo, error) { return s.stat(at(path)) }
	opts.Env.ReadDir = func(path string) ([]fs.DirEntry, error) { return s.readDir(at(path)) }
	opts.Env.ReadFile = func(path string) ([]byte, error) {
		path = abs(path)
		s.session.stamps.note(path, s.session.options.Stat)
		n.text(path)
		if src := s.SourceOf(path); src != nil {
			return []byte(src.Text()), nil
		}
		return nil, fs.ErrNotExist
	}
	opts.Env.LookPath = s.session.lookPath
	w := s.session.workspace(dir, s.roots)
	n.workspace = w
	if n.alone = !s.session.wait(ctx, w); n.alone {
		return opts // of what is needed nothing is known, which is no mistake
	}
	opts.Env.Origin = remembered(w.Origin)
	opts.Env.Providers = func(iface string) []*release.Metadata { return w.Providers(d.Path, iface) }
	opts.Find = func(p *plan.Plan) check.Deps {
		n.change = w.Now(p, d.Path)
		return w.Deps(p, d.Path)
	}
	return opts
}

// remembered keeps the origins that were asked for: a workspace forgets them when plans change, but what is known of a plan may
// live longer.
func remembered(origin func(*release.Metadata) *check.Origin) func(*release.Metadata) *check.Origin {
	var mu sync.Mutex
	seen := map[*release.Metadata]*check.Origin{}
	return func(m *release.Metadata) *check.Origin {
		mu.Lock()
		defer mu.Unlock()
		if o := origin(m); o != nil {
			seen[m] = o
		}
		return seen[m]
	}
}

type command struct {
	path string
	err  error
}

// maxCommands is of how many names it is kept whether they are commands: while one is typed, each beginning of it is such a name.
const maxCommands = 5000

// lookPath remembers what is on the PATH: looking takes longer than a small plan.
func (s *Session) lookPath(name string) (string, error) {
	if c, ok := s.commands.Load(name); ok {
		return c.(command).path, c.(command).err
	}
	path, err := s.options.LookPath(name)
	if s.commandCount.Add(1) > maxCommands {
		s.commands.Clear()
		s.commandCount.Store(1)
	}
	s.commands.Store(strings.Clone(name), command{path, err}) // the name is a part of a script
	return path, err
}

// depthAround is how many folders below each other are looked into where there is no repository and no folder of the editor.
const depthAround = 4

// Workspace returns the plans that the ones in a folder know.
func (s *Snapshot) Workspace(dir string) *workspace.Workspace {
	return s.session.workspace(dir, s.roots)
}

// Workspaces returns those that were asked for, in the order of their roots.
func (s *Snapshot) Workspaces() []*workspace.Workspace {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	var all []*workspace.Workspace
	for _, root := range slices.Sorted(maps.Keys(s.session.workspaces)) {
		all = append(all, s.session.workspaces[root])
	}
	return all
}

// workspace returns the plans that the ones in dir know: those of its repository, of the folder of the editor, or below it.
func (s *Session) workspace(dir string, folders []string) *workspace.Workspace {
	o := workspace.Options{Decode: lang.Decode, Released: s.options.Released, ReadFile: s.readShown}
	if o.Root = s.root(dir, folders); o.Root == "" {
		o.Root, o.Depth = dir, depthAround
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.workspaces[o.Root]; known != nil {
		return known
	}
	var w *workspace.Workspace
	o.ReadDir = func(dir string) ([]fs.DirEntry, error) {
		if w.Loaded() {
			return s.shown.Load().readDir(dir)
		}
		list, _, err := s.tree.list(&s.options, dir, depthBelow(&o, dir))
		return s.shown.Load().withUnsaved(dir, list, err)
	}
	w = workspace.New(o)
	s.workspaces[o.Root] = w
	return w
}

// depthOfAll is how many folders below each other are looked into where there is no limit.
const depthOfAll = 32

// depthBelow returns how many folders below each other are looked into in a folder of a workspace.
func depthBelow(o *workspace.Options, dir string) int {
	depth := cmp.Or(o.Depth, depthOfAll)
	if rel, err := filepath.Rel(o.Root, dir); err == nil && rel != "." {
		depth -= strings.Count(rel, string(filepath.Separator)) + 1
	}
	return depth
}

// Loading tells how far the look for plans is. Its methods are called by one goroutine.
type Loading interface {
	// Found says how many plans were found so far. If it returns false, nothing more is looked for.
	Found(plans int) bool
	// Done says that no more will come.
	Done()
}

// Load looks for the plans that those in a folder know, if that was not done, and returns when it is.
func (s *Snapshot) Load(ctx context.Context, dir string) {
	select {
	case <-s.session.load(s.session.workspace(dir, s.roots)):
	case <-ctx.Done():
	}
}

// wait waits for the plans of a workspace for a short time, and reports whether they are there.
func (s *Session) wait(ctx context.Context, w *workspace.Workspace) bool {
	if w.Loaded() {
		return true
	}
	timer := time.NewTimer(s.options.Patience)
	defer timer.Stop()
	select {
	case <-s.load(w):
	case <-timer.C:
	case <-ctx.Done():
	}
	return w.Loaded()
}

// load looks for the plans of a workspace beside the caller. The channel is closed when that is done.
func (s *Session) load(w *workspace.Workspace) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done := s.loading[w]; done != nil {
		return done
	}
	done := make(chan struct{})
	if w.Loaded() || s.ctx.Err() != nil {
		close(done)
		return done
	}
	s.loading[w] = done
	s.busy.Go(func() {
		defer close(done)
		report := s.options.Loading()
		defer report.Done()
		s.options.Safely(func() { w.Load(func(plans int) bool { return s.ctx.Err() == nil && report.Found(plans) }) })
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.loading, w)
	})
	return done
}

// root returns the root of the repository that holds dir, or else the folder of the editor that does; "" if there is neither.
func (s *Session) root(dir string, folders []string) string {
	if root := s.repository(dir); root != "" {
		return root
	}
	root := ""
	for _, f := range folders {
		if Below(dir, f) {
			root = f
		}
	}
	return root
}

// readShown reads a file as the editor shows it now.
func (s *Session) readShown(path string) ([]byte, error) {
	if src := s.shown.Load().SourceOf(path); src != nil {
		return []byte(src.Text()), nil
	}
	return nil, fs.ErrNotExist
}

// repository returns the root of the Git repository that holds dir; "" if there is none.
func (s *Session) repository(dir string) string {
	for {
		if _, err := s.options.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// Below reports whether a path is a folder or lies in it.
func Below(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
