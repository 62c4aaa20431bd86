package format

import (
	"strings"

	"escape.build/escape/lang/source"
)

// Edits returns edits that turn old into new, and leave as much of it alone as they can: lines that differ in white space only
// are changed where they do, so that cursors and folds of an editor stay where they are. Where lines have moved, all lines between the
// first and the last of these are one edit.
func Edits(old, new string) []source.Edit {
	a, b := strings.SplitAfter(old, "\n"), strings.SplitAfter(new, "\n")
	d := differ{a: a, b: b}
	tail := 0 // common lines at the end
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	endA, endB := len(a)-tail, len(b)-tail
	for d.i < endA || d.j < endB {
		switch {
		case d.i < endA && d.j < endB && sameWords(a[d.i], b[d.j]):
			d.line()
		case d.i < endA && strings.TrimSpace(a[d.i]) == "":
			d.replace(d.i+1, d.j)
		case d.j < endB && strings.TrimSpace(b[d.j]) == "":
			d.replace(d.i, d.j+1)
		default:
			d.replace(endA, endB)
		}
	}
	return d.edits
}

// A differ stands before line i of a and line j of b; at is the offset of the former.
type differ struct {
	a, b  []string
	i, j  int
	at    int
	edits []source.Edit
}

// replace turns the lines up to i into those up to j. Neighbouring edits become one.
func (d *differ) replace(i, j int) {
	n := 0
	for _, line := range d.a[d.i:i] {
		n += len(line)
	}
	d.add(source.Edit{Span: source.Span{Start: int32(d.at), End: int32(d.at + n)}, New: strings.Join(d.b[d.j:j], "")})
	d.at += n
	d.i, d.j = i, j
}

// line changes what differs between two lines, and goes on behind them.
func (d *differ) line() {
	a, b := d.a[d.i], d.b[d.j]
	if a != b {
		from := 0
		for from < len(a) && from < len(b) && a[from] == b[from] {
			from++
		}
		toA, toB := len(a), len(b)
		for toA > from && toB > from && a[toA-1] == b[toB-1] {
			toA, toB = toA-1, toB-1
		}
		d.add(source.Edit{Span: source.Span{Start: int32(d.at + from), End: int32(d.at + toA)}, New: b[from:toB]})
	}
	d.at += len(a)
	d.i++
	d.j++
}

// sameWords reports whether two lines differ in white space only.
func sameWords(a, b string) bool {
	if a == b {
		return true
	}
	return strings.Join(strings.Fields(a), "") == strings.Join(strings.Fields(b), "")
}

func (d *differ) add(e source.Edit) {
	if n := len(d.edits); n > 0 && d.edits[n-1].Span.End == e.Span.Start {
		last := &d.edits[n-1]
		last.Span.End = e.Span.End
		last.New += e.New
		return
	}
	d.edits = append(d.edits, e)
}
