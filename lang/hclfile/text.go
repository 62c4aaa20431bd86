package hclfile

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A text is the text of a scalar as it is made, with its map to the source.
type text struct {
	p        *parser
	b        []byte
	segments []syntax.Segment
	// quoted says that what is cooked goes into a string of Escape Script.
	quoted bool
	// straight says that the last segment is the same bytes in both.
	straight bool
}

func newText(p *parser) *text { return &text{p: p} }

// scalar is the finished scalar at span.
func (t *text) scalar(span source.Span, style syntax.Style) *syntax.Scalar {
	s := &syntax.Scalar{Pos: span, Style: style, Text: string(t.b), Segments: t.segments, Content: span.Start}
	switch {
	case len(t.segments) == 0 && style == syntax.DoubleQuoted:
		s.Content = min(span.Start+1, span.End)
	case len(t.segments) == 1 && t.segments[0].Len == t.segments[0].SrcLen && int(t.segments[0].Len) == len(t.b):
		s.Content, s.Segments = t.segments[0].Src, nil
	}
	return s
}

// exact adds a piece of the source as it is.
func (t *text) exact(span source.Span) {
	if span.Len() == 0 {
		return
	}
	t.add(string(t.p.src[span.Start:span.End]), span)
}

// add adds text that stands for a piece of the source.
func (t *text) add(s string, span source.Span) {
	at, n := int32(len(t.b)), int32(len(s))
	t.b = append(t.b, s...)
	same := n == int32(span.Len()) && s == string(t.p.src[span.Start:span.End])
	if k := len(t.segments); k > 0 && same && t.straight {
		if last := &t.segments[k-1]; last.Src+last.SrcLen == span.Start {
			last.Len, last.SrcLen = last.Len+n, last.SrcLen+n
			return
		}
	}
	t.straight = same
	t.segments = append(t.segments, syntax.Segment{Value: at, Src: span.Start, Len: n, SrcLen: int32(span.Len())})
}

// synth adds text that stands nowhere, at an offset of the source.
func (t *text) synth(s string, off int32) { t.add(s, source.Span{Start: off, End: off}) }

// value adds a piece of the value of a string, which the source writes as span.
func (t *text) value(s string, span source.Span) {
	if !t.quoted {
		t.add(s, span)
		return
	}
	if len(s) != span.Len() { // an escape
		t.add(inQuotes(s), span)
		return
	}
	from := 0
	for i := 0; i < len(s); i++ {
		if q := inQuotes(s[i : i+1]); len(q) > 1 {
			t.add(s[from:i], source.Span{Start: span.Start + int32(from), End: span.Start + int32(i)})
			t.add(q, source.Span{Start: span.Start + int32(i), End: span.Start + int32(i) + 1})
			from = i + 1
		}
	}
	if from < len(s) {
		t.add(s[from:], source.Span{Start: span.Start + int32(from), End: span.End})
	}
}

// inQuotes is s as it stands in a string of Escape Script.
func inQuotes(s string) string {
	q := expr.Quote(s)
	return q[1 : len(q)-1]
}

// template adds the value of a template without expressions.
func (t *text) template(e *hclsyntax.TemplateExpr) syntax.Style {
	style := syntax.DoubleQuoted
	if e.SrcRange.End.Byte > e.SrcRange.Start.Byte && t.p.src[e.SrcRange.Start.Byte] == '<' {
		style = syntax.Heredoc
	}
	for _, part := range e.Parts {
		if lit, ok := part.(*hclsyntax.LiteralValueExpr); ok {
			t.part(lit, style)
		}
	}
	return style
}

// part adds a literal part of a template.
func (t *text) part(lit *hclsyntax.LiteralValueExpr, style syntax.Style) {
	span := t.p.span(lit.SrcRange)
	if style != syntax.Heredoc {
		t.cook(span, false, 0)
		return
	}
	if t.longPart(span) {
		return
	}
	// Of a flush heredoc each line loses the same indentation, which shows in the value.
	value := ""
	if lit.Val.IsKnown() && !lit.Val.IsNull() {
		value = lit.Val.AsString()
	}
	for span.Start < span.End {
		line := span
		if i := bytes.IndexByte(t.p.src[span.Start:span.End], '\n'); i >= 0 {
			line.End = span.Start + int32(i) + 1
		}
		first, rest, _ := strings.Cut(value, "\n")
		strip := max(0, blanks(string(t.p.src[line.Start:line.End]))-blanks(first))
		t.cook(line, true, int32(strip))
		span.Start, value = line.End, rest
	}
}

func blanks(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// cook adds the value of a piece of a quoted text, or of one line of a heredoc without the first bytes of its indentation.
func (t *text) cook(span source.Span, heredoc bool, strip int32) {
	start := min(span.Start+strip, span.End)
	src := string(t.p.src[start:span.End])
	from := int32(0) // start of what is not added yet
	flush := func(to int32) {
		if to > from {
			t.value(src[from:to], source.Span{Start: start + from, End: start + to})
		}
	}
	for i := int32(0); int(i) < len(src); {
		value, n := "", int32(0)
		switch rest := src[i:]; {
		case strings.HasPrefix(rest, "$${"), strings.HasPrefix(rest, "%%{"):
			value, n = rest[1:3], 3
		case strings.HasPrefix(rest, "\r\n"):
			value, n = "\n", 2
		case !heredoc && rest[0] == '\\':
			value, n = unescape(rest)
		}
		if n == 0 {
			i++
			continue
		}
		flush(i)
		t.value(value, source.Span{Start: start + i, End: start + i + n})
		i += n
		from = i
	}
	flush(int32(len(src)))
}

// unescape reads the escape at the start of s; 0 if it is none.
func unescape(s string) (value string, n int32) {
	if len(s) < 2 {
		return "", 0
	}
	switch s[1] {
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case '"', '\\':
		return s[1:2], 2
	case 'u', 'U':
		digits := 4
		if s[1] == 'U' {
			digits = 8
		}
		if len(s) < 2+digits {
			return "", 0
		}
		r, err := strconv.ParseUint(s[2:2+digits], 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			return "", 0
		}
		return string(rune(r)), int32(2 + digits)
	}
	return "", 0
}
