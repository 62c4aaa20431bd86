package action

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// pin writes the version that a dependency or extension would get today in place of "latest", a pattern or a tag.
func pin(p place) []Action {
	for _, n := range p.an.Plan.Needs() {
		if p.on(n.Release) {
			return p.pinned(n.Release, n.Alias)
		}
	}
	return nil
}

func (p place) on(t plan.Text) bool { return t.Set() && t.Span().Encloses(p.span) }

func (p place) pinned(ref plan.Text, alias string) []Action {
	m := p.an.Deps[alias]
	id, err := release.ParseID(ref.Value)
	if err != nil || m == nil || m.Version == "" || !id.NeedsResolving() {
		return nil
	}
	if p.an.Env.Origin != nil && p.an.Env.Origin(m) != nil {
		return nil // a plan of the workspace: its version is not released yet
	}
	text := m.QualifiedID()
	if !strings.Contains(ref.Value, "/") {
		text = m.ReleaseID()
	}
	return []Action{{
		Title: fmt.Sprintf("Pin to %s", text), Kind: Rewrite,
		Changes: one(p.an.Source, source.Edit{Span: ref.Span(), New: text}),
	}}
}
