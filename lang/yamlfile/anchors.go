package yamlfile

import (
	"sort"

	"escape.build/escape/lang/syntax"
)

// An anchor is a node that has a name.
type anchor struct {
	name string
	node syntax.Node
}

// anchorsOf returns the anchors of a tree in the order in which their nodes end. It reports false if an alias stands for
// something else than the last node of its name before it.
func anchorsOf(root syntax.Node) (list []anchor, ok bool) {
	named := map[string]syntax.Node{}
	ok = true
	var visit func(n syntax.Node)
	visit = func(n syntax.Node) {
		var props *syntax.Props
		switch n := n.(type) {
		case *syntax.Scalar:
			props = n.Props
		case *syntax.Mapping:
			props = n.Props
			for i := range n.Entries {
				e := &n.Entries[i]
				if e.Odd != nil {
					visit(e.Odd)
				}
				visit(e.Key)
				visit(e.Value)
			}
		case *syntax.Sequence:
			props = n.Props
			for i := range n.Items {
				visit(n.Items[i].Value)
			}
		case *syntax.Alias:
			ok = ok && named[n.Name] == n.Target
		}
		if props != nil && props.Anchor != "" {
			named[props.Anchor] = n
			list = append(list, anchor{props.Anchor, n})
		}
	}
	if root != nil {
		visit(root)
	}
	return list, ok
}

// before returns how many anchors of the old tree stand before an offset.
func (m *memory) before(off int) int {
	return sort.Search(len(m.anchors), func(i int) bool { return int(m.anchors[i].node.Span().End) > off })
}

// names gives the parser the anchors that stand before it.
func (e *editor) names() {
	if n := e.memory.before(e.p.pos); n > 0 {
		e.p.anchors = make(map[string]syntax.Node, n)
		for _, a := range e.memory.anchors[:n] {
			e.p.anchors[a.name] = a.node
		}
	}
}

// anchors returns those of the new tree, of which the part from an offset on was read. It reports false if an anchor stands in
// that part, before the change or after: what follows may name it.
func (e *editor) anchors(from int) ([]anchor, bool) {
	all := e.memory.anchors
	if e.p.promised > 0 {
		return nil, false
	}
	first, behind := e.memory.before(from), e.memory.before(e.p.pos-e.change.Delta())
	if first != behind {
		return nil, false
	}
	if len(e.behind.Moved) == 0 {
		return all, true
	}
	moved := append(make([]anchor, 0, len(all)), all[:first]...)
	for _, a := range all[first:] {
		node, ok := e.behind.Moved[a.node]
		if !ok {
			return nil, false
		}
		moved = append(moved, anchor{a.name, node})
	}
	return moved, true
}
