package outline

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A Fold is a part of a text that can be hidden.
type Fold struct {
	// Span is what is hidden by an editor that can hide parts of lines.
	Span source.Span
	// First and Last are lines, from 1, for an editor that hides whole lines: all behind the first one down to the last.
	First, Last int
	Kind        FoldKind
}

// A FoldKind says what is folded.
type FoldKind uint8

// The kinds of folds.
const (
	Entries FoldKind = iota
	Comments
	Region
)

// Folds returns what can be folded, in the order of the text; of those that begin in one line the largest.
func Folds(f *syntax.File) []Fold {
	w := folder{src: f.Source}
	w.comments(f.Comments)
	w.node(f.Root)
	slices.SortStableFunc(w.out, func(a, b Fold) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(b.Last, a.Last))
	})
	return slices.CompactFunc(w.out, func(a, b Fold) bool { return a.First == b.First })
}

type folder struct {
	src *source.File
	out []Fold
}

// lines adds whole lines: all that follows the line of from, down to the line of to.
func (w *folder) lines(from, to int32, kind FoldKind) {
	first, last := w.src.LineOf(int(from)), w.src.LineOf(int(max(to-1, from)))
	for last > first && strings.TrimSpace(w.src.Slice(w.src.Line(last))) == "" {
		last--
	}
	if last > first {
		w.out = append(w.out, Fold{source.Span{Start: w.src.Line(first).End, End: w.src.Line(last).End}, first, last, kind})
	}
}

// inside adds what stands between brackets, the last of which stays in sight.
func (w *folder) inside(open, end int32) {
	first, last := w.src.LineOf(int(open)), w.src.LineOf(int(end-1))
	if text := w.src.Text(); last <= first || strings.IndexByte("]})", text[end-1]) < 0 {
		w.lines(open, end, Entries) // it is not closed
		return
	}
	if last-1 > first {
		w.out = append(w.out, Fold{source.Span{Start: open + 1, End: end - 1}, first, last - 1, Entries})
	}
}

func (w *folder) node(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			w.entry(&n.Entries[i])
		}
	case *syntax.Sequence:
		for i := range n.Items {
			it := &n.Items[i]
			if it.Dash >= 0 {
				w.lines(it.Dash, it.Value.Span().End, Entries)
			} else {
				w.brackets(it.Value)
			}
			w.node(it.Value)
		}
	}
}

func (w *folder) entry(e *syntax.Entry) {
	span := e.Span()
	switch v := e.Value.(type) {
	case *syntax.Mapping:
		if e.Block && v.Pos.Len() > 0 {
			w.inside(w.brace(e, v), span.End)
		} else if !w.brackets(v) {
			w.lines(span.Start, span.End, Entries)
		}
	case *syntax.Sequence:
		if !w.brackets(v) {
			w.lines(span.Start, span.End, Entries)
		}
	default:
		w.lines(span.Start, span.End, Entries)
	}
	w.node(e.Value)
}

// brace is where the bracket of a block of HCL stands.
func (w *folder) brace(e *syntax.Entry, v *syntax.Mapping) int32 {
	from := e.Key.Pos.End
	if n := len(e.Labels); n > 0 {
		from = e.Labels[n-1].Pos.End
	}
	if i := strings.IndexByte(w.src.Text()[from:max(from, v.Pos.End)], '{'); i >= 0 {
		return from + int32(i)
	}
	return from
}

// brackets adds a collection in brackets. It reports false for any other node.
func (w *folder) brackets(n syntax.Node) bool {
	span := n.Span()
	switch v := n.(type) {
	case *syntax.Mapping:
		if !v.Flow {
			return false
		}
	case *syntax.Sequence:
		if !v.Flow {
			return false
		}
	default:
		return false
	}
	if span.Len() > 0 {
		w.inside(span.Start, span.End)
	}
	return true
}

var (
	regionStart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(#|//)\s*#?region\b`) })
	regionEnd   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(#|//)\s*#?endregion\b`) })
)

// comments adds regions, and comments of several lines.
func (w *folder) comments(list []syntax.Comment) {
	var open []int32
	first, last := -1, -1 // of the comments that follow each other directly
	flush := func() {
		if first >= 0 && last > first {
			w.lines(list[first].Pos.Start, list[last].Pos.End, Comments)
		}
		first = -1
	}
	for i := range list {
		c := &list[i]
		if regionStart().MatchString(c.Text) {
			flush()
			open = append(open, c.Pos.Start)
			continue
		}
		if regionEnd().MatchString(c.Text) {
			flush()
			if n := len(open); n > 0 {
				w.lines(open[n-1], c.Pos.End, Region)
				open = open[:n-1]
			}
			continue
		}
		line := w.src.LineOf(int(c.Pos.Start))
		alone := strings.TrimSpace(w.src.Text()[w.src.Line(line).Start:c.Pos.Start]) == ""
		if alone && strings.ContainsAny(c.Text, "\r\n") {
			w.lines(c.Pos.Start, c.Pos.End, Comments)
		}
		switch {
		case !alone:
			flush()
		case first >= 0 && w.src.LineOf(int(list[last].Pos.End))+1 == line:
			last = i
		default:
			flush()
			first, last = i, i
		}
	}
	flush()
}
