// Package statefile tells a language server what is recorded of deployments on this machine. It only reads: it takes no lock,
// waits for nobody who holds one, and makes no files.
package statefile

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"escape.build/escape/lsp"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

const (
	// maxFile is how large a state may be; finding something in a larger one takes too long.
	maxFile = 16 << 20
	// maxFound is how many deployments of a package are told.
	maxFound = 20
	// maxDepth is how many deployments are looked at that lie in each other.
	maxDepth = 8
	// maxKept is how many answers are kept.
	maxKept = 200
)

// A Reader reads state files. It may be used by several goroutines.
type Reader struct {
	profile func() string

	mu   sync.Mutex // guards the following
	kept map[question]answer
}

type question struct{ file, pkg string }

type answer struct {
	stamp stamp
	found []*lsp.Deployment
}

// New returns a Reader. profile returns the state file of the profile, which is looked at last; "" if it has none.
func New(profile func() string) *Reader {
	return &Reader{profile: profile, kept: map[question]answer{}}
}

// Deployments returns what is recorded of deployments of a package: in the state files in dir and in the folders around it, up
// to root, and in that of the profile. Those of the nearest file come first. An error means that a file could not be read and
// nothing was found in others.
func (r *Reader) Deployments(ctx context.Context, root, dir, pkg string) ([]*lsp.Deployment, error) {
	var all []*lsp.Deployment
	var failed error
	seen := map[[2]string]bool{}
	for _, file := range r.files(root, dir) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, err := r.in(ctx, file, pkg)
		if err != nil {
			failed = err
		}
		for _, d := range found {
			if key := [2]string{d.Environment, d.Name}; !seen[key] && len(all) < maxFound {
				seen[key] = true
				all = append(all, d)
			}
		}
	}
	if len(all) > 0 {
		failed = nil
	}
	return all, failed
}

// files returns the state files that there may be, the nearest first.
func (r *Reader) files(root, dir string) []string {
	var all []string
	for {
		all = append(all, filepath.Join(dir, lsp.StateFile))
		up := filepath.Dir(dir)
		if dir == root || up == dir {
			break
		}
		dir = up
	}
	if file := r.profile(); file != "" && !slices.Contains(all, file) {
		all = append(all, file)
	}
	return all
}

// A stamp says how a state looks from outside.
type stamp struct{ document, journal file }

type file struct {
	size int64
	time time.Time
}

// grain is how far two changes of a file are apart at least that have other times.
const grain = 2 * time.Second

// young reports whether a state was changed just before: once more could leave it looking the same.
func (s stamp) young() bool {
	return time.Since(s.document.time) < grain || time.Since(s.journal.time) < grain
}

// look returns how a state looks; false if there is none.
func look(path string) (s stamp, ok bool, err error) {
	for _, f := range []struct {
		path string
		at   *file
	}{{path, &s.document}, {path + ".journal", &s.journal}, {path + ".lock", new(file)}} {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return s, false, err
		case !info.Mode().IsRegular() || info.Size() > maxFile:
			return s, false, &fs.PathError{Op: "read", Path: f.path, Err: fs.ErrInvalid}
		}
		*f.at = file{info.Size(), info.ModTime()}
	}
	return s, s != stamp{}, nil
}

// in returns what one file says of deployments of a package. It is read again only if it has changed.
func (r *Reader) in(ctx context.Context, path, pkg string) ([]*lsp.Deployment, error) {
	now, ok, err := look(path)
	if !ok || err != nil {
		return nil, err
	}
	q := question{path, pkg}
	r.mu.Lock()
	old, known := r.kept[q]
	r.mu.Unlock()
	if known && old.stamp == now {
		return old.found, nil
	}
	store, err := state.OpenFile(path, state.Options{})
	if err != nil {
		return nil, err
	}
	view, err := store.View(ctx)
	if err != nil {
		return nil, err
	}
	f := finder{state: view.State, pkg: pkg}
	f.find()
	if now.young() {
		return f.found, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= maxKept {
		clear(r.kept)
	}
	r.kept[q] = answer{now, f.found}
	return f.found, nil
}

// A finder looks for the deployments of a package.
type finder struct {
	state *state.State
	pkg   string
	found []*lsp.Deployment
}

func (f *finder) find() {
	for _, env := range f.state.Environments() {
		for name, d := range f.state.Environment(env).Deployments() {
			f.below(env, state.Path{name}, d)
		}
	}
}

// below adds a deployment, if it is one of the package, and those in it.
func (f *finder) below(env string, path state.Path, d *state.Deployment) {
	if len(f.found) >= maxFound || len(path) > maxDepth {
		return
	}
	st := last(d)
	if st == nil {
		return
	}
	if d.Release == f.pkg {
		f.found = append(f.found, f.told(env, path, d, true))
	}
	for _, name := range slices.Sorted(maps.Keys(st.Deployments)) {
		f.below(env, path.Child(name), st.Deployments[name])
	}
}

// last returns the stage of a deployment that says the most about it: that of the deployment, or else that of a build; nil if
// there is nothing in either.
func last(d *state.Deployment) *state.Stage {
	for _, name := range []state.StageName{state.DeployStage, state.BuildStage} {
		if st, ok := d.Stage(name); ok && st.Status.Code != state.Empty {
			return st
		}
	}
	return nil
}

// told is a deployment as the server knows it. Only one of the package itself is told with its providers.
func (f *finder) told(env string, path state.Path, d *state.Deployment, whole bool) *lsp.Deployment {
	st := last(d)
	if st == nil {
		return nil
	}
	out := &lsp.Deployment{
		Project: f.state.Project(), Environment: env, Name: path.String(), Package: d.Release, Version: st.Version,
		Build: st != d.Stages[state.DeployStage], Inputs: st.CalculatedInputs, Outputs: st.CalculatedOutputs, Secret: planner.RecordedSecrets(st),
		Depends: map[string]*lsp.Deployment{}, Providers: map[string]*lsp.Deployment{},
	}
	if len(path) <= maxDepth {
		for name, sub := range st.Deployments {
			if t := f.told(env, path.Child(name), sub, false); t != nil {
				out.Depends[name] = t
			}
		}
	}
	if !whole {
		return out
	}
	for consumer, text := range st.Providers {
		at, err := state.ParsePath(text)
		if err != nil {
			continue
		}
		provider, ok := f.state.Lookup(state.Address{Environment: env, Path: at})
		if !ok {
			continue
		}
		if t := f.told(env, at, provider, false); t != nil {
			out.Providers[consumer] = t
		}
	}
	return out
}
