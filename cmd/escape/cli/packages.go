package cli

import (
	"context"
	"path/filepath"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/fetch"
	"escape.build/escape/planner/run"
)

// tree returns a release, whose package is unpacked in dir, with all releases it depends on.
func (r *resolver) tree(ctx context.Context, m *release.Metadata, dir string) (*planner.Tree, error) {
	t := &planner.Tree{Release: m, Dir: dir}
	for _, d := range m.Depends {
		id, err := release.ParseID(d.ReleaseID)
		if err != nil {
			return nil, err
		}
		dm, dir, err := r.pkg(ctx, t.Dir, id, nil)
		if err != nil {
			return nil, err
		}
		sub, err := r.tree(ctx, dm, dir)
		if err != nil {
			return nil, err
		}
		t.Depends = append(t.Depends, sub)
	}
	return t, nil
}

// pkg makes the package of a release available below base. The log, if there is one, tells of the first use of a release and
// of every one that is not unpacked there.
func (r *resolver) pkg(ctx context.Context, base string, id release.ID, log run.Logger) (*release.Metadata, string, error) {
	base = r.home(base, id)
	if log == nil || !r.first(id) && r.fetcher.Has(base, id) {
		log = silent
	}
	m, err := r.fetch(ctx, base, id, id.String(), log)
	return m, fetch.Dir(base, id), err
}

// home returns the folder below which the package of a release is unpacked that is needed below base: base itself, or one
// below its scratch folder if another version has the place there. One release may depend on several versions of a package,
// or on another version than a deployment that serves it, and none may replace the files of another while they are used.
func (r *resolver) home(base string, id release.ID) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	place := fetch.Dir(base, id)
	if other, ok := r.homes[place]; ok && other != id {
		return filepath.Join(base, ".escape", "work", id.ReleaseID())
	}
	r.homes[place] = id
	return base
}

// moveOut forgets which version of a package has the place below a folder. It is called when the command turns to another
// release.
func (r *resolver) moveOut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.homes)
}
