package run

import (
	"context"
	"slices"
	"sync"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// brackets keeps providers active for all that need them in one run: a provider is activated before the first of its
// consumers and deactivated after the last one. A nil *brackets leaves every consumer to itself, as the original does.
type brackets struct {
	opening sync.Mutex // held while a provider is activated, its own providers included
	mu      sync.Mutex // guards what follows
	active  map[place]*shared
	coming  map[place]int      // how many times nodes need it that have not come so far
	needs   map[string][]place // by address of a node: for what it is to come, providers of its providers included
}

// A place is where a provider is. One path may lead to two deployments: what a build needs and what a deploy needs.
type place struct {
	path string
	root state.StageName // as in state.Address; "" unless it makes a difference
}

// placeOf returns the place of the provider with a path, as seen from the deployment at an address.
func placeOf(from state.Address, path string) place {
	p, err := state.ParsePath(path)
	if err != nil || len(p) < 2 {
		return place{path: path}
	}
	root := planner.ProviderAddress(from, p).RootStage
	if root == state.DeployStage {
		root = ""
	}
	return place{path, root}
}

// A shared is a provider that is active for several consumers.
type shared struct {
	bracket
	place place
	close bool // somebody wants it deactivated
	users int
	err   error // of activating it
}

// newBrackets counts what the nodes of a graph need. above returns the providers recorded for a provider.
func newBrackets(g *planner.Graph, above func(place) []place) *brackets {
	b := &brackets{active: map[place]*shared{}, coming: map[place]int{}, needs: map[string][]place{}}
	for _, n := range g.Nodes {
		places := activated(n, g.Environment)
		for i := 0; i < len(places); i++ { // what is appended is looked at too
			for _, p := range above(places[i]) {
				if !slices.Contains(places, p) {
					places = append(places, p)
				}
			}
		}
		if len(places) > 0 {
			b.needs[n.Address] = places
		}
		for _, p := range places {
			b.coming[p]++
		}
	}
	return b
}

// came notes that a node no longer has to come for a provider. b.mu is held.
func (b *brackets) came(node string, p place) {
	if i := slices.Index(b.needs[node], p); i >= 0 {
		b.needs[node] = slices.Delete(b.needs[node], i, i+1)
		b.coming[p]--
	}
}

// cameFor notes that a node has come for an active provider, and with it for the providers of that. b.mu is held.
func (b *brackets) cameFor(node string, s *shared) {
	b.came(node, s.place)
	for _, above := range s.unit.shared {
		b.cameFor(node, above)
	}
}

// activated returns the places of the providers that a node activates, one for each consumer.
func activated(n *planner.Node, environment string) (places []place) {
	if n.Change == planner.NoOp || !n.Action.Activates || n.Tree == nil {
		return nil
	}
	for _, c := range n.Tree.Release.Consumes {
		if path, ok := n.Providers[c.Variable]; ok && c.InScope(string(n.Stage)) && !c.SkipActivate {
			places = append(places, placeOf(n.At(environment), path))
		}
	}
	return places
}

// open activates the provider of a consumer of u unless it is active already.
func (b *brackets) open(ctx context.Context, u *unit, c *release.Consumer) (*shared, error) {
	path, _ := u.link(c.Variable)
	at := placeOf(u.at, path)
	outermost := len(u.chain) == 0
	if outermost {
		b.opening.Lock()
		defer b.opening.Unlock()
	}
	b.mu.Lock()
	b.came(u.node.Address, at)
	s := b.active[at]
	if s != nil {
		b.cameFor(u.node.Address, s)
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
	s = &shared{bracket: bracket{c, p}, place: at, close: !c.SkipDeactivate, users: 1}
	s.err = p.activateFor(ctx, c)
	b.mu.Lock()
	b.active[at] = s
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
	last := s.users == 0 && b.coming[s.place] <= 0 && b.active[s.place] == s
	if last && s.err == nil {
		delete(b.active, s.place)
	}
	b.mu.Unlock()
	if !last || s.err != nil || !s.close {
		return nil
	}
	if err := s.unit.deactivateFor(context.WithoutCancel(ctx), s.consumer); err != nil {
		return s.unit.mask(err) // who hears of it may know nothing of the provider
	}
	return nil
}

// passed says that a node is over, whether it came to need its providers or not.
func (b *brackets) passed(ctx context.Context, n *planner.Node) error {
	if b == nil {
		return nil
	}
	var idle []*shared
	b.mu.Lock()
	for _, p := range slices.Clone(b.needs[n.Address]) {
		b.came(n.Address, p)
		if s := b.active[p]; s != nil && !slices.Contains(idle, s) {
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
