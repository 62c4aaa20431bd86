package run

import (
	"bytes"
	"unicode/utf8"
)

// lines cuts a stream into lines. Only the line end ("\n" or "\r\n") is removed. A line that outgrows MaxLine is emitted
// in pieces which end between characters.
type lines struct {
	emit func(line []byte, more bool)
	buf  []byte
	// inside says that a piece of the current line was emitted already.
	inside bool
}

// Write takes the next part of the stream; it never fails.
func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			l.buf = append(l.buf, p...)
			l.cut()
			break
		}
		line := p[:end]
		if len(l.buf) > 0 {
			l.buf = append(l.buf, line...)
			line = l.buf
		}
		l.end(line)
		l.buf, l.inside = l.buf[:0], false
		p = p[end+1:]
	}
	return n, nil
}

// cut emits full pieces of an unfinished line.
func (l *lines) cut() {
	rest := l.buf
	for len(rest) > MaxLine+1 { // one more: a "\r" may belong to the line end
		n := boundary(rest, MaxLine)
		l.emit(rest[:n], true)
		l.inside = true
		rest = rest[n:]
	}
	l.buf = l.buf[:copy(l.buf, rest)]
}

// close emits what is left: the last line needs no line end.
func (l *lines) close() {
	if len(l.buf) > 0 || l.inside {
		l.end(l.buf)
	}
	l.buf, l.inside = nil, false
}

// end emits the rest of a line whose end has come.
func (l *lines) end(line []byte) {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	for len(line) > MaxLine {
		n := boundary(line, MaxLine)
		l.emit(line[:n], true)
		line = line[n:]
	}
	l.emit(line, false)
}

// boundary returns the greatest n <= limit such that p[:n] does not cut a character.
func boundary(p []byte, limit int) int {
	for n := limit; n > limit-utf8.UTFMax && n > 0; n-- {
		if utf8.RuneStart(p[n]) {
			return n
		}
	}
	return limit
}
