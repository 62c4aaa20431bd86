package redact

import (
	"strings"
	"unicode/utf8"
)

// A secret of MinLength bytes or more is looked for character by character: each may be written as it is, escaped for
// a URL, for JSON and its like, for HTML or for a shell, and escaped again (JSON inside JSON), whatever its neighbours
// look like. So it makes no difference which characters a program finds worth escaping.

const (
	// maxRun is how many backslashes in front of a character may escape it: four times JSON inside JSON.
	maxRun = 16
	// maxNested is how often a "%" or "&" may be escaped again.
	maxNested = 4
	// maxStates bounds the work at one place for a secret that may be read in many ways, beside two for each of its bytes.
	maxStates = 1 << 8
)

// leads are the bytes that may begin something else than themselves; "+" is not one: it can only be one more thing.
var leads = [256]bool{'\\': true, '%': true, '&': true, '\'': true}

// chars are the secrets to look for character by character.
type chars struct {
	all     []string
	byFirst [256][]string // by their first byte
	first   [256]bool     // whether a match may begin with the byte
}

// at calls try for all secrets that may be at the start of text, which has two bytes or more. It reads one character at
// most; where it sees more than one way to do that it names all secrets.
func (c *chars) at(text string, try func(secrets []string)) {
	switch text[0] {
	case '%':
		if len(text) < 3 || digit(text[1]) >= 16 || digit(text[2]) >= 16 {
			try(c.all)
			return
		}
		c.decoded(digit(text[1])<<4|digit(text[2]), try)
		try(c.byFirst['%'])
	case '&':
		try(c.all)
	case '\\':
		i := 1
		for i < len(text) && text[i] == '\\' {
			i++
		}
		if i == len(text) {
			try(c.all)
			return
		}
		e := text[i]
		if e == '%' || e == '&' || isWord(e) && letters[e] == 0 {
			if e != 'u' || len(text) < i+5 || text[i+1] != '0' || text[i+2] != '0' || digit(text[i+3]) >= 8 || digit(text[i+4]) >= 16 {
				try(c.all)
				return
			}
			c.decoded(digit(text[i+3])<<4|digit(text[i+4]), try)
		} else if letters[e] != 0 {
			try(c.byFirst[letters[e]])
		} else {
			try(c.byFirst[e])
		}
		try(c.byFirst['\\'])
	case '+':
		try(c.byFirst[' '])
		try(c.byFirst['+'])
	default:
		try(c.byFirst[text[0]])
	}
}

// decoded names the secrets that may begin with an escaped b.
func (c *chars) decoded(b byte, try func([]string)) {
	switch b {
	case '%', '&', '\\', '+', '\'': // may begin an escape
		try(c.all)
	default:
		try(c.byFirst[b])
	}
}

func pair(a, b byte) uint16 { return uint16(a) | uint16(b)<<8 }

// starts calls add for all pairs of bytes that secret may begin with, in one of its forms.
func starts(secret string, add func(a, b byte)) {
	a, b := secret[0], secret[1]
	for _, first := range alike(a) {
		add(first, '%')
		add(first, '&')
		add(first, '\\')
		for _, second := range alike(b) {
			add(first, second)
		}
	}
	if a == '\'' {
		add(a, '"') // '"'"'
	}
	for _, h := range []byte{a, '%', '&', '\\', '+'} {
		add('%', "0123456789abcdef"[h>>4])
		add('%', "0123456789ABCDEF"[h>>4])
	}
	for _, c := range []byte("#%alqg") {
		add('&', c)
	}
	if a == '\\' {
		for c := range 256 {
			add(a, byte(c))
		}
		return
	}
	for _, c := range []byte(`\%uUx0123`) {
		add('\\', c)
	}
	if isPunct(a) {
		add('\\', a)
		add('\\', '&')
	}
	if c := letterOf(a); c != 0 {
		add('\\', c)
	}
}

// alike returns the bytes that c may be written as by itself.
func alike(c byte) []byte {
	if c == ' ' {
		return []byte{' ', '+'}
	}
	return []byte{c}
}

// isPunct reports whether a backslash in front of c may stand for c.
func isPunct(c byte) bool { return c < utf8.RuneSelf && (!isWord(c) || c == '_') }

// controls are the letters of control characters behind a backslash.
const controls = "n\nt\tr\rb\bf\fa\av\ve\x1b"

// letters are the control characters by their letters.
var letters = func() (table [256]byte) {
	for i := 0; i < len(controls); i += 2 {
		table[controls[i]] = controls[i+1]
	}
	return table
}()

func letterOf(c byte) byte {
	for i := 1; i < len(controls); i += 2 {
		if controls[i] == c {
			return controls[i-1]
		}
	}
	return 0
}

// A reader looks for one secret at one place of a text.
type reader struct {
	secret, text string
	states       []state // yet to be followed
	seen         int     // how many states there have been
	known        map[state]bool
	end          int  // of the longest match
	more         bool // a match might be there if text went on
}

// A state is how much of the secret has been read and where in the text.
type state struct{ k, i int }

// match returns the length of the longest form of secret at the start of text, 0 if there is none, and whether there
// might be one, or a longer one, if text went on.
func (r *reader) match(secret, text string) (n int, more bool) {
	r.secret, r.text, r.states, r.seen, r.end, r.more = secret, text, r.states[:0], 0, 0, false
	if len(r.known) > 0 {
		clear(r.known)
	}
	for s := (state{}); ; {
		r.follow(s)
		if len(r.states) == 0 {
			return r.end, r.more
		}
		s = r.states[len(r.states)-1]
		r.states = r.states[:len(r.states)-1]
	}
}

// push says that k bytes of the secret have been read up to i.
func (r *reader) push(k, i int) {
	s := state{k, i}
	if r.seen++; r.seen > 16 { // few texts can be read in two ways
		if r.known == nil {
			r.known = map[state]bool{}
		}
		if r.known[s] || r.seen > maxStates+2*len(r.secret) {
			return
		}
		r.known[s] = true
	}
	r.states = append(r.states, s)
}

// follow reads plain bytes, up to the first that may be something else.
func (r *reader) follow(s state) {
	k, i := s.k, s.i
	for k < len(r.secret) {
		if i == len(r.text) {
			r.more = true
			return
		}
		c := r.text[i]
		if leads[c] {
			r.step(k, i)
			return
		}
		if c != r.secret[k] && (c != '+' || r.secret[k] != ' ') {
			return
		}
		k++
		i++
	}
	r.end = max(r.end, i)
}

// step reads what begins with a lead at i.
func (r *reader) step(k, i int) {
	c, want := r.text[i], r.secret[k]
	if c == want && c != '\\' {
		r.push(k+1, i+1)
	}
	switch c {
	case '%':
		r.percent(k, i)
	case '&':
		r.entity(k, i+1, 0)
		if all := r.run(i, true); all.n > 0 {
			r.escaped(k, i, all)
		}
	case '\\':
		r.backslashes(k, i)
	case '\'':
		if want == c {
			r.quote(k, i+1)
		}
	}
}

// is reports whether text goes on with s at i.
func (r *reader) is(i int, s string) bool {
	rest := r.text[i:]
	if strings.HasPrefix(rest, s) {
		return true
	}
	r.more = r.more || strings.HasPrefix(s, rest)
	return false
}

// hex reads n hexadecimal digits at i.
func (r *reader) hex(i, n int) (value rune, ok bool) {
	for ; n > 0; n-- {
		if i == len(r.text) {
			r.more = true
			return 0, false
		}
		d := digit(r.text[i])
		if d >= 16 {
			return 0, false
		}
		value = value<<4 | rune(d)
		i++
	}
	return value, true
}

func digit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// char says that up to i the character c is written.
func (r *reader) char(k, i int, c rune) {
	var b [utf8.UTFMax]byte
	if n := utf8.EncodeRune(b[:], c); strings.HasPrefix(r.secret[k:], string(b[:n])) {
		r.push(k+n, i)
	}
}

// percent reads %XX, and %25XX, and so on. What it stands for may begin another escape.
func (r *reader) percent(k, i int) {
	want, start := r.secret[k], i
	for range maxNested {
		v, ok := r.hex(i+1, 2)
		if !ok {
			return
		}
		i += 2
		c := byte(v)
		if c == want || c == '+' && want == ' ' {
			r.push(k+1, i+1)
		}
		switch c {
		case '&':
			r.entity(k, i+1, 0)
			return
		case '\\':
			r.escaped(k, start, r.run(start, true))
			return
		case '\'':
			if want == c {
				r.quote(k, i+1)
			}
			return
		case '%':
		default:
			return
		}
	}
}

var entities = []struct {
	name string
	char byte
}{{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}

// entity reads what follows "&": a name or number. "&" itself may be escaped again.
func (r *reader) entity(k, i, depth int) {
	for _, e := range entities {
		if !r.is(i, e.name) {
			continue
		}
		end, ok := r.mark(i+len(e.name), ";", "%3")
		if !ok {
			continue
		}
		if e.char == r.secret[k] {
			r.push(k+1, end)
		}
		if e.char == '&' && depth < maxNested {
			r.entity(k, end, depth+1)
		}
	}
	i, ok := r.mark(i, "#", "%23")
	if !ok {
		return
	}
	base, limit := rune(10), 7
	if i < len(r.text) && r.text[i]|0x20 == 'x' {
		i, base, limit = i+1, 16, 6
	}
	var value rune
	n := 0
	for ; i < len(r.text) && n < limit; i, n = i+1, n+1 {
		d := rune(digit(r.text[i]))
		if d >= base {
			break
		}
		value = value*base + d
	}
	if i == len(r.text) {
		r.more = true
		return
	}
	if end, ok := r.mark(i, ";", "%3"); ok && n > 0 {
		r.char(k, end, value)
		if value == '&' && depth < maxNested {
			r.entity(k, end, depth+1)
		}
	}
}

// mark reads one of the marks of an entity, which may be escaped for a URL: "%3" stands for "%3B" and "%3b".
func (r *reader) mark(i int, plain, escaped string) (end int, ok bool) {
	switch {
	case r.is(i, plain):
		return i + len(plain), true
	case escaped != "%3":
		return i + len(escaped), r.is(i, escaped)
	}
	return i + 3, r.is(i, "%3B") || r.is(i, "%3b")
}

// quote reads the rest of a quote that a shell text leaves and enters again for: '\” and '"'"'.
func (r *reader) quote(k, i int) {
	at := r.run(i, false).end
	if at > i && r.is(at, "''") {
		r.push(k+1, at+2)
	}
	if !r.is(at, `"'`) {
		return
	}
	if at = r.run(at+2, false).end; r.is(at, `"'`) {
		r.push(k+1, at+2)
	}
}

// A run is a sequence of backslashes.
type run struct{ n, end int }

// run reads backslashes. If any, they may themselves be escaped.
func (r *reader) run(i int, anyForm bool) (found run) {
	found.end = i
	for found.n <= 4*maxRun {
		n := r.backslash(found.end, anyForm)
		if n == 0 {
			break
		}
		found.n++
		found.end += n
	}
	if found.end == len(r.text) {
		r.more = true
	}
	return found
}

// backslash returns the length of one backslash at i.
func (r *reader) backslash(i int, anyForm bool) int {
	if i == len(r.text) {
		return 0
	}
	if !anyForm {
		if r.text[i] == '\\' {
			return 1
		}
		return 0
	}
	if n := r.ascii(i, '\\'); n > 1 {
		return n
	}
	if n := r.ascii(i, '&'); n > 0 {
		j := i + n
		for range maxNested {
			if !r.is(j, "amp") {
				break
			}
			end, ok := r.mark(j+len("amp"), ";", "%3")
			if !ok {
				break
			}
			j = end
		}
		if j, ok := r.mark(j, "#", "%23"); ok {
			for _, s := range []string{"92", "x5c", "x5C", "X5C", "X5c"} {
				if !r.is(j, s) {
					continue
				}
				if end, ok := r.mark(j+len(s), ";", "%3"); ok {
					return end - i
				}
			}
		}
	}
	if r.text[i] == '\\' {
		return 1
	}
	return 0
}

// ascii returns the length of c at i, as it is, as \u00XX, or as %XX, which may be escaped again; 0 if it is not there.
func (r *reader) ascii(i int, c byte) int {
	switch r.text[i] {
	case '\\':
		if r.is(i+1, "u00") {
			if v, ok := r.hex(i+4, 2); ok && byte(v) == c {
				return 6
			}
		}
	case '%':
		j := i + 1
		for n := 0; n < maxNested && r.is(j, "25"); n++ {
			j += 2
		}
		if v, ok := r.hex(j, 2); ok && byte(v) == c {
			return j + 2 - i
		}
		return 0
	}
	if r.text[i] == c {
		return 1
	}
	return 0
}

// backslashes reads what begins with a backslash at i.
func (r *reader) backslashes(k, i int) {
	plain := r.run(i, false)
	r.escaped(k, i, plain)
	if all := r.run(i, true); all != plain {
		r.escaped(k, i, all)
	}
}

// escaped reads what is written by a run of backslashes from i on, and the character behind it: backslashes of the
// secret itself, each of which may be escaped, and one of the run may belong to the character.
func (r *reader) escaped(k, i int, found run) {
	own := 0
	for k+own < len(r.secret) && r.secret[k+own] == '\\' {
		own++
	}
	if own > found.n {
		return
	}
	if k+own == len(r.secret) {
		r.last(i, own, found.n)
		return
	}
	if found.n > maxRun*(own+1) {
		return
	}
	want := r.secret[k+own]
	k += own
	if own > 0 || isPunct(want) {
		r.push(k, found.end)
	}
	if found.n == own {
		return
	}
	if found.end == len(r.text) {
		r.more = true
		return
	}
	at := found.end + 1
	switch c := r.text[found.end]; c {
	case 'u':
		r.unicode(k, at)
	case 'U':
		if v, ok := r.hex(at, 8); ok {
			r.char(k, at+8, v)
		}
	case 'x':
		if v, ok := r.hex(at, 2); ok {
			if byte(v) == want {
				r.push(k+1, at+2)
			}
			if v >= utf8.RuneSelf {
				r.char(k, at+2, v)
			}
		}
	case '0', '1', '2', '3':
		if o, ok := r.octal(at - 1); ok && o == want {
			r.push(k+1, at+2)
		}
	default:
		if c == letterOf(want) {
			r.push(k+1, at)
		}
	}
}

// last ends a secret whose last bytes are backslashes, n of them, where the text has more.
func (r *reader) last(i, n, found int) {
	for n*2 <= found && n < 4*maxRun {
		n *= 2
	}
	for ; n > 0; n-- {
		length := r.backslash(i, false)
		if length == 0 {
			length = r.backslash(i, true)
		}
		i += length
	}
	r.end = max(r.end, i)
}

// unicode reads the digits behind "\u" and the second half of a pair.
func (r *reader) unicode(k, i int) {
	v, ok := r.hex(i, 4)
	if !ok {
		return
	}
	i += 4
	if v>>10 == 0xD800>>10 {
		second := r.run(i, true)
		if second.n == 0 || second.n > maxRun || !r.is(second.end, "u") {
			return
		}
		low, ok := r.hex(second.end+1, 4)
		if !ok || low>>10 != 0xDC00>>10 {
			return
		}
		v, i = (v-0xD800)<<10+(low-0xDC00)+0x10000, second.end+5
	}
	r.char(k, i, v)
	if v == '&' {
		r.entity(k, i, 0)
	}
}

func (r *reader) octal(i int) (value byte, ok bool) {
	for range 3 {
		if i == len(r.text) {
			r.more = true
			return 0, false
		}
		d := r.text[i] - '0'
		if d > 7 {
			return 0, false
		}
		value = value<<3 | d
		i++
	}
	return value, true
}
