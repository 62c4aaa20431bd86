package lint

import "slices"

// Category is what a rule is about.
type Category string

// The categories.
const (
	Correctness     Category = "correctness" // findings of the checker
	Reproducibility Category = "reproducibility"
	Security        Category = "security"
	Shell           Category = "shell"
	Maintainability Category = "maintainability"
	Portability     Category = "portability"
	Style           Category = "style"
)

// Rules are all rules that find something by themselves, in the order of their codes.
var Rules = slices.Concat(unpinned, downloads, packaged, secrets, sensitive, unused, documented, structure, values, portable, style, redundant, inScripts)
