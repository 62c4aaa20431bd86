package cache

import (
	"path/filepath"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/release"
)

// Users returns the plans that use a script or template: of those that the editor shows, and of those in the folders above
// the file up to the root of its workspace. The nearest comes first. Each is analyzed if it was not before.
func (s *Snapshot) Users(path string) []*Analyzed {
	if path == "" {
		return nil
	}
	var users []*Analyzed
	asked := map[*Document]bool{}
	ask := func(d *Document) {
		if d == nil || asked[d] || d.Path == path {
			return
		}
		asked[d] = true
		if an := s.Analyze(d); an != nil && an.uses(path) {
			users = append(users, an)
		}
	}
	open := s.Open()
	root := s.session.root(filepath.Dir(path), s.folders)
	for dir, n := filepath.Dir(path), 0; ; dir, n = filepath.Dir(dir), n+1 {
		for _, d := range open {
			if d.Kind == Plan && d.Path != "" && filepath.Dir(d.Path) == dir {
				ask(d)
			}
		}
		for _, name := range workspace.Names {
			ask(s.File(filepath.Join(dir, name)))
		}
		if dir == root || dir == filepath.Dir(dir) || root == "" && n == depthAround {
			return users
		}
	}
}

// uses reports whether the plan runs or renders a file.
func (a *Analyzed) uses(path string) bool {
	for _, script := range a.Info.Scripts() {
		if script.Path != "" && script.File.Name() == path {
			return true
		}
	}
	dir := filepath.Dir(a.Doc.Path)
	some := false
	for _, t := range a.Plan.AllTemplates() {
		some = true
		if filepath.Join(dir, filepath.FromSlash(t.File.Value)) == path {
			return true
		}
	}
	return some && a.notes.read[path] && filepath.Base(path) != "README.md" // a partial, then
}

// Release returns the document with the metadata of a release that the plans in a folder need, if it is unpacked below deps;
// nil if it is not.
func (s *Snapshot) Release(dir string, id release.ID) *Document {
	if s.session.options.Released == nil || dir == "" {
		return nil
	}
	m, below := s.session.options.Released(dir, id)
	if m == nil || below == "" {
		return nil
	}
	return s.File(filepath.Join(below, "release.json"))
}

// CanWrite reports whether the file of a document may be changed. One that the editor has in memory only may.
func (s *Snapshot) CanWrite(path string) bool {
	info, err := s.session.options.Stat(path)
	return err != nil || info.Mode().Perm()&0o222 != 0
}
