// Package layout says how the lines of a plan are laid out while it is edited: as a whole, in part, and where a new line begins.
// The rules themselves are those of lang/format.
package layout

import (
	"slices"

	"escape.build/escape/lang/format"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Document returns the edits that make a plan tidy; none if it cannot be read. tree may be what was read of it before.
func Document(f *source.File, tree *syntax.File) []source.Edit {
	if tree != nil && tree.Source == f && tree.Memory != nil { // there are no mistakes
		return format.Edits(f.Text(), format.TidyTree(tree))
	}
	text, findings := format.Tidy(f)
	if findings.HasErrors() {
		return nil
	}
	return format.Edits(f.Text(), text)
}

// Ranges returns those edits of Document that touch the lines of some spans, or, if the plan would mean something else without
// the others, those that touch the fields in which the spans lie.
func Ranges(f *source.File, tree *syntax.File, spans []source.Span) []source.Edit {
	all := Document(f, tree)
	if len(all) == 0 {
		return nil
	}
	for _, widen := range []func(*source.File, []source.Span) []source.Span{lines, fields} {
		chosen := touching(all, widen(f, spans))
		if text, err := source.Apply(f.Text(), chosen); err == nil && format.Same(f, text) {
			return chosen
		}
	}
	return nil
}

// touching returns the edits that lie in or touch one of some spans.
func touching(all []source.Edit, spans []source.Span) []source.Edit {
	var chosen []source.Edit
	for _, e := range all {
		if slices.ContainsFunc(spans, func(s source.Span) bool { return s.Touches(e.Span) }) {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// lines widens spans to whole lines.
func lines(f *source.File, spans []source.Span) []source.Span {
	out := make([]source.Span, len(spans))
	for i, s := range spans {
		out[i] = source.Span{Start: f.Line(f.LineOf(int(s.Start))).Start, End: f.Line(f.LineOf(max(int(s.Start), int(s.End)-1))).End}
	}
	return out
}

// fields widens spans to the fields of the plan in which they lie.
func fields(f *source.File, spans []source.Span) []source.Span {
	out := lines(f, spans)
	tree, _ := notation.Parse(f)
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok {
		return out
	}
	for i := range root.Entries {
		field := lines(f, []source.Span{root.Entries[i].Span()})[0]
		for j := range out {
			if field.Touches(out[j]) {
				out[j] = source.Span{Start: min(out[j].Start, field.Start), End: max(out[j].End, field.End)}
			}
		}
	}
	return out
}
