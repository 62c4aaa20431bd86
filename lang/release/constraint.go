package release

import (
	"errors"
	"fmt"
	"strings"
)

// A Constraint says which release of a package is meant: the latest, the latest of a pattern, one exact version, or the
// one a tag is on. The zero value means the latest.
type Constraint struct {
	kind kind
	text string // pattern text, version or tag
}

type kind uint8

const (
	latest kind = iota
	pattern
	exactly
	tag
)

// Latest is the constraint of the newest release.
func Latest() Constraint { return Constraint{} }

// Exact is the constraint of one version.
func Exact(v Version) Constraint { return Constraint{exactly, string(v)} }

// ParseConstraint reads what stands behind the ":" of a release id or what an Inventory is asked for: "latest", "@",
// "v@"; a pattern or a version, with or without "v"; anything else is a tag, see IsTag.
func ParseConstraint(s string) (Constraint, error) {
	if s == "" {
		return Constraint{}, errors.New("Empty version query")
	}
	if c, ok := parseVersioned(s); ok {
		return c, nil
	}
	if !isTagText(s) {
		return Constraint{}, fmt.Errorf("Invalid tag '%s'", s)
	}
	return Constraint{tag, s}, nil
}

func parseVersioned(s string) (Constraint, bool) {
	switch s {
	case "latest", "@", "v@":
		return Latest(), true
	}
	s = strings.TrimPrefix(s, "v")
	if isDotted(s) {
		return Exact(Version(s)), true
	}
	if p, err := ParsePattern(s); err == nil && p != "" {
		return Constraint{pattern, string(p)}, true
	}
	return Constraint{}, false
}

// IsTag reports whether s may name a tag: letters, digits, ".", "_" and "-", but nothing that reads as a version, a
// pattern or "latest".
func IsTag(s string) bool {
	_, versioned := parseVersioned(s)
	return !versioned && isTagText(s)
}

func isTagText(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

// Version returns the version of an exact constraint.
func (c Constraint) Version() (Version, bool) { return Version(c.text), c.kind == exactly }

// Pattern returns the pattern of a constraint for the latest of a pattern. For the latest release it is the empty
// pattern, which all versions match.
func (c Constraint) Pattern() (Pattern, bool) {
	return Pattern(c.text), c.kind == pattern || c.kind == latest
}

// Tag returns the tag of a constraint that is one.
func (c Constraint) Tag() (string, bool) { return c.text, c.kind == tag }

// String returns "latest", "v1.2.@", "v1.2.3" or the tag. ParseConstraint reads it back.
func (c Constraint) String() string {
	switch c.kind {
	case latest:
		return "latest"
	case pattern:
		return "v" + c.text + "@"
	case exactly:
		return "v" + c.text
	}
	return c.text
}

// Suffix returns how the constraint ends a release id: "-latest", "-v1.2.@", "-v1.2.3" or ":tag".
func (c Constraint) Suffix() string {
	if c.kind == tag {
		return ":" + c.text
	}
	return "-" + c.String()
}

// Matches reports whether v is of the wanted ones. What a tag is on is not known here: it matches nothing.
func (c Constraint) Matches(v Version) bool {
	switch c.kind {
	case exactly:
		return string(v) == c.text
	case tag:
		return false
	}
	return Pattern(c.text).Matches(v)
}

// Select returns the newest of the known versions that the constraint matches; false if there is none.
func (c Constraint) Select(known []Version) (Version, bool) {
	switch c.kind {
	case exactly:
		for _, v := range known {
			if string(v) == c.text {
				return v, true
			}
		}
		return "", false
	case tag:
		return "", false
	}
	return Pattern(c.text).Latest(known)
}
