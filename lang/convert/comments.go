package convert

import (
	"cmp"
	"slices"
	"strings"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A notes hands out the comments of a document, each once.
type notes struct {
	file *syntax.File
	used map[int32]bool // by where they start
	log  []int32        // what has been used, in order
}

func newNotes(file *syntax.File) *notes { return &notes{file: file, used: map[int32]bool{}} }

// mark and undo take back what is taken in between.
func (n *notes) mark() int { return len(n.log) }

func (n *notes) undo(mark int) {
	for _, at := range n.log[mark:] {
		delete(n.used, at)
	}
	n.log = n.log[:mark]
}

// walk calls fn for the comments of n and all it holds.
func walk(n syntax.Node, fn func(*syntax.Comment)) {
	all := func(list []syntax.Comment, trail *syntax.Comment) {
		for i := range list {
			fn(&list[i])
		}
		if trail != nil {
			fn(trail)
		}
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			all(n.Entries[i].Lead, n.Entries[i].Trail)
			walk(n.Entries[i].Value, fn)
		}
		all(n.Foot, nil)
	case *syntax.Sequence:
		for i := range n.Items {
			all(n.Items[i].Lead, n.Items[i].Trail)
			walk(n.Items[i].Value, fn)
		}
		all(n.Foot, nil)
	}
}

// A note is one line of a comment: the text behind its "#".
type note struct {
	text string
	gap  bool // a blank line stands above it
}

// take returns the lines of those comments that have not been taken yet.
func (n *notes) take(list ...syntax.Comment) []note {
	var lines []note
	for _, c := range list {
		if n.used[c.Pos.Start] {
			continue
		}
		n.used[c.Pos.Start] = true
		n.log = append(n.log, c.Pos.Start)
		for i, text := range textsOf(c.Text) {
			lines = append(lines, note{text, i == 0 && n.gapAbove(c.Pos.Start)})
		}
	}
	return lines
}

// left takes the comments inside of span that nothing has taken: the other notation has no place for them.
func (n *notes) left(span source.Span) []note {
	all := n.file.Comments
	i, _ := slices.BinarySearchFunc(all, span.Start, func(c syntax.Comment, off int32) int { return cmp.Compare(c.Pos.Start, off) })
	end := i
	for end < len(all) && all[end].Pos.Start < span.End {
		end++
	}
	return n.take(all[i:end]...)
}

// trail takes the comment behind a value of one line; "" if there is none.
func (n *notes) trail(c *syntax.Comment) string {
	if c == nil {
		return ""
	}
	lines := n.take(*c)
	if len(lines) == 0 {
		return ""
	}
	return " #" + lines[0].text
}

// any reports whether a value holds a comment that has not been taken.
func (n *notes) any(v syntax.Node) bool {
	found := false
	walk(v, func(c *syntax.Comment) { found = found || !n.used[c.Pos.Start] })
	return found
}

// textsOf returns the lines of a comment without its marks: what stands behind "#".
func textsOf(comment string) []string {
	switch {
	case strings.HasPrefix(comment, "#"):
		return []string{strings.TrimRight(comment[1:], " \t\r\n")}
	case strings.HasPrefix(comment, "//"):
		return []string{strings.TrimRight(comment[2:], " \t\r\n")}
	}
	body := strings.TrimSuffix(strings.TrimPrefix(comment, "/*"), "*/")
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r", "\n"), "\n") {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "* ")) // a column of stars is drawn by some
		if line != "" && line != "*" {
			lines = append(lines, " "+line)
		}
	}
	return lines
}

// gapAbove reports whether the line above the one with an offset is blank.
func (n *notes) gapAbove(off int32) bool {
	f := n.file.Source
	line := f.LineOf(int(off))
	return line > 1 && isBlank(f.Slice(f.Line(line-1)))
}

func isBlank(s string) bool { return strings.Trim(s, " \t\r\n") == "" }

// gaps writes lines of comments with the blank lines between them, and one below them if below is set.
func gaps(lines []note, below bool) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && l.gap {
			b.WriteByte('\n')
		}
		b.WriteString("#" + l.text + "\n")
	}
	if below && len(lines) > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}
