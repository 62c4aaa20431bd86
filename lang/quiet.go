package lang

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// twice are the codes of things that are there two times, which both sides of a conflict always are.
var twice = []*diag.Entry{diag.DuplicateKey, diag.DuplicateVariable, diag.DuplicateAlias, diag.DuplicateConsumer,
	diag.SameTarget, diag.SameDest, diag.OddProvider, diag.StepConflict}

// missing are the codes of things that are not there, which is no wonder if the expression that gives them cannot be read.
var missing = []*diag.Entry{diag.MissingKey, diag.PlanWithoutName, diag.OutputNeverSet, diag.OutputNotWritten, diag.EmptyStep, diag.InputNotPassed}

// quietMissing drops what is said to be missing in a plan of HCL with expressions that have no meaning.
func quietMissing(list diag.List) diag.List {
	if !slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
		return d.Code == diag.UnsupportedExpression || d.Code == diag.LiteralNeeded
	}) {
		return list
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return slices.Contains(missing, d.Code) })
}

// quiet drops from more what only follows from the broken text. Behind a line in the wrong column nobody knows what
// belongs to what, up to the next field; a quote or bracket without its end holds whatever is left of its line; brackets
// with something wrong between them hold anything; and both sides of a conflict are in the tree.
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
		case diag.SyntaxError:
			if strings.HasPrefix(d.Original, "did not find expected ',' or") {
				area = flowAround(root, d.Span.Start)
			}
		case diag.ReservedCharacter:
			area = flowAround(root, d.Span.Start)
		case diag.UnexpectedText:
			if d.Original == "did not find expected key" { // a word between a key and its list
				area = restOfField(tree, root, d.Span.Start)
			}
		case diag.BadIndentation, diag.UnexpectedSequence, diag.TabIndentation:
			area = restOfField(tree, root, d.Span.Start)
		case diag.UnclosedQuote, diag.UnclosedBracket:
			f := tree.Source
			area = source.Span{Start: d.Span.Start, End: f.Line(f.LineOf(int(d.Span.Start))).End}
			if tree.Notation == syntax.HCL && d.Code == diag.UnclosedBracket {
				area = restOfBlock(f, d.Span.Start)
			}
		}
		if n := len(areas); n > 0 && area.Start < areas[n-1].End {
			areas[n-1].Start, areas[n-1].End = min(area.Start, areas[n-1].Start), max(area.End, areas[n-1].End)
		} else if area.End > 0 {
			areas = append(areas, area)
		}
	}
	if len(areas) == 0 {
		return more
	}
	inside := func(at int32) bool {
		i := sort.Search(len(areas), func(i int) bool { return areas[i].End > at })
		return i < len(areas) && areas[i].Start <= at
	}
	return slices.DeleteFunc(more, func(d diag.Diagnostic) bool {
		if d.File != tree.Source {
			return false
		}
		return d.Code != diag.ExprCut && inside(d.Span.Start) ||
			d.Code == diag.DuplicateKey && len(d.Related) > 0 && inside(d.Related[0].Span.Start)
	})
}

// missingField is what is said about a required field that is not there, and its name.
func missingField(d *diag.Diagnostic) (name string) {
	switch {
	case d.Code == diag.PlanWithoutName:
		return "name"
	case d.Code == diag.InvalidVersion && d.Original == "Invalid version string ''.":
		return "version"
	}
	return ""
}

// oncePerName makes one finding of two where a required field is missing because its name is misspelt.
func oncePerName(tree *syntax.File, list diag.List) diag.List {
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok {
		return list
	}
	filled := func(key source.Span) bool { // whether what stands behind it will do
		return slices.ContainsFunc(root.Entries, func(e syntax.Entry) bool {
			s, ok := e.Value.(*syntax.Scalar)
			if !ok || s.Kind == syntax.Null {
				return false
			}
			_, name := release.SplitName(strings.TrimSpace(s.Text))
			return e.Key.Pos == key && name != ""
		})
	}
	for i := range list {
		missing := &list[i]
		name := missingField(missing)
		if name == "" {
			continue
		}
		j := slices.IndexFunc(list, func(d diag.Diagnostic) bool {
			return d.Code == diag.UnknownField && len(d.Fixes) > 0 && d.Fixes[0].Edits[0].New == name && filled(d.Span)
		})
		if j >= 0 {
			missing.Span, missing.Hint, missing.Fixes = list[j].Span, list[j].Message, list[j].Fixes
			list[j].Code = nil
		}
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Code == nil })
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
		if i == len(cuts) || cuts[i].Span.Start > d.Span.Start || cuts[i].File != d.File {
			return false
		}
		if cut := &cuts[i]; d.Code.IsText() && !strings.HasPrefix(cut.Original, "yaml: ") {
			cut.Original = fmt.Sprintf("yaml: line %d: %s", d.File.LineOf(int(d.Span.Start)), d.Original)
		}
		return true
	})
	return append(rest, cuts...)
}

// flowAround is the innermost collection in brackets around an offset of the tree; empty if there is none.
func flowAround(n syntax.Node, at int32) (area source.Span) {
	for {
		var inner syntax.Node
		flow := false
		switch n := n.(type) {
		case *syntax.Mapping:
			flow = n.Flow
			if i := sort.Search(len(n.Entries), func(i int) bool { return n.Entries[i].Key.Pos.Start > at }); i > 0 {
				inner = n.Entries[i-1].Value
			}
		case *syntax.Sequence:
			flow = n.Flow
			if i := sort.Search(len(n.Items), func(i int) bool { return n.Items[i].Value.Span().Start > at }); i > 0 {
				inner = n.Items[i-1].Value
			}
		}
		if flow {
			area = n.Span()
		}
		if inner == nil || !inner.Span().Contains(int(at)) {
			return area
		}
		n = inner
	}
}

// restOfField is what stands from an offset to the next field: an entry in the column of the first.
func restOfField(tree *syntax.File, root *syntax.Mapping, at int32) source.Span {
	column := func(i int) int32 {
		start := root.Entries[i].Key.Pos.Start
		return start - tree.Source.Line(tree.Source.LineOf(int(start))).Start
	}
	i := sort.Search(len(root.Entries), func(i int) bool { return root.Entries[i].Key.Pos.Start > at })
	for ; i < len(root.Entries); i++ {
		if column(i) == column(0) {
			return source.Span{Start: at, End: root.Entries[i].Key.Pos.Start}
		}
	}
	return source.Span{Start: at, End: int32(len(tree.Source.Text())) + 1}
}

// restOfBlock is the text from a bracket of HCL without its end up to the next brace in the first column: what stands between
// belongs to one block or to another.
func restOfBlock(f *source.File, start int32) source.Span {
	line := f.Line(f.LineOf(int(start)))
	rest := f.Text()[start:]
	if i := strings.Index(rest, "\n}"); i >= 0 {
		return source.Span{Start: line.Start, End: start + int32(i) + 2}
	}
	return source.Span{Start: line.Start, End: int32(len(f.Text()))}
}
