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
