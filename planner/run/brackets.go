package run

import (
	"context"
	"slices"
	"sync"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
)

// brackets keeps providers active for all that need them in one run: a provider is activated before the first of its
// consumers and deactivated after the last one. A nil *brackets leaves every consumer to itself, as the original does.
type brackets struct {
	opening sync.Mutex // held while a provider is activated, its own providers included
	mu      sync.Mutex // guards what follows
	active  map[string]*shared
	coming  map[string]int             // by path: how many times a node that has not come so far needs it
	arrived map[*planner.Node][]string // paths for which a node has come
}

// A shared is a provider that is active for several consumers.
type shared struct {
	bracket
	path  string
	close bool // somebody wants it deactivated
	users int
	err   error // of activating it
}

// newBrackets counts what the nodes of a graph need.
func newBrackets(g *planner.Graph) *brackets {
	b := &brackets{active: map[string]*shared{}, coming: map[string]int{}, arrived: map[*planner.Node][]string{}}
	for _, n := range g.Nodes {
		for _, path := range activated(n) {
			b.coming[path]++
		}
	}
	return b
}

// activated returns the paths of the providers that a node activates, one for each consumer.
func activated(n *planner.Node) (paths []string) {
	if n.Change == planner.NoOp || !n.Action.Activates || n.Tree == nil {
		return nil
	}
	for _, c := range n.Tree.Release.Consumes {
		if path, ok := n.Providers[c.Variable]; ok && c.InScope(string(n.Stage)) && !c.SkipActivate {
			paths = append(paths, path)
		}
	}
	return paths
}

// open activates the provider of a consumer of u unless it is active already.
func (b *brackets) open(ctx context.Context, u *unit, c *release.Consumer) (*shared, error) {
	path, _ := u.link(c.Variable)
	outermost := len(u.chain) == 0
	if outermost {
		b.opening.Lock()
		defer b.opening.Unlock()
	}
	b.mu.Lock()
	if outermost {
		b.coming[path]--
		b.arrived[u.node] = append(b.arrived[u.node], path)
	}
	s := b.active[path]
	if s != nil {
		s.users++
		s.close = s.close || !c.SkipDeactivate
	}
	b.mu.Unlock()
	if s != nil {
		if s.err != nil {
			b.leave(ctx, s)
		}
		return s, s.err
	}
	p, err := u.providerUnit(ctx, c)
	if err != nil {
		return nil, err
	}
	s = &shared{bracket: bracket{c, p}, path: path, close: !c.SkipDeactivate, users: 1}
	s.err = p.activateFor(ctx, c)
	b.mu.Lock()
	b.active[path] = s
	b.mu.Unlock()
	if s.err != nil {
		return s, s.err
	}
	return s, nil
}

// leave says that a consumer no longer needs a provider. If it was the last one, the provider is deactivated.
func (b *brackets) leave(ctx context.Context, s *shared) error {
	b.mu.Lock()
	s.users--
	b.mu.Unlock()
	return b.closeIfLast(ctx, s)
}

func (b *brackets) closeIfLast(ctx context.Context, s *shared) error {
	b.mu.Lock()
	last := s.users == 0 && b.coming[s.path] <= 0 && b.active[s.path] == s
	if last && s.err == nil {
		delete(b.active, s.path)
	}
	b.mu.Unlock()
	if !last || s.err != nil || !s.close {
		return nil
	}
	return s.unit.deactivateFor(context.WithoutCancel(ctx), s.consumer)
}

// passed says that a node is over, whether it came to need its providers or not.
func (b *brackets) passed(ctx context.Context, n *planner.Node) error {
	if b == nil {
		return nil
	}
	var idle []*shared
	b.mu.Lock()
	paths := activated(n)
	for _, path := range b.arrived[n] {
		if i := slices.Index(paths, path); i >= 0 {
			paths = slices.Delete(paths, i, i+1)
		}
	}
	for _, path := range paths {
		b.coming[path]--
		if s := b.active[path]; s != nil {
			idle = append(idle, s)
		}
	}
	b.mu.Unlock()
	var first error
	for _, s := range idle {
		if err := b.closeIfLast(ctx, s); err != nil && first == nil {
			first = err
		}
	}
	return first
}
