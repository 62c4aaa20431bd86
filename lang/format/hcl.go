package format

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// runHCL formats a plan in HCL. Its lines end in LF alone while that is done.
func runHCL(f *source.File, m mode) (string, diag.List) {
	file, findings := hclfile.Parse(f)
	if findings.HasErrors() {
		return f.Text(), findings
	}
	return tidyHCL(file, m), findings
}

// tidyHCL formats a plan that was read without mistakes.
func tidyHCL(file *syntax.File, m mode) string {
	text := file.Source.Text()
	eol := eolOf(text)
	if lf := strings.ReplaceAll(text, eol, "\n"); strings.Contains(lf, "\r") {
		return text // lines that end in CR alone, or in this and that
	} else if lf != text {
		file, _ = hclfile.Parse(source.NewFile(file.Source.Name(), lf))
	}
	h := hclLayout{layout: newLayout(file), mode: m}
	ok := h.cut()
	out := ""
	if ok {
		out = h.text[:h.start[0]] + hclfile.Align(h.write())
	}
	out = checked(file, out, ok)
	return strings.ReplaceAll(out, "\n", eol)
}

// An hclLayout is a plan in HCL as chunks: attributes and blocks of the top level with the comments around them.
type hclLayout struct {
	*layout
	mode mode
	// verbatim says which lines begin inside of a heredoc or a comment.
	verbatim []bool
}

// gap reports whether line n is a blank line of the layout.
func (h *hclLayout) gap(n int) bool { return !h.verbatim[n] && h.blank(n) }

// cut divides the document into header, chunks and foot; false if two parts share a line.
func (h *hclLayout) cut() bool {
	h.verbatim = make([]bool, h.count()+1)
	base := h.start[0]
	text := h.text[base:]
	for _, span := range hclfile.Verbatim(text) {
		last := h.lineOf(base + max(int(span.End)-1, int(span.Start)))
		for n := h.lineOf(base+int(span.Start)) + 1; n <= last; n++ {
			h.verbatim[n] = true
		}
	}
	root, _ := h.file.Root.(*syntax.Mapping)
	if root == nil {
		h.foot = lines{0, h.count()}
		return true
	}
	seen := map[int]int{}
	at := 0
	for i := range root.Entries {
		e := &root.Entries[i]
		c := chunk{field: fieldOf(e), entry: e}
		first := h.lineOf(int(e.Key.Pos.Start))
		if first < at {
			return false
		}
		if i == 0 {
			at = h.endOfHeader(first)
			h.header = lines{0, at}
		}
		end := h.endOfLine(h.lastLineOf(e.Span().End))
		next := h.count()
		if i+1 < len(root.Entries) {
			next = h.lineOf(int(root.Entries[i+1].Key.Pos.Start))
		}
		c.lead, c.body = lines{at, first}, lines{first, end + 1}
		c.tail = lines{end + 1, h.endOfTail(end+1, next)}
		at = c.tail.to
		if c.field != unknown {
			c.absent = !e.Block && absent(plan.Fields[c.field].Shape, e)
			seen[c.field]++
		}
		h.chunks = append(h.chunks, c)
	}
	h.foot = lines{at, h.count()}
	for i := range h.chunks {
		if c := &h.chunks[i]; seen[c.field] > 1 {
			c.absent = false // its pieces are put together
		}
	}
	if h.mode != tidy {
		h.chunks = order(h.chunks)
	}
	return true
}

// fieldOf returns the row of the field that an attribute or a block belongs to.
func fieldOf(e *syntax.Entry) int {
	if !e.Block {
		if _, row, ok := plan.Lookup(e.Key.Text); ok {
			return row
		}
		return unknown
	}
	if _, row, ok := plan.LookupBlock(e.Key.Text); ok {
		return row
	}
	return unknown
}

// endOfLine returns line n, or the last line of a comment that begins on it.
func (h *hclLayout) endOfLine(n int) int {
	for n+1 < h.count() && h.verbatim[n+1] {
		n++
	}
	return n
}

// endOfHeader returns the line behind the comments that stay on top: those above the last blank line before the first entry.
func (h *hclLayout) endOfHeader(first int) int {
	end, words := 0, false
	for n := range first {
		if h.gap(n) && words {
			end = n + 1
		}
		words = words || !h.gap(n)
	}
	return end
}

// endOfTail divides the lines between an entry and the next one: comments right below it that a blank line separates from
// the next one belong to it.
func (h *hclLayout) endOfTail(from, next int) int {
	n := from
	for n < next && !h.gap(n) {
		n++
	}
	if n < next {
		return n
	}
	return from
}

// write joins the lines.
func (h *hclLayout) write() string {
	w := hclWriter{hclLayout: h}
	w.lines(h.header, true)
	if h.header.to > 0 {
		w.out.WriteByte('\n')
	}
	var before *chunk
	for i := range h.chunks {
		c := &h.chunks[i]
		top := before == nil // blank lines among the comments on top of the file stay
		gaps := h.mode != minimal || top
		if !top && h.mode != minimal && (h.gapAbove(c) || h.apart(before, c)) {
			w.out.WriteByte('\n')
		}
		w.lines(c.lead, gaps)
		if h.mode == minimal && c.dropped() {
			w.remains(c)
			w.lines(c.tail, false)
			continue
		}
		if gaps && h.words(c.lead) && h.gap(c.lead.to-1) {
			w.out.WriteByte('\n')
		}
		w.lines(c.body, h.mode != minimal)
		w.lines(c.tail, h.mode != minimal)
		before = c
	}
	if h.words(h.foot) {
		if h.gap(h.foot.from) && before != nil && h.mode != minimal {
			w.out.WriteByte('\n')
		}
		w.lines(h.foot, h.mode != minimal)
	}
	return w.out.String()
}

// words reports whether r holds more than blank lines.
func (h *hclLayout) words(r lines) bool {
	for n := r.from; n < r.to; n++ {
		if !h.gap(n) {
			return true
		}
	}
	return false
}

// gapAbove reports whether c begins with a blank line.
func (h *hclLayout) gapAbove(c *chunk) bool { return c.lead.to > c.lead.from && h.gap(c.lead.from) }

// apart reports whether a blank line must be between two chunks: around blocks, but not between those of one kind on one line.
func (h *hclLayout) apart(a, b *chunk) bool {
	short := func(c *chunk) bool { return c.body.to == c.body.from+1 }
	if !a.entry.Block && !b.entry.Block {
		return false
	}
	return a.entry.Block != b.entry.Block || a.entry.Key.Text != b.entry.Key.Text || !short(a) || !short(b)
}

type hclWriter struct {
	*hclLayout
	out strings.Builder
}

// lines writes lines without the blank ones at both ends. Of several blank lines in between one stays, if gaps is set, but none
// behind an opening bracket or before a closing one.
func (w *hclWriter) lines(r lines, gaps bool) {
	gap, open := false, true
	for n := r.from; n < r.to; n++ {
		if w.gap(n) {
			gap = !open
			continue
		}
		text := strings.TrimRight(w.line(n), "\n")
		inside := n+1 < w.count() && w.verbatim[n+1]
		trimmed := strings.TrimSpace(text)
		closes := !w.verbatim[n] && trimmed != "" && strings.ContainsAny(trimmed[:1], "}])")
		if gap && gaps && !closes {
			w.out.WriteByte('\n')
		}
		w.out.WriteString(text + "\n")
		gap = false
		open = !w.verbatim[n] && !inside && trimmed != "" && strings.ContainsAny(trimmed[len(trimmed)-1:], "{[(") && !strings.ContainsAny(trimmed, "#/")
	}
}

// remains writes the comments of an attribute that is left out.
func (w *hclWriter) remains(c *chunk) {
	from, to := int32(w.start[c.body.from]), int32(w.start[c.body.to])
	for _, comment := range w.file.Comments {
		if comment.Pos.Start >= from && comment.Pos.Start < to {
			w.out.WriteString(w.file.Source.Slice(comment.Pos) + "\n")
		}
	}
}
