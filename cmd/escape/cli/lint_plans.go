package cli

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/cmd/escape/cli/internal/lintcache"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// A linter finds what there is to say about plans. It may be used by several goroutines.
type linter struct {
	a         *app
	configs   *config.Finder
	levels    func(*lint.Levels) // what the command line sets
	packages  *atHand
	stdinName string   // what standard input stands for
	failOn    string   // "" leaves it to the configuration
	unread    []linted // folders that could not be read, or that have several plans
	thorough  bool     // results keep what fixes and --since need: the text, and which files were looked at

	cache   *lintcache.Cache // nil if there is none
	sums    lintcache.Sums
	rules   sync.Map          // *ruleSet by *config.Config
	pending map[string]string // texts that files would have, by absolute path; nil but while fixes are made
}

// A ruleSet is the rules that are on.
type ruleSet struct {
	on  map[*diag.Entry]bool
	key string // tells sets apart
}

// A linted is what became of one plan.
type linted struct {
	file     string
	name     string       // as findings call it; "" if it could not be read
	source   *source.File // nil unless the linter is thorough
	findings diag.List
	ignored  []lint.Ignored
	looked   []string // absolute paths of the files that were looked at; nil unless the linter is thorough
	needs    []string // absolute paths of the other plans that it needs, likewise
	config   *config.Config
	err      error // it could not be read
	bug      bool  // err is a defect of ours
}

// lint finds what is wrong with a plan.
func (l *linter) lint(file string) (out linted) {
	out.file = file
	defer func() {
		if p := recover(); p != nil {
			where := l.a.reportBug(p, debug.Stack())
			out = linted{file: file, err: fmt.Errorf("internal error in '%s', this is a defect of Escape; a report is in %s", file, where), bug: true}
		}
	}()
	src, err := l.read(file)
	if err != nil {
		out.err = err
		return out
	}
	out.name = src.Name()
	path := l.a.env.abs(src.Name())
	c, err := l.configs.For(filepath.Dir(path))
	if err != nil {
		out.err = err
		return out
	}
	out.config = c
	looks := l.analyze(&out, src, path)
	if l.thorough {
		out.source, out.looked = src, []string{path, out.config.Path}
		for _, name := range lintcache.Files(looks, false) {
			if !filepath.IsAbs(name) {
				name = filepath.Join(filepath.Dir(path), name)
			}
			out.looked = append(out.looked, filepath.Clean(name))
		}
	}
	return out
}

// read reads a plan. Its name has slashes.
func (l *linter) read(file string) (*source.File, error) {
	if file == stdin {
		text, err := readAll(l.a.env.Stdin, maxPlan)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return source.NewFile(filepath.ToSlash(l.stdinName), string(text)), nil
	}
	text, ok := l.pending[l.a.env.abs(file)]
	if !ok {
		src, err := l.a.readNamed(file)
		if err != nil {
			return nil, err
		}
		text = src.Text()
	}
	return source.NewFile(filepath.ToSlash(file), text), nil
}

// analyze finds what is wrong with a plan that has been read, or takes what was found before if nothing it depends on is
// another. It returns what was looked at, if anybody wants to know.
func (l *linter) analyze(out *linted, src *source.File, path string) []lintcache.Look {
	rules := l.on(out.config)
	world := l.world(src, filepath.Dir(path))
	key := lintcache.Key(path, src.Name(), rules.key)
	if l.thorough {
		world = l.noteNeeds(world, &out.needs)
	}
	cache := l.cache
	if out.file == stdin || l.pending != nil {
		cache = nil
	}
	looks, result, ok := recall(cache, key, src, world, &l.sums)
	if !ok {
		var recorder *lintcache.Recorder
		if cache != nil || l.thorough {
			recorder, world = lintcache.Record(world, &l.sums)
		}
		an := lang.Analyze(src, lang.Options{
			Env:  world.Env,
			Find: world.Find,
			Lint: func(r *lint.Rule) bool { return rules.on[r.Code] },
		})
		result = lintcache.Result{Findings: an.Findings, Ignored: an.Ignored}
		if recorder != nil {
			looks = recorder.Looks()
			remember(cache, key, src, looks, result)
		}
	}
	out.ignored = result.Ignored
	out.findings = l.apply(out.config, result.Findings)
	return looks
}

// recall returns what is kept about a plan if it still holds.
func recall(cache *lintcache.Cache, key string, src *source.File, world lintcache.World, sums *lintcache.Sums) ([]lintcache.Look, lintcache.Result, bool) {
	looks, body, ok := cache.Get(key, src.Text())
	if !ok {
		return nil, lintcache.Result{}, false
	}
	texts, ok := lintcache.Same(looks, world, sums, func() *plan.Plan {
		p, _ := lang.Decode(src)
		return p
	})
	if !ok {
		return nil, lintcache.Result{}, false
	}
	files := map[string]*source.File{src.Name(): src}
	for name, text := range texts {
		name = lang.Beside(src.Name(), name)
		files[name] = source.NewFile(name, text)
	}
	result, err := lintcache.Decode(body, func(name string) *source.File { return files[name] })
	return looks, result, err == nil
}

// remember keeps a result if all files of its findings are among those that were read.
func remember(cache *lintcache.Cache, key string, src *source.File, looks []lintcache.Look, result lintcache.Result) {
	if cache == nil {
		return
	}
	names := map[string]bool{src.Name(): true}
	for _, name := range lintcache.Files(looks, true) {
		names[lang.Beside(src.Name(), name)] = true
	}
	if body, err := result.Encode(func(name string) bool { return names[name] }); err == nil {
		cache.Put(key, src.Text(), looks, body)
	}
}

// world is what a plan in a folder is looked at in: the files as they are, or would be if the pending texts were written.
func (l *linter) world(src *source.File, dir string) lintcache.World {
	opts := l.packages.options(src, dir)
	w := lintcache.World{Env: opts.Env, Find: opts.Find}
	if len(l.pending) == 0 {
		return w
	}
	read := w.Env.ReadFile
	w.Env.ReadFile = func(path string) ([]byte, error) {
		abs := path
		if !filepath.IsAbs(path) {
			abs = filepath.Join(dir, path)
		}
		if text, ok := l.pending[filepath.Clean(abs)]; ok {
			return []byte(text), nil
		}
		return read(path)
	}
	return w
}

// noteNeeds returns a world that adds to list the plans from which packages come that are asked for.
func (l *linter) noteNeeds(w lintcache.World, list *[]string) lintcache.World {
	note := func(m *release.Metadata) {
		if o := w.Env.Origin(m); o != nil && o.File != nil {
			*list = append(*list, l.a.env.abs(filepath.FromSlash(o.File.Name())))
		}
	}
	find, providers := w.Find, w.Env.Providers
	w.Find = func(p *plan.Plan) check.Deps {
		deps := find(p)
		for _, m := range deps {
			note(m)
		}
		return deps
	}
	w.Env.Providers = func(iface string) []*release.Metadata {
		all := providers(iface)
		for _, m := range all {
			note(m)
		}
		return all
	}
	return w
}

// on returns which rules have to run with a configuration.
func (l *linter) on(c *config.Config) *ruleSet {
	if set, ok := l.rules.Load(c); ok {
		return set.(*ruleSet)
	}
	set := &ruleSet{on: c.On(l.levels)}
	var key strings.Builder
	key.Grow(len("ESC0000") * len(set.on))
	for i := range lint.All() {
		if code := lint.All()[i].Code; set.on[code] {
			key.WriteString(string(code.Code))
		}
	}
	set.key = key.String()
	l.rules.Store(c, set)
	return set
}

// apply gives findings the level that their rule has for their file, and drops those in files that are left alone.
func (l *linter) apply(c *config.Config, list diag.List) diag.List {
	byFile := map[string]*lint.Levels{} // nil for files that are left alone
	var out diag.List
	for _, d := range list {
		name := ""
		if d.File != nil {
			name = d.File.Name()
		}
		levels, ok := byFile[name]
		if !ok {
			if path := c.Rel(l.a.env.abs(filepath.FromSlash(name))); !c.Ignores(path) {
				levels = new(c.Levels(path))
				l.levels(levels)
			}
			byFile[name] = levels
		}
		if levels != nil {
			out = append(out, levels.Apply(diag.List{d})...)
		}
	}
	return out
}

// merge returns the findings of all plans in order. What is said of a file that several plans use is said once, as the most
// serious of what their configurations make of it, and a comment in it that silences a finding of one of them is not unused.
func merge(all []linted) diag.List {
	type place struct {
		file  string
		start int32
	}
	used := map[place]bool{}
	var list diag.List
	for _, r := range all {
		for _, x := range r.ignored {
			used[place{x.File.Name(), x.By.Start}] = true
		}
		list = append(list, r.findings...)
	}
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		return d.Code == diag.UnusedIgnore && used[place{d.File.Name(), d.Span.Start}]
	})
	said := once{}
	return slices.DeleteFunc(list.Sort(), func(d diag.Diagnostic) bool { return !said.first(&d) })
}

// A once tells findings apart by their place and message, whatever their level.
type once map[identity]bool

type identity struct {
	file    string
	span    source.Span
	code    *diag.Entry
	message string
}

// first reports whether it has not been asked about such a finding before.
func (o once) first(d *diag.Diagnostic) bool {
	key := identity{span: d.Span, code: d.Code, message: d.Message}
	if d.File != nil {
		key.file = d.File.Name()
	}
	if o[key] {
		return false
	}
	o[key] = true
	return true
}
