// Package graph draws the packages around a plan: what it depends on, extends, consumes and provides, as far as that is known
// without asking anybody. What a run would do is another question (see planner).
package graph

import (
	"cmp"
	"slices"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// A Graph is nodes and edges in the order in which they were found, the plan first.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// A Node is a package or an interface.
type Node struct {
	ID, Label string
	// Kind is "plan" for the plan itself and others of the workspace, "release", "unknown" for a package of which nothing is at
	// hand, or "interface".
	Kind   string
	Detail string
	// File is the plan; nil if there is none.
	File *source.File
}

// An Edge leads from what needs something to what it needs. Kind is "depends", "extends", "consumes" or "provides"; the last
// leads from an interface to a package that provides it.
type Edge struct{ From, To, Kind string }

// maxNodes is how many nodes are drawn; nobody could read more.
const maxNodes = 500

// Outline returns what a release of the plan would say as far as its text tells.
func Outline(an *cache.Analyzed) *release.Metadata {
	return compile.Outline(an.Plan, func(id release.ID) *release.Metadata { return an.Deps[id.String()] })
}

// Of returns the graph around a plan.
func Of(snap *cache.Snapshot, an *cache.Analyzed) *Graph {
	b := builder{snap: snap, graph: &Graph{}, seen: map[string]bool{}}
	m := Outline(an)
	root := m.VersionlessID()
	b.node(Node{ID: root, Label: root, Kind: "plan", Detail: detail(m), File: an.Source})
	b.around(root, m, an)
	return b.graph
}

type builder struct {
	snap  *cache.Snapshot
	graph *Graph
	seen  map[string]bool
}

// node adds a node and reports whether it is new.
func (b *builder) node(n Node) bool {
	if b.seen[n.ID] || len(b.graph.Nodes) >= maxNodes {
		return false
	}
	b.seen[n.ID] = true
	b.graph.Nodes = append(b.graph.Nodes, n)
	return true
}

func (b *builder) edge(from, to, kind string) {
	if e := (Edge{from, to, kind}); b.seen[from] && b.seen[to] && !slices.Contains(b.graph.Edges, e) {
		b.graph.Edges = append(b.graph.Edges, e)
	}
}

// around adds what a package needs and what these need. Which these are, the plan an knows.
func (b *builder) around(from string, m *release.Metadata, an *cache.Analyzed) {
	for _, e := range m.Extends {
		b.pkg(from, e.ReleaseID, "extends", an)
	}
	for _, d := range m.Depends {
		b.pkg(from, d.ReleaseID, "depends", an)
	}
	for _, c := range m.Consumes {
		iface := "interface " + c.Name
		fresh := b.node(Node{ID: iface, Label: c.Name, Kind: "interface"})
		b.edge(from, iface, "consumes")
		if fresh && an.Env.Providers != nil {
			for _, p := range an.Env.Providers(c.Name) {
				n := known(p, an)
				b.node(n)
				b.edge(iface, n.ID, "provides")
			}
		}
	}
	for _, p := range m.Provides {
		iface := "interface " + p.Name
		b.node(Node{ID: iface, Label: p.Name, Kind: "interface"})
		b.edge(iface, from, "provides")
	}
}

func (b *builder) pkg(from, id, kind string, an *cache.Analyzed) {
	m := an.Deps[id]
	if m == nil {
		b.node(Node{ID: id, Label: id, Kind: "unknown", Detail: "not at hand"})
		b.edge(from, id, kind)
		return
	}
	n := known(m, an)
	fresh := b.node(n)
	b.edge(from, n.ID, kind)
	if !fresh {
		return
	}
	if n.File != nil { // its own plan knows what it needs
		if own := b.snap.Analyze(b.snap.File(n.File.Name())); own != nil {
			m, an = Outline(own), own
		}
	}
	b.around(n.ID, m, an)
}

// known is the node of a package that is at hand.
func known(m *release.Metadata, an *cache.Analyzed) Node {
	n := Node{ID: m.VersionlessID(), Kind: "release", Detail: detail(m)}
	if m.Version != "" {
		n.ID = m.QualifiedID()
	}
	if an.Env.Origin != nil {
		if o := an.Env.Origin(m); o != nil {
			n.Kind, n.ID, n.File = "plan", m.VersionlessID(), o.File
		}
	}
	n.Label = n.ID
	return n
}

func detail(m *release.Metadata) string { return cmp.Or(m.Description, m.Version) }
