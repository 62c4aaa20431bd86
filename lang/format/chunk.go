package format

import (
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// lines is a half-open range of line numbers, counted from 0.
type lines struct{ from, to int }

// A chunk is one entry of the document with what belongs to it, as whole lines.
type chunk struct {
	field int           // row of plan.Fields; unknown for a field that is not there
	entry *syntax.Entry // nil for a field that is added
	lead  lines         // comments and blank lines above
	body  lines         // key and value
	tail  lines         // comments below that belong to the value, and blank lines before them
	// open says that the body ends in a block scalar with "+": a blank line below it would be content.
	open bool
	// absent says that the entry has no value.
	absent bool
}

// dropped reports whether minify leaves c out.
func (c *chunk) dropped() bool { return c.absent && !plan.Fields[c.field].Required }

// unknown is the field of an entry that is in no row of plan.Fields.
const unknown = -1

// A layout is a text in lines with the new place of each line.
type layout struct {
	file *syntax.File
	text string
	eol  string
	// start holds the offsets of the lines of the first document, and its end.
	start []int
	// column is the new indentation of each line; asWritten if it does not move.
	column []int
	edits  map[int][]source.Edit // changes within lines, by line

	// closed is a block scalar at the end of the text that gets a "-" by closing; nil if there is none.
	closed  *syntax.Scalar
	closing source.Edit

	prologue lines // up to and with the document marker
	header   lines // comments that stay on top
	chunks   []chunk
	foot     lines // comments that stay at the end
}

const asWritten = -1

func newLayout(file *syntax.File) *layout {
	text := file.Source.Text()
	l := &layout{file: file, text: text, eol: eolOf(text), edits: map[int][]source.Edit{}}
	end := int(file.End)
	at := 0
	if strings.HasPrefix(text, source.BOM) {
		at = len(source.BOM)
	}
	for at < end {
		l.start = append(l.start, at)
		n := strings.IndexByte(text[at:end], '\n')
		if n < 0 {
			at = end
			break
		}
		at += n + 1
	}
	l.start = append(l.start, at)
	l.column = make([]int, len(l.start))
	for i := range l.column {
		l.column[i] = asWritten
	}
	return l
}

// count returns the number of lines.
func (l *layout) count() int { return len(l.start) - 1 }

// line returns line i with its line break.
func (l *layout) line(i int) string { return l.text[l.start[i]:l.start[i+1]] }

// lineOf returns the line that holds off, by search from line from on.
func (l *layout) lineOf(off int) int {
	lo, hi := 0, l.count()
	for lo < hi {
		mid := (lo + hi) / 2
		if l.start[mid+1] <= off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return min(lo, max(l.count()-1, 0))
}

// lastLineOf returns the line of the last byte before end.
func (l *layout) lastLineOf(end int32) int { return l.lineOf(max(int(end)-1, 0)) }

// blank reports whether line i holds nothing but white space.
func (l *layout) blank(i int) bool { return strings.Trim(l.line(i), " \t\r\n") == "" }

// indentOf returns the number of spaces that line i starts with.
func (l *layout) indentOf(i int) int { return spaces(l.line(i)) }

func spaces(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// comment reports whether line i is a comment as a whole.
func (l *layout) comment(i int) bool {
	return strings.HasPrefix(strings.TrimLeft(l.line(i), " \t"), "#")
}

// cut divides the document into prologue, header, chunks and foot. It returns the root mapping, or nil if the document
// is empty; false if a document of this form is not formatted.
func (l *layout) cut() (*syntax.Mapping, bool) {
	root, isMapping := l.file.Root.(*syntax.Mapping)
	switch {
	case isMapping && !root.Flow && len(root.Entries) > 0:
	case isNothing(l.file.Root):
		return nil, l.cutEmpty()
	default:
		return nil, false
	}
	first := l.lineOf(int(root.Entries[0].Key.Pos.Start))
	if line, found := strings.CutPrefix(l.line(first), "---"); found && strings.TrimLeft(line, " \t\r\n") != line {
		return nil, false // a document on the line of its marker; "---:" is a key
	}
	l.prologue = lines{0, l.endOfPrologue(first)}
	if n := l.prologue.to; n > 0 && strings.HasPrefix(strings.TrimLeft(l.line(n-1), " "), "?") {
		return nil, false
	}
	l.header = lines{l.prologue.to, l.endOfHeader(l.prologue.to, first)}
	seen := map[string]int{}
	at := l.header.to
	rootColumn := l.indentOf(first)
	for i := range root.Entries {
		e := &root.Entries[i]
		if isBlock(e.Key) {
			return nil, false // its text ends with the lines behind it
		}
		if text := e.Key.Text; e.Key.Style == syntax.Plain && (strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...")) {
			return nil, false // in the first column it could become a document marker
		} else if strings.HasPrefix(text, source.BOM) {
			return nil, false // at the start of the text it would become a mark, which is not read
		}
		c := chunk{field: unknown, entry: e}
		if s := lastScalar(e.Value); i+1 == len(root.Entries) && isBlock(s) {
			l.close(s)
		}
		key, last := l.lineOf(int(e.Key.Pos.Start)), l.lastLineOf(endOf(e))
		if key < at {
			return nil, false
		}
		c.lead, c.body = lines{at, key}, lines{key, last + 1}
		next := l.count()
		if i+1 < len(root.Entries) {
			next = l.lineOf(int(root.Entries[i+1].Key.Pos.Start))
		}
		if c.open = l.keeps(lastScalar(e.Value)); c.open {
			for c.body.to < next && l.blank(c.body.to) {
				c.body.to++
			}
		}
		if !l.onlyComments(lines{c.body.to, next}) {
			return nil, false // a key below its "?"
		}
		c.tail = lines{c.body.to, l.endOfTail(c.body.to, next, rootColumn)}
		at = max(c.tail.to, c.body.to)
		if e.Odd == nil && e.Key.Kind != syntax.Merge {
			if f, row, ok := plan.Lookup(e.Key.Text); ok {
				c.field, c.absent = row, absent(f.Shape, e)
				seen[f.Name]++
			}
		}
		l.chunks = append(l.chunks, c)
	}
	l.foot = lines{at, l.count()}
	for i := range l.chunks {
		if c := &l.chunks[i]; c.field != unknown && seen[plan.Fields[c.field].Name] > 1 {
			c.absent = false // the last one wins, also if it is empty
		}
	}
	return root, true
}

func (l *layout) onlyComments(r lines) bool {
	for n := r.from; n < r.to; n++ {
		if !l.blank(n) && !l.comment(n) {
			return false
		}
	}
	return true
}

// isNothing reports whether a document has no text of its own.
func isNothing(root syntax.Node) bool {
	s, ok := root.(*syntax.Scalar)
	return root == nil || ok && s.Style == syntax.Empty && s.Props == nil
}

// cutEmpty takes a document of comments only as a header.
func (l *layout) cutEmpty() bool {
	l.prologue = lines{0, l.endOfPrologue(l.count())}
	l.header = lines{l.prologue.to, l.count()}
	l.foot = lines{l.count(), l.count()}
	return true
}

// endOfPrologue returns the line behind the last one before line first which is neither blank nor a comment.
func (l *layout) endOfPrologue(first int) int {
	for i := first; i > 0; i-- {
		if !l.blank(i-1) && !l.comment(i-1) {
			return i
		}
	}
	return 0
}

// toolMarks start comments which tools look for at the top of a file.
var toolMarks = []string{"#!", "# yaml-language-server:", "# $schema", "# -*-", "# vim:", "# vi:", "# kate:"}

// endOfHeader returns where the comments end that stay on top; first is the line of the first entry.
func (l *layout) endOfHeader(from, first int) int {
	end := from
	for i := from; i < first && l.comment(i); i++ {
		for _, mark := range toolMarks {
			if strings.HasPrefix(strings.TrimLeft(l.line(i), " \t"), mark) {
				end = i + 1
			}
		}
	}
	words := false
	for i := from; i < first; i++ {
		words = words || !l.blank(i)
		if l.blank(i) && words {
			end = i + 1
		}
	}
	return end
}

// endOfTail divides the lines between a value and the next key (or the end of the document): lines up to the result
// belong to the value.
func (l *layout) endOfTail(from, next, rootColumn int) int {
	end := from
	for i := from; i < next; i++ {
		if l.blank(i) {
			continue
		}
		if l.indentOf(i) <= rootColumn {
			break
		}
		end = i + 1
	}
	i := end
	for i < next && !l.blank(i) {
		i++
	}
	if i > end && i < next {
		end = i
	}
	return end
}

// endOf returns the offset where the text of e ends, comments below it excluded.
func endOf(e *syntax.Entry) int32 { return max(e.Key.Pos.End, endOfNode(e.Value)) }

func endOfNode(n syntax.Node) int32 {
	switch n := n.(type) {
	case *syntax.Mapping:
		if !n.Flow && len(n.Entries) > 0 {
			return endOf(&n.Entries[len(n.Entries)-1])
		}
	case *syntax.Sequence:
		if !n.Flow && len(n.Items) > 0 {
			last := n.Items[len(n.Items)-1]
			return max(last.Dash+1, endOfNode(last.Value))
		}
	}
	return n.Span().End
}

// lastScalar returns the scalar that ends the text of n in block style; nil if something else does.
func lastScalar(n syntax.Node) *syntax.Scalar {
	for {
		switch v := n.(type) {
		case *syntax.Scalar:
			return v
		case *syntax.Mapping:
			if v.Flow || len(v.Entries) == 0 {
				return nil
			}
			e := &v.Entries[len(v.Entries)-1]
			if n = e.Value; isBlock(e.Key) && isNothing(n) {
				return e.Key // "? |" with no value behind it
			}
		case *syntax.Sequence:
			if v.Flow || len(v.Items) == 0 {
				return nil
			}
			n = v.Items[len(v.Items)-1].Value
		default:
			return nil
		}
	}
}

func isBlock(s *syntax.Scalar) bool {
	return s != nil && (s.Style == syntax.Literal || s.Style == syntax.Folded)
}

// indicators returns what stands behind "|" or ">" of a block scalar, and where.
func (l *layout) indicators(s *syntax.Scalar) (text string, at int) {
	at = int(s.Pos.Start) + 1
	end := at
	for end < len(l.text) && strings.IndexByte("+-0123456789", l.text[end]) >= 0 {
		end++
	}
	return l.text[at:end], at
}

// keeps reports whether blank lines behind s are part of it.
func (l *layout) keeps(s *syntax.Scalar) bool {
	if !isBlock(s) {
		return false
	}
	text, _ := l.indicators(s)
	return strings.Contains(text, "+") && s != l.closed
}

// close looks after block scalar s at the end of the document, if that ends without a line break: lines may follow now.
// If the value lacks a line break only because of that, s gets a "-". Blanks on a last line that is not content go.
func (l *layout) close(s *syntax.Scalar) {
	last := l.count() - 1
	switch {
	case strings.HasSuffix(l.line(last), "\n"):
		return
	case s.Text == "" || strings.HasSuffix(s.Text, "\n"):
		if l.blank(last) {
			l.start = l.start[:last+1]
		}
		return
	}
	text, at := l.indicators(s)
	if strings.Contains(text, "-") {
		return
	}
	to := at + strings.Count(text[:min(len(text), 1)], "+")
	if len(text) > 1 && text[1] == '+' {
		at, to = at+1, at+2
	}
	l.closed, l.closing = s, source.Edit{Span: source.Span{Start: int32(at), End: int32(to)}, New: "-"}
}

// form is how a field without a value is written.
type form uint8

const (
	textForm form = iota
	listForm
	mapForm
)

func formOf(s plan.Shape) form {
	switch s {
	case plan.ShapeText, plan.ShapeScript, plan.ShapeBool, plan.ShapeAny, plan.ShapeStep:
		return textForm
	case plan.ShapePairs, plan.ShapeValues, plan.ShapeErrands:
		return mapForm
	default:
		return listForm
	}
}

// String returns the empty value of the form.
func (f form) String() string { return [...]string{`""`, "[]", "{}"}[f] }

// absent reports whether e has no value: null or the empty value of the shape, and nothing that an alias may name.
func absent(shape plan.Shape, e *syntax.Entry) bool {
	if e.Key.Props != nil {
		return false
	}
	switch v := e.Value.(type) {
	case *syntax.Scalar:
		return v.Props == nil && (v.Kind == syntax.Null || v.Text == "" && formOf(shape) == textForm)
	case *syntax.Sequence:
		return v.Props == nil && len(v.Items) == 0 && formOf(shape) == listForm
	case *syntax.Mapping:
		return v.Props == nil && len(v.Entries) == 0 && formOf(shape) == mapForm
	}
	return false
}

// isNull reports whether the value of e is null without more.
func isNull(e *syntax.Entry) bool {
	v, ok := e.Value.(*syntax.Scalar)
	return ok && v.Kind == syntax.Null && v.Props == nil
}
