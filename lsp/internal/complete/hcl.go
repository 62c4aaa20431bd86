package complete

import (
	"strings"
	"sync"

	"escape.build/escape/lang/plan"
)

// A nest is something open in a text in HCL.
type nest struct {
	kind   nesting
	name   string   // of a block, or the function of a call
	labels []string // of a block
	at     int      // where it begins, and content where what is inside does
	body   int
	indent int // of the line that it begins on

	// What is at hand in it.
	state  stating
	word   string // the attribute, key or block at hand
	wordAt int
	given  []string // labels behind the word
	start  int      // where the value, item or argument at hand begins
	arg    int
	keys   map[string]string
	items  []string
	end    string // of a heredoc
}

type nesting uint8

const (
	inBody   nesting = iota // the top level, or a block
	inObject                // {...} as a value
	inList                  // [...]
	inCall                  // (...)
	inQuote                 // "..."
	inHeredoc
	inTemplate // ${...}
)

type stating uint8

const (
	fresh   stating = iota // a statement, key, item or argument can begin
	named                  // behind a name
	valued                 // in a value
	unknown                // in something that cannot be read
)

// A scanner goes through a part of a text in HCL up to the cursor.
type scanner struct {
	text    string
	i       int
	stack   []*nest
	comment int   // where the comment begins that the cursor is in; -1 if it is in none
	within  *nest // it is not left; nil if it goes on
}

func (s *scanner) top() *nest { return s.stack[len(s.stack)-1] }

// hclSpot finds out what a place of a plan in HCL is.
func hclSpot(text string, off int) spot {
	start := chunkStart(text, off)
	s := &scanner{text: text, i: start, comment: -1}
	s.stack = []*nest{{kind: inBody, indent: -1, keys: map[string]string{}}}
	s.scan(off)
	return s.spot(off)
}

// chunkStart returns where the part of the top level begins that an offset is in.
func chunkStart(text string, off int) int {
	start, _ := lineAround(text, off)
	for at := start; ; {
		if isTop(text, at) && at < off || at <= bomLen(text) {
			return min(max(at, bomLen(text)), off)
		}
		at = strings.LastIndexByte(text[:at-1], '\n') + 1
	}
}

// isTop reports whether a line begins with the name of a field or block in its first column, and with what makes it one.
func isTop(text string, at int) bool {
	n := wordLen(text[at:])
	if n == 0 {
		return false
	}
	next := at + n
	for next < len(text) && isBlank(text[next]) {
		next++
	}
	return next < len(text) && strings.IndexByte("={\"", text[next]) >= 0 && topNames()[text[at:at+n]]
}

// topNames are the names of all fields and blocks.
var topNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for i := range plan.Fields {
		names[plan.Fields[i].Name] = true
		if block := plan.Fields[i].Block; block != "" {
			names[block] = true
		}
	}
	return names
})

// scan reads up to an offset.
func (s *scanner) scan(to int) {
	for s.i < to && s.comment < 0 && (s.within == nil || len(s.stack) > 1 && s.stack[1] == s.within) {
		switch top := s.top(); top.kind {
		case inQuote:
			s.quote(to)
		case inHeredoc:
			s.heredoc(to)
		default:
			s.code(top, to)
		}
	}
}

// quote reads a text in quotes, which ends with its line.
func (s *scanner) quote(to int) {
	switch c := s.text[s.i]; {
	case c == '\\':
		s.i += 2
	case c == '"':
		s.i++
		s.pop()
	case c == '\n':
		s.pop() // and the line break counts for what is around
	case strings.HasPrefix(s.text[s.i:], "$${") || strings.HasPrefix(s.text[s.i:], "%%{"):
		s.i += 3
	case strings.HasPrefix(s.text[s.i:], "${") || strings.HasPrefix(s.text[s.i:], "%{"):
		s.push(inTemplate, "", 2)
	default:
		s.i++
	}
	s.i = min(s.i, to)
}

func (s *scanner) heredoc(to int) {
	top := s.top()
	if s.i > top.body && s.text[s.i-1] == '\n' || s.i == top.body {
		_, end := lineAround(s.text, s.i)
		if end < to && strings.TrimSpace(s.text[s.i:end]) == top.end {
			s.i = end
			s.pop()
			return
		}
	}
	switch {
	case strings.HasPrefix(s.text[s.i:], "$${"):
		s.i += 3
	case strings.HasPrefix(s.text[s.i:], "${"):
		s.push(inTemplate, "", 2)
	default:
		s.i++
	}
	s.i = min(s.i, to)
}

func (s *scanner) push(kind nesting, name string, length int) *nest {
	start, _ := lineAround(s.text, s.i)
	n := &nest{kind: kind, name: name, at: s.i, indent: blanks(s.text, start, len(s.text)) - start, keys: map[string]string{}}
	s.i += length
	n.body, n.start = s.i, s.i
	s.stack = append(s.stack, n)
	return n
}

// pop leaves what is innermost.
func (s *scanner) pop() {
	if len(s.stack) == 1 {
		return
	}
	gone := s.top()
	s.stack = s.stack[:len(s.stack)-1]
	top := s.top()
	switch {
	case gone.kind == inBody || gone.kind == inObject && top.kind == inBody && top.state == named:
		top.state = fresh
	case gone.kind == inQuote && top.kind == inBody && top.state == named:
		top.given = append(top.given, s.text[gone.body:max(min(s.i, len(s.text))-1, gone.body)])
	case gone.kind == inQuote && top.kind == inObject && top.state == fresh:
		top.state, top.word, top.wordAt = named, s.text[gone.body:max(s.i-1, gone.body)], gone.at
	}
}

// code reads what is neither a text nor a comment.
func (s *scanner) code(top *nest, to int) {
	c := s.text[s.i]
	switch {
	case c == '\n':
		s.i++
		s.line()
	case c == '#' || strings.HasPrefix(s.text[s.i:], "//"):
		_, end := lineAround(s.text, s.i)
		if end >= to {
			s.comment = s.i
			return
		}
		s.skipped(top, end)
	case strings.HasPrefix(s.text[s.i:], "/*"):
		n := strings.Index(s.text[s.i:to], "*/")
		if n < 0 {
			s.comment = s.i
			return
		}
		s.skipped(top, s.i+n+2)
	case c == '"':
		s.push(inQuote, "", 1)
	case strings.HasPrefix(s.text[s.i:], "<<"):
		s.openHeredoc()
	case c == '{':
		if top.kind == inBody && top.state != valued {
			n := s.push(inBody, top.word, 1)
			n.labels, top.given = top.given, nil
			return
		}
		s.push(inObject, "", 1)
	case c == '[':
		s.push(inList, "", 1)
	case c == '(':
		s.push(inCall, s.text[s.wordBefore():s.i], 1)
	case c == '}' || c == ']' || c == ')':
		s.i++
		s.closing(c)
	case c == ',':
		s.keep(top)
		top.arg++
		s.i++
		top.start = s.i
		if top.kind == inObject {
			top.state = fresh
		}
	case c == '=' && top.kind == inBody && top.state == named, (c == '=' || c == ':') && top.kind == inObject && top.state == named:
		s.i++
		top.state, top.start = valued, s.i
		top.keys[top.word] = ""
	case isWord(c) && c != '-':
		n := wordLen(s.text[s.i:])
		if n = min(n, to-s.i); top.kind == inBody || top.kind == inObject {
			switch top.state {
			case fresh:
				top.state, top.word, top.wordAt = named, s.text[s.i:s.i+n], s.i
			case named:
				top.given = append(top.given, s.text[s.i:s.i+n])
			}
		}
		s.i += n
	default:
		if !isBlank(c) && (top.kind == inBody || top.kind == inObject) && top.state == fresh {
			top.state, top.word = unknown, ""
		}
		s.i++
	}
}

// skipped goes on behind a comment, in front of which no value begins.
func (s *scanner) skipped(top *nest, end int) {
	if top.start <= s.i && strings.TrimSpace(s.text[top.start:s.i]) == "" {
		top.start = end
	}
	s.i = end
}

// wordBefore returns where the word begins that ends at the present place.
func (s *scanner) wordBefore() int {
	i := s.i
	for i > 0 && isWord(s.text[i-1]) {
		i--
	}
	return i
}

// keep notes the value, item or argument that ends here.
func (s *scanner) keep(top *nest) {
	value := bare(s.text[min(top.start, s.i):s.i])
	switch {
	case len(value) > maxValue:
	case top.kind == inList && value != "":
		top.items = append(top.items, value)
	case (top.kind == inBody || top.kind == inObject) && top.state == valued:
		top.keys[top.word] = value
	}
}

// openHeredoc begins a heredoc if there is one.
func (s *scanner) openHeredoc() {
	_, end := lineAround(s.text, s.i)
	word := strings.TrimSpace(strings.TrimPrefix(s.text[s.i+2:max(end, s.i+2)], "-"))
	if word == "" || strings.ContainsAny(word, " \t\"") || end >= len(s.text) {
		s.i += 2
		return
	}
	n := s.push(inHeredoc, "", end-s.i)
	n.end = word
	if s.i < len(s.text) && s.text[s.i] == '\r' {
		s.i++
	}
	s.i++
	n.body = s.i
}

// line begins a line: statements end, and what an outer line has begun and somebody forgot to close.
func (s *scanner) line() {
	at := s.i
	for {
		_, end := lineAround(s.text, at)
		if first := blanks(s.text, at, end); first < end {
			s.recover(first-at, s.text[first:end])
			break
		}
		if end >= len(s.text) {
			break
		}
		at = end + 1
		if s.text[end] == '\r' {
			at++
		}
	}
	top := s.top()
	if top.kind == inBody || top.kind == inObject {
		s.i--
		s.keep(top)
		s.i++
		top.state, top.word, top.given = fresh, "", nil
	}
}

// recover leaves brackets that the next line, whose indentation is given, cannot be inside of.
func (s *scanner) recover(indent int, line string) {
	if strings.IndexByte("}])", line[0]) >= 0 || line[0] == '#' {
		return
	}
	for len(s.stack) > 1 {
		top := s.top()
		if top.kind == inBody {
			if indent > top.indent || indent == top.indent && !(indent == 0 && isTop(line, 0) && strings.HasSuffix(strings.TrimRight(line, " \t\r}"), "{")) {
				return
			}
		} else if indent > top.indent {
			return
		}
		s.pop()
	}
}

// closing leaves the innermost bracket that c closes.
func (s *scanner) closing(c byte) {
	fits := func(n *nest) bool {
		switch c {
		case ']':
			return n.kind == inList
		case ')':
			return n.kind == inCall
		}
		return n.kind == inBody || n.kind == inObject || n.kind == inTemplate
	}
	for i := len(s.stack) - 1; i > 0; i-- {
		if fits(s.stack[i]) {
			for len(s.stack) > i {
				s.keepAndPop()
			}
			return
		}
	}
}

func (s *scanner) keepAndPop() {
	s.i--
	s.keep(s.top())
	s.i++
	s.pop()
}

// spot says what the place is that was scanned to.
func (s *scanner) spot(off int) spot {
	_, stop := lineAround(s.text, off)
	tail := s.text[off:stop]
	if s.comment >= 0 {
		return spot{kind: atComment, at: s.comment, text: s.text[s.comment:off]}
	}
	out := spot{at: off, style: native}
	top := s.top()
	n := len(s.stack) - 1
	switch top.kind {
	case inQuote:
		out.style, out.at, out.kind = double, top.body, atValue
		out.text, _ = quoted(s.text[top.body:off], '"')
		if i := strings.IndexByte(tail, '"'); i >= 0 && !strings.Contains(tail[:i], " #") && !strings.Contains(tail[:i], " //") {
			tail = tail[:i]
		} else {
			tail, out.unclosed = tail[:wordLen(tail)], true
		}
		out.rest = len(tail)
		n--
	case inHeredoc:
		out.style, out.at, out.kind, out.block = literal, top.body, atValue, true
		out.text = unindented(s.text[min(top.body, off):off])
		n--
	case inBody, inObject:
		switch {
		case top.state == valued:
			out.kind = atValue
			s.native(&out, top.start, off)
		case top.state == fresh, top.state == named && top.wordAt+len(top.word) == off && len(top.given) == 0:
			out.kind = atKey
			if top.state == named {
				out.at, out.text = top.wordAt, top.word
			}
			out.rest = wordLen(tail)
			if words := strings.TrimSpace(tail); out.text == "" && out.rest == 0 && words != "" && words[0] != '}' && words[0] != '#' && !strings.HasPrefix(words, "//") {
				return spot{} // in front of something else
			}
			if top.kind == inBody {
				ok := false
				if ok, out.oneLine = s.alone(top, out.at, tail); !ok {
					return spot{}
				}
			}
			next := strings.TrimLeft(tail[out.rest:], " \t")
			out.assigned = next != "" && (strings.IndexByte("={\"", next[0]) >= 0 || top.kind == inObject && next[0] == ':')
		default:
			return spot{}
		}
	default:
		out.kind = atValue
		s.native(&out, top.start, off)
		out.comma = top.kind == inList && s.missesComma(off+out.rest)
	}
	s.place(&out, n)
	s.after(&out, off)
	return out
}

// alone reports whether a statement can begin at an offset: on a line of its own, or in a block of one line that has none yet.
func (s *scanner) alone(top *nest, at int, tail string) (ok, oneLine bool) {
	start, _ := lineAround(s.text, at)
	closing := strings.IndexByte(tail, '}')
	if strings.TrimSpace(s.text[start:at]) == "" {
		return closing < 0 || strings.TrimSpace(tail[:closing]) != "", false
	}
	return top.at >= start && len(top.keys) == 0 && closing >= 0 && !strings.Contains(tail[:closing], "=") &&
		strings.TrimSpace(s.text[top.body:at]) == "", true
}

// missesComma reports whether another item follows behind the cursor and a comma is missing in between.
func (s *scanner) missesComma(at int) bool {
	for at < len(s.text) {
		_, end := lineAround(s.text, at)
		line := strings.TrimSpace(s.text[at:end])
		at = end + 1
		switch {
		case line == "" || line[0] == '#' || strings.HasPrefix(line, "//"):
			continue
		case strings.IndexByte("\"[{", line[0]) >= 0:
			return true
		}
		return isWord(line[0]) && !strings.Contains(line, " = ") && !strings.HasSuffix(line, "{")
	}
	return false
}

// native is the text of an expression up to the cursor.
func (s *scanner) native(out *spot, from, off int) {
	from = blanks(s.text, min(from, off), off)
	out.at, out.text = from, s.text[from:off]
	out.rest = wordLen(s.text[off:])
	before := strings.TrimRight(strings.TrimSuffix(out.text, tailWord(out.text)), " \t\r\n")
	_, stop := lineAround(s.text, off)
	behind := strings.TrimLeft(s.text[min(off+out.rest, stop):stop], " \t")
	if next := s.text[min(off+out.rest, stop):stop]; (len(behind) < len(next) || out.rest == 0 && tailWord(out.text) == "") && behind != "" && strings.IndexByte("[(", behind[0]) >= 0 {
		out.kind = inValue
	}
	if before != "" && !strings.ContainsAny(before[len(before)-1:], "=([{,:?!<>+*/%&|.-") ||
		behind != "" && !strings.ContainsAny(behind[:1], ")]},.:?!=<>+*/%&|#([-") {
		out.kind = inValue // there is no operator between this and what a name would be
	}
}

// place follows the nests down to number n, and names the way.
func (s *scanner) place(out *spot, n int) {
	for i := 0; i <= n; i++ {
		f := s.stack[i]
		inner := i < len(s.stack)-1
		switch f.kind {
		case inBody:
			if i > 0 {
				s.block(out, f)
			}
			last := i == n && out.kind == atKey
			switch {
			case last:
				out.around = f.keys
			case f.state == valued:
				out.trail = append(out.trail, f.word)
			case i == n && f.state == named && s.top().kind == inQuote: // a label
				s.labelOf(out, f)
				return
			case inner && s.stack[i+1].kind != inBody:
				out.kind = nowhere
				return
			}
		case inObject:
			if out.entry == nil || len(out.trail) > 0 && out.trail[len(out.trail)-1] == "-" {
				out.entry = f.keys
			}
			out.object = i == n
			if i == n && out.kind == atKey || f.state == fresh || f.state == named {
				out.around = f.keys
				if i == n && out.kind == atValue && s.top().kind == inQuote {
					out.kind = atKey // a key in quotes
				}
				continue
			}
			out.trail = append(out.trail, f.word)
		case inList:
			out.trail = append(out.trail, "-")
			out.items = f.items
			out.item = i == n
		case inCall:
			out.function, out.argument = f.name, f.arg
		case inTemplate:
			out.function, out.argument = "", 0
		}
	}
}

// block adds the block to the trail.
func (s *scanner) block(out *spot, f *nest) {
	label := ""
	if len(f.labels) > 0 {
		label = f.labels[0]
	}
	field, labelKey, dash := blockOf(out.trail, f.name)
	out.trail = append(out.trail, field)
	switch {
	case dash:
		out.trail = append(out.trail, "-")
		f.keys[labelKey] = label
		out.entry = f.keys
	case field == "errands":
		out.trail = append(out.trail, label)
		out.entry = f.keys
	}
}

// blockOf returns what a block stands for: the field or key, the key that its label gives, and whether it is an entry of a list.
func blockOf(trail []string, name string) (field, label string, dash bool) {
	if len(trail) == 0 {
		row, _, ok := plan.LookupBlock(name)
		if !ok {
			return name, "", false
		}
		return row.Name, row.Label, row.Shape != plan.ShapeStep && row.Shape != plan.ShapePairs && row.Shape != plan.ShapeErrands
	}
	if s, ok := slotOf(trail); ok && s.inside {
		for i := range s.keys {
			if k := &s.keys[i]; k.Block() == name {
				if k.Shape == plan.ShapeVariables {
					return k.Name, "id", true
				}
				return k.Name, "", false
			}
		}
	}
	return name, "", false
}

// labelOf says that the place is the label of the block at hand.
func (s *scanner) labelOf(out *spot, f *nest) {
	field, label, dash := blockOf(out.trail, f.word)
	out.trail = append(out.trail, field)
	out.label = true
	if dash {
		out.trail = append(out.trail, "-", label)
		if _, ok := slotOf(out.trail); !ok {
			out.trail = out.trail[:len(out.trail)-1] // the entry is nothing but this text
		}
	}
	if len(f.given) > 0 {
		out.kind = nowhere
	}
}

// after finds the keys of the body that stand behind the cursor, and of the top level all.
func (s *scanner) after(out *spot, off int) {
	if out.kind != atKey && out.entry == nil {
		return
	}
	if len(out.trail) == 0 {
		out.around = topKeys(s.text, off)
		return
	}
	var bodies []*nest
	for _, n := range s.stack[1:] {
		if n.kind == inBody || n.kind == inObject {
			bodies = append(bodies, n)
		}
	}
	depth := len(s.stack)
	_, stop := lineAround(s.text, off)
	limit := len(s.text)
	for at := stop; ; { // up to the next part of the top level
		n := strings.IndexByte(s.text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		if isTop(s.text, at) {
			limit = at
			break
		}
	}
	if len(bodies) == 0 || depth == 1 {
		return
	}
	if top := s.top(); out.kind == atKey && top.state == named { // the word at hand is not written yet
		s.i = off + wordLen(s.text[off:])
		if out.assigned {
			top.word = ""
		}
	}
	s.within = bodies[0]
	s.scan(limit)
	delete(out.around, "")
}

// topKeys returns the names of the attributes and steps on the top level, but for the one that an offset is in.
func topKeys(text string, off int) map[string]string {
	found := map[string]string{}
	for at := bomLen(text); at < len(text); {
		if at < len(text) && isTop(text, at) {
			if n := wordLen(text[at:]); off < at || off > at+n {
				found[text[at:at+n]] = ""
			}
		}
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return found
}
