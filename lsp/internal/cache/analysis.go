package cache

import (
	"context"
	"path/filepath"
	"sync"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/plan"
)

// An Analyzed is all that is known of a plan: of its text, and of what it needs from the world.
type Analyzed struct {
	*lang.Analysis
	Doc *Document
	// Deps is what is known of the packages that it needs, and Env is its world.
	Deps check.Deps
	Env  check.Env
	// Shown are the findings with the levels that the configuration gives them, in all files that the plan uses.
	Shown diag.List
	// ConfigErr says why the configuration of the linter cannot be read; then the default levels hold.
	ConfigErr error

	notes *notes
	at    uint64 // the snapshot whose texts it is of; what was touched later may be different
	// checked is the last snapshot for which it is known to hold. The turn of the document guards it.
	checked uint64
	kept    sync.Map // see Keep
}

// Alone reports whether the plans around it could not be asked yet, so that nothing is known of what it needs.
func (a *Analyzed) Alone() bool { return a.notes.alone }

// Keep returns what make makes of the plan. It is called once for each key, by whoever comes first; others wait. It must
// not ask for files that the analysis has not looked at, since the plan is not forgotten when those change.
func (a *Analyzed) Keep(key any, make func() any) any { return keep(&a.kept, key, make) }

// Analyze returns what is known of a plan; nil if the document is no plan. The first caller finds it out, others wait.
func (s *Snapshot) Analyze(d *Document) *Analyzed { return s.AnalyzeFor(context.Background(), d) }

// AnalyzeFor is Analyze for somebody who may lose patience: it returns nil if ctx ends while others are at work.
func (s *Snapshot) AnalyzeFor(ctx context.Context, d *Document) *Analyzed {
	if d == nil || d.Kind != Plan {
		return nil
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil
	}
	if d.plan == nil || !s.holds(d.plan) {
		d.plan = s.analyze(ctx, d)
		d.last.Store(d.plan)
	}
	return d.plan
}

// holds reports whether what was found out before is still so: nothing that it depends on is different.
func (s *Snapshot) holds(an *Analyzed) bool {
	n := an.notes
	switch {
	case n.alone && n.workspace.Loaded():
		return false
	case an.checked >= s.ID:
		return true
	case s.session.touched.since(an.at, n.looked):
		return false
	case n.workspace != nil && !n.alone && n.workspace.Since(n.change, an.Doc.Path):
		return false
	}
	an.checked = s.ID
	return true
}

func (s *Snapshot) analyze(ctx context.Context, d *Document) *Analyzed {
	at := min(s.ID, s.session.shown.Load().ID)
	notes := &notes{looked: map[string]bool{}, read: map[string]bool{}}
	an := &Analyzed{Doc: d, notes: notes, at: at, checked: at}
	c, err := s.session.config(d, notes)
	if err != nil {
		an.ConfigErr, c = err, &config.Config{}
	}
	opts := s.world(ctx, d, notes)
	on := c.On(func(*lint.Levels) {})
	opts.Lint = func(r *lint.Rule) bool { return on[r.Code] }
	find := opts.Find
	opts.Find = func(p *plan.Plan) check.Deps {
		an.Deps = find(p)
		for _, m := range an.Deps {
			opts.Env.Origin(m) // which remembers it
		}
		return an.Deps
	}
	an.Env = opts.Env
	if last := d.last.Load(); last != nil {
		opts.Before = last.Analysis
	}
	opts.Keep = d.Open
	an.Analysis = lang.Analyze(d.Source, opts)
	an.Shown = levels(c, an.Findings)
	an.Info.Scripts() // the checker does not look at them if the text is broken
	notes.templates(an.Plan, filepath.Dir(d.Path))
	notes.mu.Lock()
	defer notes.mu.Unlock()
	notes.done = true
	return an
}

// config returns the configuration of the linter for a plan.
func (s *Session) config(d *Document, n *notes) (*config.Config, error) {
	if d.Path == "" {
		return &config.Config{}, nil
	}
	for _, path := range s.configsAbove(filepath.Dir(d.Path)) {
		s.stamps.note(path, s.options.Stat)
		n.file(path)
	}
	s.mu.Lock()
	finder := s.configs
	s.mu.Unlock()
	return finder.For(filepath.Dir(d.Path))
}

// levels gives findings the level that their rule has for their file, and drops those in files that are left alone.
func levels(c *config.Config, list diag.List) diag.List {
	byFile := map[string]*lint.Levels{} // nil for files that are left alone
	out := make(diag.List, 0, len(list))
	for _, d := range list {
		name := ""
		if d.File != nil {
			name = d.File.Name()
		}
		l, ok := byFile[name]
		if !ok {
			if path := c.Rel(filepath.FromSlash(name)); !c.Ignores(path) {
				l = new(c.Levels(path))
			}
			byFile[name] = l
		}
		if l != nil {
			out = append(out, l.Apply(diag.List{d})...)
		}
	}
	return out
}

// notes say what an analysis depends on. What is asked after it is done is not noted.
type notes struct {
	mu     sync.Mutex
	looked map[string]bool // absolute paths of files and folders
	read   map[string]bool // of them those whose text was wanted
	done   bool
	// workspace is the one that was asked for other plans, and change its number then; nil if there is none. If the plan is
	// alone, it could not be asked yet.
	workspace *workspace.Workspace
	change    uint64
	alone     bool
}

func (n *notes) file(path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.done {
		n.looked[path] = true
	}
}

// text notes a file whose text is wanted.
func (n *notes) text(path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.done {
		n.looked[path], n.read[path] = true, true
	}
}

// templates notes the files of templates, which the checker does not look at if the text of the plan is broken.
func (n *notes) templates(p *plan.Plan, dir string) {
	for _, t := range p.AllTemplates() {
		n.text(filepath.Join(dir, filepath.FromSlash(t.File.Value)))
	}
}
