package syntax

import "sync/atomic"

// A Unit is an entry of the document, or an item or entry of a block collection below one, with all that is in it. Trees of a
// text before and after an edit elsewhere have the same Unit: what is in it is the same, wherever it stands now. Whoever finds
// something out about it that does not depend on its place may note it, with all else it depends on. Notes of one name are of
// one type.
type Unit struct {
	Decoded, Checked, Linted atomic.Value
}

// Mark gives new units to entries of a document, and to what is in them.
func Mark(entries []Entry) {
	for i := range entries {
		entries[i].Unit = new(Unit)
		switch n := entries[i].Value.(type) {
		case *Mapping:
			if !n.Flow {
				MarkEntries(n.Entries)
			}
		case *Sequence:
			if !n.Flow {
				MarkItems(n.Items)
			}
		}
	}
}

// MarkEntries gives new units to entries.
func MarkEntries(entries []Entry) {
	units := make([]Unit, len(entries))
	for i := range entries {
		entries[i].Unit = &units[i]
	}
}

// MarkItems gives new units to items.
func MarkItems(items []Item) {
	units := make([]Unit, len(items))
	for i := range items {
		items[i].Unit = &units[i]
	}
}
