package workspace

import (
	"bytes"
	"maps"
	"path/filepath"
	"reflect"
	"slices"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
)

// Load looks for the plans now, which whoever asks first would else wait for. It tells how many were found so far, and stops
// if the answer is false; then the workspace knows only those.
func (w *Workspace) Load(found func(plans int) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load(found)
}

// Root returns the folder below which plans are looked for.
func (w *Workspace) Root() string { return w.o.Root }

// Loaded reports whether plans were looked for, so that nobody has to wait for that.
func (w *Workspace) Loaded() bool { return w.loaded.Load() }

// Changed says that a file is there, is gone, or has another text. Files that are no plans, or lie where none are looked
// for, do not matter. What was returned before stays as it was.
//
// It takes no time: the file is read when somebody asks who needs to know.
func (w *Workspace) Changed(file string) {
	if !slices.Contains(Names, filepath.Base(file)) || !w.looksInto(filepath.Dir(file)) {
		return
	}
	w.staleMu.Lock()
	defer w.staleMu.Unlock()
	if w.stale == nil {
		w.stale = map[string]bool{}
	}
	w.stale[file] = true
}

// Now returns the number of the last change that matters to p, the plan of a file.
func (w *Workspace) Now(p *plan.Plan, file string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp(file, p)
	return w.changes
}

// Since reports whether another plan than that of a file says something else to others than it did when Now returned n.
func (w *Workspace) Since(n uint64, file string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp("", nil)
	if w.changes == n {
		return false
	}
	for other, change := range w.other {
		if other != file && change > n {
			return true
		}
	}
	return false
}

// catchUp looks at the files that have changed. The plan of own, if it is not nil, is p: what only it says to others does not
// matter to itself.
func (w *Workspace) catchUp(own string, p *plan.Plan) {
	w.staleMu.Lock()
	stale := w.stale
	w.stale = nil
	w.staleMu.Unlock()
	if w.index == nil || len(stale) == 0 {
		return
	}
	for _, file := range slices.Sorted(maps.Keys(stale)) {
		if file != own {
			w.refresh(file)
		}
	}
	switch {
	case !stale[own]:
	case w.saysTheSame(own, p):
		w.Changed(own) // others look at it
	default:
		w.refresh(own)
	}
}

// saysTheSame reports whether the plan of a file needs what the index says that it needs.
func (w *Workspace) saysTheSame(file string, p *plan.Plan) bool {
	if p == nil || w.index == nil {
		return false
	}
	e := w.index.of(filepath.Dir(file))
	if e == nil || e.file != file {
		return w.planOf(filepath.Dir(file)) != file // then it is no part of the workspace
	}
	if !e.ok || packageOf(p) != e.pkg || writtenVersion(p) != e.version || !slices.Equal(needs(p), e.needs) {
		return false
	}
	w.circleOf(e)
	return e.leads != yes // otherwise it may need itself
}

// refresh looks at a file that has changed.
func (w *Workspace) refresh(file string) {
	dir, x := filepath.Dir(file), w.index
	old := x.of(dir)
	if old == nil && w.planOf(dir) == "" || old != nil && w.keeps(old) {
		return
	}
	w.changes++
	if w.other == nil {
		w.other = map[string]uint64{}
	}
	w.other[file] = w.changes
	there := func(e *entry) bool { return e.dir == dir }
	x.entries = slices.DeleteFunc(x.entries, there)
	x.unnamed = slices.DeleteFunc(x.unnamed, there)
	if old != nil {
		x.byPackage[old.pkg] = slices.DeleteFunc(x.byPackage[old.pkg], there)
	}
	w.folder(dir)
	// Whatever needs the plan says something else now.
	clear(x.providing)
	for _, e := range x.entries {
		e.meta, e.circle, e.seen, e.low, e.leads = nil, 0, 0, 0, 0
		e.tried = e.tried && e.plan != nil
	}
	w.seen = 0
	w.forgetOrigins()
}

// keeps reports whether a plan still says to others what it said before, and takes its new text then.
func (w *Workspace) keeps(old *entry) bool {
	text, err := w.o.ReadFile(old.file)
	if err != nil || w.planOf(old.dir) != old.file {
		return false
	}
	e := read(old.file, text)
	if old.pkg != e.pkg && (e.pkg != "" || !old.tried) || old.provides != e.provides || old.extends != e.extends {
		return false
	}
	for iface, list := range w.index.providing {
		if e.provides && !e.extends && bytes.Contains(text, []byte(iface)) != slices.Contains(list, old) {
			return false
		}
	}
	if !old.tried {
		return true // nobody has asked what it says
	}
	w.decode(e)
	if e.pkg != old.pkg || e.ok != old.ok || e.whole != old.whole || e.version != old.version ||
		!slices.Equal(e.needs, old.needs) || !slices.Equal(e.offers, old.offers) {
		return false
	}
	if old.meta != nil && !w.makesTheSame(old, e) {
		return false
	}
	if old.plan != nil {
		old.plan = e.plan
	}
	return true
}

// makesTheSame reports whether a plan whose needs are the same gives the same metadata, in the same places.
func (w *Workspace) makesTheSame(old, e *entry) bool {
	e.circle, e.leads = old.circle, old.leads
	m := w.made(e)
	defer w.dropOrigin(m)
	was, is := w.Origin(old.meta), w.Origin(m)
	if m == nil || was == nil || is == nil || !reflect.DeepEqual(old.meta, m) ||
		was.Open != is.Open || !maps.Equal(was.Places, is.Places) {
		return false
	}
	w.setOrigin(old.meta, &check.Origin{File: is.File, Open: is.Open, Places: is.Places})
	return true
}

// of returns the plan of a folder; nil if it has none.
func (x *index) of(dir string) *entry {
	for _, e := range x.entries {
		if e.dir == dir {
			return e
		}
	}
	return nil
}
