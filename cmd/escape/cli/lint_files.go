package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/lint/config"
)

// isPlanName reports whether a file of this name, without folders, is a plan.
func isPlanName(name string) bool { return slices.Contains(planNames, name) }

// notWalked are folders that hold the work of others.
var notWalked = []string{".git", "vendor", "node_modules", "deps", ".escape"}

// A finder collects plans, each once, in the order of the arguments and of their names.
type finder struct {
	a       *app
	configs *config.Finder
	stdin   string          // what standard input stands for
	seen    map[string]bool // by absolute path, or stdin
	files   []string        // as messages call them
	walked  map[string]bool // files that are found below a folder, not named
	unread  []linted        // folders that could not be read, or that have several plans
	ignored int
	matched int // how often a file was meant
}

// findPlans finds the plans that the arguments mean: files, all plans below folders, and what patterns match; without
// arguments those below the working directory. Files that the configuration ignores are counted only.
func (a *app) findPlans(args []string, configs *config.Finder, stdin string) (*finder, error) {
	f := &finder{a: a, configs: configs, stdin: stdin, seen: map[string]bool{}, walked: map[string]bool{}}
	if len(args) == 0 {
		args = []string{"."}
	}
	for _, arg := range args {
		if err := f.argument(arg); err != nil {
			return nil, err
		}
	}
	f.several()
	return f, nil
}

// several reports folders with several plans, where other commands do not know which one is meant. Plans that the arguments or
// patterns name are meant.
func (f *finder) several() {
	in := map[string][]string{}
	for _, file := range f.files {
		if f.walked[file] {
			in[filepath.Dir(file)] = append(in[filepath.Dir(file)], file)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(in)) {
		if plans := in[dir]; len(plans) > 1 {
			f.unread = append(f.unread, linted{file: dir, err: &reported{
				err:    fmt.Errorf("There are several plans in '%s': %s", dir, strings.Join(plans, " and ")),
				detail: "  remove all but one, or let .escapelint.yml ignore the others\n",
			}})
		}
	}
}

func (f *finder) argument(arg string) error {
	if arg == stdin {
		if f.seen[stdin] {
			return nil
		}
		f.seen[stdin] = true
		ignored, err := f.isIgnored(f.a.env.abs(f.stdin))
		if ignored {
			f.ignored++
		} else if err == nil {
			f.files = append(f.files, stdin)
		}
		return err
	}
	info, err := os.Stat(f.a.env.abs(arg))
	switch {
	case err == nil && info.IsDir():
		return f.walk(filepath.Clean(arg), nil)
	case err != nil && strings.ContainsAny(arg, "*?["):
		return f.pattern(arg)
	}
	return f.add(filepath.Clean(arg))
}

// add takes a file that is not ignored.
func (f *finder) add(file string) error {
	f.matched++
	path := f.a.env.abs(file)
	if f.seen[path] {
		return nil
	}
	f.seen[path] = true
	ignored, err := f.isIgnored(path)
	if err != nil {
		return err
	}
	if ignored {
		f.ignored++
		return nil
	}
	f.files = append(f.files, file)
	return nil
}

func (f *finder) isIgnored(path string) (bool, error) {
	c, err := f.configs.For(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	return c.Ignores(c.Rel(path)), nil
}

// walk takes the plans below a folder for which want is true, or nil. The folder may be a symbolic link; others are not
// followed. A folder that cannot be read does not keep the others from being read.
func (f *finder) walk(dir string, want func(path string) bool) error {
	root := strings.TrimSuffix(f.a.env.abs(dir), string(filepath.Separator)) + string(filepath.Separator)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			name := f.name(path, dir)
			f.unread = append(f.unread, linted{file: name, err: fmt.Errorf("Couldn't read folder '%s': %w", name, bare(err))})
			return nil
		case !d.IsDir():
			name := f.name(path, dir)
			if want == nil && isPlanName(d.Name()) {
				f.walked[name] = true
				return f.add(name)
			}
			if want != nil && want(name) && !d.Type().IsDir() {
				return f.add(name)
			}
			return nil
		case path == root:
			return nil
		case slices.Contains(notWalked, d.Name()):
			return fs.SkipDir
		}
		if ignored, err := f.isIgnored(path); err != nil || !ignored {
			return err
		}
		return fs.SkipDir
	})
}

// name returns how a file below dir, an argument, is called.
func (f *finder) name(path, dir string) string {
	if filepath.IsAbs(dir) {
		return path
	}
	rel, err := filepath.Rel(f.a.env.abs(dir), path)
	if err != nil {
		return path
	}
	return filepath.Join(dir, rel)
}

// pattern takes what matches a pattern: files, and the plans right in folders. "**" goes over any number of folders.
func (f *finder) pattern(arg string) error {
	before := f.matched
	if i := strings.Index(filepath.ToSlash(arg), "**"); i >= 0 {
		g, err := config.Pattern(filepath.ToSlash(filepath.Clean(arg)))
		if err != nil {
			return err
		}
		base := filepath.Clean(filepath.Dir(arg[:i] + "x"))
		if _, err := os.Stat(f.a.env.abs(base)); err == nil {
			if err := f.walk(base, func(name string) bool { return g(filepath.ToSlash(name)) }); err != nil {
				return err
			}
		}
	} else if err := f.glob(arg); err != nil {
		return err
	}
	if before == f.matched {
		return fmt.Errorf("no file matches '%s'", arg)
	}
	return nil
}

func (f *finder) glob(arg string) error {
	matches, err := filepath.Glob(f.a.env.abs(arg))
	if err != nil {
		return fmt.Errorf("pattern '%s': %w", arg, err)
	}
	for _, m := range matches {
		name := m
		if !filepath.IsAbs(arg) {
			name = f.name(m, ".")
		}
		info, err := os.Stat(m)
		if err != nil || !info.IsDir() {
			if err := f.add(name); err != nil {
				return err
			}
			continue
		}
		for _, plan := range planNames {
			if _, err := os.Stat(filepath.Join(m, plan)); errors.Is(err, fs.ErrNotExist) {
				continue // one of many folders, and not a package
			}
			if err := f.add(filepath.Join(name, plan)); err != nil {
				return err
			}
		}
	}
	return nil
}
