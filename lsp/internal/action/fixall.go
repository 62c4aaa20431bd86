package action

import (
	"slices"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/format"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// maxRounds is how often fixes are made: each may make way for another.
const maxRounds = 20

// All returns the edits that make all preferred fixes of a plan, in the plan itself, as long as none of them makes an error.
// Nothing is left to do afterwards.
func All(snap *cache.Snapshot, an *cache.Analyzed) []source.Edit {
	first, seen := an, map[string]bool{}
	for range maxRounds {
		if seen[an.Source.Text()] {
			break
		}
		seen[an.Source.Text()] = true
		next := round(snap, an)
		if next == nil {
			break
		}
		an = next
	}
	return format.Edits(first.Source.Text(), an.Source.Text())
}

// round makes all fixes that do not overlap, or the first one that does no harm; nil if there is none.
func round(snap *cache.Snapshot, an *cache.Analyzed) *cache.Analyzed {
	all := chosen(an)
	if len(all) == 0 {
		return nil
	}
	if next := try(snap, an, slices.Concat(all...)); next != nil {
		return next
	}
	for _, edits := range all {
		if next := try(snap, an, edits); next != nil {
			return next
		}
	}
	return nil
}

func try(snap *cache.Snapshot, an *cache.Analyzed, edits []source.Edit) *cache.Analyzed {
	text, err := source.Apply(an.Source.Text(), edits)
	if err != nil || text == an.Source.Text() {
		return nil
	}
	next := snap.Try(an.Doc, text)
	if errorsIn(next) > errorsIn(an) {
		return nil
	}
	return next
}

// chosen returns the preferred fixes of the plan, those that touch an earlier one left out.
func chosen(an *cache.Analyzed) [][]source.Edit {
	var all [][]source.Edit
	var taken []source.Span
	for i := range an.Shown {
		d := &an.Shown[i]
		n := slices.IndexFunc(d.Fixes, func(x diag.Fix) bool { return x.Preferred && len(x.Edits) > 0 && d.Edited(&x) == an.Source })
		if n < 0 {
			continue
		}
		edits := d.Fixes[n].Edits
		if slices.ContainsFunc(edits, func(e source.Edit) bool {
			return slices.ContainsFunc(taken, func(s source.Span) bool { return s.Touches(e.Span) })
		}) {
			continue
		}
		for _, e := range edits {
			taken = append(taken, e.Span)
		}
		all = append(all, edits)
	}
	return all
}
