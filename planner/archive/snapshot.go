package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"escape.build/escape/lang/release"
)

// A Snapshot holds the files of a release as they were at one moment. The nil Snapshot holds none.
type Snapshot struct{ dir string }

// Take copies the files that the metadata of a release lists, so that Pack can read them although they change or go away
// in the meantime. The copies lie below dir/.escape until Remove.
func Take(dir string, m *release.Metadata) (*Snapshot, error) {
	scratch := filepath.Join(dir, ".escape")
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		return nil, err
	}
	to, err := os.MkdirTemp(scratch, m.ReleaseID()+"-")
	if err != nil {
		return nil, err
	}
	s := &Snapshot{to}
	p := &packer{dir: dir}
	for name := range m.Files {
		if err := s.take(p, name); err != nil {
			return nil, errors.Join(fmt.Errorf("package %s: %w", m.QualifiedID(), err), s.Remove())
		}
	}
	return s, nil
}

func (s *Snapshot) take(p *packer, name string) error {
	local, err := localName(name)
	if err != nil || local == metadataFile {
		return err
	}
	from, info, err := p.open(local)
	if err != nil {
		return err
	}
	defer from.Close()
	file := filepath.Join(s.dir, filepath.FromSlash(local))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	to, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close(), os.Chmod(file, info.Mode().Perm()))
}

// Remove deletes the copies.
func (s *Snapshot) Remove() error {
	if s == nil {
		return nil
	}
	return os.RemoveAll(s.dir)
}
