package redact

import (
	"slices"
	"strings"
)

// keyLen is how many bytes at the start of a pattern select the candidates at a place. It is MinLength, so that every
// pattern that is looked for anywhere has as many.
const keyLen = MinLength

// maxBreaks is how many line break bytes in a row may lie inside of code: "\r\n".
const maxBreaks = 2

// A matcher finds patterns, by the first four bytes at each place, and secrets character by character. In front of both
// is a set of bits that most places fail.
type matcher struct {
	bits     [1 << 12]uint64      // of hashed keys
	byKey    map[uint32][]pattern // longest first
	heads    map[string]bool      // the first one to three bytes of all patterns, for texts that end there
	alone    map[byte][]pattern   // by their first byte, longest first
	chars    chars
	anyAlone bool
	codes    bool // some pattern is code

	pairs [1 << 10]uint64 // of the first two bytes of everything: most places fail here
}

func newMatcher(f *forms) *matcher {
	m := &matcher{byKey: map[uint32][]pattern{}, heads: map[string]bool{}, alone: map[byte][]pattern{}}
	m.chars.all = f.byChar
	for _, secret := range f.byChar {
		m.chars.byFirst[secret[0]] = append(m.chars.byFirst[secret[0]], secret)
		starts(secret, func(a, b byte) {
			m.chars.first[a] = true
			m.mark(a, b)
		})
	}
	for _, p := range f.anywhere {
		k := key(p.text)
		m.bits[hash(k)>>6] |= 1 << (hash(k) & 63)
		m.byKey[k] = append(m.byKey[k], p)
		m.mark(p.text[0], p.text[1])
		if p.code {
			m.codes = true
			m.mark(p.text[0], '\n')
			m.mark(p.text[0], '\r')
		}
	}
	for _, p := range f.alone {
		m.alone[p.text[0]] = append(m.alone[p.text[0]], p)
		m.anyAlone = true
		for b := range 256 {
			m.mark(p.text[0], byte(b))
		}
	}
	for _, p := range slices.Concat(f.anywhere, f.alone) {
		for n := 1; n < keyLen && n <= len(p.text); n++ {
			m.heads[p.text[:n]] = true
		}
	}
	longest := func(a, b pattern) int { return len(b.text) - len(a.text) }
	for _, list := range m.byKey {
		slices.SortStableFunc(list, longest)
	}
	for _, list := range m.alone {
		slices.SortStableFunc(list, longest)
	}
	return m
}

// mark says that something to look for may begin with a and b.
func (m *matcher) mark(a, b byte) {
	p := pair(a, b)
	m.pairs[p>>6] |= 1 << (p & 63)
}

func key(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// hash maps a key to one of the bits.
func hash(k uint32) uint32 { return k * 2654435761 >> 14 }

func anyBreak(s string) bool {
	for i := range len(s) {
		if isBreak(s[i]) {
			return true
		}
	}
	return false
}

func isBreak(c byte) bool { return c == '\n' || c == '\r' }

// A scan masks a text, which may come in pieces. Overlapping and neighbouring matches become one mask.
type scan struct {
	m      *matcher
	text   string // the piece at hand
	prev   byte   // the byte in front of it; 0 if there is none
	reader reader
	// covered bytes at the start of text belong to a secret whose mask has been written.
	covered int
	masked  bool // text begins where a mask ended, or within what it stands for
}

// run writes the masked text and returns how much of it is done: all, or up to where more text might show a secret. The
// rest must be at the start of the next piece. final says that nothing follows.
func (s *scan) run(final bool, write func(string)) (done int) {
	plain, end, i := -1, s.covered, 0 // plain is where text to be passed on begins
	for ; i < len(s.text); i++ {
		if plain >= 0 {
			if i = s.skip(i); i == len(s.text) {
				break
			}
		}
		n, more := s.at(i)
		if more && !final {
			break
		}
		switch {
		case n > 0:
			if plain >= 0 {
				write(s.text[plain:i])
				plain = -1
			}
			if !s.masked {
				write(Mask)
				s.masked = true
			}
			end = max(end, i+n)
		case i >= end && plain < 0:
			plain, s.masked = i, false
		}
	}
	if plain >= 0 {
		write(s.text[plain:i])
	}
	s.covered = max(end-i, 0)
	if i > 0 {
		s.prev = s.text[i-1]
	}
	return i
}

// skip returns the first place from i on where something may start. It only sees what is certain at a glance.
func (s *scan) skip(i int) int {
	text, pairs := s.text, &s.m.pairs
	for ; i+1 < len(text); i++ {
		if p := pair(text[i], text[i+1]); pairs[p>>6]&(1<<(p&63)) != 0 {
			break
		}
	}
	return i
}

// at returns the length of the longest pattern at i, 0 if there is none, and whether a pattern might be there if the
// text went on.
func (s *scan) at(i int) (n int, more bool) {
	rest := s.text[i:]
	m := s.m
	if len(rest) < keyLen {
		more = m.heads[rest]
	} else {
		k := key(rest)
		if h := hash(k); m.bits[h>>6]&(1<<(h&63)) != 0 {
			n, more = matches(m.byKey[k], rest)
		}
	}
	if len(rest) == 1 {
		more = more || m.chars.first[rest[0]]
	} else if p := pair(rest[0], rest[1]); m.pairs[p>>6]&(1<<(p&63)) != 0 {
		m.chars.at(rest, func(secrets []string) {
			for _, secret := range secrets {
				cn, cmore := s.reader.match(secret, rest)
				n, more = max(n, cn), more || cmore
			}
		})
	}
	if m.codes && !isBreak(rest[0]) && anyBreak(rest[:min(keyLen, len(rest))]) {
		cn, cmore := s.broken(rest)
		n, more = max(n, cn), more || cmore
	}
	if m.anyAlone && (i == 0 && !isWord(s.prev) || i > 0 && !isWord(s.text[i-1]) || !isWord(rest[0])) {
		an, amore := aloneAt(m.alone[rest[0]], rest, i, s)
		n, more = max(n, an), more || amore
	}
	return n, more
}

// broken looks for code whose first characters are broken by a line end.
func (s *scan) broken(rest string) (n int, more bool) {
	var head [keyLen]byte
	have, breaks := 0, 0
	for i := 0; i < len(rest) && have < keyLen; i++ {
		if !isBreak(rest[i]) {
			head[have] = rest[i]
			have++
			breaks = 0
		} else if breaks++; breaks > maxBreaks {
			return 0, false
		}
	}
	if have < keyLen {
		return 0, s.m.heads[string(head[:have])]
	}
	return matches(s.m.byKey[key(string(head[:]))], rest)
}

// matches returns the length of the longest of list, which is sorted by length, that starts text; more says whether a
// longer one might if text went on.
func matches(list []pattern, text string) (n int, more bool) {
	for _, p := range list {
		length, partly := p.match(text)
		if length > 0 {
			return length, more
		}
		more = more || partly
	}
	return 0, more
}

// match returns how much of text p covers, 0 if it does not start it; partly says that text ends within p.
func (p pattern) match(text string) (length int, partly bool) {
	if strings.HasPrefix(text, p.text) {
		return len(p.text), false
	}
	if !p.code {
		return 0, strings.HasPrefix(p.text, text)
	}
	i, breaks := 0, 0
	for j := 0; j < len(p.text); i++ {
		if i == len(text) {
			return 0, true
		}
		switch {
		case text[i] == p.text[j]:
			j++
			breaks = 0
		case isBreak(text[i]) && j > 0 && breaks < maxBreaks:
			breaks++
		default:
			return 0, false
		}
	}
	return i, false
}

// aloneAt looks for a short secret between bytes that belong to no word. A secret that begins or ends with another byte
// itself needs none there.
func aloneAt(list []pattern, rest string, i int, s *scan) (n int, more bool) {
	for _, p := range list {
		length, partly := p.match(rest)
		if length == 0 {
			more = more || partly
			continue
		}
		before := s.prev
		if i > 0 {
			before = s.text[i-1]
		}
		if isWord(p.text[0]) && isWord(before) {
			continue
		}
		if isWord(p.text[len(p.text)-1]) {
			if length == len(rest) {
				more = true // what comes next decides, if anything does
			} else if isWord(rest[length]) {
				continue
			}
		}
		return length, more
	}
	return 0, more
}
