package state

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Where the root deployments are in the bytes of a document.

// A layout says how the bytes of a root deployment are laid out. Those the encoder would write can be copied.
type layout uint8

const (
	foreign  layout = iota
	indented        // as the original does
	compact         // without any white space: a line for each root deployment
)

// In a large document nobody reads every line, and more than half of its bytes would be white space. So it has a line for each
// root deployment as soon as it has grown beyond maxIndented, until it shrinks below minCompact.
const (
	maxIndented = 256 << 10
	minCompact  = 32 << 10 // which is less than what such a document shrinks to
)

// layoutAt returns the layout of a value in a sealed document.
func layoutAt(data []byte, pos int) layout {
	if data[pos+1] == '"' {
		return compact
	}
	return indented
}

// A rawDeployment is a root deployment in the document: data[start:end] is the value.
type rawDeployment struct {
	name       string
	start, end int
	layout     layout
	joined     bool // what stands between this and the one before is laid out as the encoder would
	active     bool // some stage in it may be in a running status
}

// rawDepth is the depth at which a root deployment begins.
const rawDepth = 4

// A span is a part of a document, which is what was encoded here: the object that holds the root deployments of an
// environment, sorted by name, none of them running. Who wants one of ten thousand finds it there without a look at most of
// the others.
type span struct{ start, end int }

// The lines of an object of root deployments. Deeper lines begin with more blanks, and no string holds a line break.
var (
	rawLine = "\n" + strings.Repeat(indentUnit, rawDepth)
	rawKey  = rawLine + `"`
	rawEnd  = rawLine + "}"
	lastEnd = "\n" + strings.Repeat(indentUnit, rawDepth-1) + "}"
)

// first and last are the begin and the end of the entries. An entry begins with its line break; a comma stands between two.
func (w span) first() int { return w.start + 1 }
func (w span) last() int  { return w.end - len(lastEnd) }

// find looks for a deployment: at is where its entry begins, or that of the first one behind it by name. start and end are
// those of the value, if there is one.
func (w span) find(data []byte, name string) (at, start, end int, found bool) {
	low, high := w.first(), w.last()
	at = high
	for low < high {
		middle := low + (high-low)/2
		n := bytes.Index(data[middle:min(high+len(rawKey)-1, w.end)], []byte(rawKey))
		if n < 0 {
			high = middle
			continue
		}
		entry := middle + n
		key, value := w.key(data, entry)
		switch strings.Compare(key, name) {
		case -1:
			low = entry + 1
		case 0:
			return entry, value, w.valueEnd(data, value), true
		default:
			at, high = entry, entry
		}
	}
	return at, 0, 0, false
}

// key returns the name in the entry that begins at pos, and where its value begins.
func (w span) key(data []byte, pos int) (name string, value int) {
	s := scanner{data: data[:w.last()], pos: pos + len(rawLine)}
	key, _ := s.key() // it was encoded here
	return string(key), s.pos
}

// valueEnd returns the end of the value that begins at pos.
func (w span) valueEnd(data []byte, pos int) int {
	n, length := 0, 0
	switch {
	case data[pos+1] == '}':
		length = len("{}")
	case layoutAt(data, pos) == compact:
		n = lineEnd(data[pos:w.end])
	default:
		n, length = bytes.Index(data[pos:w.end], []byte(rawEnd)), len(rawEnd)
	}
	if n < 0 {
		return w.last() // a forged seal must not end in a panic
	}
	return min(pos+n+length, w.last())
}

// lineEnd returns how long the value is at the end of the first line of data, which a comma may follow.
func lineEnd(data []byte) int {
	n := bytes.IndexByte(data, '\n')
	if n > 0 && data[n-1] == ',' {
		n--
	}
	return n
}

// minOffsets is the size from which on a document says where its spans are.
const minOffsets = 64 << 10

// offsetsKey is the key under which it does.
const offsetsKey = "offsets"

// offsetsText is what a document says about its spans.
func offsetsText(spans []span) string {
	var text []string
	for _, w := range spans {
		text = append(text, fmt.Sprintf("%d-%d", w.start, w.end))
	}
	return strings.Join(text, " ")
}

// spans returns those of a sealed document. Without them, or if they are wrong, there are none: the document is read from
// its beginning to its end then.
func spans(data []byte) []span {
	line := data[:len(data)-sealLen]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	text, ok := bytes.CutPrefix(line, []byte(indentUnit+`"`+offsetsKey+`": "`))
	if !ok {
		return nil
	}
	var all []span
	for pair := range strings.FieldsSeq(strings.TrimSuffix(string(text), `"`)) {
		from, to, _ := strings.Cut(pair, "-")
		start, err1 := strconv.Atoi(from)
		end, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || !isSpan(data, start, end) {
			return nil
		}
		all = append(all, span{start, end})
	}
	return all
}

// isSpan reports whether at least the ends of a span are as they must be.
func isSpan(data []byte, start, end int) bool {
	return start > 0 && end <= len(data)-sealLen && end-start > len(lastEnd) &&
		bytes.HasPrefix(data[start+1:end], []byte(rawKey)) && data[start] == '{' && bytes.HasSuffix(data[start:end], []byte("}"+lastEnd))
}

// rootDeployments checks the deployments of an environment and notes where they are.
func (d *decoder) rootDeployments(e *environment) error {
	if len(d.spans) > 0 && d.spans[0].start == d.pos {
		e.whole, d.spans = d.spans[0], d.spans[1:]
		d.pos = e.whole.end
		return nil
	}
	d.build = false
	err := d.each(func(key []byte, start int) error {
		raw := rawDeployment{name: string(key), start: d.pos, joined: !d.odd}
		d.odd, d.spaced, d.active = false, false, false
		if d.skipSealed() {
			raw.layout = layoutAt(d.data, raw.start)
		} else if _, err := d.deployment(key, start); err != nil {
			return err
		} else if !d.odd {
			raw.layout = indented
		} else if !d.spaced {
			raw.layout = compact
		}
		raw.end, raw.active = d.pos, d.active
		e.raw = append(e.raw, raw)
		d.odd = false
		return nil
	})
	d.build = true
	byName := func(a, b rawDeployment) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(e.raw, byName) {
		slices.SortFunc(e.raw, byName)
		for i := range e.raw {
			e.raw[i].joined = false
		}
	}
	if len(e.raw) > 0 {
		e.raw[0].joined = false
	}
	return err
}

// skipSealed passes a root deployment without looking into it, if the document is sealed: then it was checked before it
// was written, and it ends with its line or, if that is its first one, where a brace closes at its own depth. No string can
// look like that, because strings hold no line breaks.
func (d *decoder) skipSealed() bool {
	if !d.sealed || d.pos >= len(d.data) || d.data[d.pos] != '{' || d.depth != rawDepth {
		return false
	}
	data := d.data[d.pos:]
	switch {
	case len(data) > 1 && data[1] == '}':
		d.pos += len("{}")
		return true
	case len(data) > 1 && data[1] == '"':
		n := lineEnd(data)
		if n < 0 {
			return false
		}
		d.pos += n
		return true
	}
	// Every line inside is indented deeper than the one that ends it, so no line is shorter than that.
	const indent = rawDepth * len(indentUnit)
	for i := 1; ; i += indent + 2 {
		if i >= len(data) {
			return false
		}
		n := bytes.IndexByte(data[i:], '\n')
		if i += n; n < 0 || i+1+indent >= len(data) {
			return false
		}
		if data[i+1+indent] == '}' {
			d.pos += i + 1 + indent + 1
			return true
		}
	}
}

// split finds all deployments of the environment, if it did not yet. The caller holds s.mu for writing, or nobody else
// knows s.
func (s *State) split(e *environment) {
	if e == nil || e.whole.end == 0 {
		return
	}
	d := decoder{scanner: scanner{data: s.data, pos: e.whole.start, depth: rawDepth - 1}, sealed: true}
	e.whole = span{}
	if err := d.rootDeployments(e); err != nil { // only a bug of ours leads here; nothing is written any more
		s.err = locate(err, s.data)
	}
}

// laidOut returns the layout that the next document is to have, and prepares what cannot be copied then.
func (s *State) laidOut() layout {
	s.mu.Lock()
	defer s.mu.Unlock()
	var now layout
	for _, e := range s.envs {
		switch {
		case e.whole.end > 0:
			_, value := e.whole.key(s.data, e.whole.first())
			now = layoutAt(s.data, value)
		case len(e.raw) > 0:
			now = e.raw[0].layout
		}
		if now == compact {
			break
		}
	}
	next := indented
	if size := len(s.data); size >= maxIndented || size >= minCompact && now == compact {
		next = compact
	}
	if next != now {
		for _, e := range s.envs {
			s.split(e)
		}
	}
	return next
}

// locate finds a deployment in the document.
func (e *environment) locate(data []byte, name string) (rawDeployment, bool) {
	if e.whole.end > 0 {
		_, start, end, found := e.whole.find(data, name)
		return rawDeployment{name: name, start: start, end: end}, found
	}
	i, found := slices.BinarySearchFunc(e.raw, name, func(r rawDeployment, name string) int { return strings.Compare(r.name, name) })
	if !found {
		return rawDeployment{}, false
	}
	return e.raw[i], true
}

// A document which was written here ends with a seal: a checksum of everything before. With it, what we wrote need not
// be checked again; any other program that changes the document breaks or removes the seal. A document in which a stage
// is running bears none, so that a seal also says that there is no such stage to look for.
const (
	sealHead = ",\n" + indentUnit + `"checksum": "crc32c-`
	sealTail = "\"\n}"
	sealLen  = len(sealHead) + 8 + len(sealTail)
)

// seal returns the end of a document whose bytes so far have this sum.
func seal(sum uint32) string { return fmt.Sprintf("%s%08x%s", sealHead, sum, sealTail) }

// unseal reports whether a document bears a seal that fits.
func unseal(data []byte, s *sums) bool {
	n := len(data) - sealLen
	return n > 0 && bytes.HasPrefix(data[n:], []byte(sealHead)) && string(data[n:]) == seal(s.upTo(data, n))
}
