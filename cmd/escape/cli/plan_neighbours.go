package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/inventory"
	"escape.build/escape/inventory/local"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/planner/fetch"
)

// An atHand is what is known of other packages without asking anybody: the plans of the same repository, what is
// unpacked or in the cache, and what a local Inventory has. It may be used by several goroutines.
type atHand struct {
	app *app
	// open sets the following two; most plans need no package, and then no configuration is read.
	open    func()
	fetcher *fetch.Fetcher
	// inventory returns the local Inventory that serves a namespace; nil if a server does.
	inventory func(namespace string) *local.Inventory
	// alone says that plans do not know each other.
	alone bool
	// around is where plans that lie in no repository look for each other.
	around string

	mu         sync.Mutex                      // guards the following
	workspaces map[string]*workspace.Workspace // by root
	roots      map[string]string               // of repositories, by folder
}

// depthAround is how many folders below each other are looked into where there is no repository, which may be anywhere.
const depthAround = 4

// packagesAtHand returns what is known when the plans in files are looked at. Without a configuration that can be read there
// is no Inventory.
func (a *app) packagesAtHand(files ...string) *atHand {
	h := &atHand{
		app:        a,
		fetcher:    fetch.New(fetch.Options{}),
		inventory:  func(string) *local.Inventory { return nil },
		around:     a.commonFolder(files),
		workspaces: map[string]*workspace.Workspace{},
		roots:      map[string]string{},
	}
	h.open = sync.OnceFunc(func() {
		profile, err := a.profile(false)
		if err != nil {
			return
		}
		r := a.resolver(profile)
		h.fetcher = r.fetcher
		h.inventory = func(namespace string) *local.Inventory {
			inv, err := r.inventory()
			if err != nil {
				return nil
			}
			l, _ := inventory.Serving(inv, namespace).(*local.Inventory)
			return l
		}
	})
	return h
}

// commonFolder returns the folder around all files; the current one if there are none.
func (a *app) commonFolder(files []string) string {
	common := a.env.Dir
	for i, file := range files {
		dir := filepath.Dir(a.env.abs(file))
		if file == stdin {
			dir = a.env.Dir
		}
		if i == 0 {
			common = dir
		}
		for !isBelow(dir, common) && common != filepath.Dir(common) { // drives have nothing in common
			common = filepath.Dir(common)
		}
	}
	return common
}

// isBelow reports whether a folder is another one or lies in it.
func isBelow(dir, other string) bool {
	return dir == other || strings.HasPrefix(dir, strings.TrimSuffix(other, string(filepath.Separator))+string(filepath.Separator))
}

// options are those with which the plan src, whose folder is dir, is analyzed.
func (h *atHand) options(src *source.File, dir string) lang.Options {
	file := filepath.Join(dir, filepath.Base(src.Name()))
	w := h.workspace(dir)
	env := lang.Folder(dir)
	env.Origin = w.Origin
	env.Providers = func(iface string) []*release.Metadata { return w.Providers(file, iface) }
	return lang.Options{Env: env, Find: func(p *plan.Plan) check.Deps { return w.Deps(p, file) }}
}

// workspace returns the plans that the ones in dir know.
func (h *atHand) workspace(dir string) *workspace.Workspace {
	o := workspace.Options{Decode: lang.Decode, Released: h.released, Name: h.name}
	if h.alone {
		return workspace.New(o)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if o.Root = h.repository(dir); o.Root == "" {
		o.Root, o.Depth = h.around, depthAround
	}
	w := h.workspaces[o.Root]
	if w == nil {
		w = workspace.New(o)
		h.workspaces[o.Root] = w
	}
	return w
}

// name is how findings call another plan: from the folder in which the user is.
func (h *atHand) name(file string) string {
	if rel, err := filepath.Rel(h.app.env.Dir, file); err == nil {
		return rel
	}
	return file
}

// repository returns the root of the Git repository that holds dir; "" if there is none. The caller holds mu.
func (h *atHand) repository(dir string) string {
	root, ok := h.roots[dir]
	if ok {
		return root
	}
	if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
		root = dir
	} else if up := filepath.Dir(dir); up != dir {
		root = h.repository(up)
	}
	h.roots[dir] = root
	return root
}

// released returns what is known of a release that is needed in dir. Where it is not clear which one is meant, the Inventory
// says so.
func (h *atHand) released(dir string, id release.ID) (*release.Metadata, string) {
	h.open()
	below := fetch.Dir(dir, id)
	sources := []func() *release.Metadata{
		func() *release.Metadata { return h.fetcher.Known(dir, id) },
		func() *release.Metadata {
			inv := h.inventory(id.Namespace)
			if inv == nil {
				return nil
			}
			m, err := inv.Metadata(context.Background(), id)
			if err != nil {
				return nil
			}
			return m
		},
	}
	if id.NeedsResolving() {
		sources[0], sources[1] = sources[1], sources[0]
	}
	for _, known := range sources {
		if m := known(); m != nil {
			return m, below
		}
	}
	return nil, below
}
