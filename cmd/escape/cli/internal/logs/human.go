package logs

import (
	"io"
	"slices"
	"strings"
)

const (
	green, red, reset = "\x1b[32m", "\x1b[31m", "\x1b[0m"
	check             = "✔️ "
	checkWidth        = 3 // the mark takes two columns on most terminals
)

// human writes lines for people:
//
//	<two spaces per section below the first><innermost section>: <mark><message>
type human struct {
	out      io.Writer
	color    bool
	collapse bool
	width    func() int

	open     bool     // the last line has no line break yet and may be overwritten
	openSect []string // its sections
	openCols int      // columns of its message
	openFull string   // the message if only a part of it is shown
}

func (h *human) write(e *Entry, r *row, message string) {
	prefix := ""
	if n := len(e.Sections); n > 0 {
		prefix = strings.Repeat("  ", n-1) + e.Sections[n-1] + ": "
	}
	if h.collapse && r.collapse {
		h.overwrite(e, r, prefix, message)
		return
	}
	var b strings.Builder
	h.finish(&b)
	b.WriteString(prefix + h.paint(r.level, message) + "\n" + e.Detail)
	io.WriteString(h.out, b.String())
}

// overwrite shows a message that a following one of the same sections may replace.
func (h *human) overwrite(e *Entry, r *row, prefix, message string) {
	full, cols := "", columns(message)
	mark := 0
	if r.level == Success {
		mark = checkWidth
	}
	if h.width != nil {
		// A line that wraps cannot be erased by going back; one column is left for the cursor.
		if w := h.width(); w > 0 {
			whole := message
			message, cols = cut(message, max(w-1-columns(prefix)-mark, 1))
			if message != whole {
				full = h.paint(r.level, whole)
			}
		}
	}
	cols += mark
	var b strings.Builder
	switch {
	case h.open && slices.Equal(h.openSect, e.Sections):
		h.erase(&b)
	default:
		h.finish(&b)
		b.WriteString(prefix)
	}
	b.WriteString(h.paint(r.level, message))
	h.open, h.openSect, h.openCols = true, slices.Clone(e.Sections), cols
	h.openFull = full
	io.WriteString(h.out, b.String())
}

// erase takes the message of the open line away.
func (h *human) erase(b *strings.Builder) {
	back := strings.Repeat("\b", h.openCols)
	b.WriteString(back + strings.Repeat(" ", h.openCols) + back)
}

// finish ends the open line, if there is one. Nothing will overwrite it any more, so it is shown as a whole.
func (h *human) finish(b *strings.Builder) {
	if !h.open {
		return
	}
	if h.openFull != "" {
		h.erase(b)
		b.WriteString(h.openFull)
	}
	b.WriteByte('\n')
	h.open = false
}

// paint adds mark and colour of a level. The blank before a red error is the original's.
func (h *human) paint(l Level, message string) string {
	switch {
	case l == Success && h.color:
		return green + check + message + reset
	case l == Success:
		return check + message
	case l == Error && h.color:
		return red + " " + message + reset
	default:
		return message
	}
}

func (h *human) close() {
	var b strings.Builder
	h.finish(&b)
	io.WriteString(h.out, b.String())
}

// columns counts the columns of s on a terminal: wide characters take two, combining marks none.
func columns(s string) (n int) {
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r < ' ' || r == 0x7f || r >= 0x0300 && r <= 0x036F || r == 0x200D || r >= 0xFE00 && r <= 0xFE0F:
		return 0
	case r >= 0x1100 && (r <= 0x115F || r >= 0x2E80 && r <= 0xA4CF || r >= 0xAC00 && r <= 0xD7A3 ||
		r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE6F || r >= 0xFF00 && r <= 0xFF60 || r >= 0x1F300 && r <= 0x1FAFF):
		return 2
	default:
		return 1
	}
}

// cut shortens s to at most limit columns, with an ellipsis in the last one, and returns its columns.
func cut(s string, limit int) (string, int) {
	if n := columns(s); n <= limit {
		return s, n
	}
	n := 0
	for i, r := range s {
		w := runeColumns(r)
		if n+w > limit-1 {
			return s[:i] + "…", n + 1
		}
		n += w
	}
	return s, n
}
