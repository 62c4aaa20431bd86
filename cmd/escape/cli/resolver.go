package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/eval/compile"
	"escape.build/escape/inventory"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/fetch"
	"escape.build/escape/planner/run"
)

// A resolver finds the releases that plans and commands name, and makes their packages available. It asks the Inventory of
// its profile once about each, and about what is unpacked or cached in an exact version not at all.
type resolver struct {
	app       *app
	inventory func() (inventory.Inventory, error) // made when it is needed
	fetcher   *fetch.Fetcher

	mu       sync.Mutex // guards the following
	versions map[release.ID]release.Version
	told     map[release.ID]bool   // the log says that they are fetched
	homes    map[string]release.ID // by folder of a package: the version that has the place
}

// resolver returns the resolver of this process, whose profile is always the same.
func (a *app) resolver(profile *config.EscapeConfigProfile) *resolver {
	if a.resolved != nil {
		return a.resolved
	}
	r := &resolver{
		app:       a,
		inventory: sync.OnceValues(func() (inventory.Inventory, error) { return a.inventory(profile) }),
		versions:  map[release.ID]release.Version{},
		told:      map[release.ID]bool{},
		homes:     map[string]release.ID{},
	}
	r.fetcher = fetch.New(fetch.Options{
		Cache:  a.env.places().AppDir(),
		Source: archives{r},
		Warn:   func(text string) { a.warning(text) },
	})
	a.resolved = r
	return r
}

// archives are those of the Inventory.
type archives struct{ *resolver }

func (s archives) Location(id release.ID) string {
	inv, err := s.inventory()
	if err != nil {
		return ""
	}
	return inventory.Serving(inv, id.Namespace).Location()
}

func (s archives) Download(ctx context.Context, id release.ID, w io.Writer) error {
	inv, err := s.inventory()
	if err != nil {
		return err
	}
	return inv.Download(ctx, id, w)
}

// resolve returns the id of the release that is meant.
func (r *resolver) resolve(ctx context.Context, id release.ID) (release.ID, error) {
	if !id.NeedsResolving() {
		return id, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.versions[id]; ok {
		return id.WithVersion(v), nil
	}
	inv, err := r.inventory()
	if err != nil {
		return id, err
	}
	m, err := inv.Metadata(ctx, id)
	if err != nil {
		return id, err
	}
	v := release.Version(m.Version)
	if _, isTag := id.Constraint.Tag(); !isTag && !id.Constraint.Matches(v) {
		return id, fmt.Errorf("the Inventory at '%s' takes %s for v%s", r.location(id), id, v)
	}
	r.versions[id] = v
	return id.WithVersion(v), nil
}

// metadata asks the Inventory for a release.
func (r *resolver) metadata(ctx context.Context, id release.ID) (*release.Metadata, error) {
	inv, err := r.inventory()
	if err != nil {
		return nil, err
	}
	return inv.Metadata(ctx, id)
}

func (r *resolver) location(id release.ID) string { return archives{r}.Location(id) }

// fetch makes a release, whose id is resolved, available below the folder deps of base. The log calls it shown.
func (r *resolver) fetch(ctx context.Context, base string, id release.ID, shown string, log run.Logger) (*release.Metadata, error) {
	log("fetch.start", map[string]string{"dependency": shown})
	m, err := r.fetcher.Fetch(ctx, base, id)
	if err == nil {
		log("fetch.finished", nil)
	}
	return m, err
}

// silent is a log that is not written.
func silent(string, map[string]string) {}

// logger returns a log in sections.
func (a *app) logger(sections ...string) run.Logger {
	return func(key string, values map[string]string) {
		a.log.Log(logs.Entry{Key: key, Values: values, Sections: sections})
	}
}

// first notes that the log tells of a release, and reports whether it has not done so before.
func (r *resolver) first(id release.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.told[id]
	r.told[id] = true
	return !before
}

// A planResolver is the resolver as the compilation of a plan sees it, whose packages lie below base.
type planResolver struct {
	*resolver
	base string
	log  run.Logger
	// known is what the packages need that were fetched, by release id. All of it lies below their folders.
	known check.Deps
}

var (
	_ compile.Resolver       = (*planResolver)(nil)
	_ compile.MetadataReader = (*planResolver)(nil)
)

// plan returns the resolver for plans in the working directory.
func (r *resolver) plan() *planResolver {
	return &planResolver{r, r.app.env.Dir, r.app.logger(compileSection), check.Deps{}}
}

func (p *planResolver) Resolve(ctx context.Context, id release.ID) (release.Version, error) {
	id, err := p.resolve(ctx, id)
	if err != nil {
		return "", planError(err)
	}
	v, _ := id.Version()
	return v, nil
}

func (p *planResolver) Fetch(ctx context.Context, id release.ID) (*release.Metadata, error) {
	log := p.log
	if !p.first(id) {
		log = silent
	}
	base := p.home(p.base, id)
	m, err := p.fetch(ctx, base, id, id.String(), log)
	if err == nil {
		needed(p.known, fetch.Dir(base, id), m, p.fetcher)
	}
	return m, planError(err)
}

// needed adds, by release id, what the package m in dir needs, as far as that is at hand.
func needed(deps check.Deps, dir string, m *release.Metadata, packages *fetch.Fetcher) {
	ids, _ := m.Packages() // an id that is no good leads nowhere
	for _, id := range ids {
		if _, ok := deps[id.String()]; ok {
			continue
		}
		if m := packages.Known(dir, id); m != nil {
			deps[id.String()] = m
			needed(deps, fetch.Dir(dir, id), m, packages)
		}
	}
}

func (p *planResolver) Metadata(_ context.Context, id release.ID) (*release.Metadata, error) {
	if m := p.known[id.String()]; m != nil {
		return m, nil
	}
	return nil, compile.ErrNotFound
}

func (p *planResolver) NextVersion(ctx context.Context, namespace, name string, pattern release.Pattern) (release.Version, error) {
	inv, err := p.inventory()
	if err != nil {
		return "", err
	}
	return inv.NextVersion(ctx, namespace, name, pattern)
}

// planError makes a mistake of the plan of what an Inventory does not have.
func planError(err error) error {
	if errors.Is(err, inventory.ErrNotFound) {
		return &notReleased{err}
	}
	return err
}

// A notReleased is the error for a release that does not exist.
type notReleased struct{ error }

func (e *notReleased) Unwrap() error        { return e.error }
func (e *notReleased) Is(target error) bool { return target == compile.ErrNotFound }

// Hint is what else is known.
func (e *notReleased) Hint() string { return strings.Join(hints(e.error), "; ") }
