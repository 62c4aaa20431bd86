package cli

import (
	"context"

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
	if log == nil || !r.first(id) && r.fetcher.Has(base, id) {
		log = silent
	}
	m, err := r.fetch(ctx, base, id, id.String(), log)
	return m, fetch.Dir(base, id), err
}
