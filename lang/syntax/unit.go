package syntax

import "sync/atomic"

// A Unit is an entry of the document, or an item or entry of a block collection below one, with all that is in it. Trees of a
// text before and after an edit elsewhere have the same Unit: what is in it is the same, wherever it stands now. Whoever finds
// something out about it that does not depend on its place may note it, with all else it depends on. Notes of one name are of
// one type.
type Unit struct {
	Decoded, Checked, Linted atomic.Value
}

// Mark gives a unit to each entry of the document, and to each item and entry of a block collection below one, that has none.
// What has an anchor is left out: aliases make it a part of several places. The tree must have been read by a front end that
// keeps units where they belong: its Memory is set.
func Mark(f *File) {
	root, ok := f.Root.(*Mapping)
	if !ok || root.Props != nil {
		return
	}
	units(len(root.Entries), func(i int) **Unit { return &root.Entries[i].Unit })
	for i := range root.Entries {
		switch n := root.Entries[i].Value.(type) {
		case *Mapping:
			if !n.Flow && n.Props == nil {
				units(len(n.Entries), func(i int) **Unit { return &n.Entries[i].Unit })
			}
		case *Sequence:
			if !n.Flow && n.Props == nil {
				units(len(n.Items), func(i int) **Unit { return &n.Items[i].Unit })
			}
		}
	}
}

// units fills those of n places that are empty.
func units(n int, at func(i int) **Unit) {
	var room []Unit
	for i := range n {
		if place := at(i); *place == nil {
			if len(room) == 0 {
				room = make([]Unit, min(n-i, 16))
			}
			*place, room = &room[0], room[1:]
		}
	}
}
