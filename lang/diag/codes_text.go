package diag

// Findings about the text itself, before it means anything: 1xxx.
var (
	SyntaxError = add(Entry{Code: "ESC1001", Name: "syntax-error", Summary: "the text is not valid YAML"})
)
