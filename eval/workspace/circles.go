package workspace

import "escape.build/escape/lang/release"

// circleOf returns the number of the circle of plans that e is in, if only by itself. Two plans are in one circle if each
// needs the other, over others perhaps.
func (w *Workspace) circleOf(e *entry) int {
	if e.circle == 0 {
		w.circles(e)
	}
	return e.circle
}

// circles finds the circles of all plans that e needs, by Tarjan's algorithm: a plan that reaches none before it on the way
// completes a circle, which holds all plans behind it on the way.
func (w *Workspace) circles(e *entry) {
	w.seen++
	e.seen, e.low, e.open = w.seen, w.seen, true
	way := len(w.way)
	w.way = append(w.way, e)
	e.needs(func(id release.ID) {
		n := w.neighbour(e.at(), id)
		switch {
		case n == nil:
		case n.seen == 0:
			w.circles(n)
			e.low = min(e.low, n.low)
		case n.open:
			e.low = min(e.low, n.seen)
		}
	})
	if e.low < e.seen {
		return
	}
	for _, n := range w.way[way:] {
		n.circle, n.open = e.seen, false
	}
	w.way = w.way[:way]
}
