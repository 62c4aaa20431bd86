package format

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns what turns old into new, both texts of the file called name, as a unified diff; nothing if they are
// equal.
func Diff(name, old, new string) string {
	text := string(diff.Diff(name, []byte(old), name, []byte(new)))
	_, text, _ = strings.Cut(text, "\n") // the line "diff a b", which patch does not need
	return text
}
