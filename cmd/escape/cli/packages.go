package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
)

// tree returns a release, whose package is unpacked in dir, with all releases it depends on.
func (a *app) tree(ctx context.Context, m *release.Metadata, dir string) (*planner.Tree, error) {
	t := &planner.Tree{Release: m, Dir: dir}
	for _, d := range m.Depends {
		id, err := release.ParseID(d.ReleaseID)
		if err != nil {
			return nil, err
		}
		dm, dir, err := a.pkg(ctx, t.Dir, id, nil)
		if err != nil {
			return nil, err
		}
		sub, err := a.tree(ctx, dm, dir)
		if err != nil {
			return nil, err
		}
		t.Depends = append(t.Depends, sub)
	}
	return t, nil
}

// pkg makes the package of a release available below base.
func (a *app) pkg(_ context.Context, base string, r release.ID, _ run.Logger) (*release.Metadata, string, error) {
	folder := filepath.Join("deps", r.Namespace, r.Name)
	dir := filepath.Join(base, folder)
	m, err := release.ReadFile(filepath.Join(dir, "release.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("there is no package of %s in %s", r, folder)
	}
	if err != nil {
		return nil, "", err
	}
	if !r.Constraint.Matches(release.Version(m.Version)) {
		return nil, "", fmt.Errorf("the package in %s is v%s, not %s", folder, m.Version, r)
	}
	return m, dir, nil
}
