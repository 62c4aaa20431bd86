package inventory

import (
	"context"
	"io"
	"slices"

	"escape.build/escape/lang/release"
)

// proxy passes what concerns a namespace on to the Inventory that serves it.
type proxy struct {
	primary, secondary Inventory
	namespaces         []string // served by secondary, sorted
}

var (
	_ Reserver = (*proxy)(nil)
	_ Tagged   = (*proxy)(nil)
)

// NewProxy returns an Inventory that leaves the namespaces listed to secondary and all others to primary, also when
// something is published or tagged. A namespace is never looked for in both. Its location is that of primary; Serving
// tells which one is asked. It is a Reserver whatever the two are: see its Reserve.
func NewProxy(primary, secondary Inventory, namespaces []string) Inventory {
	sorted := slices.Sorted(slices.Values(namespaces))
	return &proxy{primary, secondary, slices.Compact(sorted)}
}

// Serving returns the Inventory that serves a namespace: inv itself, unless it is a proxy.
func Serving(inv Inventory, namespace string) Inventory {
	if p, ok := inv.(*proxy); ok {
		return Serving(p.serving(namespace), namespace)
	}
	return inv
}

func (p *proxy) serving(namespace string) Inventory {
	if _, ok := slices.BinarySearch(p.namespaces, namespace); ok {
		return p.secondary
	}
	return p.primary
}

func (p *proxy) Location() string { return p.primary.Location() }

func (p *proxy) Metadata(ctx context.Context, id release.ID) (*release.Metadata, error) {
	return p.serving(id.Namespace).Metadata(ctx, id)
}

func (p *proxy) NextVersion(ctx context.Context, namespace, name string, pattern release.Pattern) (release.Version, error) {
	return p.serving(namespace).NextVersion(ctx, namespace, name, pattern)
}

// Reserve asks the Inventory that serves the namespace. One that cannot reserve answers with the next version, which
// somebody else may then take first; Publish finds that out.
func (p *proxy) Reserve(ctx context.Context, namespace, name string, pattern release.Pattern) (release.Version, func(), error) {
	side := p.serving(namespace)
	if r, ok := side.(Reserver); ok {
		return r.Reserve(ctx, namespace, name, pattern)
	}
	v, err := side.NextVersion(ctx, namespace, name, pattern)
	return v, func() {}, err
}

func (p *proxy) Download(ctx context.Context, id release.ID, w io.Writer) error {
	return p.serving(id.Namespace).Download(ctx, id, w)
}

func (p *proxy) Publish(ctx context.Context, m *release.Metadata, archive string) error {
	return p.serving(m.ID().Namespace).Publish(ctx, m, archive)
}

func (p *proxy) Tag(ctx context.Context, id release.ID, tag string) error {
	return p.serving(id.Namespace).Tag(ctx, id, tag)
}

// Namespaces returns those of primary and all that are left to secondary, which is not asked.
func (p *proxy) Namespaces(ctx context.Context) ([]string, error) {
	all, err := p.primary.Namespaces(ctx)
	if err != nil {
		return nil, err
	}
	all = append(slices.Clone(all), p.namespaces...)
	slices.Sort(all)
	return slices.Compact(all), nil
}

func (p *proxy) Packages(ctx context.Context, namespace string) ([]string, error) {
	return p.serving(namespace).Packages(ctx, namespace)
}

func (p *proxy) Versions(ctx context.Context, namespace, name string) ([]release.Version, error) {
	return p.serving(namespace).Versions(ctx, namespace, name)
}

// Tags returns none if the side that is asked cannot tell them.
func (p *proxy) Tags(ctx context.Context, namespace, name string) ([]string, error) {
	if side, ok := p.serving(namespace).(Tagged); ok {
		return side.Tags(ctx, namespace, name)
	}
	return nil, nil
}
