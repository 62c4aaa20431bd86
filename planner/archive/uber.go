package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"escape.build/escape/lang/release"
)

// Deps is the folder below a package in which other packages are unpacked, as in "deps/project/name".
const Deps = "deps"

// nest adds the packages that a release names, as they are unpacked below dir, each with its own: what they consist of,
// and nothing else that lies there. A file which is not as it was released is an error where that can be told.
func (p *packer) nest(dir string, m *release.Metadata) error {
	ids, err := m.Packages()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := p.nestOne(path.Join(dir, Deps, id.Package()), id); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) nestOne(dir string, id release.ID) error {
	file := path.Join(dir, metadataFile)
	if p.nested[dir] {
		return nil // it is named twice
	}
	p.nested[dir] = true
	m, err := release.ReadFile(filepath.Join(p.dir, filepath.FromSlash(file)))
	if err != nil {
		return fmt.Errorf("dependency %s: %w", id, err)
	}
	if !id.Constraint.Matches(release.Version(m.Version)) {
		return fmt.Errorf("dependency %s: the package in %s is v%s", id, dir, m.Version)
	}
	if _, err := p.take(file); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		local, ok := packedAs(name)
		if !ok {
			continue
		}
		sum, err := p.take(path.Join(dir, local))
		if errors.Is(err, fs.ErrNotExist) && !verifiable(m) {
			continue
		}
		if err != nil {
			return err
		}
		if sum != m.Files[name] && verifiable(m) {
			return fmt.Errorf("file %s is not as it was released; remove %s and run it again", shown(path.Join(dir, local)), dir)
		}
	}
	return p.nest(dir, m)
}
