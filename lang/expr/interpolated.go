package expr

import "strings"

// Interpolated reads a text as shells, templates and HCL do, with references in it such as "$this.inputs.x" or
// "${this.inputs.x}", and returns the expression that says the same. isRef says which names a reference may begin with. It
// fails if there is no reference in the text.
func Interpolated(text string, isRef func(name string) bool) (script string, ok bool) {
	var parts []string
	start := 0 // of text that is no reference
	flush := func(end int) {
		if end > start {
			parts = append(parts, Quote(text[start:end]))
		}
	}
	for i := 0; i < len(text); {
		ref, n := interpolation(text[i:])
		if n == 0 || !isRef(ref[:NameLen(ref)]) {
			i++
			continue
		}
		flush(i)
		parts = append(parts, "$"+ref)
		i += n
		start, ok = i, true
	}
	flush(len(text))
	if len(parts) == 1 {
		return parts[0], ok
	}
	return "$__concat(" + strings.Join(parts, ", ") + ")", ok
}

// interpolation returns the reference that text begins with, without its dollar sign, and how long it is in text.
func interpolation(text string) (ref string, length int) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return "", 0
	}
	inner, braces := strings.CutPrefix(rest, "{")
	if braces {
		rest = inner
	}
	n := NameLen(rest)
	for n > 0 && n+1 < len(rest) && rest[n] == '.' {
		more := NameLen(rest[n+1:])
		if more == 0 {
			break
		}
		n += 1 + more
	}
	if !braces {
		n = len(strings.TrimRight(rest[:n], "-")) // more likely a dash of the text
	}
	ref = rest[:n]
	switch {
	case n == 0 || !strings.Contains(ref, "."):
		return "", 0
	case braces && !strings.HasPrefix(rest[n:], "}"):
		return "", 0
	case braces:
		return ref, n + len("${}")
	}
	return ref, n + len("$")
}
