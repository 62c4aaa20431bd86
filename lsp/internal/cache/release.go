package cache

import (
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// ReleaseOf returns what is known of the release that a text of the plan asks for under an alias; nil if nothing is.
func (a *Analyzed) ReleaseOf(t plan.Text, alias string) *release.Metadata {
	if id, err := release.ParseID(t.Value); err == nil {
		if m := a.Deps[id.String()]; m != nil {
			return m
		}
	}
	return a.Deps[alias]
}

// Needed returns what is known of a release that a package behind the plan needs, whose metadata is m; nil if nothing is.
func (a *Analyzed) Needed(m *release.Metadata, ref string) *release.Metadata {
	id, err := release.ParseID(ref)
	if err != nil {
		return nil
	}
	if found := a.Deps[id.String()]; found != nil {
		return found
	}
	if a.notes.workspace == nil || a.notes.alone {
		return nil
	}
	return a.notes.workspace.Needed(m, id)
}
