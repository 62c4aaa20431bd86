package workspace

import "slices"

// Packages returns the packages ("project/name") whose plans are in the workspace, sorted.
func (w *Workspace) Packages() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp("", nil)
	w.entryOf("") // names those that have no name yet
	var names []string
	for pkg, list := range w.plans().byPackage {
		if pkg != "" && len(list) > 0 {
			names = append(names, pkg)
		}
	}
	slices.Sort(names)
	return names
}

// Version returns the version in the plan of a package as it is written; "" if there is no such plan, or its version is not
// written as a text.
func (w *Workspace) Version(pkg string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp("", nil)
	e := w.entryOf(pkg)
	if e == nil || !w.decode(e) {
		return ""
	}
	return e.version
}

// maxNew is how many plans Interfaces reads that nobody has read before.
const maxNew = 200

// Interfaces returns the interfaces that plans of the workspace provide, sorted. It reports false if there may be more: it does
// not read all plans of a large workspace at once.
func (w *Workspace) Interfaces() (names []string, all bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp("", nil)
	read := 0
	for _, e := range w.plans().entries {
		if !e.provides {
			continue
		}
		if !e.tried {
			if read++; read > maxNew {
				slices.Sort(names)
				return slices.Compact(names), false
			}
		}
		if w.decode(e) {
			names = append(names, e.offers...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), true
}
