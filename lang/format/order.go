package format

import (
	"slices"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// order returns chunks in the order of plan.Fields: fields that are written twice keep their order, unknown ones stay
// behind the field they followed. If that would change what an alias or a merge key means, chunks stay as they are.
func order(chunks []chunk) []chunk {
	if hasMerge(chunks) {
		return chunks
	}
	sorted := flatten(sortGroups(groups(chunks)))
	if !sameTargets(sorted) {
		return chunks
	}
	return sorted
}

func hasMerge(chunks []chunk) bool {
	return slices.ContainsFunc(chunks, func(c chunk) bool {
		return c.entry != nil && (c.entry.Key.Kind == syntax.Merge || c.entry.Odd != nil)
	})
}

// groups divides chunks into a known field with the unknown ones that follow it. A field without a value leads nobody,
// as minify drops it. Unknown fields above all others are the first group.
func groups(chunks []chunk) [][]chunk {
	all := make([][]chunk, 1, len(chunks)+1)
	leader := 0
	for _, c := range chunks {
		switch {
		case c.field == unknown:
			all[leader] = append(all[leader], c)
		case c.dropped():
			all = append(all, []chunk{c})
		default:
			leader = len(all)
			all = append(all, []chunk{c})
		}
	}
	if len(all[0]) == 0 {
		return all[1:]
	}
	return all
}

func sortGroups(all [][]chunk) [][]chunk {
	slices.SortStableFunc(all, func(a, b []chunk) int { return a[0].field - b[0].field })
	return all
}

func flatten(all [][]chunk) []chunk {
	var chunks []chunk
	for _, g := range all {
		chunks = append(chunks, g...)
	}
	return chunks
}

// sameTargets reports whether each alias in chunks, read in their order, names the node it names in the document.
func sameTargets(chunks []chunk) bool {
	anchors := map[string]syntax.Node{}
	for _, c := range chunks {
		if !follow(c.entry.Key, anchors) || !follow(c.entry.Value, anchors) {
			return false
		}
	}
	return true
}

// follow notes the anchors of n and reports whether each alias in n names the last anchor before it.
func follow(n syntax.Node, anchors map[string]syntax.Node) bool {
	note := func(p *syntax.Props) {
		if p != nil && p.Anchor != "" {
			anchors[p.Anchor] = n
		}
	}
	switch n := n.(type) {
	case *syntax.Scalar:
		note(n.Props)
	case *syntax.Alias:
		return n.Target == nil || anchors[n.Name] == n.Target
	case *syntax.Sequence:
		note(n.Props)
		for _, item := range n.Items {
			if !follow(item.Value, anchors) {
				return false
			}
		}
	case *syntax.Mapping:
		note(n.Props)
		for i := range n.Entries {
			e := &n.Entries[i]
			if e.Odd != nil && !follow(e.Odd, anchors) || !follow(e.Key, anchors) || !follow(e.Value, anchors) {
				return false
			}
		}
	}
	return true
}

// complete adds the fields that m wants and chunks lack, each behind the group of the field before it.
func (l *layout) complete(chunks []chunk, root *syntax.Mapping, m mode) []chunk {
	if root != nil && hasMerge(chunks) {
		for i := range chunks {
			chunks[i].absent = false // an explicit empty field hides a merged one
		}
		return chunks
	}
	all := groups(chunks)
	last := map[int]int{} // field to its last group
	for i, g := range all {
		last[g[0].field] = i
	}
	before, hasUnknown := last[unknown]
	if !hasUnknown {
		before = -1
	}
	added := make([][]chunk, len(all)+1) // behind group i-1
	for row := range plan.Fields {
		if i, ok := last[row]; ok {
			before = i
		} else if m == pretty || plan.Fields[row].Required {
			added[before+1] = append(added[before+1], chunk{field: row, absent: true})
		}
	}
	out := added[0]
	for i, g := range all {
		out = append(append(out, g...), added[i+1]...)
	}
	return out
}
