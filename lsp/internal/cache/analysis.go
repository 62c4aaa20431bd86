package cache

import (
	"path/filepath"
	"sync"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
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
	kept  sync.Map // see Keep
}

// Keep returns what make makes of the plan. It is called once for each key, by whoever comes first; others wait. It must
// not ask for files that the analysis has not looked at, since the plan is not forgotten when those change.
func (a *Analyzed) Keep(key any, make func() any) any { return keep(&a.kept, key, make) }

// Analyze returns what is known of a plan; nil if the document is no plan. The first caller finds it out, others wait.
func (s *Snapshot) Analyze(d *Document) *Analyzed {
	if d == nil || d.Kind != Plan {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plan == nil {
		d.plan = s.analyze(d)
		d.last.Store(d.plan)
	}
	return d.plan
}

// Known returns what Analyze has found out before; nil if it has not been asked or is at work.
func (d *Document) Known() *Analyzed {
	if !d.mu.TryLock() {
		return nil
	}
	defer d.mu.Unlock()
	return d.plan
}

func (s *Snapshot) analyze(d *Document) *Analyzed {
	notes := &notes{looked: map[string]bool{}, read: map[string]bool{}}
	an := &Analyzed{Doc: d, notes: notes}
	c, err := s.session.config(d)
	if err != nil {
		an.ConfigErr, c = err, &config.Config{}
	}
	opts := s.world(d, notes)
	on := c.On(func(*lint.Levels) {})
	opts.Lint = func(r *lint.Rule) bool { return on[r.Code] }
	find := opts.Find
	opts.Find = func(p *plan.Plan) check.Deps {
		an.Deps = find(p)
		for _, m := range an.Deps {
			notes.origin(opts.Env.Origin(m))
		}
		return an.Deps
	}
	an.Env = opts.Env
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
func (s *Session) config(d *Document) (*config.Config, error) {
	if d.Path == "" {
		return &config.Config{}, nil
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

// notes are the files that an analysis looks at. What is asked after it is done is not noted.
type notes struct {
	mu     sync.Mutex
	looked map[string]bool // absolute paths
	read   map[string]bool // of them those whose text was wanted
	done   bool
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

func (n *notes) origin(o *check.Origin) {
	if o != nil && o.File != nil {
		n.file(o.File.Name())
	}
}

func (n *notes) all(list []*release.Metadata, origin func(*release.Metadata) *check.Origin) {
	for _, m := range list {
		n.origin(origin(m))
	}
}
