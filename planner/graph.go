package planner

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/planner/state"
)

// A Graph is what has to happen for one request: nodes, and which must finish before which. It holds no reference
// to the state it was made from, and its nodes are in the order of their addresses.
type Graph struct {
	Project, Environment string
	Nodes                []*Node
	Edges                []Edge
	// Nested says that dependencies belong to the node of the deployment they are for.
	Nested bool
}

// A Node is one action on one deployment.
type Node struct {
	// Address names the node for ever, "dev/acme/shop#deploy"; see NodeAddress.
	Address    string
	Action     *Action
	Deployment string          // path
	Stage      state.StageName // "build" or "deploy"; empty for package
	// RootStage is the stage of the root deployment that the path goes through; empty for a root deployment.
	RootStage state.StageName
	// Parent is the address of the node whose dependency this is, the one numbered Index; empty for a root deployment. See
	// Above.
	Parent    string
	Index     int
	Release   string // qualified id
	Digest    string // of the content; empty if it is not known until a build has run
	Steps     []NodeStep
	Change    Change
	Reasons   []Reason
	Inputs    []Value
	Outputs   []Value
	Providers map[string]string
	// Nested says that the node destroys the dependencies of its deployment too, before its last step.
	Nested bool
	// Tree is the release the node works with.
	Tree *Tree

	rank  int   // place in the order of the original
	above *Node // that of Parent
}

// Above returns the node with the address Parent, or nil. It need not be one of the graph: what is not deployed has nothing
// to destroy, but its dependencies may be there.
func (n *Node) Above() *Node { return n.above }

// At returns the address of the node's deployment.
func (n *Node) At(environment string) state.Address {
	return state.Address{Environment: environment, Path: strings.Split(n.Deployment, ":"), RootStage: n.RootStage}
}

// A NodeStep is a step of a node.
type NodeStep struct {
	Name string `json:"name"`
	// Script is what the log calls the script; empty if the release has none for the step.
	Script string `json:"script,omitempty"`
}

// An Edge says that node From must be finished before node To starts.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Kind string `json:"kind"` // "order", "data" or "provider"
}

// Node returns the node with the address.
func (g *Graph) Node(address string) (*Node, bool) {
	i, ok := slices.BinarySearchFunc(g.Nodes, address, func(n *Node, a string) int { return cmp.Compare(n.Address, a) })
	if !ok {
		return nil, false
	}
	return g.Nodes[i], true
}

// Changes returns how many nodes will or may run.
func (g *Graph) Changes() (n int) {
	for _, node := range g.Nodes {
		if node.Change != NoOp {
			n++
		}
	}
	return n
}

// Counts returns how many nodes there are of each change that occurs.
func (g *Graph) Counts() map[Change]int {
	counts := map[Change]int{}
	for _, n := range g.Nodes {
		counts[n.Change]++
	}
	return counts
}

// sort brings nodes and edges into their order, which makes equal graphs equal bytes.
func (g *Graph) sort() {
	slices.SortFunc(g.Nodes, func(a, b *Node) int { return cmp.Compare(a.Address, b.Address) })
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind))
	})
	g.Edges = slices.CompactFunc(g.Edges, func(a, b Edge) bool { return a.From == b.From && a.To == b.To })
}

// Order returns the nodes so that each follows everything it depends on. Of the nodes which are free to run at the same
// time the one comes first that the original would run first, so the result is the same on every call. Nodes on a cycle,
// which Build never makes, are left out.
func (g *Graph) Order() []*Node {
	links := g.links()
	ready := links.ready()
	order := make([]*Node, 0, len(g.Nodes))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, g.Nodes[i])
		for _, j := range links.next[i] {
			if links.waiting[j]--; links.waiting[j] == 0 {
				heap.Push(ready, j)
			}
		}
	}
	return order
}

// adjacency holds edges by position in Nodes.
type adjacency struct {
	graph   *Graph
	next    [][]int
	waiting []int // how many nodes each still waits for
}

func (g *Graph) links() adjacency {
	index := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		index[n.Address] = i
	}
	a := adjacency{graph: g, next: make([][]int, len(g.Nodes)), waiting: make([]int, len(g.Nodes))}
	for _, e := range g.Edges {
		from, ok1 := index[e.From]
		to, ok2 := index[e.To]
		if ok1 && ok2 {
			a.next[from] = append(a.next[from], to)
			a.waiting[to]++
		}
	}
	return a
}

// ready returns the nodes that wait for nothing.
func (a *adjacency) ready() *queue {
	q := &queue{graph: a.graph}
	for i, n := range a.waiting {
		if n == 0 {
			q.nodes = append(q.nodes, i)
		}
	}
	heap.Init(q)
	return q
}

// A queue is a heap of positions in Nodes, those first that the original would run first.
type queue struct {
	graph *Graph
	nodes []int
}

func (q *queue) Len() int { return len(q.nodes) }
func (q *queue) Less(i, j int) bool {
	a, b := q.nodes[i], q.nodes[j]
	if ra, rb := q.graph.Nodes[a].rank, q.graph.Nodes[b].rank; ra != rb {
		return ra < rb
	}
	return a < b
}
func (q *queue) Swap(i, j int) { q.nodes[i], q.nodes[j] = q.nodes[j], q.nodes[i] }
func (q *queue) Push(x any)    { q.nodes = append(q.nodes, x.(int)) }
func (q *queue) Pop() any {
	last := len(q.nodes) - 1
	x := q.nodes[last]
	q.nodes = q.nodes[:last]
	return x
}

// Walk visits every node once, each after everything it depends on, up to workers of them at the same time. If a visit
// returns false, everything that depends on the node is given to skip instead of visit, with the node that failed; the
// rest goes on. With one worker the order is that of Order. Neither function is called again after Walk returned.
func (g *Graph) Walk(workers int, visit func(*Node) bool, skip func(n, because *Node)) {
	links := g.links()
	because := make([]*Node, len(g.Nodes))
	ready := links.ready()
	type result struct {
		node int
		ok   bool
	}
	work, results := make(chan int), make(chan result)
	var running sync.WaitGroup
	workers = max(workers, 1)
	for range min(workers, len(g.Nodes)) {
		running.Go(func() {
			for i := range work {
				results <- result{i, visit(g.Nodes[i])}
			}
		})
	}
	active := 0
	finish := func(i int, failed *Node) {
		for _, j := range links.next[i] {
			if failed != nil && because[j] == nil {
				because[j] = failed
			}
			if links.waiting[j]--; links.waiting[j] == 0 {
				heap.Push(ready, j)
			}
		}
	}
	for ready.Len() > 0 || active > 0 {
		for ready.Len() > 0 && active < workers {
			i := heap.Pop(ready).(int)
			if because[i] != nil {
				skip(g.Nodes[i], because[i])
				finish(i, because[i])
				continue
			}
			active++
			work <- i
		}
		if active == 0 {
			continue
		}
		r := <-results
		active--
		var failed *Node
		if !r.ok {
			failed = g.Nodes[r.node]
		}
		finish(r.node, failed)
	}
	close(work)
	running.Wait()
}
