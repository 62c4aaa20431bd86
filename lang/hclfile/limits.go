package hclfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// Limits on what is read. A text beyond one of them gives a single finding and no tree.
const (
	maxText  = 4 << 20 // bytes
	maxDepth = 500     // brackets within brackets, and operators behind each other
	// maxHeredoc is how many lines a heredoc may have: hclsyntax takes time that grows with their square.
	maxHeredoc = 5_000
	// maxOpenComments is how many lines may begin comments that have no end: hclsyntax reads on to the end for each.
	maxOpenComments = 100
)

// sane reports texts that should not be read at all.
func (p *parser) sane() bool {
	start := source.Span{}
	switch {
	case len(p.src) > maxText:
		p.report(diag.TooLarge, start, fmt.Sprintf("this file has %.1f MiB, but a plan may have %d MiB at most", float64(len(p.src))/(1<<20), maxText>>20))
	case bytes.IndexByte(p.src, 0) >= 0:
		p.report(diag.BinaryFile, start, "this is not a text file: it holds a zero byte")
	case !utf8.Valid(p.src):
		at := int32(invalidAt(p.src))
		p.report(diag.InvalidUTF8, source.Span{Start: at, End: at + 1}, fmt.Sprintf("the byte 0x%02X is not UTF-8", p.src[at])).Hint = "save the file as UTF-8"
	default:
		if at := tooDeep(p.src); at >= 0 {
			p.report(diag.TooDeep, source.Span{Start: int32(at), End: int32(at) + 1}, fmt.Sprintf("values are nested more than %d deep", maxDepth))
			return false
		}
		if line := longHeredoc(p.src); line.End > 0 {
			p.report(diag.TooLarge, line, fmt.Sprintf("this text has more than %d lines", maxHeredoc)).Hint = "write it to a file of the package"
			return false
		}
		if at := openComments(p.src); at >= 0 {
			p.report(diag.SyntaxError, source.Span{Start: int32(at), End: int32(at) + 2}, "this comment has no end").Hint = "write */ where it ends"
			return false
		}
		return true
	}
	return false
}

// openComments returns where the first of too many comments begins that have no end; -1 if there are no more than usual.
func openComments(text []byte) int {
	from := bytes.LastIndex(text, []byte("*/")) + 1
	if bytes.Count(text[from:], []byte("/*")) <= maxOpenComments {
		return -1
	}
	first, n, at := -1, 0, from
	for line := range bytes.Lines(text[from:]) {
		if rest := bytes.TrimLeft(line, " \t"); bytes.HasPrefix(rest, []byte("/*")) {
			if n++; first < 0 {
				first = at + len(line) - len(rest)
			}
		}
		at += len(line)
	}
	if n <= maxOpenComments {
		return -1
	}
	return first
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

// tooDeep returns where brackets, operators or conditions are nested so deeply that a parser which calls itself for each would
// need too much memory; -1 if they are not. Brackets in strings count too: a plan has no use for so many of them either.
func tooDeep(text []byte) int {
	depth, run, questions := 0, 0, 0
	for i, c := range text {
		switch c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth = max(depth-1, 0)
		case '\n':
			questions = 0
		case '?':
			questions++
		}
		switch c {
		case '!', '-', ' ', '\t', '~':
			run++
		default:
			run = 0
		}
		if depth > maxDepth || questions > maxDepth || run > maxDepth && operators(text[i-maxDepth:i]) {
			return i
		}
	}
	return -1
}

// operators reports whether a run of signs and blanks has many signs.
func operators(run []byte) bool {
	return bytes.Count(run, []byte("-"))+bytes.Count(run, []byte("!")) > maxDepth/4
}

// longHeredoc returns the line that begins a heredoc of too many lines; an empty span if there is none.
func longHeredoc(text []byte) source.Span {
	if bytes.Count(text, []byte("\n")) <= maxHeredoc {
		return source.Span{}
	}
	var begin source.Span
	word, lines, at := "", 0, 0
	for line := range bytes.Lines(text) {
		switch {
		case word == "":
			word, lines = heredoc(string(line)), 0
			begin = source.Span{Start: int32(at), End: int32(at + len(bytes.TrimRight(line, "\r\n")))}
		case string(bytes.TrimSpace(line)) == word:
			if word = ""; lines > maxHeredoc {
				return begin
			}
		default:
			lines++
		}
		at += len(line)
	}
	return source.Span{}
}
