package config

import (
	"fmt"
	"path"
	"strings"
)

// A glob is a pattern for paths as in .gitignore: "*" and "?" stay within one folder, "**" goes over any number, a pattern
// without "/" (but at its end) matches at any depth, and what matches a folder matches everything below it. "!" at the start
// takes back what earlier patterns match.
type glob struct {
	parts   []string
	negated bool
}

func parseGlob(pattern string) (glob, error) {
	var g glob
	text, negated := strings.CutPrefix(pattern, "!")
	g.negated = negated
	text = strings.TrimSuffix(text, "/")
	if text == "" {
		return g, fmt.Errorf("pattern %q matches nothing", pattern)
	}
	anchored := strings.Contains(text, "/")
	g.parts = strings.Split(path.Clean(strings.TrimPrefix(text, "/")), "/")
	if !anchored {
		g.parts = append([]string{"**"}, g.parts...)
	}
	for _, p := range g.parts {
		if _, err := path.Match(p, ""); err != nil {
			return g, fmt.Errorf("pattern %q: a \"[\" has no end", pattern)
		}
		if p == ".." {
			return g, fmt.Errorf("pattern %q leaves the folder of the configuration", pattern)
		}
	}
	return g, nil
}

func (g glob) match(name string) bool { return matchParts(g.parts, strings.Split(name, "/")) }

// matchParts reports whether the pattern matches the path or a folder in which it lies.
func matchParts(pattern, name []string) bool {
	switch {
	case len(pattern) == 0:
		return true
	case pattern[0] == "**":
		if len(pattern) > 1 && pattern[1] == "**" {
			return matchParts(pattern[1:], name)
		}
		for i := range name {
			if matchParts(pattern[1:], name[i:]) {
				return true
			}
		}
		return false
	case len(name) == 0:
		return false
	}
	ok, _ := path.Match(pattern[0], name[0])
	return ok && matchParts(pattern[1:], name[1:])
}

// Pattern returns what reports whether a path matches a pattern from its start, as the command line takes patterns: there
// nothing matches at any depth but what follows "**".
func Pattern(pattern string) (func(path string) bool, error) {
	g, err := parseGlob("/" + pattern)
	return g.match, err
}
