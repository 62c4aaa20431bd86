package diag

// Findings about plan fields and entries: 2xxx.
var (
	UnknownField = add(Entry{Code: "ESC2001", Name: "unknown-field", Summary: "a plan has no such field"})
)
