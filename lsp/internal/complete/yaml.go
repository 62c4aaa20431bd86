package complete

import (
	"slices"
	"strings"
)

// An elem is what makes the structure of a line in YAML: a dash, or a key with its ":".
type elem struct {
	dash   bool
	name   string
	column int
	at     int // where it begins
	end    int // of a key, without its ":"
	// value is where the value begins on the same line, and stop the end of the line. Only the last elem of a line has one.
	value, stop int
	last        bool
}

// elems returns the structure of a line, or of a part of it.
func elems(text string, from, to int) []elem {
	list := make([]elem, 0, 2)
	i := blanks(text, from, to)
	for {
		e := elem{column: i - from, at: i, stop: to}
		if i < to && text[i] == '-' && (i+1 == to || isBlank(text[i+1])) {
			e.dash = true
			e.value = blanks(text, i+1, to)
			list = append(list, e)
			i = e.value
			continue
		}
		name, end, colon := keyAt(text, i, to)
		if colon >= 0 {
			e.name, e.end = name, end
			e.value = blanks(text, colon+1, to)
			list = append(list, e)
		}
		if len(list) > 0 {
			list[len(list)-1].last = true
		}
		return list
	}
}

// keyAt reads a key at i; colon is -1 if there is none.
func keyAt(text string, i, to int) (name string, end, colon int) {
	if i >= to || strings.IndexByte("[{#&*!|>%@`,]}", text[i]) >= 0 {
		return "", 0, -1
	}
	if q := text[i]; q == '"' || q == '\'' {
		n := strings.IndexByte(text[i+1:to], q)
		if n < 0 {
			return "", 0, -1
		}
		end = i + 1 + n + 1
		colon = blanks(text, end, to)
		if colon < to && text[colon] == ':' && (colon+1 == to || isBlank(text[colon+1])) {
			return text[i+1 : end-1], end, colon
		}
		return "", 0, -1
	}
	for j := i; j < to; j++ {
		switch {
		case text[j] == ':' && (j+1 == to || isBlank(text[j+1])):
			if j == i {
				return "", 0, -1
			}
			end = i + len(strings.TrimRight(text[i:j], " \t"))
			return text[i:end], end, j
		case text[j] == '#' && isBlank(text[j-1]):
			return "", 0, -1
		}
	}
	return "", 0, -1
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func blanks(text string, from, to int) int {
	for from < to && isBlank(text[from]) {
		from++
	}
	return from
}

// lineAround returns where the line of an offset begins and ends, without its line break.
func lineAround(text string, off int) (start, end int) {
	start = strings.LastIndexByte(text[:off], '\n') + 1
	if n := strings.IndexByte(text[off:], '\n'); n >= 0 {
		end = off + n
	} else {
		end = len(text)
	}
	if end > off && text[end-1] == '\r' {
		end--
	}
	return start, end
}

// bomLen is how long the byte order mark is that a text begins with.
func bomLen(text string) int {
	if strings.HasPrefix(text, "\uFEFF") {
		return len("\uFEFF")
	}
	return 0
}

// A climber goes up through the lines of a plan to what holds the place of the cursor.
type climber struct {
	text   string
	off    int
	start  int    // of the line of the cursor
	stop   int    // its end
	frames []elem // innermost first
}

// climb adds what holds a place in a column: a key, or a dash if isDash is set.
func (c *climber) climb(column int, isDash bool) {
	for end := c.start - 1; end > bomLen(c.text) && (column > 0 || isDash); {
		start := strings.LastIndexByte(c.text[:end], '\n') + 1
		if start == 0 {
			start = bomLen(c.text)
		}
		at := blanks(c.text, start, end)
		indent := at - start
		line := c.text[at:max(at, end)]
		stop := end
		end = start - 1
		switch {
		case line == "" || line[0] == '#' || indent > column || indent == column && isDash == (line[0] == '-'):
			continue
		case indent == 0 && (strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...")):
			return
		}
		for _, e := range slices.Backward(elems(c.text, start, stop)) {
			switch {
			case e.column > column, e.column == column && (e.dash || !isDash):
				continue
			case isDash && !e.dash && e.column == column && !(e.last && emptyValue(c.text, e)):
				continue
			}
			c.frames = append(c.frames, e)
			column, isDash = e.column, e.dash
		}
	}
}

// emptyValue reports whether nothing stands behind a key on its line.
func emptyValue(text string, e elem) bool {
	return e.value >= e.stop || text[e.value] == '#' || text[e.value] == '&' || text[e.value] == '!'
}

// yamlSpot finds out what a place of a plan in YAML is.
func yamlSpot(text string, off int) spot {
	start, stop := lineAround(text, off)
	if start == 0 {
		start = min(bomLen(text), off)
	}
	c := climber{text: text, off: off, start: start, stop: stop}
	head := elems(text, start, off)
	if n := len(head); n > 1 && head[n-2].dash && text[off-1] == ':' && strings.Contains(head[n-1].name, "/") {
		head = head[:n-1] // it only looks like a key: "- shop/db:" will be "- shop/db:tag"
		head[n-2].last = true
	}
	for _, e := range slices.Backward(head) {
		c.frames = append(c.frames, e)
	}
	at := blanks(text, start, off)
	if len(head) > 0 {
		at = head[len(head)-1].value
		for at < off && (text[at] == '&' || text[at] == '!') { // an anchor or a tag
			for at < off && !isBlank(text[at]) {
				at++
			}
			at = blanks(text, at, off)
		}
		c.climb(head[0].column, head[0].dash)
	} else {
		c.climb(at-start, false)
	}
	if s, ok := c.inScalar(len(head)); ok {
		return s
	}
	if len(head) == 0 && len(c.frames) > 0 && !c.frames[0].dash && !emptyValue(text, c.frames[0]) {
		return c.continued()
	}
	s := spot{at: at, trail: c.trail(), column: at - start, text: text[at:off]}
	c.rest(&s)
	if strings.HasPrefix(s.text, "#") && (at == start || isBlank(text[at-1])) {
		s.kind = atComment
		return s
	}
	switch {
	case len(head) == 0:
		c.key(&s)
	case head[len(head)-1].dash:
		s.item, s.kind = true, atValue
		s.glued = at > start && text[at-1] == '-'
		c.scalar(&s)
	default:
		s.kind = atValue
		s.glued = at > start && text[at-1] == ':'
		c.scalar(&s)
	}
	if s.kind == atValue && s.text == "" && c.hasValue(&s, len(head)) {
		return spot{}
	}
	c.neighbours(&s)
	if s.kind == atKey && !s.assigned {
		c.align(&s)
	}
	return s
}

// hasValue reports whether the value of the key or item that the cursor stands behind is written already: behind the cursor, or in
// the lines below.
func (c *climber) hasValue(s *spot, own int) bool {
	tail := c.text[c.off:c.stop]
	if words := strings.TrimLeft(tail, " \t"); words != "" && words[0] != '#' {
		return len(words) < len(tail) || strings.IndexByte("[{\"'|>&*!", words[0]) >= 0
	}
	e := c.frames[0]
	for at := c.stop; own > 0; {
		n := strings.IndexByte(c.text[at:], '\n')
		if n < 0 {
			return false
		}
		from := at + n + 1
		_, at = lineAround(c.text, from)
		first := blanks(c.text, from, at)
		if first == at || c.text[first] == '#' {
			continue
		}
		if e.dash && first-from == e.column+2 && len(elems(c.text, from, at)) > 0 {
			s.mapping = true
			return false
		}
		isDash := c.text[first] == '-' && (first+1 == at || isBlank(c.text[first+1]))
		return first-from > e.column || first-from == e.column && isDash && !e.dash
	}
	return false
}

// align makes keys begin below the others of their mapping: with blanks in front if some are missing, and not at all if there are
// too many.
func (c *climber) align(s *spot) {
	if len(c.frames) == 0 {
		return
	}
	parent := c.frames[0]
	column := -1
	if parent.dash && !parent.last {
		column = elems(c.text, c.lineOf(parent.at), parent.stop)[0].column
		for _, e := range elems(c.text, c.lineOf(parent.at), parent.stop) {
			if !e.dash {
				column = e.column
			}
		}
	}
	for at := parent.stop; column < 0; {
		n := strings.IndexByte(c.text[at:], '\n')
		if n < 0 {
			break
		}
		from := at + n + 1
		_, at = lineAround(c.text, from)
		first := blanks(c.text, from, at)
		if from == c.start || first == at || c.text[first] == '#' {
			continue
		}
		if first-from <= parent.column {
			break
		}
		column = first - from
		s.childDash = c.text[first] == '-'
	}
	switch {
	case column > s.column:
		s.pad = strings.Repeat(" ", column-s.column)
		s.column = column
		s.around = c.keysAt(c.start, column)
		if parent.dash || len(c.frames) > 1 && c.frames[1].dash {
			c.neighbours(s)
		}
	case column >= 0 && column < s.column:
		s.kind = nowhere
	}
}

// trail names the frames from the outermost on.
func (c *climber) trail() []string {
	names := make([]string, 0, len(c.frames))
	for _, e := range slices.Backward(c.frames) {
		if e.dash {
			names = append(names, "-")
		} else {
			names = append(names, e.name)
		}
	}
	return names
}

// inScalar says whether the cursor is in a scalar or in brackets that begin further up, or on the line of the cursor. The
// first own frames are on that line.
func (c *climber) inScalar(own int) (spot, bool) {
	for i := len(c.frames) - 1; i >= 0; i-- {
		e := c.frames[i]
		if !e.last || e.value >= c.off {
			continue
		}
		at := e.value
		for at < e.stop && (c.text[at] == '&' || c.text[at] == '!') { // an anchor or a tag
			for at < e.stop && !isBlank(c.text[at]) {
				at++
			}
			at = blanks(c.text, at, e.stop)
		}
		if at >= e.stop || at >= c.off {
			continue
		}
		inner := &climber{text: c.text, off: c.off, start: c.start, stop: c.stop, frames: c.frames[i:]}
		s := spot{kind: atValue, trail: inner.trail(), item: e.dash}
		switch ch := c.text[at]; {
		case (ch == '|' || ch == '>') && i >= own:
			s.style, s.block = literal, true
			s.at = e.stop + 1
			if c.text[e.stop] == '\r' {
				s.at++
			}
			if s.at > c.off {
				return s, false
			}
			s.text, s.rest = unindented(c.text[s.at:c.off]), 0
			inner.neighbours(&s)
			return s, true
		case ch == '"' || ch == '\'':
			s.style = double
			if ch == '\'' {
				s.style = single
			}
			s.at = at + 1
			body, closed := quoted(c.text[s.at:c.off], ch)
			if closed && i >= own {
				continue
			}
			if closed {
				s.kind = nowhere
				if n := strings.IndexByte(c.text[s.at:c.off], '#'); n >= 0 && isBlank(c.text[s.at+n-1]) {
					s.kind, s.at, s.text = atComment, s.at+n, c.text[s.at+n:c.off]
				}
				return s, true
			}
			s.text = body
			c.rest(&s)
			inner.neighbours(&s)
			return s, true
		case ch == '[' || ch == '{':
			if f, ok := flowSpot(c.text, at, c.off); ok {
				f.trail = append(s.trail, f.trail...)
				if f.entry == nil {
					inner.neighbours(&s)
					f.entry = s.entry
				}
				if f.kind != atComment {
					c.rest(&f)
				}
				return f, true
			}
			if i < own {
				return spot{}, true // behind it
			}
		}
	}
	return spot{}, false
}

// continued is a place in a further line of a plain scalar.
func (c *climber) continued() spot {
	e := c.frames[0]
	s := spot{kind: atValue, trail: c.trail(), at: e.value, style: plain}
	lines := strings.Split(c.text[e.value:c.off], "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	s.text = strings.Join(lines, " ")
	if !strings.HasPrefix(s.text, "$") || strings.Contains(s.text, " #") {
		return spot{}
	}
	c.rest(&s)
	c.neighbours(&s)
	return s
}

// unindented takes the blanks at the starts of lines away.
func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimLeft(strings.TrimRight(lines[i], "\r"), " \t")
	}
	return strings.Join(lines, "\n")
}

// quoted decodes a text behind its opening quote, and reports whether it ends.
func quoted(text string, q byte) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == q && q == '\'' && i+1 < len(text) && text[i+1] == q:
			i++
			b.WriteByte(q)
		case text[i] == q:
			return b.String(), true
		case text[i] == '\\' && q == '"' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), false
}

// scalar finds out how the value on the line of the cursor is written.
func (c *climber) scalar(s *spot) {
	if i := strings.Index(s.text, " #"); i >= 0 {
		s.kind, s.at, s.text = atComment, s.at+i+1, s.text[i+1:]
	}
}

// rest finds out what behind the cursor belongs to the text at it.
func (c *climber) rest(s *spot) {
	tail := c.text[c.off:c.stop]
	switch {
	case s.style == single || s.style == double:
		q := byte('"')
		if s.style == single {
			q = '\''
		}
		if n := strings.IndexByte(tail, q); n >= 0 && !strings.Contains(tail[:n], " #") {
			tail = tail[:n]
		} else {
			tail, s.unclosed = tail[:wordLen(tail)], n < 0 || strings.Contains(tail[:n], " #")
		}
	case s.flow:
		if n := strings.IndexAny(tail, ",]}"); n >= 0 {
			tail = tail[:n]
		}
		if n := strings.Index(tail, ": "); n >= 0 {
			tail = tail[:n]
		}
	}
	if s.style == plain {
		if n := strings.Index(tail, " #"); n >= 0 {
			tail = tail[:n]
		}
		tail = strings.TrimRight(tail, " \t")
	}
	s.rest = len(tail)
}

// key finds out what is known of a key that the line of the cursor begins with.
func (c *climber) key(s *spot) {
	s.kind = atKey
	line := elems(c.text, c.start, c.stop)
	s.rest = wordLen(c.text[c.off:c.stop])
	if len(line) > 0 && line[0].at > c.off {
		s.kind = nowhere // in the blanks in front of something
		return
	}
	if len(line) > 0 && !line[0].dash {
		s.assigned = true
		s.rest = max(line[0].end-c.off, 0)
	}
	tail := c.text[c.off:c.stop]
	if strings.ContainsAny(s.text, " \t\"'$[{") ||
		!s.assigned && strings.TrimSpace(tail[min(s.rest, len(tail)):]) != "" && !strings.HasPrefix(strings.TrimSpace(tail[min(s.rest, len(tail)):]), "#") {
		s.kind = nowhere // there is something else
	}
}

// neighbours finds the keys of the mappings around the cursor.
func (c *climber) neighbours(s *spot) {
	if s.kind == atKey || s.item {
		if s.kind == atKey {
			s.around = c.keysAt(c.start, s.column)
			if len(c.frames) == 0 || c.frames[0].dash || c.frames[0].column < s.column {
				s.dashless = len(c.frames) > 0 && !c.frames[0].dash
			}
		} else {
			s.column = s.at - c.start
			if s.glued {
				s.column++
			}
			s.around = c.keysAt(c.start, s.column)
			s.items = c.itemsAt()
		}
	}
	// The entry is the mapping right inside of the outermost dash, or an errand.
	for i := len(c.frames) - 1; i >= 0; i-- {
		if !c.frames[i].dash && !(len(c.frames)-1-i == 1 && c.frames[len(c.frames)-1].name == "errands") {
			continue
		}
		switch {
		case i > 0 && !c.frames[i-1].dash:
			s.entry = c.keysAt(c.lineOf(c.frames[i-1].at), c.frames[i-1].column)
		case i == 0:
			s.entry = s.around
		}
		if c.frames[i].dash {
			return
		}
	}
}

func (c *climber) lineOf(off int) int {
	start := strings.LastIndexByte(c.text[:off], '\n') + 1
	if start == 0 {
		return bomLen(c.text)
	}
	return start
}

// maxValue is how much of a value is kept of a neighbour.
const maxValue = 400

// keysAt returns the keys of the mapping in a column that the line which begins at start is part of, with their values, but for
// the key that the cursor is on.
func (c *climber) keysAt(start, column int) map[string]string {
	found := map[string]string{}
	visit := func(from, to int) bool {
		at := blanks(c.text, from, to)
		if at == to || c.text[at] == '#' || at-from > column || at-from == column && c.text[at] == '-' {
			return true
		}
		more := true
		for _, e := range elems(c.text, from, to) {
			switch {
			case e.column < column:
				more = false // the entry begins here, or is left
			case e.column == column && !e.dash && !(e.at <= c.off && c.off <= e.end):
				if _, ok := found[e.name]; !ok || more {
					found[e.name] = c.valueOf(e)
				}
			}
		}
		if at-from < column && more {
			return true // a line that is no structure, such as a half-typed one
		}
		return more
	}
	for at := start; at >= 0; {
		_, end := lineAround(c.text, at)
		if !visit(at, end) || at == 0 || at == bomLen(c.text) {
			break
		}
		at = c.lineOf(at - 1)
	}
	_, end := lineAround(c.text, start)
	for at := end; at < len(c.text); {
		n := strings.IndexByte(c.text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		_, end := lineAround(c.text, at)
		first := blanks(c.text, at, end)
		if first-at < column {
			if line := elems(c.text, at, end); len(line) > 0 {
				break
			}
		}
		if strings.HasPrefix(c.text[at:], "---") {
			break
		}
		visit(at, end)
		at = end
	}
	return found
}

// valueOf returns the text of a value up to the next line that stands as far left as its key.
func (c *climber) valueOf(e elem) string {
	end := e.stop
	for end < len(c.text) && end-e.value < maxValue {
		n := strings.IndexByte(c.text[end:], '\n')
		if n < 0 {
			break
		}
		from := end + n + 1
		_, to := lineAround(c.text, from)
		at := blanks(c.text, from, to)
		if at < to && (at-from < e.column || at-from == e.column && c.text[at] != '-') {
			break
		}
		end = to
	}
	return bare(c.text[min(e.value, end):end])
}

// bare returns the text of a value of one line without quotes and comment; of several lines, what is written.
func bare(value string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		return ""
	}
	if q := value[0]; q == '"' || q == '\'' {
		if n := strings.IndexByte(value[1:], q); n >= 0 && !strings.Contains(value[1:1+n], "\n") {
			return value[1 : 1+n]
		}
		return strings.Trim(value, `"'`)
	}
	line, rest, more := strings.Cut(value, "\n")
	for _, mark := range []string{" #", " //"} {
		if i := strings.Index(line, mark); i >= 0 {
			line = strings.TrimRight(line[:i], " \t")
		}
	}
	if more {
		return line + "\n" + rest
	}
	return line
}

// itemsAt returns the texts of the items of the list that the line of the cursor is one of.
func (c *climber) itemsAt() []string {
	var dash elem
	for _, e := range c.frames {
		if e.dash {
			dash = e
			break
		}
	}
	var items []string
	visit := func(from, to int) bool {
		at := blanks(c.text, from, to)
		switch {
		case at == to || c.text[at] == '#' || at-from > dash.column:
			return true
		case at-from < dash.column || c.text[at] != '-':
			return at-from >= dash.column
		}
		items = append(items, bare(c.text[at+1:to]))
		return len(items) < 1000
	}
	for at := c.start; at > bomLen(c.text); {
		at = c.lineOf(at - 1)
		_, end := lineAround(c.text, at)
		if !visit(at, end) {
			break
		}
	}
	for at := c.stop; ; {
		n := strings.IndexByte(c.text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		_, end := lineAround(c.text, at)
		if !visit(at, end) {
			break
		}
		at = end
	}
	return items
}

// wordLen returns how long the word is that text begins with.
func wordLen(text string) int {
	n := 0
	for n < len(text) && isWord(text[n]) {
		n++
	}
	return n
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// flowSpot reads the brackets that begin at an offset and finds out what a place in them is; false if they end before it.
func flowSpot(text string, at, off int) (spot, bool) {
	r := flowReader{text: text, off: off, word: -1, wordEnd: -1}
	comment, open := r.read(at)
	switch {
	case !open:
		return spot{}, false
	case comment >= 0:
		return spot{kind: atComment, at: comment, text: text[comment:off], flow: true}, true
	case r.closed:
		return spot{flow: true}, true
	}
	s := r.place()
	if r.word >= 0 {
		r.scalar(&s)
	} else if off > at {
		s.glued = s.kind == atValue && r.top().mapping && text[off-1] == ':'
	}
	r.behind(&s)
	return s, true
}

// A flowReader reads brackets up to an offset.
type flowReader struct {
	text  string
	off   int
	stack []*bracket
	// word is where the scalar at hand begins, -1 if there is none, and wordEnd where the last one in quotes ends.
	word, wordEnd int
	quote         byte // in which the scalar at hand stands; 0 if in none
	closed        bool // brackets end in front, and nothing has followed
}

// A bracket is one that is open.
type bracket struct {
	mapping bool
	key     string // whose value comes
	valued  bool
	keys    map[string]string
	items   []string
}

func (r *flowReader) top() *bracket { return r.stack[len(r.stack)-1] }

// read reads the brackets that begin at an offset. It returns the start of the comment that the place is in, -1 if it is in
// none; false if the brackets end before it.
func (r *flowReader) read(at int) (comment int, open bool) {
	for i := at; i < r.off; i++ {
		ch := r.text[i]
		if r.quote != 0 {
			if ch == '\\' && r.quote == '"' {
				i++
			} else if ch == r.quote {
				r.quote, r.wordEnd = 0, i+1
			}
			continue
		}
		switch {
		case ch == '[' || ch == '{':
			if r.word >= 0 {
				continue // inside of a plain scalar; YAML ends it, but an expression is meant
			}
			r.stack = append(r.stack, &bracket{mapping: ch == '{', keys: map[string]string{}})
		case ch == ']' || ch == '}':
			r.finish(i)
			if len(r.stack) > 0 {
				r.stack = r.stack[:len(r.stack)-1]
			}
			if len(r.stack) == 0 {
				return -1, false
			}
			r.closed = true
		case ch == ',':
			r.finish(i)
			r.closed = false
			if b := r.top(); b.mapping {
				b.key, b.valued = "", false
			}
		case ch == ':' && r.top().mapping && (i+1 == r.off || isBlank(r.text[i+1]) || r.text[i+1] == '\n' || r.wordEnd == i):
			r.finish(i)
			r.top().valued = true
		case ch == '#' && (i == 0 || isBlank(r.text[i-1]) || r.text[i-1] == '\n'):
			n := strings.IndexByte(r.text[i:r.off], '\n')
			if n < 0 {
				return i, true
			}
			i += n
		case isBlank(ch) || ch == '\n':
		case r.word < 0:
			r.word = i
			if ch == '"' || ch == '\'' {
				r.quote = ch
			}
		}
	}
	return -1, true
}

// finish takes the scalar at hand, which ends at an offset, as a key, a value or an item.
func (r *flowReader) finish(end int) {
	if len(r.stack) > 0 && r.word >= 0 {
		b := r.top()
		value := strings.Trim(strings.TrimSpace(r.text[r.word:end]), `"'`)
		switch {
		case b.mapping && b.valued:
			b.keys[b.key] = value
		case b.mapping:
			b.key = value
		default:
			b.items = append(b.items, value)
		}
	}
	r.word = -1
}

// place says in which brackets the place is, and whether as a key or as a value.
func (r *flowReader) place() spot {
	s := spot{flow: true, at: r.off, kind: atValue}
	for n, b := range r.stack {
		switch {
		case b.mapping && (b.valued || n < len(r.stack)-1):
			s.trail = append(s.trail, b.key)
		case !b.mapping:
			s.trail = append(s.trail, "-")
		}
		if b.mapping && s.entry == nil {
			s.entry = b.keys
		}
	}
	b := r.top()
	s.around, s.items, s.item = b.keys, b.items, !b.mapping
	if b.mapping && !b.valued {
		s.kind = atKey
	}
	return s
}

// scalar adds the scalar that the place is in.
func (r *flowReader) scalar(s *spot) {
	s.at = r.word
	switch {
	case r.quote != 0:
		s.at, s.style = r.word+1, double
		if r.quote == '\'' {
			s.style = single
		}
		s.text, _ = quoted(r.text[s.at:r.off], r.quote)
	case r.text[r.word] == '"' || r.text[r.word] == '\'':
		s.kind = nowhere // behind a quoted text
	default:
		s.text = r.text[r.word:r.off]
	}
}

// behind looks at what follows the place: nothing is completed there if it would run into that.
func (r *flowReader) behind(s *spot) {
	tail := r.text[r.off:]
	if s.kind == atKey {
		if strings.ContainsAny(s.text, " $") || s.style != plain {
			s.kind = nowhere
		}
		next := strings.TrimLeft(tail[wordLen(tail):], " ")
		s.assigned = strings.HasPrefix(next, ":")
		if !s.assigned && next != "" && strings.IndexByte(",}]#\r\n", next[0]) < 0 {
			s.kind = nowhere
		}
	}
	if s.kind == atValue && s.text == "" && s.style == plain {
		if next := strings.TrimLeft(tail, " "); next != "" && (strings.IndexByte("[{\"'&*!", next[0]) >= 0 || len(next) < len(tail) && strings.IndexByte(",}]#\r\n", next[0]) < 0) {
			s.kind = nowhere
		}
	}
}
