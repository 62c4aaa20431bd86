package script

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/source"
)

// A target is the file of outputs as a script names it: by one of its arguments, counted from 1, or by its path (0).
type target struct{ arg int }

// outputsFile is the file of outputs, relative to the working directory.
const outputsFile = ".escape/outputs.json"

// hole stands for what is put into a text when the script runs.
const hole = '\x01'

// A pattern is a text with holes, and where its bytes stand in the file.
type pattern struct {
	text []byte
	at   []int32
}

func (p *pattern) add(s string, at int) {
	for i := range len(s) {
		p.text = append(p.text, s[i])
		p.at = append(p.at, int32(at+i))
	}
}

func (p *pattern) addByte(c byte, at int) {
	p.text, p.at = append(p.text, c), append(p.at, int32(at))
}

func (p *pattern) join(q pattern) {
	p.text, p.at = append(p.text, q.text...), append(p.at, q.at...)
}

// targetOf reports whether a word is the path of the file of outputs.
func (r *reader) targetOf(w *syntax.Word) (target, bool) {
	if w == nil {
		return target{}, false
	}
	if text, ok := Literal(w); ok {
		return target{}, path.Clean(text) == outputsFile
	}
	parts := w.Parts
	if q, ok := parts[0].(*syntax.DblQuoted); ok && len(parts) == 1 {
		parts = q.Parts
	}
	if len(parts) != 1 {
		return target{}, false
	}
	p, ok := parts[0].(*syntax.ParamExp)
	if !ok || p.Param == nil || p.Excl || p.Length || p.Slice != nil || p.Repl != nil || p.Index != nil {
		return target{}, false
	}
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		default:
			return target{}, false
		}
	}
	if n, err := strconv.Atoi(p.Param.Value); err == nil && n > 0 {
		return target{n}, true
	}
	t, ok := r.files[p.Param.Value]
	return t, ok
}

// A writer finds what a script writes to the file of outputs.
type writer struct {
	r *reader
	// written is what is known to be written, by target and in order.
	written map[target]*pattern
	// understood are the words that have been explained.
	understood map[*syntax.Word]bool
	// explained are the expansions in them.
	explained map[*syntax.ParamExp]bool
	used      map[string]bool // variables by which the file is written
	inFunc    int
}

// shellOutputs finds the outputs that a shell script writes. Whatever else it does with the file may write others.
func (r *reader) shellOutputs() {
	if !strings.Contains(r.text, "outputs.json") && !namesArgument(r.text) {
		return
	}
	w := writer{r: r, written: map[target]*pattern{}, understood: map[*syntax.Word]bool{}, explained: map[*syntax.ParamExp]bool{},
		used: map[string]bool{}}
	w.walk(r.s.Shell, w.write)
	w.walk(r.s.Shell, w.mention)
	for _, t := range sortedTargets(w.written) {
		p := w.written[t]
		for i := 0; i < len(p.text); {
			if c := p.text[i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
				i++
				continue
			}
			keys, end, ok := objectKeys(p.text, i, jsonStyle)
			if !ok {
				r.opaque(int(p.at[i]), int(p.at[i])+1)
				break
			}
			for _, k := range keys {
				w.key(p, k, t)
			}
			i = end
		}
	}
	slices.SortFunc(r.s.Writes, func(a, b Key) int { return int(a.Span.Start) - int(b.Span.Start) })
}

// namesArgument reports whether a shell script may name one of its arguments, all of them, or the last one.
func namesArgument(text string) bool {
	for i := 0; ; i++ {
		n := strings.IndexByte(text[i:], '$')
		if n < 0 {
			return false
		}
		i += n
		rest := strings.TrimLeft(text[i+1:min(i+4, len(text))], "{!#")
		if rest == "" || rest[0] >= '1' && rest[0] <= '9' || rest[0] == '@' || rest[0] == '*' || rest[0] == '}' {
			return true
		}
	}
}

func sortedTargets(m map[target]*pattern) (list []target) {
	for t := range m {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b target) int { return a.arg - b.arg })
	return list
}

// key records a key that stands at a span of p.
func (w *writer) key(p *pattern, k source.Span, t target) {
	name := string(p.text[k.Start:k.End])
	if name == "" {
		return
	}
	start, end := int(p.at[k.Start]), int(p.at[k.End-1])+1
	w.r.s.Writes = append(w.r.s.Writes, Key{Name: name, Span: w.r.span(start, end), Arg: t.arg})
}

// walk visits a tree and keeps count of functions.
func (w *writer) walk(node syntax.Node, visit func(syntax.Node)) {
	syntax.Walk(node, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok && f.Body != nil {
			w.inFunc++
			w.walk(f.Body, visit)
			w.inFunc--
			return false
		}
		if n != nil {
			visit(n)
		}
		return true
	})
}

// target is targetOf where arguments are those of the script.
func (w *writer) target(word *syntax.Word) (target, bool) {
	t, ok := w.r.targetOf(word)
	if ok && w.inFunc > 0 && t.arg > 0 && !w.viaVariable(word) {
		return t, false
	}
	return t, ok
}

// viaVariable reports whether a word names a variable that holds the path.
func (w *writer) viaVariable(word *syntax.Word) (found bool) {
	Params(word, func(p *syntax.ParamExp) {
		_, isFile := w.r.files[p.Param.Value]
		found = found || isFile
	})
	return found
}

// write looks for commands that write to the file.
func (w *writer) write(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Stmt:
		for _, redir := range n.Redirs {
			switch redir.Op {
			case syntax.RdrOut, syntax.RdrClob, syntax.AppOut:
				if t, ok := w.target(redir.Word); ok {
					w.content(n, redir.Word, t)
				}
			}
		}
	case *syntax.BinaryCmd:
		if n.Op != syntax.Pipe {
			return
		}
		call, ok := n.Y.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Args) < 2 {
			return
		}
		switch {
		case call.Args[0].Lit() == "tee" && len(call.Args) == 2:
			if t, ok := w.target(call.Args[1]); ok {
				w.content(n.X, call.Args[1], t)
			}
		case isCopy(call) && len(n.Y.Redirs) == 1 && n.Y.Redirs[0].Op == syntax.RdrOut:
			if t, ok := w.target(n.Y.Redirs[0].Word); ok {
				w.content(n.X, n.Y.Redirs[0].Word, t)
			}
		}
	}
}

// isCopy reports whether a command prints the JSON that it reads: "jq .", with options that only change its form.
func isCopy(c *syntax.CallExpr) bool {
	if len(c.Args) < 2 || c.Args[0].Lit() != "jq" {
		return false
	}
	filters := 0
	for _, w := range c.Args[1:] {
		switch text, _ := Literal(w); {
		case text == ".":
			filters++
		case len(text) > 1 && text[0] == '-' && strings.Trim(text[1:], "ceMSr") == "":
		case slices.Contains([]string{"--compact-output", "--exit-status", "--monochrome-output", "--sort-keys", "--raw-output", "--tab"}, text):
		default:
			return false
		}
	}
	return filters == 1
}

// content adds what a command prints to what is written to t; word names the file.
func (w *writer) content(s *syntax.Stmt, word *syntax.Word, t target) {
	p, ok := w.r.printedBy(s)
	if !ok {
		return // it stays a mention
	}
	w.understood[word] = true
	Params(word, func(p *syntax.ParamExp) { w.used[p.Param.Value] = true })
	if w.written[t] == nil {
		w.written[t] = &pattern{}
	}
	w.written[t].join(p)
	w.written[t].addByte('\n', w.r.off(s.End()))
}

// mention finds uses of the file that are not understood.
func (w *writer) mention(n syntax.Node) {
	r := w.r
	switch n := n.(type) {
	case *syntax.DeclClause:
		for _, a := range n.Args {
			if a.Name != nil && n.Variant.Value == "export" {
				delete(w.used, a.Name.Value) // what it runs may write it too
			}
		}
	case *syntax.Assign:
		if n.Name == nil || n.Value == nil || !w.used[n.Name.Value] {
			return
		}
		if !slices.ContainsFunc(r.s.Calls, func(c Call) bool { return c.ReadIn }) { // else what is read in may write it too
			w.understood[n.Value] = true
		}
	case *syntax.Word:
		if w.understood[n] {
			// Whatever is in it has been explained.
			syntax.Walk(n, func(n syntax.Node) bool {
				switch n := n.(type) {
				case *syntax.ParamExp:
					w.explained[n] = true
				case *syntax.Word:
					w.understood[n] = true
				}
				return true
			})
			return
		}
		if start, end := r.off(n.Pos()), r.off(n.End()); end <= len(r.text) && start <= end && len(n.Parts) > 0 {
			if onlyText(n) && strings.Contains(r.text[start:end], "outputs.json") {
				r.opaque(start, end)
			}
		}
	case *syntax.CallExpr:
		if len(n.Args) > 0 && w.inFunc == 0 {
			if name := n.Args[0].Lit(); name == "shift" || name == "set" && len(n.Args) > 1 && n.Args[1].Lit() == "--" {
				r.opaque(r.off(n.Pos()), r.off(n.End())) // arguments have other numbers from here on
			}
		}
	case *syntax.ParamExp:
		if n.Param == nil || w.explained[n] {
			return
		}
		name := n.Param.Value
		_, isFile := r.files[name]
		number, err := strconv.Atoi(name)
		if isFile || w.inFunc == 0 && (err == nil && number > 0 || name == "@" || name == "*") || n.Excl && name == "#" {
			r.opaque(r.off(n.Pos()), r.off(n.End()))
		}
	}
}

// onlyText reports whether a word holds no commands, which are looked at by themselves.
func onlyText(w *syntax.Word) bool {
	found := true
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n.(type) {
		case *syntax.CmdSubst, *syntax.ProcSubst:
			found = false
		}
		return found
	})
	return found
}

// printedBy returns what a command prints, as far as that is JSON in the script.
func (r *reader) printedBy(s *syntax.Stmt) (pattern, bool) {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) > 0 {
			return r.printedByCall(c, s)
		}
	case *syntax.Block:
		return r.printedByAll(c.Stmts)
	case *syntax.Subshell:
		return r.printedByAll(c.Stmts)
	case *syntax.BinaryCmd:
		if y, ok := c.Y.Cmd.(*syntax.CallExpr); ok && c.Op == syntax.Pipe && isCopy(y) {
			return r.printedBy(c.X)
		}
	}
	return pattern{}, false
}

func (r *reader) printedByAll(stmts []*syntax.Stmt) (all pattern, ok bool) {
	for _, s := range stmts {
		p, ok := r.printedBy(s)
		if !ok || slices.ContainsFunc(s.Redirs, func(x *syntax.Redirect) bool { return x.Hdoc == nil }) {
			return all, false
		}
		all.join(p)
		all.addByte('\n', r.off(s.End()))
	}
	return all, true
}

func (r *reader) printedByCall(c *syntax.CallExpr, s *syntax.Stmt) (p pattern, ok bool) {
	args := c.Args[1:]
	switch c.Args[0].Lit() {
	case "echo":
		for len(args) > 0 && strings.HasPrefix(args[0].Lit(), "-") {
			args = args[1:]
		}
		for i, w := range args {
			if i > 0 {
				p.addByte(' ', r.off(w.Pos()))
			}
			p.join(r.pattern(w))
		}
		return p, true
	case "printf":
		if len(args) > 0 && args[0].Lit() == "--" {
			args = args[1:]
		}
		if len(args) == 0 {
			return p, false
		}
		format := r.pattern(args[0])
		if f := strings.TrimSuffix(string(format.text), `\n`); f == "%s" || f == "%b" {
			for _, w := range args[1:] {
				p.join(r.pattern(w))
				p.addByte(' ', r.off(w.End()))
			}
			return p, true
		}
		return formatted(format), true
	case "cat":
		if len(args) > 0 {
			return p, false
		}
		for _, redir := range s.Redirs {
			if redir.Hdoc != nil {
				return r.pattern(redir.Hdoc), true
			}
		}
	case "jq":
		return r.jq(args)
	}
	return p, false
}

// formatted is a format of printf with holes where it says so.
func formatted(f pattern) (p pattern) {
	for i := 0; i < len(f.text); i++ {
		c := f.text[i]
		switch {
		case c == '%' && i+1 < len(f.text) && f.text[i+1] == '%':
			i++
		case c == '%':
			for i+1 < len(f.text) && strings.IndexByte("0123456789.-+ #*", f.text[i+1]) >= 0 {
				i++
			}
			i++
			c = hole
		case c == '\\' && i+1 < len(f.text):
			i++
			switch f.text[i] {
			case 'n', 't', 'r':
				c = ' '
			default:
				c = f.text[i]
			}
		}
		p.addByte(c, int(f.at[min(i, len(f.at)-1)]))
	}
	return p
}

// jq returns the object that a filter of jq makes, as JSON.
func (r *reader) jq(args []*syntax.Word) (p pattern, ok bool) {
	for i := 0; i < len(args); i++ {
		switch word := args[i].Lit(); {
		case word == "--arg" || word == "--argjson" || word == "--slurpfile" || word == "--rawfile":
			i += 2
		case word == "--indent" || word == "-L":
			i++
		case word == "-f" || word == "--from-file" || word == "-s" || word == "--slurp":
			return p, false
		case strings.HasPrefix(word, "-"):
		default:
			filter := r.pattern(args[i])
			start := 0
			for start < len(filter.text) && filter.text[start] <= ' ' && filter.text[start] != hole {
				start++
			}
			keys, end, ok := objectKeys(filter.text, start, jqStyle)
			if !ok || strings.TrimSpace(string(filter.text[end:])) != "" {
				return p, false
			}
			p.addByte('{', int(filter.at[start]))
			for i, k := range keys {
				if i > 0 {
					p.addByte(',', int(filter.at[k.Start]))
				}
				at := int(filter.at[k.Start])
				p.addByte('"', at)
				p.join(pattern{filter.text[k.Start:k.End], filter.at[k.Start:k.End]})
				p.addByte('"', at)
				p.addByte(':', at)
				p.addByte('0', at)
			}
			p.addByte('}', int(filter.at[end-1]))
			return p, true
		}
	}
	return p, false
}

// pattern returns the text of a word, with holes for what is expanded.
func (r *reader) pattern(w *syntax.Word) (p pattern) {
	for _, part := range w.Parts {
		switch n := part.(type) {
		case *syntax.Lit:
			r.plain(&p, n, "")
		case *syntax.SglQuoted:
			if n.Dollar {
				p.addByte(hole, r.off(n.Pos()))
				continue
			}
			p.add(n.Value, r.off(n.Left)+1)
		case *syntax.DblQuoted:
			for _, q := range n.Parts {
				if lit, ok := q.(*syntax.Lit); ok {
					r.plain(&p, lit, "$`\"\\")
				} else if object, ok := r.objectIn(q); ok && len(w.Parts) == 1 && len(n.Parts) == 1 {
					p.join(object)
				} else {
					p.addByte(hole, r.off(q.Pos()))
				}
			}
		default:
			p.addByte(hole, r.off(part.Pos()))
		}
	}
	return p
}

// objectIn returns the object that a variable holds all the time, if the script writes it.
func (r *reader) objectIn(part syntax.WordPart) (pattern, bool) {
	n, ok := part.(*syntax.ParamExp)
	if !ok || n.Param == nil || n.Exp != nil || n.Slice != nil || n.Repl != nil || n.Index != nil || n.Excl || n.Length {
		return pattern{}, false
	}
	w := r.objects[n.Param.Value]
	if w == nil {
		return pattern{}, false
	}
	return r.pattern(w), true
}

// plain adds a literal. A backslash is taken away before the characters of special, or before all if there are none.
func (r *reader) plain(p *pattern, lit *syntax.Lit, special string) {
	at := r.off(lit.Pos())
	for i := 0; i < len(lit.Value); i++ {
		if lit.Value[i] == '\\' && i+1 < len(lit.Value) && (special == "" || strings.IndexByte(special, lit.Value[i+1]) >= 0) {
			i++
		}
		p.addByte(lit.Value[i], at+i)
	}
}

// A style says how the keys of an object may be written.
type style uint8

const (
	jsonStyle style = iota
	jqStyle
	pythonStyle
	rubyStyle
	scriptStyle // JavaScript
)

// objectKeys reads the object that begins at i. It returns the spans of its keys and where it ends. It fails if that is
// no object, or one with keys that are not in the text.
func objectKeys(text []byte, i int, st style) (keys []source.Span, end int, ok bool) {
	if i >= len(text) || text[i] != '{' {
		return nil, i, false
	}
	i++
	for {
		i = blanks(text, i, st)
		if i >= len(text) {
			return nil, i, false
		}
		if text[i] == '}' {
			return keys, i + 1, true
		}
		var key source.Span
		bare := false
		switch c := text[i]; {
		case c == '"' || c == '\'' && st >= pythonStyle:
			close := closing(text, i)
			if close < 0 {
				return nil, i, false
			}
			key = source.Span{Start: int32(i + 1), End: int32(close)}
			i = close + 1
		case st != jsonStyle && st != pythonStyle && (isWord(string(text[i:i+1]), 0) || c == '$' && st == jqStyle || c == ':' && st == rubyStyle):
			if c == '$' || c == ':' {
				i++
			}
			from := i
			for i < len(text) && (isWord(string(text[i:i+1]), 0)) {
				i++
			}
			key, bare = source.Span{Start: int32(from), End: int32(i)}, true
		default:
			return nil, i, false
		}
		if slices.Contains(text[key.Start:key.End], hole) || slices.Contains(text[key.Start:key.End], '\\') || key.Len() == 0 {
			return nil, i, false
		}
		keys = append(keys, key)
		i = blanks(text, i, st)
		switch {
		case i < len(text) && text[i] == ':':
			i++
		case st == rubyStyle && i+1 < len(text) && text[i] == '=' && text[i+1] == '>':
			i += 2
		case i < len(text) && bare && (st == jqStyle || st == scriptStyle) && (text[i] == ',' || text[i] == '}'):
		default:
			return nil, i, false
		}
		if i = valueEnd(text, i, st); i >= len(text) {
			return nil, i, false
		}
		if text[i] == ',' {
			i++
		}
	}
}

// blanks skips white space and comments.
func blanks(text []byte, i int, st style) int {
	for i < len(text) {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '#' && st != jsonStyle && st != scriptStyle || c == '/' && st == scriptStyle && i+1 < len(text) && text[i+1] == '/':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// closing returns the offset of the quote that ends the string at i, or -1.
func closing(text []byte, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case text[i]:
			return j
		}
	}
	return -1
}

// valueEnd returns where the value that begins at i ends: at a comma or the brace around it.
func valueEnd(text []byte, i int, st style) int {
	depth := 0
	for i < len(text) {
		switch c := text[i]; c {
		case '"', '\'', '`':
			if c != '"' && st <= jqStyle {
				break
			}
			close := closing(text, i)
			if close < 0 {
				return len(text)
			}
			i = close
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// argumentTexts are how languages get at the arguments of a script.
var argumentTexts = []string{"outputs.json", "argv", "ARGV", "os.Args", "flag.Arg", "$args", "$<", "Deno.args", "@_", "shift", "param(", "argparse", "getopt"}

// dumps are how languages write JSON. The object follows the bracket, or stands before ".to_json".
var dumps = map[Lang][]string{
	Python:     {"json.dump(", "json.dumps("},
	JavaScript: {"JSON.stringify("},
	Ruby:       {"JSON.generate(", "JSON.dump(", "JSON.pretty_generate("},
}

// foreignOutputs finds the outputs that a script of another language writes, which must be one object written in the
// script.
func (r *reader) foreignOutputs() {
	if !slices.ContainsFunc(argumentTexts, func(s string) bool { return strings.Contains(r.text, s) }) {
		return
	}
	all := len(r.text)
	var objects []int // where they begin
	for _, call := range dumps[r.s.Lang] {
		for i := 0; ; {
			n := strings.Index(r.text[i:], call)
			if n < 0 {
				break
			}
			i += n + len(call)
			objects = append(objects, i)
		}
	}
	if len(objects) != 1 || strings.Contains(r.text, "to_json") {
		r.opaque(0, all)
		return
	}
	if !r.nearFile(objects[0]) {
		r.opaque(0, all)
		return
	}
	st := map[Lang]style{Python: pythonStyle, JavaScript: scriptStyle, Ruby: rubyStyle}[r.s.Lang]
	text := []byte(r.text)
	keys, _, ok := objectKeys(text, blanks(text, objects[0], st), st)
	if !ok {
		r.opaque(0, all)
		return
	}
	for _, k := range keys {
		r.s.Writes = append(r.s.Writes, Key{Name: r.text[k.Start:k.End], Span: k, Arg: -1})
	}
}

// nearFile reports whether what is written at an offset goes to a file that an argument names: the argument stands in the
// same statement, or in one of the two lines before.
func (r *reader) nearFile(at int) bool {
	from := at
	for range 3 {
		if from = strings.LastIndexByte(r.text[:from], '\n'); from < 0 {
			from = 0
			break
		}
	}
	to := lineEnd(r.text, at)
	if end := valueEnd([]byte(r.text[at:min(at+maxObject, len(r.text))]), 0, pythonStyle); at+end > to {
		to = lineEnd(r.text, at+end)
	}
	part := r.text[from:min(to, len(r.text))]
	return slices.ContainsFunc([]string{"argv", "ARGV", "os.Args", "outputs.json", "args["}, func(s string) bool { return strings.Contains(part, s) })
}

// maxObject is how long an object of outputs is that is looked at.
const maxObject = 16 << 10
