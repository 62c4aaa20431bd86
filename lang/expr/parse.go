package expr

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

const (
	// MaxDepth bounds the height of a tree: brackets within brackets plus the links of a chain ".a.b.c".
	MaxDepth = 400
	// maxErrors is how many problems of one expression are reported.
	maxErrors = 10
	// maxQuote is how many bytes of the text a message quotes.
	maxQuote = 2000
)

// Parse reads an expression, which must start with "$" and take up the whole text. Findings have no file and spans
// within text. The messages are those of the original, which name the whole text and nest from the outside in. Parse
// never returns nil: a broken text gives a tree of what could be read.
func Parse(text string) (Expr, diag.List) {
	p := parser{text: text, quiet: -1}
	var e Expr
	if strings.HasPrefix(text, "$") {
		e = p.expr()
	} else {
		p.fail(diag.ExprSyntax, 0, fmt.Sprintf("Expecting expression starting with '$', got: '%s'", p.rest(0)))
		p.pos = len(text)
		e = &Bad{p.span(0), text}
	}
	if p.pos < len(text) {
		p.trailing()
	}
	return e, p.found
}

type parser struct {
	text  string
	pos   int
	found diag.List
	// quiet is where the last recovery ended: another problem at the same place is only its echo.
	quiet  int
	wraps  []wrap // what we are in the middle of, outermost first
	depth  int
	braces int  // lambda bodies around pos
	dead   bool // gave up; nothing more is reported
}

// A wrap is what the original puts around the message of a problem inside some construct.
type wrap struct{ before, name, after, end string }

func (p *parser) span(start int) source.Span {
	return source.Span{Start: int32(start), End: int32(p.pos)}
}

func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *parser) at(c byte) bool { return p.pos < len(p.text) && p.text[p.pos] == c }
func (p *parser) eof() bool      { return p.pos >= len(p.text) }

// blanks skips U+0020 only, which is all that may stand before a name.
func (p *parser) blanks() {
	for p.at(' ') {
		p.pos++
	}
}

// space skips white space of any kind, as allowed inside brackets.
func (p *parser) space() {
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if c < utf8.RuneSelf {
			if c != ' ' && (c < '\t' || c > '\r') {
				return
			}
			p.pos++
			continue
		}
		r, n := utf8.DecodeRuneInString(p.text[p.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		p.pos += n
	}
}

func cut(s string) string {
	if len(s) <= maxQuote {
		return s
	}
	n := maxQuote
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func (p *parser) rest(from int) string { return cut(p.text[from:]) }

// fail reports a problem at pos, unless it is the echo of the one before. It returns the finding for additions; the
// span covers what is there until the next place where reading can go on, and is set by whoever recovers.
func (p *parser) fail(code *diag.Entry, start int, detail string) *diag.Diagnostic {
	if p.dead || p.pos <= p.quiet || len(p.found) >= maxErrors {
		p.quiet = max(p.quiet, p.pos)
		return &diag.Diagnostic{} // nobody looks at it
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Couldn't parse expression '%s': ", cut(p.text))
	for _, w := range p.wraps {
		b.WriteString(w.before)
		b.WriteString(w.name)
		b.WriteString(w.after)
	}
	b.WriteString(detail)
	for i := len(p.wraps) - 1; i >= 0; i-- {
		b.WriteString(p.wraps[i].end)
	}
	p.quiet = p.pos
	p.found = append(p.found, diag.New(code, nil, p.span(start), b.String()))
	return &p.found[len(p.found)-1]
}

func (p *parser) in(w wrap) { p.wraps = append(p.wraps, w) }
func (p *parser) out()      { p.wraps = p.wraps[:len(p.wraps)-1] }

// skip moves to the next place where reading can go on: a ".", ",", closing bracket or the end, outside of brackets
// and strings that open on the way.
func (p *parser) skip() {
	level := 0
	for ; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '(', '[', '{':
			level++
		case ')', ']', '}':
			if level == 0 {
				p.quiet = max(p.quiet, p.pos)
				return
			}
			level--
		case '.', ',':
			if level == 0 {
				p.quiet = max(p.quiet, p.pos)
				return
			}
		case '"':
			p.pos += stringLen(p.text[p.pos:]) - 1
		}
	}
	p.quiet = max(p.quiet, p.pos)
}

// stringLen returns the length of the string literal at the start of s, which may lack its end.
func stringLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// junk reports a problem with what stands at pos, skips it, and returns its span.
func (p *parser) junk(code *diag.Entry, detail, hint string) source.Span {
	start := p.pos
	d := p.fail(code, start, detail)
	p.skip()
	d.Hint = hint
	d.Span = p.span(start)
	return d.Span
}

func (p *parser) trailing() {
	if p.dead || p.pos <= p.quiet {
		return
	}
	rest := p.text[p.pos:]
	d := diag.New(diag.ExprTrailing, nil, source.Span{Start: int32(p.pos), End: int32(len(p.text))},
		fmt.Sprintf("Invalid expression, unexpected '%s'", cut(rest)))
	switch trimmed := strings.TrimSpace(rest); {
	case trimmed == "" && strings.Contains(rest, "\n"):
		d.Hint = `a "|" block ends with a line break; write "|-" or ">-"`
	case trimmed == "":
		d.Hint = "remove the blanks behind the expression"
	case trimmed != rest && (trimmed[0] == '.' || trimmed[0] == '['):
		d.Hint = "remove the blank in front of it"
	case trimmed[0] == '+':
		d.Hint = `there are no operators; "add" adds integers and "concat" joins texts`
	case trimmed != rest:
		d.Hint = "an expression takes up the whole text; use $__concat(...) to put texts together"
	}
	p.found = append(p.found, d)
}

// deeper enters one level of the tree; it gives up when there are too many.
func (p *parser) deeper() bool {
	if p.depth++; p.depth <= MaxDepth {
		return true
	}
	d := p.fail(diag.ExprTooDeep, p.pos, fmt.Sprintf("nested or chained more than %d levels deep", MaxDepth))
	p.pos = len(p.text)
	d.Span.End = int32(p.pos)
	p.dead = true
	return false
}

func (p *parser) expr() Expr {
	depth := p.depth
	defer func() { p.depth = depth }()
	if start := p.pos; !p.deeper() {
		return &Bad{p.span(start), cut(p.text[start:])}
	}
	start := p.pos
	e := p.primary()
	for !p.eof() {
		switch p.text[p.pos] {
		case '.':
			if !p.deeper() {
				return e
			}
			dot := p.pos
			p.pos++
			name := p.name("Expecting indentifier, got '%s'", dot)
			if name.Text != "" && p.at('(') {
				c := &Call{Name: name, Recv: e}
				c.Args = p.callArgs(name.Text)
				c.Pos = p.span(start)
				e = c
			} else {
				e = &Select{Pos: p.span(start), X: e, Dot: int32(dot), Name: name}
			}
		case '[':
			if !p.deeper() {
				return e
			}
			e = p.index(start, e)
		default:
			return e
		}
	}
	return e
}

// name reads blanks and a name. If there is none it says so, skips what is there instead, and returns an empty name;
// mark is the place of the sign in front, which the finding covers when nothing else is there.
func (p *parser) name(message string, mark int) Name {
	p.blanks()
	if n := NameLen(p.text[p.pos:]); n > 0 {
		start := p.pos
		p.pos += n
		return Name{p.text[start:p.pos], p.span(start)}
	}
	start := p.pos
	d := p.fail(diag.ExprName, mark, fmt.Sprintf(message, p.rest(p.pos)))
	p.skip()
	for p.at('.') && p.pos+1 < len(p.text) && (isDigit(p.text[p.pos+1]) || p.text[p.pos+1] == '@') {
		p.pos++ // as in $1.2.@
		p.skip()
	}
	if p.pos > start {
		d.Span = p.span(start)
	}
	switch {
	case start >= len(p.text):
	case isDigit(p.text[start]):
		d.Hint = "a name starts with a letter"
		if mark > 0 && p.text[mark] == '.' && isDigit(p.text[mark-1]) {
			d.Hint = "there are no fractions in Escape Script"
		}
	case p.text[start] == '{':
		d.Hint = `write "$name" without braces`
	case p.text[start] == '_' || p.text[start] == '-':
		d.Hint = "a name starts with a letter"
	}
	return Name{Pos: source.Span{Start: int32(start), End: int32(start)}}
}

func (p *parser) primary() Expr {
	start := p.pos
	switch c := p.peek(); {
	case c == '$':
		return p.dollar()
	case c == '"':
		return p.str()
	case c == '-' || isDigit(c):
		if n, ok := p.integer(); ok {
			return n
		}
		p.junk(integerCode(p.text[p.pos:]), "Expecting digit", integerHint(p.text[p.pos:]))
	default:
		p.junk(diag.ExprSyntax, fmt.Sprintf(`Expecting expression starting with '$' or '"' or '[0-9\-]', got: '%s'`, p.rest(start)),
			primaryHint(p.text[start:]))
	}
	return &Bad{p.span(start), p.text[start:p.pos]}
}

func primaryHint(rest string) string {
	word := rest[:NameLen(rest)]
	switch {
	case strings.HasPrefix(rest, "'"):
		return "strings are written in double quotes"
	case strings.HasPrefix(rest, "["):
		return `there are no list literals; split a string: "a,b".split(",")`
	case strings.HasPrefix(rest, "{"):
		return "there are no map literals"
	case word == "true" || word == "false":
		return "there are no boolean literals"
	case word != "":
		return `names start with "$", strings are written in double quotes`
	}
	return ""
}

// integer reads a decimal integer. It fails, and moves nowhere, if there is none or it does not fit 64 bits.
func (p *parser) integer() (*Literal, bool) {
	i, neg := p.pos, p.at('-')
	if neg {
		i++
	}
	digits := i
	limit := uint64(math.MaxInt64)
	if neg {
		limit++
	}
	var n uint64
	for ; i < len(p.text) && isDigit(p.text[i]); i++ {
		d := uint64(p.text[i] - '0')
		if n > (limit-d)/10 {
			return nil, false
		}
		n = n*10 + d
	}
	if i == digits {
		return nil, false
	}
	start := p.pos
	p.pos = i
	v := int64(n)
	if neg {
		v = -v // the smallest integer is its own negative
	}
	return &Literal{Pos: p.span(start), Kind: IntLit, Int: v}, true
}

func integerHint(rest string) string {
	if integerCode(rest) == diag.ExprInteger {
		return fmt.Sprintf("integers lie between %d and %d", math.MinInt64, math.MaxInt64)
	}
	return ""
}

// integerCode tells a number that is too large from something that is no number.
func integerCode(rest string) *diag.Entry {
	if rest = strings.TrimPrefix(rest, "-"); rest != "" && isDigit(rest[0]) {
		return diag.ExprInteger
	}
	return diag.ExprSyntax
}

func (p *parser) str() Expr {
	start := p.pos
	end := start + stringLen(p.text[start:])
	body := p.text[start+1 : end]
	closed := len(body) > 0 && body[len(body)-1] == '"' && !odd(body)
	if closed {
		body = body[:len(body)-1]
	}
	lit := &Literal{Kind: StringLit, Str: body}
	if strings.IndexByte(body, '\\') >= 0 {
		lit.Str = p.unescape(start+1, body, closed)
	}
	p.pos = end
	lit.Pos = p.span(start)
	if !closed {
		p.fail(diag.ExprUnclosed, start, `Expecting '"'`)
	}
	return lit
}

// odd reports whether the last quote of body is escaped, so that it does not end the string.
func odd(body string) bool {
	n := 0
	for i := len(body) - 2; i >= 0 && body[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// unescape returns the value of body, which stands at offset at of the text.
func (p *parser) unescape(at int, body string, closed bool) string {
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		if i++; i == len(body) {
			break // the text ends here, which is the problem to report
		}
		switch body[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '"', '\\':
			b.WriteByte(body[i])
		default:
			p.pos = at + i
			d := p.fail(diag.ExprEscape, at+i-1, fmt.Sprintf("Unexpected escape character '%d' in '%s'", body[i], p.rest(p.pos)))
			_, n := utf8.DecodeRuneInString(body[i:])
			d.Span.End = int32(at + i + n)
			d.Hint = `only \n, \t, \" and \\ are escapes`
			b.WriteString(body[i : i+n])
			i += n - 1
		}
	}
	return b.String()
}

func (p *parser) dollar() Expr {
	start := p.pos
	p.pos++
	if strings.HasPrefix(p.text[p.pos:], "__") {
		p.pos += 2
		name := p.name("Expecting __indentifier, got '%s'", start)
		c := &Call{Name: name, Args: Args{Open: -1, Close: -1}}
		if name.Text != "" {
			c.Args = p.callArgs(name.Text)
		}
		c.Pos = p.span(start)
		return c
	}
	name := p.name("Expecting indentifier, got '%s'", start)
	if name.Text == "func" {
		return p.lambda(start)
	}
	return &Ref{p.span(start), name}
}

func (p *parser) callArgs(function string) Args {
	p.in(wrap{before: "Failed to parse function call to __", name: function, after: ": "})
	defer p.out()
	return p.args()
}

// args reads arguments in parentheses.
func (p *parser) args() Args {
	if !p.at('(') {
		hint := "the arguments of a function stand in parentheses"
		if strings.HasPrefix(strings.TrimSpace(p.text[p.pos:]), "(") {
			hint = `remove the blank in front of "("`
		}
		p.junk(diag.ExprSyntax, fmt.Sprintf("Expecting '(', got '%s'", p.rest(p.pos)), hint)
		return Args{Open: -1, Close: -1}
	}
	open := p.pos
	a := Args{Open: int32(open), Close: -1}
	p.pos++
	p.space()
	if p.at(')') {
		a.Close = int32(p.pos)
		p.pos++
		return a
	}
	for {
		if p.eof() {
			p.unclosed(open, fmt.Sprintf("Expecting ')', got EOF in %s", p.rest(open)))
			return a
		}
		p.in(wrap{before: "Couldn't parse function argument: "})
		a.List = append(a.List, p.expr())
		p.out()
		if p.dead {
			return a
		}
		p.space()
		if !p.at(',') && !p.at(')') && !p.argEnd(open) {
			return a
		}
		switch {
		case p.at(','):
			a.Commas = append(a.Commas, int32(p.pos))
			p.pos++
			p.space()
		case !p.at(')'):
			continue // a comma is missing
		}
		if p.at(')') {
			a.Close = int32(p.pos)
			p.pos++
			return a
		}
	}
}

// argEnd reports that an argument is followed by something else than a comma or the closing parenthesis, and moves to
// where the arguments go on. It returns false if they do not.
func (p *parser) argEnd(open int) bool {
	detail := fmt.Sprintf(`Expecting ',' or ')', but got: "%s" in "%s"`, p.rest(p.pos), p.rest(open))
	if p.eof() {
		p.unclosed(open, detail)
		return false
	}
	start := p.pos
	if c := p.peek(); c == '"' || c == '-' || isDigit(c) || c == '$' && start+1 < len(p.text) && p.text[start+1] != '.' {
		d := p.fail(diag.ExprSyntax, start, detail)
		d.Span.End = d.Span.Start + 1
		d.Hint = `a "," is missing in front of it`
		if c == '"' && strings.IndexByte(p.text[start+1:], '"') < 0 {
			d.Hint = "this quote is too much, or one is missing"
			p.quiet = len(p.text) // that it has no end is no second mistake
		}
		return true
	}
	d := p.fail(diag.ExprSyntax, start, detail)
	for p.skip(); !p.eof() && !p.at(',') && !p.at(')'); p.skip() {
		if p.at('}') && p.braces > 0 {
			break
		}
		p.pos++
	}
	d.Span = p.span(start)
	if d.Span.Len() == 0 { // a brace that closes the body around us: the parenthesis is what is missing
		d.Span.End++
	}
	return p.at(',') || p.at(')')
}

func (p *parser) unclosed(open int, detail string) {
	d := p.fail(diag.ExprUnclosed, p.pos, detail)
	here := source.Span{Start: int32(open), End: int32(open + 1)}
	d.Related = []diag.Related{{Span: here, Message: fmt.Sprintf("%q is opened here", p.text[open:open+1])}}
	if closing := strings.IndexByte("([{", p.text[open]); closing >= 0 {
		c := ")]}"[closing : closing+1]
		d.Fixes = []diag.Fix{{Title: fmt.Sprintf("add %q", c), Edits: []source.Edit{{Span: p.span(p.pos), New: c}}}}
	}
}

func (p *parser) index(start int, x Expr) Expr {
	open := p.pos
	p.pos++
	p.space()
	var lo, hi *Literal
	slice, ok := false, true
	bound := func() (n *Literal) {
		if n, ok = p.integer(); !ok {
			p.indexJunk(open, fmt.Sprintf("Couldn't parse '%s': Expecting digit", p.rest(p.pos)))
		}
		return n
	}
	if p.at(':') {
		slice = true
		p.pos++
		if n := p.pos; !p.at('-') && !isDigit(p.peek()) {
			if p.space(); !p.at(']') {
				p.pos = n
				bound()
			}
		} else {
			hi = bound()
		}
	} else if lo = bound(); ok {
		p.space()
		if p.at(':') {
			slice = true
			p.pos++
			if p.space(); !p.at(']') {
				hi = bound()
			}
		}
	}
	if ok {
		switch p.space(); {
		case p.at(']'):
			p.pos++
		case slice:
			p.indexJunk(open, fmt.Sprintf("Expecting ']', got: '%s'", p.rest(p.pos)))
		default:
			p.indexJunk(open, fmt.Sprintf("Expecting ']' or ':', got: '%s'", p.rest(p.pos)))
		}
	}
	if slice {
		return &Slice{p.span(start), x, lo, hi}
	}
	return &Index{p.span(start), x, lo}
}

// indexJunk reports a problem inside brackets and moves behind them.
func (p *parser) indexJunk(open int, detail string) {
	if p.eof() {
		p.unclosed(open, detail)
		return
	}
	start := p.pos
	code := diag.ExprSyntax
	if strings.HasPrefix(detail, "Couldn't") { // an integer was wanted
		code = integerCode(p.text[p.pos:])
	}
	d := p.fail(code, start, detail)
	if code == diag.ExprInteger {
		d.Hint = integerHint(p.text[p.pos:])
	} else if p.at('$') || p.at('"') {
		d.Hint = "only integers may stand in brackets; use list_index for anything else"
	}
	n := strings.IndexAny(p.text[p.pos:], "]),}")
	if n < 0 {
		n = len(p.text) - p.pos
	}
	p.pos += n
	d.Span = p.span(start)
	if d.Span.Len() == 0 && !p.eof() {
		d.Span.End++
	}
	p.quiet = max(p.quiet, p.pos)
	if p.at(']') {
		p.pos++
	}
}

// lambda reads on behind "$func".
func (p *parser) lambda(start int) Expr {
	f := &Func{}
	bodyless := func() Expr {
		f.Body = &Bad{Pos: p.span(p.pos)}
		f.Pos = p.span(start)
		return f
	}
	if !p.at('(') {
		p.junk(diag.ExprSyntax, fmt.Sprintf("Expecting '(', got '%s'", p.rest(p.pos)), `"$func" starts a function: $func(x) { $x }`)
		return bodyless()
	}
	p.pos++
	p.params(f)
	p.space()
	if !p.at('{') {
		p.junk(codeAtEnd(p.eof()), fmt.Sprintf("Expecting '{', got '%s'", p.rest(p.pos)), "")
		return bodyless()
	}
	open := p.pos
	p.pos++
	p.braces++
	p.space()
	p.in(wrap{before: "Couldn't parse lambda body: ", end: "."})
	f.Body = p.expr()
	p.out()
	p.braces--
	p.space()
	if !p.at('}') {
		detail := fmt.Sprintf("Expecting '}', got '%s'", p.rest(p.pos))
		if p.eof() {
			p.unclosed(open, detail)
			f.Pos = p.span(start)
			return f
		}
		bad := p.pos
		d := p.fail(diag.ExprSyntax, bad, detail)
		for p.skip(); !p.eof() && !p.at('}'); p.skip() {
			p.pos++
		}
		d.Span = p.span(bad)
	}
	if p.at('}') {
		p.pos++
	}
	end := p.pos
	if p.space(); p.at('(') {
		p.in(wrap{before: "Failed to parse lambda function call: "})
		args := p.args()
		p.out()
		f.Args = &args
		end = p.pos
	}
	f.Pos = source.Span{Start: int32(start), End: int32(end)}
	return f
}

func codeAtEnd(eof bool) *diag.Entry {
	if eof {
		return diag.ExprUnclosed
	}
	return diag.ExprSyntax
}

// params reads the parameters of a lambda behind the opening parenthesis.
func (p *parser) params(f *Func) {
	if p.at(')') {
		p.pos++
		return
	}
	for {
		before := p.pos
		p.blanks()
		n := NameLen(p.text[p.pos:])
		if n == 0 {
			p.pos = before
			p.paramJunk()
			return
		}
		start := p.pos
		p.pos += n
		f.Params = append(f.Params, Name{p.text[start:p.pos], p.span(start)})
		p.space()
		if p.at(',') {
			p.pos++
			p.space()
		} else if !p.at(')') {
			p.paramJunk()
			return
		}
		if p.at(')') {
			p.pos++
			return
		}
	}
}

// paramJunk reports that no parameter stands at pos and moves behind the parameters, or to a body.
func (p *parser) paramJunk() {
	start := p.pos
	d := p.fail(codeAtEnd(p.eof()), start, "Couldn't parse lambda argument: "+p.rest(start))
	if n := strings.IndexAny(p.text[p.pos:], "){"); n >= 0 {
		p.pos += n
	} else {
		p.pos = len(p.text)
	}
	d.Span = p.span(start)
	p.quiet = max(p.quiet, p.pos)
	if p.at(')') {
		p.pos++
		p.quiet = p.pos
	}
}
