package diag

// Advice of the rules in lang/lint: 61xx about plans, 62xx about scripts.
var (
	DependencyLatest = add(Entry{Code: "ESC6101", Name: "dependency-latest", Severity: Warning, Summary: "a dependency takes whatever release is the latest"})
)
