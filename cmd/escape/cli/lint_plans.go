package cli

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/planner/fetch"
)

// A linter finds what there is to say about plans. It may be used by several goroutines.
type linter struct {
	a        *app
	configs  *config.Finder
	levels   func(*lint.Levels)    // what the command line sets
	packages func() *fetch.Fetcher // asked only if the plan needs any
	rules    sync.Map              // which are on, by *config.Config
	// stdinName is what standard input is called and where it stands.
	stdinName string
	failOn    string // "" leaves it to the configuration
}

// A linted is what became of one plan.
type linted struct {
	file     string
	source   *source.File // nil if it could not be read
	findings diag.List
	ignored  []lint.Ignored
	config   *config.Config
	err      error // it could not be read
	bug      bool  // err is a defect of ours
}

// lint finds what is wrong with a plan.
func (l *linter) lint(file string) (out linted) {
	out.file = file
	defer func() {
		if p := recover(); p != nil {
			out = linted{file: file, err: fmt.Errorf("internal error in '%s', this is a defect of Escape: %v\n%s", file, p, debug.Stack()), bug: true}
		}
	}()
	src, err := l.read(file)
	if err != nil {
		out.err = err
		return out
	}
	out.source = src
	path := l.a.env.abs(src.Name())
	c, err := l.configs.For(filepath.Dir(path))
	if err != nil {
		out.err = err
		return out
	}
	out.config = c
	l.analyze(&out, filepath.Dir(path))
	return out
}

// read reads a plan. Its name has slashes.
func (l *linter) read(file string) (*source.File, error) {
	if file != stdin {
		src, err := l.a.readPlan(file)
		if err == nil && filepath.Separator != '/' {
			src = source.NewFile(filepath.ToSlash(src.Name()), src.Text())
		}
		return src, err
	}
	text, err := readAll(l.a.env.Stdin, maxPlan)
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return source.NewFile(filepath.ToSlash(l.stdinName), string(text)), nil
}

func (l *linter) analyze(out *linted, dir string) {
	on := l.on(out.config)
	an := lang.Analyze(out.source, lang.Options{
		Env:  lang.Folder(dir),
		Find: func(p *plan.Plan) check.Deps { return atHand(p, dir, l.packages) },
		Lint: func(r *lint.Rule) bool { return on[r.Code] },
	})
	out.ignored = an.Ignored
	out.findings = l.apply(out.config, an.Findings)
}

// on returns which rules have to run with a configuration.
func (l *linter) on(c *config.Config) map[*diag.Entry]bool {
	if on, ok := l.rules.Load(c); ok {
		return on.(map[*diag.Entry]bool)
	}
	on := c.On(l.levels)
	l.rules.Store(c, on)
	return on
}

// apply gives findings the level that their rule has for their file.
func (l *linter) apply(c *config.Config, list diag.List) diag.List {
	byFile := map[string]lint.Levels{}
	var out diag.List
	for _, d := range list {
		name := ""
		if d.File != nil {
			name = d.File.Name()
		}
		levels, ok := byFile[name]
		if !ok {
			levels = c.Levels(c.Rel(l.a.env.abs(filepath.FromSlash(name))))
			l.levels(&levels)
			byFile[name] = levels
		}
		out = append(out, levels.Apply(diag.List{d})...)
	}
	return out
}

// merge returns the findings of all plans in order. What is said of a file that several plans use is said once, and a comment
// in it that silences a finding of one of them is not unused.
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
	return list.Sort()
}
