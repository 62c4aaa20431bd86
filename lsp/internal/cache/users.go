package cache

import (
	"path/filepath"
	"slices"

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
	for _, dir := range s.Above(path) {
		for _, d := range open {
			if d.Kind == Plan && d.Path != "" && filepath.Dir(d.Path) == dir {
				ask(d)
			}
		}
		for _, name := range workspace.Names {
			ask(s.File(filepath.Join(dir, name)))
		}
	}
	return users
}

// Above returns the folders of which a plan may use a file: the one that holds it first, up to the root of its workspace, or a
// few if it is in none.
func (s *Snapshot) Above(path string) []string {
	dir := filepath.Dir(path)
	root := s.session.root(dir, s.roots)
	var dirs []string
	for {
		dirs = append(dirs, dir)
		if dir == root || dir == filepath.Dir(dir) || root == "" && len(dirs) > depthAround {
			return dirs
		}
		dir = filepath.Dir(dir)
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

// IsFile reports whether a regular file is there.
func (s *Snapshot) IsFile(path string) bool {
	for _, d := range s.documents {
		if d.Path == path {
			return true // if only in the editor
		}
	}
	info, err := s.session.options.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// IsFolder reports whether a folder is there.
func (s *Snapshot) IsFolder(path string) bool {
	info, err := s.session.options.Stat(path)
	return err == nil && info.IsDir()
}

// AreFiles reports whether all paths are certainly no folders: a file is there, or was.
func (s *Snapshot) AreFiles(paths []string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool {
		return s.IsFolder(path) || !s.IsFile(path) && s.disk.peek(path) == nil && filepath.Ext(path) == ""
	})
}
