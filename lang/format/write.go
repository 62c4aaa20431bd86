package format

import (
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// write joins the lines of l in the order of chunks.
func (l *layout) write(chunks []chunk, m mode) string {
	w := writer{layout: l, mode: m}
	w.out.Grow(len(l.text) + 1024)
	w.out.WriteString(l.text[:l.start[0]])
	for n := l.prologue.from; n < l.prologue.to; n++ {
		w.line(n)
	}
	l.unindent(l.header)
	l.unindent(l.foot)
	w.between(l.header, blanks{inside: true})
	if isNothing(l.file.Root) && w.words {
		w.out.WriteString(l.eol)
	}
	for i := range chunks {
		w.chunk(&chunks[i])
	}
	for l.foot.to > l.foot.from && l.blank(l.foot.to-1) {
		l.foot.to--
	}
	w.between(l.foot, blanks{before: m.asFound() && w.began, inside: m != minimal})
	w.out.WriteString(l.text[l.file.End:])
	return w.out.String()
}

type writer struct {
	*layout
	mode  mode
	out   strings.Builder
	began bool // an entry has been written
	words bool // the last thing that between wrote was a comment
}

func (w *writer) chunk(c *chunk) {
	// Blank lines among the comments on top of the file stay in both modes.
	w.between(c.lead, blanks{before: w.mode.asFound(), inside: w.mode != minimal || !w.began})
	if w.mode == minimal && c.dropped() {
		w.remains(c)
		return
	}
	w.began = true
	if c.absent && !w.mode.asFound() {
		w.empty(c)
	} else {
		w.body(c)
	}
	w.between(c.tail, blanks{before: w.mode != minimal, inside: w.mode != minimal})
	if w.mode == pretty && !(c.open && c.tail.from == c.tail.to) {
		w.out.WriteString(w.eol)
	}
}

func (w *writer) body(c *chunk) {
	for n := c.body.from; n < c.body.to; n++ {
		w.line(n)
	}
}

// empty writes a field without a value. One that has been written as null becomes the empty value of its kind.
func (w *writer) empty(c *chunk) {
	value := formOf(plan.Fields[c.field].Shape).String()
	if c.entry == nil {
		w.out.WriteString(plan.Fields[c.field].Name + ": " + value + w.eol)
		return
	}
	if isNull(c.entry) {
		w.fill(c.entry.Value.(*syntax.Scalar), int(c.entry.Key.Pos.End), value)
	}
	w.body(c)
}

// fill replaces null by value.
func (w *writer) fill(null *syntax.Scalar, keyEnd int, value string) {
	edit := source.Edit{Span: null.Pos, New: value}
	if null.Pos.Len() == 0 {
		n := w.lineOf(keyEnd)
		rest := w.text[keyEnd:w.start[n+1]]
		gap := len(rest) - len(strings.TrimLeft(rest, " \t"))
		if !strings.HasPrefix(rest[gap:], ":") {
			return // "? key" without a value
		}
		from := keyEnd + gap + 1
		rest = rest[gap+1:]
		trailing := len(rest) - len(strings.TrimLeft(rest, " \t"))
		to := from + trailing
		if strings.HasPrefix(rest[trailing:], "#") {
			to = from
		}
		edit = source.Edit{Span: source.Span{Start: int32(from), End: int32(to)}, New: " " + value}
	}
	n := w.lineOf(int(edit.Span.Start))
	w.edits[n] = append(w.edits[n], edit)
}

// remains writes the comments of an entry that is left out.
func (w *writer) remains(c *chunk) {
	if c.entry == nil {
		return
	}
	from, to := w.start[c.body.from], w.start[c.body.to]
	all := w.file.Comments
	i, _ := slices.BinarySearchFunc(all, from, func(c syntax.Comment, off int) int { return int(c.Pos.Start) - off })
	for ; i < len(all) && int(all[i].Pos.Start) < to; i++ {
		w.out.WriteString(strings.TrimRight(w.file.Source.Slice(all[i].Pos), "\r\n") + w.eol)
	}
	w.unindent(c.tail)
	w.between(c.tail, blanks{})
}

// blanks says what becomes of blank lines between comments.
type blanks struct {
	before bool // keep them above the first comment
	inside bool // keep them below a comment
}

// between writes the comments in r with the blank lines among them; several blank lines become one.
func (w *writer) between(r lines, keep blanks) {
	w.words = false
	gap := false
	for n := r.from; n < r.to; n++ {
		if w.blank(n) {
			gap = gap || w.words && keep.inside || !w.words && keep.before
			continue
		}
		if gap && !(w.mode.asFound() && w.afterBlank()) {
			w.out.WriteString(w.eol)
		}
		gap, w.words = false, true
		w.line(n)
	}
	if gap && (w.words || w.mode.asFound() && !w.afterBlank()) {
		w.out.WriteString(w.eol)
		w.words = false
	}
}

// afterBlank reports whether what comes next stands below a blank line or on top of the text.
func (w *writer) afterBlank() bool {
	s := w.out.String()
	return len(s) <= w.start[0] || strings.HasSuffix(s, w.eol+w.eol)
}

// line writes line n at its column, with its edits. The last line of the text gets a line break if it had none.
func (w *writer) line(n int) {
	text := w.layout.line(n)
	edits := slices.Clone(w.edits[n])
	if at := int(w.closing.Span.Start); w.closed != nil && w.start[n] <= at && at < w.start[n+1] {
		edits = append(edits, w.closing)
	}
	if len(edits) > 0 {
		for i := range edits {
			edits[i].Span = edits[i].Span.Shift(-w.start[n])
		}
		applied, err := source.Apply(text, edits)
		if err != nil {
			diag.Bugf("format line %d: %v", n+1, err)
		} else {
			text = applied
		}
	}
	if column := w.column[n]; column != asWritten {
		text = text[spaces(text):]
		for range column {
			w.out.WriteByte(' ')
		}
	}
	w.out.WriteString(text)
	if !strings.HasSuffix(text, "\n") {
		w.out.WriteString(w.eol)
	}
}
