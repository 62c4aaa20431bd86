package compile

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/eval"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
)

const (
	// maxFiles bounds what links that multiply each other can make.
	maxFiles = 1 << 20
	// maxDepth bounds how deep folders are followed.
	maxDepth = 256
	// defaultStateFile is the state file of the original.
	defaultStateFile = "escape_state.json"
	// noteFile is what planner/archive puts into unpacked packages. It is not theirs and so never packed.
	noteFile = ".escape-origin"
)

// fileSet collects the files of the package with their digests. Its first error that is not the plan's fault stays in
// err.
type fileSet struct {
	c   *compiler
	dir string // folder of the package, may be empty
	err error
	buf []byte
	// blind says that nothing is looked at: no file is there.
	blind bool
	// excluded are paths that wide patterns leave out.
	excluded []string
	state    string
	parents  []fs.FileInfo // the folder of the package and those around it; nil until needed
}

func newFileSet(c *compiler) *fileSet {
	state := c.opts.StateFile
	if state == "" {
		state = defaultStateFile
	}
	return &fileSet{c: c, dir: c.opts.Dir, excluded: []string{".escape", ".git", "deps"}, state: path.Clean(filepath.ToSlash(state))}
}

func (s *fileSet) real(p string) string { return filepath.Join(s.dir, filepath.FromSlash(p)) }

// allFiles adds what includes and generates name. It comes after everything else, so that a second compilation finds
// what the build made.
func (c *compiler) allFiles() error {
	for _, t := range c.plan.Includes {
		c.files.glob(t.Value, t)
	}
	for _, t := range c.plan.Generates {
		c.meta.Generates = append(c.meta.Generates, t.Value)
		c.files.glob(t.Value, t)
	}
	for _, pattern := range c.generated {
		if !slices.Contains(c.meta.Generates, pattern) {
			c.meta.Generates = append(c.meta.Generates, pattern)
		}
	}
	return c.files.err
}

// script adds the file that a script line begins with. It reports whether there is one. An expression names none that
// could be known yet.
func (s *fileSet) script(line string, at plan.Text) bool {
	if expr.IsScript(line) {
		return false
	}
	return s.file(firstWord(line), at)
}

// file adds one file if it is there, and reports whether it is. One with an absolute path belongs to the machine and is
// not packed.
func (s *fileSet) file(p string, at plan.Text) bool {
	if p == "" || s.blind {
		return false
	}
	name := s.real(p)
	if path.IsAbs(p) {
		name = p
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	switch {
	case path.IsAbs(p):
	case isOutside(p):
		s.outside(p, at)
	default:
		s.add(p, at)
	}
	return true
}

func isOutside(p string) bool {
	p = path.Clean(filepath.ToSlash(p))
	return path.IsAbs(p) || filepath.IsAbs(p) || p == ".." || strings.HasPrefix(p, "../")
}

func (s *fileSet) outside(p string, at plan.Text) {
	s.c.reportAt(diag.OutsidePackage, at.Span(), "The file '%s' is outside of this package's base directory and can't be added.", p)
}

// glob adds the files a pattern matches. Patterns are those of filepath.Glob.
func (s *fileSet) glob(pattern string, at plan.Text) {
	if pattern == "" || s.err != nil || s.blind {
		return
	}
	matches, err := globIn(s.dir, pattern)
	if err != nil {
		s.c.reportAt(diag.BadPattern, at.Span(), "the pattern %q cannot be read and is skipped", pattern)
		return
	}
	clean := path.Clean(pattern)
	for _, m := range matches {
		if isOutside(m) {
			s.outside(pattern, at)
			return
		}
		s.match(m, clean, at)
	}
}

// match adds a file, or all files of a folder, that pattern has matched.
func (s *fileSet) match(p, pattern string, at plan.Text) {
	if s.isExcluded(p, pattern) {
		return
	}
	info, err := os.Stat(s.real(p))
	if err == nil && info.IsDir() {
		s.walk(p, pattern, at, s.around(), 0)
		return
	}
	s.add(p, at)
}

// isExcluded reports whether p is one of the paths that are only packed when a pattern names them.
func (s *fileSet) isExcluded(p, pattern string) bool {
	p = path.Clean(p)
	named := func(name string) bool { return pattern == name || strings.HasPrefix(pattern, name+"/") }
	first, _, _ := strings.Cut(p, "/")
	if slices.Contains(s.excluded, first) && !named(first) {
		return true
	}
	// The journal and the lock of the state lie beside it under names made from its own.
	dir, base := path.Split(s.state)
	mine := p == s.state || strings.HasPrefix(p, s.state+".") || strings.HasPrefix(p, dir+"."+base)
	return mine && !named(p)
}

// walk adds the files below a folder. ancestors are the folders around it: a link that leads back to one of them would
// repeat for ever.
func (s *fileSet) walk(dir, pattern string, at plan.Text, ancestors []fs.FileInfo, depth int) {
	if s.err != nil {
		return
	}
	info, err := os.Stat(s.real(dir))
	var entries []fs.DirEntry
	if err == nil {
		entries, err = os.ReadDir(s.real(dir))
	}
	if err != nil {
		s.problem(dir, err, at)
		return
	}
	if depth > maxDepth {
		s.problem(dir, errors.New("too many folders inside each other"), at)
		return
	}
	ancestors = append(slices.Clip(ancestors), info)
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if s.isExcluded(p, pattern) {
			continue
		}
		mode := e.Type()
		if mode&fs.ModeSymlink != 0 {
			target, err := os.Stat(s.real(p))
			if err != nil {
				s.problem(p, err, at)
				continue
			}
			if mode = target.Mode().Type(); mode.IsDir() && slices.ContainsFunc(ancestors, func(a fs.FileInfo) bool { return os.SameFile(a, target) }) {
				s.problem(p, errors.New("the link leads back to a folder around it"), at)
				continue
			}
		}
		if mode.IsDir() {
			s.walk(p, pattern, at, ancestors, depth+1)
			continue
		}
		s.add(p, at)
		if s.err != nil {
			return
		}
	}
}

// around returns the folder of the package and all folders it lies in.
func (s *fileSet) around() []fs.FileInfo {
	if s.parents != nil {
		return s.parents
	}
	dir, err := filepath.Abs(s.real("."))
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	for err == nil {
		info, statErr := os.Stat(dir)
		if statErr != nil {
			break
		}
		s.parents = append(s.parents, info)
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return s.parents
}

// add puts one file into the release. Its content is read as a stream.
func (s *fileSet) add(p string, at plan.Text) {
	if _, ok := s.c.meta.Files[p]; ok || s.err != nil || path.Base(p) == noteFile {
		return
	}
	if s.err = s.c.ctx.Err(); s.err != nil {
		return
	}
	if len(s.c.meta.Files) >= maxFiles {
		s.err = fmt.Errorf("more than %d files match the includes of the plan", maxFiles)
		return
	}
	sum, err := s.hash(p)
	if err != nil {
		s.problem(p, err, at)
		return
	}
	s.c.meta.Files[p] = sum
}

var errNotRegular = errors.New("not a regular file")

func (s *fileSet) hash(p string) (string, error) {
	info, err := os.Stat(s.real(p))
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errNotRegular // reading a pipe would never end
	}
	f, err := os.Open(s.real(p))
	if err != nil {
		return "", err
	}
	defer f.Close()
	if s.buf == nil {
		s.buf = make([]byte, 64<<10)
	}
	h := md5.New()
	// The struct hides WriterTo and ReaderFrom, which would allocate their own buffers.
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, s.buf); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// problem reports a path that matched but has nothing to pack: a link to nowhere, a pipe, a loop. A file that is there
// but cannot be read is an error, since the package would be incomplete.
func (s *fileSet) problem(p string, err error, at plan.Text) {
	reason := err.Error()
	var pe *fs.PathError
	if errors.As(err, &pe) {
		if !isNowhere(err) {
			s.err = fmt.Errorf("read %s: %w", p, pe.Err)
			return
		}
		reason = fmt.Sprintf("open %s: %s", p, pe.Err)
	}
	s.c.reportAt(diag.FileSkipped, at.Span(), "Ignoring problem with path %s: %s", p, reason)
}

// logo puts the logo into the release; its file is not packed.
func (c *compiler) logo() error {
	t := c.plan.Logo
	if t.Value == "" {
		return nil
	}
	name := c.files.real(t.Value)
	if path.IsAbs(t.Value) {
		name = t.Value
	}
	data, err := eval.ReadFile(name)
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.reportAt(diag.FileMissing, t.Span(), "Referenced logo '%s' does not exist", t.Value)
		return nil
	case errors.As(err, &pe) && isDirError(err):
		c.reportAt(diag.FileMissing, t.Span(), "Couldn't read logo '%s': read %s: %s", t.Value, t.Value, pe.Err)
		return nil
	case errors.As(err, &pe):
		c.reportAt(diag.FileMissing, t.Span(), "Couldn't read logo '%s': %s %s: %s", t.Value, pe.Op, t.Value, pe.Err)
		return nil
	case err != nil:
		return fmt.Errorf("read logo: %w", err)
	}
	c.meta.Logo = base64.StdEncoding.EncodeToString(data)
	return nil
}

// firstWord returns the file of a script line.
func firstWord(line string) string {
	if words := strings.Fields(line); len(words) > 0 {
		return words[0]
	}
	return ""
}
