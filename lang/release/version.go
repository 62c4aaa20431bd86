package release

import (
	"fmt"
	"strings"
)

// A Version is a dotted number without "v", such as "1.10.2". It may have any number of parts of any size, and keeps
// leading zeros: versions are equal as text, but "01" and "1" compare as equal.
type Version string

// ParseVersion returns the version s, which must be a dotted number.
func ParseVersion(s string) (Version, error) {
	if !isDotted(s) {
		return "", fmt.Errorf("Invalid version string '%s'.", s)
	}
	return Version(s), nil
}

// isDotted reports whether s is digits separated by single dots.
func isDotted(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch {
		case isDigit(s[i]):
			digits++
		case s[i] == '.' && digits > 0:
			digits = 0
		default:
			return false
		}
	}
	return digits > 0
}

// IsVersion reports whether s is what the version field of a plan may give: a dotted number or a pattern. The words
// "latest" and "auto" are neither.
func IsVersion(s string) bool {
	_, err := ParsePattern(s)
	return err == nil || isDotted(s)
}

// Compare returns -1, 0 or 1 as v is older than, level with, or newer than w. Parts compare as numbers from the left; a
// version that is the beginning of another is older. In text that is no version, a part that is no number is older than
// every number, and two of them compare as text.
func (v Version) Compare(w Version) int {
	a, b := string(v), string(w)
	for {
		pa, ra, moreA := strings.Cut(a, ".")
		pb, rb, moreB := strings.Cut(b, ".")
		if c := comparePart(pa, pb); c != 0 {
			return c
		}
		switch {
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		a, b = ra, rb
	}
}

func comparePart(a, b string) int {
	na, nb := isNumber(a), isNumber(b)
	switch {
	case !na && !nb:
		return strings.Compare(a, b)
	case !na:
		return -1
	case !nb:
		return 1
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		if len(a) < len(b) {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// increment adds one to a decimal number of any size and drops leading zeros.
func increment(s string) string {
	digits := []byte(strings.TrimLeft(s, "0"))
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return string(digits)
		}
		digits[i] = '0'
	}
	return "1" + string(digits)
}

// A Pattern asks for the next free version: it is the text before "@", empty or a dotted number with a final dot.
type Pattern string

// ParsePattern reads "@" or "1.2.@".
func ParsePattern(s string) (Pattern, error) {
	prefix, ok := strings.CutSuffix(s, "@")
	if ok && (prefix == "" || strings.HasSuffix(prefix, ".") && isDotted(prefix[:len(prefix)-1])) {
		return Pattern(prefix), nil
	}
	return "", fmt.Errorf("Invalid version string '%s'.", s)
}

// String returns the pattern with its "@".
func (p Pattern) String() string { return string(p) + "@" }

// Next returns the version that follows the known ones: of those that begin with the pattern's text it takes the newest
// remainder, keeps its first part and adds one; the first version of a pattern ends in 0. Known text that is no version
// does not count.
func (p Pattern) Next(known []Version) Version {
	rest, ok := p.newest(known)
	if !ok {
		return Version(p) + "0"
	}
	first, _, _ := strings.Cut(string(rest), ".")
	return Version(p) + Version(increment(first))
}

// Latest returns the newest of the known versions that begin with the pattern's text; false if there is none.
func (p Pattern) Latest(known []Version) (Version, bool) {
	rest, ok := p.newest(known)
	return Version(p) + rest, ok
}

// Matches reports whether v begins with the pattern's text.
func (p Pattern) Matches(v Version) bool {
	rest, ok := strings.CutPrefix(string(v), string(p))
	return ok && isDotted(rest)
}

func (p Pattern) newest(known []Version) (best Version, ok bool) {
	for _, v := range known {
		if !p.Matches(v) {
			continue
		}
		rest := v[len(p):]
		// Text decides between "1" and "01", so that the order of known does not.
		if c := rest.Compare(best); !ok || c > 0 || c == 0 && rest > best {
			best, ok = rest, true
		}
	}
	return best, ok
}
