package hclfile

import (
	"bytes"

	"escape.build/escape/lang/source"
)

// A skimmer finds the comments and heredocs of a valid text. The tokens would say the same, but they take much room, and time to
// make them.
type skimmer struct {
	src []byte
	i   int
	// within is what is open around the present place, the innermost last.
	within []enclosure
	// comments are without the line breaks behind them, heredocs with their marks.
	comments, heredocs []source.Span
}

// An enclosure is something whose characters mean something else than those around it.
type enclosure struct {
	kind   enclosing
	braces int    // of a template, how many are open in it
	start  int    // of a heredoc
	word   string // that ends a heredoc
}

type enclosing uint8

const (
	aTemplate enclosing = iota
	aQuote
	aHeredoc
)

// skim finds the comments and heredocs of a text. It fails if the text is no valid HCL, as far as it can tell.
func skim(src []byte) (s skimmer, ok bool) {
	s = skimmer{src: src}
	for ok = true; ok && s.i < len(src); {
		if n := len(s.within); n == 0 || s.within[n-1].kind == aTemplate {
			ok = s.code()
		} else if s.within[n-1].kind == aQuote {
			ok = s.quote()
		} else {
			s.heredoc(&s.within[n-1])
		}
	}
	return s, ok && len(s.within) == 0
}

// has reports whether the text goes on like this.
func (s *skimmer) has(text string) bool {
	return len(s.src)-s.i >= len(text) && string(s.src[s.i:s.i+len(text)]) == text
}

func (s *skimmer) push(e enclosure) { s.within = append(s.within, e) }
func (s *skimmer) pop()             { s.within = s.within[:len(s.within)-1] }

// code reads on up to the next thing that counts outside of texts; false if a comment has no end.
func (s *skimmer) code() bool {
	n := bytes.IndexAny(s.src[s.i:], "\"#/<{}")
	if n < 0 {
		s.i = len(s.src)
		return true
	}
	s.i += n
	switch c := s.src[s.i]; {
	case c == '"':
		s.push(enclosure{kind: aQuote})
	case c == '#' || s.has("//"):
		end := lineEnd(s.src, s.i)
		s.comment(end - len(s.src[s.i:end]) + len(bytes.TrimRight(s.src[s.i:end], "\r\n")))
		s.i = end
		return true
	case s.has("/*"):
		n := bytes.Index(s.src[s.i+2:], []byte("*/"))
		if n < 0 {
			return false
		}
		end := s.i + 2 + n + 2
		s.comment(end)
		s.i = end
		return true
	case s.has("<<"):
		if s.begin() {
			return true
		}
	case c == '{' || c == '}':
		s.brace(c)
	}
	s.i++
	return true
}

func (s *skimmer) comment(end int) {
	s.comments = append(s.comments, source.Span{Start: int32(s.i), End: int32(end)})
}

// brace counts the braces of a template, which the one too many ends.
func (s *skimmer) brace(c byte) {
	if len(s.within) == 0 {
		return
	}
	switch top := &s.within[len(s.within)-1]; {
	case c == '{':
		top.braces++
	case top.braces > 0:
		top.braces--
	default:
		s.pop()
	}
}

// begin begins a heredoc if there is one.
func (s *skimmer) begin() bool {
	end := lineEnd(s.src, s.i)
	line := s.src[s.i:end]
	word := bytes.TrimPrefix(line[2:], []byte("-"))
	if !bytes.HasSuffix(word, []byte("\n")) {
		return false
	}
	word = bytes.TrimSuffix(word[:len(word)-1], []byte("\r"))
	if !IsName(string(word)) {
		return false
	}
	s.push(enclosure{kind: aHeredoc, start: s.i, word: string(word)})
	s.i = end
	return true
}

// quote reads on in a text in quotes; false if it does not end on its line.
func (s *skimmer) quote() bool {
	n := bytes.IndexAny(s.src[s.i:], "\"\\$%\n")
	if n < 0 {
		return false
	}
	s.i += n
	switch c := s.src[s.i]; {
	case c == '\n':
		return false
	case c == '"':
		s.pop()
	case c == '\\':
		s.i++
	case s.template():
		return true
	}
	s.i++
	return true
}

// template begins a template, or skips the marks of one that are escaped; false if there are none.
func (s *skimmer) template() bool {
	switch {
	case s.has("$${"), s.has("%%{"):
		s.i += 3
	case s.has("${"), s.has("%{"):
		s.push(enclosure{kind: aTemplate})
		s.i += 2
	default:
		return false
	}
	return true
}

// heredoc reads on in a heredoc up to the end of the line, or to a template in it.
func (s *skimmer) heredoc(e *enclosure) {
	end := lineEnd(s.src, s.i)
	if s.src[s.i-1] == '\n' {
		if line := bytes.TrimSpace(s.src[s.i:end]); string(line) == e.word {
			s.i += bytes.Index(s.src[s.i:end], line) + len(line)
			s.heredocs = append(s.heredocs, source.Span{Start: int32(e.start), End: int32(s.i)})
			s.pop()
			return
		}
	}
	for s.i < end {
		n := bytes.IndexAny(s.src[s.i:end], "$%")
		if n < 0 {
			break
		}
		s.i += n
		if depth := len(s.within); s.template() {
			if len(s.within) > depth {
				return
			}
			continue
		}
		s.i++
	}
	s.i = end
}
