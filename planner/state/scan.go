package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting, so that hostile documents cannot exhaust the stack. A sub-deployment costs four levels.
const maxDepth = 2000

// indentUnit is one level of indentation of the document.
const indentUnit = "   "

// maxIndent is the deepest indentation. Blanks alone would make a document of nested deployments grow with the square of
// its depth; nobody reads lines that begin behind the edge of the screen. A dependency of a dependency costs four levels.
const maxIndent = 32

// A scanner reads JSON. It works in two modes which accept exactly the same texts: with build it returns values,
// without it only checks and allocates nothing. So what passed the check once can be decoded later without failing.
type scanner struct {
	data  []byte
	pos   int
	build bool
	depth int // of the container being read; the document itself has depth 0
	// odd is set as soon as the white space differs from what the encoder writes, and spaced as soon as there is any.
	odd, spaced bool
}

// A syntaxError is what is wrong at an offset.
type syntaxError struct {
	offset int
	err    error
}

func (e *syntaxError) Error() string { return e.err.Error() }
func (e *syntaxError) Unwrap() error { return e.err }

var (
	errEnd   = errors.New("unexpected end of JSON input")
	errDepth = fmt.Errorf("nested deeper than %d levels", maxDepth)
)

func (s *scanner) fail(err error) error { return &syntaxError{s.pos, err} }

func (s *scanner) unexpected(where string) error {
	if s.pos >= len(s.data) {
		return s.fail(errEnd)
	}
	c, _ := utf8.DecodeRune(s.data[s.pos:])
	return s.fail(errors.New("invalid character " + strconv.QuoteRune(c) + " " + where))
}

// peek skips white space and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.odd, s.spaced = true, true
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// blanks is the white space in front of a line of maxIndent.
var blanks = "\n" + strings.Repeat(indentUnit, maxIndent)

// line skips the white space before an element of a container and returns the byte behind it, or 0 at the end. It
// expects what the encoder writes, a line break and the indentation of the given depth, and notes anything else.
func (s *scanner) line(depth int) byte {
	end := s.pos + 1 + min(depth, maxIndent)*len(indentUnit)
	if end < len(s.data) && string(s.data[s.pos:end]) == blanks[:end-s.pos] && s.data[end] > ' ' {
		s.spaced = true
		s.pos = end
		return s.data[end]
	}
	s.odd = true
	return s.peek()
}

// open reads the opening byte of a container and reports whether it has an element.
func (s *scanner) open(closing byte) (bool, error) {
	s.pos++
	if s.depth++; s.depth > maxDepth {
		return false, s.fail(errDepth)
	}
	if s.pos < len(s.data) && s.data[s.pos] == closing {
		s.pos++
		s.depth--
		return false, nil
	}
	if s.line(s.depth) == closing {
		s.pos++
		s.depth--
		return false, nil
	}
	return true, nil
}

// next reads what follows an element of a container and reports whether another one follows.
func (s *scanner) next(closing byte, where string) (bool, error) {
	if s.pos < len(s.data) && s.data[s.pos] == ',' {
		s.pos++
		s.line(s.depth)
		return true, nil
	}
	switch s.line(s.depth - 1) {
	case closing:
		s.pos++
		s.depth--
		return false, nil
	case ',':
		s.pos++
		s.line(s.depth)
		return true, nil
	}
	return false, s.unexpected(where)
}

// key reads a key and the colon behind it. The result may be part of the data.
func (s *scanner) key() ([]byte, error) {
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		return nil, s.unexpected("looking for beginning of object key string")
	}
	raw, plain, err := s.rawString()
	if err != nil {
		return nil, err
	}
	if !plain {
		raw = []byte(unquote(raw))
	}
	if s.pos+1 < len(s.data) && s.data[s.pos] == ':' && s.data[s.pos+1] == ' ' {
		s.spaced = true
		if s.pos += 2; s.pos < len(s.data) && s.data[s.pos] > ' ' {
			return raw, nil
		}
		s.odd = true
		s.peek()
		return raw, nil
	}
	s.odd = true
	if s.peek() != ':' {
		return nil, s.unexpected("after object key")
	}
	s.pos++
	s.peek()
	return raw, nil
}

// special marks the bytes at which the reading of a string stops to look.
var special = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	for c := utf8.RuneSelf; c < 256; c++ {
		t[c] = true
	}
	return t
}()

// rawString reads a string and returns what is between the quotes; plain says that this is the value already.
func (s *scanner) rawString() (raw []byte, plain bool, err error) {
	s.pos++
	start, plain := s.pos, true
	for i := s.pos; i < len(s.data); {
		c := s.data[i]
		if !special[c] {
			i++
			continue
		}
		switch {
		case c == '"':
			s.pos = i + 1
			return s.data[start:i], plain, nil
		case c == '\\':
			plain = false
			if i+1 >= len(s.data) {
				s.pos = len(s.data)
				return nil, false, s.fail(errEnd)
			}
			switch s.data[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				for j := i + 2; j < i+6; j++ {
					if j >= len(s.data) || !isHex(s.data[j]) {
						s.pos = min(j, len(s.data))
						return nil, false, s.unexpected("in \\u hexadecimal character escape")
					}
				}
				i += 6
			default:
				s.pos = i + 1
				return nil, false, s.unexpected("in string escape code")
			}
		case c < 0x20:
			s.pos = i
			return nil, false, s.unexpected("in string literal")
		default:
			r, n := utf8.DecodeRune(s.data[i:])
			if r == utf8.RuneError && n == 1 {
				plain = false
			}
			i += n
		}
	}
	s.pos = len(s.data)
	return nil, false, s.fail(errEnd)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// unquote resolves the escapes of a string that rawString accepted. Bytes which are no UTF-8 and lone surrogates
// become the replacement character.
func unquote(raw []byte) string {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '\\' && raw[i+1] == 'u':
			r := hex4(raw[i+2:])
			i += 6
			if utf16.IsSurrogate(r) {
				low := rune(utf8.RuneError)
				if i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
					low = utf16.DecodeRune(r, hex4(raw[i+2:]))
				}
				if r = low; r != utf8.RuneError {
					i += 6
				}
			}
			b = utf8.AppendRune(b, r)
		case c == '\\':
			b = append(b, unescape(raw[i+1]))
			i += 2
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, n := utf8.DecodeRune(raw[i:])
			b = utf8.AppendRune(b, r)
			i += n
		}
	}
	return string(b)
}

func hex4(b []byte) rune {
	n, _ := strconv.ParseUint(string(b[:4]), 16, 32)
	return rune(n)
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// str reads a string. Without build it returns "".
func (s *scanner) str() (string, error) {
	raw, plain, err := s.rawString()
	if err != nil || !s.build {
		return "", err
	}
	if plain {
		return string(raw), nil
	}
	return unquote(raw), nil
}

func (s *scanner) literal(word string) error {
	for i := range len(word) {
		if s.pos >= len(s.data) || s.data[s.pos] != word[i] {
			return s.unexpected("in literal " + word)
		}
		s.pos++
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

// number reads a number and returns its text; integer says that it has neither fraction nor exponent.
func (s *scanner) number() (text []byte, integer bool, err error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++
	} else if !s.digits() {
		return nil, false, s.unexpected("in numeric literal")
	}
	integer = true
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		integer = false
		if s.pos++; !s.digits() {
			return nil, false, s.unexpected("after decimal point in numeric literal")
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		integer = false
		if s.pos++; s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if !s.digits() {
			return nil, false, s.unexpected("in exponent of numeric literal")
		}
	}
	return s.data[start:s.pos], integer, nil
}

// exact returns a number as int64, uint64 or float64, or as its text if none of them holds it exactly.
func exact(text string, integer bool) any {
	if integer {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && text != "-0" {
			return n
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
		if text != "-0" {
			return json.Number(text)
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || !sameDecimal(text, strconv.FormatFloat(f, 'g', -1, 64)) {
		return json.Number(text)
	}
	return f
}

// sameDecimal reports whether two numbers denote the same decimal, however they are written.
func sameDecimal(a, b string) bool {
	negA, digitsA, expA, okA := decimal(a)
	negB, digitsB, expB, okB := decimal(b)
	return okA && okB && negA == negB && digitsA == digitsB && (expA == expB || digitsA == "")
}

// decimal returns the sign, the significant digits and the power of ten behind the last of them.
func decimal(text string) (neg bool, digits string, exp int, ok bool) {
	text, neg = strings.CutPrefix(text, "-")
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil {
			return neg, "", 0, false
		}
		text, exp = text[:i], n
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	exp -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	return neg, trimmed, exp + len(digits) - len(trimmed), true
}

// value reads any value. Without build it returns nil.
func (s *scanner) value() (any, error) {
	if s.pos >= len(s.data) {
		return nil, s.fail(errEnd)
	}
	switch c := s.data[s.pos]; {
	case c == '"':
		text, err := s.str()
		if err != nil || !s.build {
			return nil, err
		}
		return text, nil
	case c == '{':
		return s.object()
	case c == '[':
		return s.array()
	case c == 't':
		return true, s.literal("true")
	case c == 'f':
		return false, s.literal("false")
	case c == 'n':
		return nil, s.literal("null")
	case c == '-' || '0' <= c && c <= '9':
		text, integer, err := s.number()
		if err != nil || !s.build {
			return nil, err
		}
		return exact(string(text), integer), nil
	}
	return nil, s.unexpected("looking for beginning of value")
}

func (s *scanner) object() (any, error) {
	var m map[string]any
	if s.build {
		m = map[string]any{}
	}
	more, err := s.open('}')
	for more && err == nil {
		var key []byte
		if key, err = s.key(); err != nil {
			return nil, err
		}
		name := ""
		if s.build {
			name = string(key)
		}
		var v any
		if v, err = s.value(); err != nil {
			return nil, err
		}
		if s.build {
			m[name] = v
		}
		more, err = s.next('}', "after object key:value pair")
	}
	if m == nil {
		return nil, err
	}
	return m, err
}

func (s *scanner) array() (any, error) {
	var list []any
	if s.build {
		list = []any{}
	}
	more, err := s.open(']')
	for more && err == nil {
		var v any
		if v, err = s.value(); err != nil {
			return nil, err
		}
		if s.build {
			list = append(list, v)
		}
		more, err = s.next(']', "after array element")
	}
	if list == nil {
		return nil, err
	}
	return list, err
}
