package release

import (
	"fmt"
	"strings"
)

// CheckName reports whether s may be the name of a package or of a project other than "_": two characters at least,
// lower case letters, digits, "-" and "_", a letter first, and not a word the language uses.
func CheckName(s string) error {
	ok := len(s) >= 2 && isLower(s[0])
	for i := 0; i < len(s) && ok; i++ {
		ok = isLower(s[i]) || isDigit(s[i]) || s[i] == '-' || s[i] == '_'
	}
	if !ok {
		return fmt.Errorf("Invalid name '%s'", s)
	}
	switch s {
	case "this", "string", "integer", "list", "dict", "func":
		return fmt.Errorf("The name '%s' is a protected variable.", s)
	}
	return nil
}

// SplitName splits "project/name" at the first "/"; without one, or with nothing before it, the project is "_".
func SplitName(s string) (project, name string) {
	project, name, ok := strings.Cut(s, "/")
	if !ok {
		return "_", s
	}
	if project == "" {
		project = "_"
	}
	return project, name
}

// CheckVariable returns the id of a variable, or the alias of an entry, without the blanks around it. The error quotes
// it as written.
func CheckVariable(s string) (string, error) {
	id := strings.TrimSpace(s)
	ok := id != "" && isLetter(id[0])
	for i := 0; i < len(id) && ok; i++ {
		ok = isLetter(id[i]) || isDigit(id[i]) || id[i] == '-' || id[i] == '_'
	}
	if !ok {
		return "", fmt.Errorf("Invalid variable format '%s'", s)
	}
	if len(id) >= len("previous_") && strings.EqualFold(id[:len("previous_")], "previous_") {
		return "", fmt.Errorf("Invalid variable format '%s'. Variable is not allowed to start with 'PREVIOUS_'", s)
	}
	return id, nil
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool { return isLower(c) || 'A' <= c && c <= 'Z' }
