package yamlfile

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

func blank(c byte) bool        { return c == ' ' || c == '\t' }
func lineBreak(c byte) bool    { return c == '\n' || c == '\r' }
func blankOrBreak(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// blankAt reports whether a blank, a line break or the end of the text stands at i.
func (p *parser) blankAt(i int) bool { return i >= len(p.src) || blankOrBreak(p.src[i]) }

// eol returns the offset of the line break that ends the line of i, or the end of the text.
func (p *parser) eol(i int) int {
	n := strings.IndexByte(p.src[i:], '\n')
	end := len(p.src)
	if n >= 0 {
		end = i + n
	}
	if !p.hasCR {
		return end
	}
	if n = strings.IndexByte(p.src[i:end], '\r'); n >= 0 {
		return i + n
	}
	return end
}

// afterBreak returns the start of the line behind the break at i.
func (p *parser) afterBreak(i int) int {
	if i >= len(p.src) {
		return len(p.src)
	}
	if p.src[i] == '\r' && i+1 < len(p.src) && p.src[i+1] == '\n' {
		return i + 2
	}
	return i + 1
}

// lineSpan is the span from i to the last character of its line that is no blank.
func (p *parser) lineSpan(i int) source.Span {
	end := p.eol(i)
	for end > i && blank(p.src[end-1]) {
		end--
	}
	return source.Span{Start: int32(i), End: int32(end)}
}

// spaces moves over blanks on the line.
func (p *parser) spaces() {
	for p.pos < len(p.src) && blank(p.src[p.pos]) {
		p.pos++
	}
}

// skip moves to the next content: over blanks, comments, empty lines and conflict markers. If that is on a new line, col
// becomes its indentation. A line indented with tabs counts as one of the innermost open collection which it can
// belong to, and is reported.
func (p *parser) skip() {
	fresh := p.pos == p.lineStart
	for {
		if fresh {
			p.pos = p.lineStart
			for p.pos < len(p.src) && p.src[p.pos] == ' ' {
				p.pos++
			}
			p.col = p.pos - p.lineStart
		}
		tab := p.pos
		p.spaces()
		if p.pos >= len(p.src) {
			return
		}
		switch c := p.src[p.pos]; {
		case c == '#':
			p.comment()
		case lineBreak(c):
		default:
			if !fresh {
				return
			}
			if p.conflict() {
				break
			}
			if p.pos == tab {
				p.tabs = false
				return
			}
			p.tabIndent(tab)
			return
		}
		p.pos = p.afterBreak(p.eol(p.pos))
		p.lineStart = p.pos
		fresh = true
	}
}

// inlineStart prepares for content behind "---" on the same line.
func (p *parser) inlineStart() {
	p.lineStart = p.pos - len("---")
	p.skip()
	if p.lineStart == p.pos-p.col {
		return
	}
	p.col = p.pos - p.lineStart
}

// comment records the comment at pos and moves to the end of its line.
func (p *parser) comment() {
	end := p.eol(p.pos)
	text := p.src[p.pos:end]
	if trimmed := strings.TrimRight(text, " \t"); len(trimmed) != len(text) {
		text = trimmed
	}
	p.comments = append(p.comments, syntax.Comment{Pos: at(p.pos, len(text)), Text: text})
	p.pos = end
}

// lead takes the comments that stand above the node at pos.
func (p *parser) lead() []syntax.Comment {
	if p.attached == len(p.comments) {
		return nil
	}
	from := p.attached
	p.attached = len(p.comments)
	return p.comments[from:len(p.comments):len(p.comments)]
}

// inner takes the comments above pos that are indented at least by col: they belong to the collection that ends here,
// not to what follows it.
func (p *parser) inner(col int) []syntax.Comment {
	from := p.attached
	for p.attached < len(p.comments) && p.column(int(p.comments[p.attached].Pos.Start)) >= col {
		p.attached++
	}
	if from == p.attached {
		return nil
	}
	return p.comments[from:p.attached:p.attached]
}

// column returns the distance of off from its line start.
func (p *parser) column(off int) int {
	return off - p.lineOf(off)
}

// lineOf returns the start of the line that holds off.
func (p *parser) lineOf(off int) int {
	for off > 0 && !lineBreak(p.src[off-1]) {
		off--
	}
	return off
}

// trail reads the rest of a line behind a complete value: blanks and perhaps a comment. Anything else is reported and
// skipped.
func (p *parser) trail() *syntax.Comment {
	p.spaces()
	if p.pos >= len(p.src) || lineBreak(p.src[p.pos]) {
		return nil
	}
	if p.src[p.pos] == '#' {
		return p.trailing()
	}
	if p.src[p.pos] == ':' && p.blankAt(p.pos+1) {
		d := p.report(diag.UnexpectedColon, at(p.pos, 1), `a second ": " cannot stand here`)
		d.Hint, d.Original = "put the whole value in quotes, or start the inner mapping on a line of its own", "mapping values are not allowed in this context"
	} else {
		p.report(diag.UnexpectedText, p.lineSpan(p.pos), "this follows a value that is already complete").
			Hint = "put the whole value in quotes, or remove this"
	}
	p.pos = p.eol(p.pos)
	return nil
}

// trailing takes the comment at pos as one that stands behind a value.
func (p *parser) trailing() *syntax.Comment {
	orphaned := p.attached < len(p.comments)
	p.comment()
	if orphaned {
		return nil // comments above wait for the next entry; the order of all is kept by leaving this one with them
	}
	p.attached = len(p.comments)
	return &p.comments[len(p.comments)-1]
}

// conflict reports a conflict marker of git at pos, which must be a line start, and tells whether there is one.
func (p *parser) conflict() bool {
	if p.pos != p.lineStart || !conflictMarker(p.src[p.pos:]) || len(p.open) == 0 && p.src[p.pos] != '<' {
		return false
	}
	p.conflicted = true
	name := p.src[p.pos : p.pos+7]
	p.report(diag.ConflictMarker, p.lineSpan(p.pos), "this is a conflict marker ("+name+") of a merge that was not finished").
		Hint = "keep one of the two sides, and remove the markers"
	p.pos = p.eol(p.pos)
	return true
}

func conflictMarker(line string) bool {
	if len(line) < 7 || len(line) > 7 && !blankOrBreak(line[7]) {
		return false
	}
	switch line[:7] {
	case "<<<<<<<", "=======", ">>>>>>>", "|||||||":
		return true
	}
	return false
}

func (p *parser) dash(i int) bool { return p.src[i] == '-' && p.blankAt(i+1) }
