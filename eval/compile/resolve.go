package compile

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A Resolver knows other packages: an Inventory with the folders and caches in front of it. Its errors are shown as
// they are. One that is ErrNotFound becomes a finding at the entry that asked, with the hint that a method Hint of the error
// gives, if it has one; others end the work.
type Resolver interface {
	// Resolve returns the version that is meant. It is only asked for ids that need resolving.
	Resolve(ctx context.Context, id release.ID) (release.Version, error)
	// Fetch makes a release available to scripts below "deps" and returns its metadata. The id is resolved.
	Fetch(ctx context.Context, id release.ID) (*release.Metadata, error)
	// NextVersion returns the version the next release of a package would get. It reserves nothing.
	NextVersion(ctx context.Context, namespace, name string, p release.Pattern) (release.Version, error)
}

// A MetadataReader is a Resolver that also knows what releases say which it was not asked to fetch. It is asked about what
// fetched releases need, to find those that need each other in a circle. It should answer from what is at hand: an error of
// any kind only means that the release is not known.
type MetadataReader interface {
	// Metadata returns the metadata of a release. The id is resolved.
	Metadata(ctx context.Context, id release.ID) (*release.Metadata, error)
}

// ErrNotFound is what a Resolver wraps when there is no such release.
var ErrNotFound = errors.New("not found")

// A Package is a release the plan names, or an extension of it does.
type Package struct {
	ID      release.ID // resolved
	Alias   string     // its name in expressions: the alias of the entry, or "project/name"
	Release *release.Metadata
	// Node is the entry in the plan; for a dependency that an extension brings along, that of the extension.
	Node syntax.Node

	plan      *plan.Dependency    // the entry, or nil
	inherited *release.Dependency // what the extension says, or nil
}

// Deps are the packages of a plan: its extensions in order, then its own dependencies, then those its extensions
// bring.
type Deps struct {
	Extensions, Depends []*Package

	known map[string]*release.Metadata // these and what they need, by release id, as far as it is at hand
}

// Resolve asks r for everything that p extends and depends on. Entries that cannot be resolved are left out and named
// in a finding; without a Resolver these are all.
func Resolve(ctx context.Context, p *plan.Plan, r Resolver) (*Deps, diag.List, error) {
	s := &resolution{ctx: ctx, plan: p, resolver: r, deps: &Deps{}}
	if err := s.run(); err != nil {
		return nil, s.findings, err
	}
	return s.deps, s.findings, nil
}

type resolution struct {
	ctx      context.Context
	plan     *plan.Plan
	resolver Resolver
	deps     *Deps
	findings diag.List
}

func (s *resolution) run() error {
	for _, e := range s.plan.Extends {
		if e == nil {
			continue
		}
		pkg, err := s.entry(e.Release, e.As, e.Node)
		if err != nil {
			return err
		}
		if pkg != nil {
			s.deps.Extensions = append(s.deps.Extensions, pkg)
		}
	}
	for _, d := range s.plan.Depends {
		if d == nil {
			continue
		}
		alias := d.As
		if d.Variable.Set() && d.Variable.Value != "" {
			alias = d.Variable
		}
		pkg, err := s.entry(d.Release, alias, d.Node)
		if err != nil {
			return err
		}
		if pkg != nil {
			pkg.plan = d
			s.deps.Depends = append(s.deps.Depends, pkg)
		}
	}
	for _, e := range s.deps.Extensions {
		for _, d := range e.Release.Depends {
			if err := s.inherited(e, d); err != nil {
				return err
			}
		}
	}
	return s.behind()
}

// maxBehind bounds how many releases are looked at.
const maxBehind = 10_000

// behind looks at what the packages of the plan need, and at what that needs, and so on.
func (s *resolution) behind() error {
	reader, ok := s.resolver.(MetadataReader)
	if !ok {
		return nil
	}
	s.deps.known = map[string]*release.Metadata{}
	asked := map[string]bool{}
	var queue []*release.Metadata
	add := func(id release.ID, m *release.Metadata) {
		asked[id.String()] = true
		s.deps.known[id.String()] = m
		queue = append(queue, m)
	}
	for _, list := range [][]*Package{s.deps.Extensions, s.deps.Depends} {
		for _, p := range list {
			add(p.ID, p.Release)
		}
	}
	for ; len(queue) > 0 && len(asked) < maxBehind; queue = queue[1:] {
		ids, _ := queue[0].Packages() // an id that is no good is nothing to ask for
		for _, id := range ids {
			if asked[id.String()] {
				continue
			}
			asked[id.String()] = true
			m, err := reader.Metadata(s.ctx, id)
			if s.ctx.Err() != nil {
				return s.ctx.Err()
			}
			if err == nil {
				add(id, m)
			}
		}
	}
	return nil
}

// entry resolves one entry of the plan; nil if that failed and was reported.
func (s *resolution) entry(ref, alias plan.Text, n syntax.Node) (*Package, error) {
	id, err := release.ParseID(ref.Value)
	if err != nil {
		s.report(diag.InvalidReleaseID, ref.Span(), "%s", err)
		return nil, nil
	}
	if s.resolver == nil {
		s.report(diag.ReleaseUnresolved, ref.Span(), "%q cannot be resolved here: no Inventory is given", ref.Value)
		return nil, nil
	}
	if id.NeedsResolving() {
		v, err := s.resolver.Resolve(s.ctx, id)
		if err != nil {
			return nil, s.failed(err, ref)
		}
		id = id.WithVersion(v)
	}
	pkg := &Package{ID: id, Alias: alias.Value, Node: n}
	if pkg.Alias == "" {
		pkg.Alias = id.Package()
	}
	if pkg.Release, err = s.resolver.Fetch(s.ctx, id); err != nil {
		return nil, s.failed(err, ref)
	}
	return pkg, nil
}

// inherited adds a dependency of an extension, unless the plan, or an extension before, has it.
func (s *resolution) inherited(e *Package, d *release.Dependency) error {
	id, err := release.ParseID(d.ReleaseID)
	if err != nil {
		return fmt.Errorf("dependency of %s: %w", e.ID, err)
	}
	for _, have := range s.deps.Depends {
		if check.SameDependency(d, have.ID, have.Alias, have.written()) {
			return nil
		}
	}
	m, err := s.resolver.Fetch(s.ctx, id)
	if err != nil {
		ref := plan.Text{Value: e.ID.String(), Node: e.Node}
		return s.failed(fmt.Errorf("dependency of %s: %w", e.ID, err), ref)
	}
	s.deps.Depends = append(s.deps.Depends, &Package{ID: id, Alias: d.Variable, Release: m, Node: e.Node, inherited: d})
	return nil
}

// written is the text in which a dependency names its release.
func (p *Package) written() string {
	if p.plan != nil {
		return p.plan.Spec.Value
	}
	return p.inherited.ReleaseID
}

// failed reports what is the plan's fault and returns what is the world's.
func (s *resolution) failed(err error, ref plan.Text) error {
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	d := s.report(diag.ReleaseNotFound, ref.Raw(), "%s", err)
	if h := (interface{ Hint() string })(nil); errors.As(err, &h) {
		d.Hint = h.Hint()
	}
	return nil
}

func (s *resolution) report(code *diag.Entry, span source.Span, format string, args ...any) *diag.Diagnostic {
	var file *source.File
	if s.plan.File != nil {
		file = s.plan.File.Source
	}
	s.findings = append(s.findings, diag.New(code, file, span, fmt.Sprintf(format, args...)))
	return &s.findings[len(s.findings)-1]
}

func (c *compiler) resolve() error {
	if c.deps = c.opts.Deps; c.deps != nil {
		return nil
	}
	if len(c.plan.Extends) == 0 && len(c.plan.Depends) == 0 {
		return nil
	}
	deps, findings, err := Resolve(c.ctx, c.plan, c.opts.Resolver)
	c.findings = append(c.findings, findings...)
	if c.deps = deps; err != nil {
		return err
	}
	c.findings = append(c.findings, check.Packages(c.plan, deps.Known())...)
	return nil
}

// Known returns what is known of the packages in the form in which plans are checked with it.
func (d *Deps) Known() check.Deps {
	known := check.Deps(d.ByAlias())
	maps.Copy(known, d.known)
	return known
}

// ByAlias returns the packages by their names in expressions. Where two share one, which is an error of the plan, the
// dependency hides the extension.
func (d *Deps) ByAlias() map[string]*release.Metadata {
	out := map[string]*release.Metadata{}
	for _, list := range [][]*Package{d.Extensions, d.Depends} {
		for _, p := range list {
			out[p.Alias] = p.Release
		}
	}
	return out
}
