package diag

import "slices"

// A Code names a kind of finding for ever, as "ESC" and four digits. Ranges: 1xxx text and format, 2xxx fields, 3xxx
// expressions and types, 4xxx versions and dependencies, 5xxx planning and state, 6xxx advice.
type Code string

// An Entry is a row of the catalogue. Its explanation and examples are in catalog/<Code>.txtar.
type Entry struct {
	Code     Code
	Name     string // readable slug, as good as the code everywhere
	Severity Severity
	Summary  string // one line for lists
	Retired  bool   // no longer reported; the code stays taken
	Secret   bool   // the text at the place is a secret, which printers do not show
}

// IsText reports whether findings of the row are about the text itself, before it means anything.
func (e *Entry) IsText() bool { return e.Code[:4] == "ESC1" }

var table = make([]*Entry, 0, 256)

// add makes a row of the catalogue; only variable declarations of this package call it, so the table does not change
// after start.
func add(e Entry) *Entry {
	table = append(table, &e)
	return &e
}

// Catalog returns all rows in order of their codes.
func Catalog() []*Entry {
	rows := slices.Clone(table)
	slices.SortFunc(rows, func(a, b *Entry) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return rows
}

// Lookup finds a row by code or name.
func Lookup(codeOrName string) (*Entry, bool) {
	i := slices.IndexFunc(table, func(e *Entry) bool { return string(e.Code) == codeOrName || e.Name == codeOrName })
	if i < 0 {
		return nil, false
	}
	return table[i], true
}
