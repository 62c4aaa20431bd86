package compile

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// globIn is filepath.Glob with dir as the working directory and "/" as the separator: it returns matches in order,
// spelled like the pattern, and fails only with path.ErrBadPattern. An absolute pattern is matched as it is.
func globIn(dir, pattern string) ([]string, error) {
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, err
	}
	return globDepth(dir, pattern, 0)
}

// maxPatternDepth bounds the recursion over the parts of a pattern, as filepath.Glob does.
const maxPatternDepth = 10000

func globDepth(root, pattern string, depth int) ([]string, error) {
	if depth > maxPatternDepth {
		return nil, path.ErrBadPattern
	}
	if !hasMeta(pattern) {
		if _, err := os.Lstat(inRoot(root, pattern)); err != nil {
			return nil, nil
		}
		return []string{pattern}, nil
	}
	dir, file := path.Split(pattern)
	switch dir {
	case "":
		dir = "."
	case "/":
	default:
		dir = strings.TrimSuffix(dir, "/")
	}
	if !hasMeta(dir) {
		return globOne(root, dir, file, nil)
	}
	if dir == pattern {
		return nil, path.ErrBadPattern
	}
	dirs, err := globDepth(root, dir, depth+1)
	if err != nil {
		return nil, err
	}
	var matches []string
	for _, d := range dirs {
		if matches, err = globOne(root, d, file, matches); err != nil {
			return nil, err
		}
	}
	return matches, nil
}

// globOne adds the entries of one folder that match; a folder that cannot be read has none.
func globOne(root, dir, pattern string, matches []string) ([]string, error) {
	f, err := os.Open(inRoot(root, dir))
	if err != nil {
		return matches, nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	slices.Sort(names)
	for _, n := range names {
		ok, err := path.Match(pattern, n)
		if err != nil {
			return matches, err
		}
		if ok {
			matches = append(matches, path.Join(dir, n))
		}
	}
	return matches, nil
}

func inRoot(root, p string) string {
	if path.IsAbs(p) {
		return p
	}
	// Join would drop a final slash, which says that p must be a folder.
	joined := filepath.Join(root, filepath.FromSlash(p))
	if strings.HasSuffix(p, "/") {
		joined += string(filepath.Separator)
	}
	return joined
}

func hasMeta(p string) bool { return strings.ContainsAny(p, `*?[\`) }

// isNowhere reports whether err says that a path leads to no file, as that of a link may.
func isNowhere(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENOTDIR)
}

func isDirError(err error) bool { return errors.Is(err, syscall.EISDIR) }
