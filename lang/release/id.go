package release

import (
	"fmt"
	"strings"
)

// An ID names a release of a package, or, before it is resolved, says which one is wanted. IDs are comparable.
type ID struct {
	Namespace  string // "_" if none; called project in stored JSON
	Name       string
	Constraint Constraint
}

// ParseID reads "[project/]name" with "-v1.2.3", "-v1.2.@", "-latest", "-@" or "-v@", or with ":" and a constraint as
// ParseConstraint reads it. The last "-" counts.
func ParseID(s string) (ID, error) {
	project, rest, ok := strings.Cut(s, "/")
	if !ok {
		project, rest = "_", s
	}
	if s == "" {
		return ID{}, fmt.Errorf("Invalid release format: ''.")
	}
	if project == "" {
		project = "_"
	}
	id := ID{Namespace: project}
	if name, query, ok := strings.Cut(rest, ":"); ok {
		if strings.Contains(query, ":") {
			return ID{}, fmt.Errorf("Invalid release format: %s.", rest)
		}
		c, err := ParseConstraint(query)
		if err != nil {
			return ID{}, fmt.Errorf("Invalid tag '%s' in release string '%s'", query, rest)
		}
		id.Name, id.Constraint = name, c
	} else {
		i := strings.LastIndexByte(rest, '-')
		if i < 0 {
			return ID{}, fmt.Errorf("Invalid release format: %s.", rest)
		}
		c, ok := parseSuffix(rest[i+1:])
		if !ok {
			return ID{}, fmt.Errorf("Invalid version string in release ID '%s': '%s' is not a valid version.", rest, rest[i+1:])
		}
		id.Name, id.Constraint = rest[:i], c
	}
	if project != "_" {
		if err := CheckName(project); err != nil {
			return ID{}, err
		}
	}
	if err := CheckName(id.Name); err != nil {
		return ID{}, err
	}
	return id, nil
}

// parseSuffix reads what follows the last "-": unlike behind ":", a version needs its "v".
func parseSuffix(s string) (Constraint, bool) {
	switch {
	case s == "latest", s == "@", s == "vlatest":
		return Latest(), true
	case strings.HasPrefix(s, "v"):
		return parseVersioned(s)
	}
	return Constraint{}, false
}

// String returns the id in its one canonical spelling, such as "_/name-v1.0" or "shop/name:ci".
func (id ID) String() string { return id.Package() + id.Constraint.Suffix() }

// Package returns "project/name".
func (id ID) Package() string { return id.Namespace + "/" + id.Name }

// NeedsResolving reports whether an Inventory must be asked which version is meant.
func (id ID) NeedsResolving() bool { return id.Constraint.kind != exactly }

// Version returns the version of a resolved id; false if it needs resolving.
func (id ID) Version() (Version, bool) { return id.Constraint.Version() }

// WithVersion returns the id of one release of the same package.
func (id ID) WithVersion(v Version) ID {
	id.Constraint = Exact(v)
	return id
}

// ReleaseID returns the id without project, "name-v1.0": the name of the archive.
func (id ID) ReleaseID() string { return id.Name + id.Constraint.Suffix() }

// ParseReference reads an entry of depends or extends: a release id, optionally with "as" and an alias, which is empty
// if none is given.
func ParseReference(s string) (id ID, alias string, err error) {
	const want = `Expecting either a "[RELEASE_ID]" or "[RELEASE_ID] as [VARIABLE]".`
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
	if len(words) != 1 && len(words) != 3 {
		return ID{}, "", fmt.Errorf("Malformed dependency string '%s'. %s", s, want)
	}
	if len(words) == 3 {
		if words[1] != "as" {
			return ID{}, "", fmt.Errorf("Unexpected '%s'; expecting 'as' in '%s. %s'", words[1], s, want)
		}
		if alias, err = CheckVariable(words[2]); err != nil {
			return ID{}, "", fmt.Errorf("Malformed dependency string '%s'. %w", s, err)
		}
	}
	id, err = ParseID(words[0])
	return id, alias, err
}
