package lang

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// twice are the codes of things that are there two times, which both sides of a conflict always are.
var twice = []*diag.Entry{diag.DuplicateKey, diag.DuplicateVariable, diag.DuplicateAlias, diag.DuplicateConsumer,
	diag.SameTarget, diag.SameDest, diag.OddProvider, diag.StepConflict}

// quiet drops from more what only follows from the broken text. Behind a line in the wrong column nobody knows what
// belongs to what, up to the next field; a quote or bracket without its end holds whatever is left of its line; and both
// sides of a conflict are in the tree.
func quiet(tree *syntax.File, broken, more diag.List) diag.List {
	if tree.Conflicted {
		more = slices.DeleteFunc(more, func(d diag.Diagnostic) bool { return slices.Contains(twice, d.Code) })
	}
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok {
		return more
	}
	var areas []source.Span
	for _, d := range broken {
		var area source.Span
		switch d.Code {
		case diag.BadIndentation, diag.UnexpectedSequence, diag.TabIndentation:
			area = restOfField(tree, root, d.Span.Start)
		case diag.UnclosedQuote, diag.UnclosedBracket:
			f := tree.Source
			area = source.Span{Start: d.Span.Start, End: f.Line(f.LineOf(int(d.Span.Start))).End}
		}
		if n := len(areas); area.End > 0 && (n == 0 || areas[n-1].End < area.End) {
			areas = append(areas, area)
		}
	}
	if len(areas) == 0 {
		return more
	}
	return slices.DeleteFunc(more, func(d diag.Diagnostic) bool {
		i := sort.Search(len(areas), func(i int) bool { return areas[i].End > d.Span.Start })
		return i < len(areas) && areas[i].Start <= d.Span.Start
	})
}

// oncePerCut drops what is said about the pieces of an expression that YAML has cut: all that is wrong is the cut. Where
// the pieces are no YAML, the original says so.
func oncePerCut(list diag.List) diag.List {
	var cuts, rest diag.List
	for _, d := range list {
		if d.Code == diag.ExprCut {
			cuts = append(cuts, d)
		} else {
			rest = append(rest, d)
		}
	}
	if len(cuts) == 0 {
		return list
	}
	cuts = cuts.Sort()
	rest = slices.DeleteFunc(rest, func(d diag.Diagnostic) bool {
		i := sort.Search(len(cuts), func(i int) bool { return cuts[i].Span.End > d.Span.Start })
		if i == len(cuts) || cuts[i].Span.Start > d.Span.Start {
			return false
		}
		if cut := &cuts[i]; d.Code.IsText() && !strings.HasPrefix(cut.Original, "yaml: ") {
			cut.Original = fmt.Sprintf("yaml: line %d: %s", d.File.LineOf(int(d.Span.Start)), d.Original)
		}
		return true
	})
	return append(rest, cuts...)
}

// restOfField is what stands from an offset to the next field.
func restOfField(tree *syntax.File, root *syntax.Mapping, at int32) source.Span {
	i := sort.Search(len(root.Entries), func(i int) bool { return root.Entries[i].Key.Pos.Start > at })
	if i < len(root.Entries) {
		return source.Span{Start: at, End: root.Entries[i].Key.Pos.Start}
	}
	return source.Span{Start: at, End: int32(len(tree.Source.Text())) + 1}
}
