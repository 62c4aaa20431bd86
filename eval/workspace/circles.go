package workspace

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
	for _, id := range e.needs {
		n := w.neighbour(e.at(), id)
		switch {
		case n == nil:
		case n.seen == 0:
			w.circles(n)
			e.low = min(e.low, n.low)
		case n.open:
			e.low = min(e.low, n.seen)
		}
	}
	if e.low < e.seen {
		return
	}
	for _, n := range w.way[way:] {
		n.circle, n.open = e.seen, false
		if len(w.way) > way+1 {
			n.leads = yes
		}
	}
	w.way = w.way[:way]
}

// An answer is yes or no once it is known.
type answer uint8

const (
	yes answer = 1 + iota
	no
)

// leadsOn reports whether it matters what the plan needs: somewhere behind it is a circle, or a release that may need
// anything.
func (w *Workspace) leadsOn(e *entry) bool {
	w.circleOf(e) // which may say so
	if e.leads == 0 {
		e.leads = no
		for _, id := range e.needs {
			on := false
			if n := w.neighbour(e.at(), id); n != nil {
				on = w.leadsOn(n)
			} else {
				on = w.known(e.at(), id).m != nil
			}
			if on {
				e.leads = yes
				break
			}
		}
	}
	return e.leads == yes
}
