// Package action says what can be done with a plan, or a script of one, at a place: mend what is wrong, silence it, and change
// the plan without changing what it does. It only makes edits; nothing is written.
//
// Read action.go (what comes out, and fixes of findings), ignore.go, fixall.go, then extract.go, inline.go, declare.go, mapping.go
// and pin.go, one kind of change each.
package action

import (
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// Kinds of actions, as the protocol writes them.
const (
	QuickFix = "quickfix"
	Extract  = "refactor.extract"
	Inline   = "refactor.inline"
	Rewrite  = "refactor.rewrite"
	FixAll   = "source.fixAll.escape"
	Organize = "source.organizeFields.escape"
)

// An Action is one thing that can be done.
type Action struct {
	Title     string
	Kind      string
	Preferred bool
	// Finding is what it resolves; nil if it is not about one.
	Finding *diag.Diagnostic
	Changes []Change
}

// A Change is the edits of one file.
type Change struct {
	File  *source.File
	Edits []source.Edit
}

func one(f *source.File, edits ...source.Edit) []Change { return []Change{{f, edits}} }

// At returns what can be done in a file at a span: with the findings of the plan there, and, if the file is the plan itself, with
// the plan.
func At(snap *cache.Snapshot, an *cache.Analyzed, f *source.File, span source.Span) []Action {
	var all []Action
	for i := range an.Shown {
		d := &an.Shown[i]
		if d.File == nil || d.File.Name() != f.Name() || !d.Span.Touches(span) {
			continue
		}
		all = append(all, fixes(snap, an, d)...)
		all = append(all, declare(an, d)...)
		all = append(all, ignore(snap, an, d)...)
	}
	if f != an.Source {
		return all
	}
	p := place{an: an, span: span}
	for _, more := range []func(place) []Action{extract, inline, mapping, pin} {
		all = append(all, more(p)...)
	}
	return all
}

// A place is a span of a plan.
type place struct {
	an   *cache.Analyzed
	span source.Span
}

// in reports whether the place lies in a node.
func (p place) in(node interface{ Span() source.Span }) bool {
	return node != nil && node.Span().Encloses(p.span)
}

// fixes are those of a finding itself. One that makes an expression of a text is tried: the expression may be wrong in ways that
// are seen only when it is there, such as defaults that need each other.
func fixes(snap *cache.Snapshot, an *cache.Analyzed, d *diag.Diagnostic) []Action {
	all := make([]Action, 0, len(d.Fixes))
	for i := range d.Fixes {
		fix := &d.Fixes[i]
		if d.Code == diag.TextReference && d.Edited(fix) == an.Source && !better(snap, an, fix.Edits) {
			continue
		}
		all = append(all, Action{
			Title: fix.Title, Kind: QuickFix, Preferred: fix.Preferred || len(d.Fixes) == 1 && d.Severity == diag.Error, Finding: d,
			Changes: one(d.Edited(fix), fix.Edits...),
		})
	}
	return all
}

// better reports whether a plan has fewer findings after edits.
func better(snap *cache.Snapshot, an *cache.Analyzed, edits []source.Edit) bool {
	text, err := source.Apply(an.Source.Text(), edits)
	return err == nil && len(snap.Try(an.Doc, text).Shown) < len(an.Shown)
}

// errorsIn counts the findings of a plan that are errors.
func errorsIn(an *cache.Analyzed) int { return an.Shown.Count(diag.Error) }
