package convert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// width is how long a line may get before a list is written one item a line.
const width = 100

// maxExpanded is how many values may come from aliases, and maxDepth how deep they may be nested.
const (
	maxExpanded = 200_000
	maxDepth    = 200
)

// A reading says how a field reads a value.
type reading struct {
	text    bool // every scalar is text, also what looks like a number
	script  bool // text may be an expression
	items   bool // so may items of a list
	entries bool // so may values of a mapping
	// typed says that this is the value of a variable of text, where a number keeps its spelling; typedItems that items of
	// a list are.
	typed, typedItems bool
	// inherits says that the variable has no type of its own and may get one from an extension: whether a number is one
	// is not known then.
	inherits bool
}

// readingOf is how a key of a shape is read.
func readingOf(shape plan.Shape, phase plan.Phase) reading {
	var r reading
	switch shape {
	case plan.ShapeText, plan.ShapeTexts, plan.ShapeScopes, plan.ShapeExtensions, plan.ShapeStep:
		r = reading{text: true}
	case plan.ShapeScript:
		r = reading{text: true, script: true}
	case plan.ShapeScripts:
		r = reading{text: true, items: true}
	case plan.ShapePairs:
		r = reading{text: true, entries: true}
	case plan.ShapeAny:
		r = reading{script: true, items: true}
	case plan.ShapeValues:
		r = reading{entries: true}
	}
	if phase == plan.Never {
		r.script, r.items, r.entries = false, false, false
	}
	return r
}

func (r reading) item() reading {
	return reading{text: r.text, script: r.items, typed: r.typedItems, inherits: r.inherits}
}
func (r reading) entry() reading { return reading{text: r.text, script: r.entries} }

// forVariable is how the key of a variable is read.
func (r reading) forVariable(key string, v *plan.Variable, extends bool) reading {
	r.inherits = extends && !v.Type.Set()
	r.typed = key == "default" && v.Var.Name == "string"
	r.typedItems = key == "items" && (v.Var.Name == "string" || v.Var.Name == "list" && v.Var.Elem == "string")
	return r
}

// follow returns what n is behind aliases.
func follow(n syntax.Node) syntax.Node {
	for range 64 {
		a, ok := n.(*syntax.Alias)
		if !ok || a.Target == nil {
			return n
		}
		n = a.Target
	}
	return n
}

// fail is the first reason why the plan cannot be written; it ends the work.
func (w *hclWriter) fail(span source.Span, hint, format string, args ...any) string {
	if w.err == nil {
		w.err = &Error{File: w.file.Source, Span: span, Reason: fmt.Sprintf(format, args...), Hint: hint}
	}
	return "null"
}

// value returns n as an expression of HCL. Its lines but the first are indented by depth.
func (w *hclWriter) value(n syntax.Node, r reading, depth int) string {
	if w.nodes++; w.nodes > w.maxNodes || depth > maxDepth {
		return w.fail(n.Span(), "", "this value is nested too deeply, or aliases make the plan too large to write them out")
	}
	switch v := follow(n).(type) {
	case *syntax.Scalar:
		return w.scalar(v, r, depth)
	case *syntax.Sequence:
		return w.list(v, r, depth)
	case *syntax.Mapping:
		return w.object(v, r, depth)
	}
	return w.fail(n.Span(), "", "this value cannot be read")
}

func (w *hclWriter) scalar(s *syntax.Scalar, r reading, depth int) string {
	switch {
	case s.Kind == syntax.Null:
		return "null"
	case s.Kind == syntax.String || r.text:
		return w.text(s, r, depth)
	}
	v := plan.ValueOf(s)
	switch v.Kind {
	case plan.Boolean:
		return strconv.FormatBool(v.Bool)
	case plan.String: // a number that is none
		return w.text(s, r, depth)
	case plan.Float:
		if v.Float-v.Float != 0 { // infinite, or none at all
			return w.fail(s.Pos, "", "HCL has no number %s", s.Text)
		}
	}
	if isDecimal(s.Text) && hclKind(s.Text) == v.Kind {
		return s.Text
	}
	if r.typed && r.inherits {
		return w.fail(s.Pos, fmt.Sprintf("write the number in decimal, or the text %q in quotes", s.Text),
			"%s is a number or a text here, as the type is inherited, and HCL spells them differently", s.Text)
	}
	if r.typed { // 010 is the text "010" there
		return hcltext.Quote(s.Text)
	}
	switch v.Kind {
	case plan.Int:
		return strconv.FormatInt(v.Int, 10)
	case plan.Uint:
		return strconv.FormatUint(v.Uint, 10)
	}
	text := strconv.FormatFloat(v.Float, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// isDecimal reports whether HCL reads a number as it is written.
func isDecimal(s string) bool {
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	s = strings.TrimPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if !digits(strings.TrimLeft(s[i+1:], "+-")) {
			return false
		}
		s = s[:i]
	}
	whole, fraction, dot := strings.Cut(s, ".")
	return digits(whole) && (len(whole) == 1 || whole[0] != '0') && (!dot || digits(fraction))
}

// hclKind is the kind of a number that HCL reads as it is written.
func hclKind(s string) plan.Kind {
	if strings.ContainsAny(s, ".eE") {
		return plan.Float
	}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return plan.Int
	}
	if _, err := strconv.ParseUint(s, 10, 64); err == nil {
		return plan.Uint
	}
	return plan.Float
}

func (w *hclWriter) text(s *syntax.Scalar, r reading, depth int) string {
	text := plan.Cooked(s)
	if !utf8.ValidString(text) {
		return w.fail(s.Pos, "a plan in HCL is UTF-8; keep such data in a file", "HCL cannot hold these bytes")
	}
	if r.script && expr.IsScript(text) {
		return expression(text)
	}
	if doc, ok := heredoc(text, depth); ok && !w.inList {
		return doc
	}
	return hcltext.Quote(text)
}

// heredoc returns a text of several lines as a heredoc that reads back as the same; false if there is none.
func heredoc(text string, depth int) (string, bool) {
	if !strings.HasSuffix(text, "\n") || strings.Trim(text, "\n") == "" || strings.Contains(text, "\r") {
		return "", false
	}
	word := "EOT"
	for n := 2; hasLine(text, word); n++ {
		word = "EOT" + strconv.Itoa(n)
	}
	raw := strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
	pad := strings.Repeat("  ", depth)
	var b strings.Builder
	b.WriteString("<<-" + word + "\n")
	for line := range strings.Lines(raw) {
		if line != "\n" {
			b.WriteString(pad + "  ")
		}
		b.WriteString(line)
	}
	b.WriteString(pad + word)
	if flush := b.String(); reads(flush, text) {
		return flush, true
	}
	if plain := "<<" + word + "\n" + raw + word; reads(plain, text) {
		return plain, true
	}
	return "", false
}

func hasLine(text, line string) bool {
	for l := range strings.Lines(text) {
		if strings.TrimSpace(l) == line {
			return true
		}
	}
	return false
}

// reads reports whether a value of HCL is the text want.
func reads(value, want string) bool {
	tree, findings := hclfile.Parse(source.NewFile("escape.hcl", "x = "+value+"\n"))
	m, ok := tree.Root.(*syntax.Mapping)
	if !ok || len(findings) > 0 || len(m.Entries) != 1 {
		return false
	}
	s, ok := m.Entries[0].Value.(*syntax.Scalar)
	return ok && s.Style == syntax.Heredoc && s.Text == want
}

func (w *hclWriter) list(seq *syntax.Sequence, r reading, depth int) string {
	return w.items(seq.Items, seq.Foot, func(n syntax.Node, depth int) string { return w.value(n, r.item(), depth) }, depth)
}

// items writes a list, whose items fn writes: on one line if it is short and holds no comments.
func (w *hclWriter) items(items []syntax.Item, foot []syntax.Comment, fn func(syntax.Node, int) string, depth int) string {
	if len(items) == 0 && !w.anyOf(foot) {
		return "[]"
	}
	was := w.inList
	w.inList = true
	defer func() { w.inList = was }()
	comments := w.anyOf(foot) || slices.ContainsFunc(items, func(it syntax.Item) bool {
		return w.anyOf(it.Lead) || it.Trail != nil && w.anyOf([]syntax.Comment{*it.Trail}) || w.notes.any(it.Value)
	})
	room := width - 2*depth
	for i := range items {
		room -= 2 + leastWidth(items[i].Value, room)
	}
	if !comments && room >= -2 {
		line, ok := w.oneLine(func() string {
			list := make([]string, 0, len(items))
			for i := 0; i < len(items) && !w.gaveUp; i++ {
				list = append(list, fn(items[i].Value, depth))
			}
			return "[" + strings.Join(list, ", ") + "]"
		}, depth)
		if ok {
			return line
		}
	}
	if w.trying {
		w.gaveUp = true
		return ""
	}
	pad := strings.Repeat("  ", depth+1)
	var b strings.Builder
	b.WriteString("[\n")
	for _, it := range items {
		writeNotes(&b, pad, w.notes.take(it.Lead...))
		text := fn(it.Value, depth+1)
		trail := ""
		if _, isMapping := follow(it.Value).(*syntax.Mapping); it.Trail != nil && (isMapping || strings.Contains(text, "\n")) {
			writeNotes(&b, pad, w.notes.take(*it.Trail))
		} else {
			trail = w.notes.trail(it.Trail)
		}
		b.WriteString(pad + text + "," + trail + "\n")
	}
	writeNotes(&b, pad, w.notes.take(foot...))
	b.WriteString(pad[2:] + "]")
	return b.String()
}

// oneLine returns what fn writes at depth; false if that is more than a line or too wide. Values inside of it that cannot be
// one line give up: to write each of them in full too would take time that doubles with each level.
func (w *hclWriter) oneLine(fn func() string, depth int) (string, bool) {
	mark, outer := w.notes.mark(), w.trying
	w.trying = true
	line := fn()
	ok := !w.gaveUp && !strings.Contains(line, "\n") && len(line)+2*depth <= width
	w.trying, w.gaveUp = outer, false
	if !ok {
		w.notes.undo(mark)
	}
	return line, ok
}

// leastWidth is how wide a value is at least on one line, as far as it is no wider than room.
func leastWidth(n syntax.Node, room int) int {
	least := 2
	switch v := follow(n).(type) {
	case *syntax.Scalar:
		if expr.IsScript(v.Text) {
			return len(v.Text) / 4 // a template is shorter than a call of concat
		}
		return len(v.Text)
	case *syntax.Sequence:
		for i := 0; i < len(v.Items) && least <= room; i++ {
			least += leastWidth(v.Items[i].Value, room-least)
		}
	case *syntax.Mapping:
		for i := 0; i < len(v.Entries) && least <= room; i++ {
			least += leastWidth(v.Entries[i].Value, room-least)
		}
	}
	return least
}

func (w *hclWriter) anyOf(list []syntax.Comment) bool {
	return slices.ContainsFunc(list, func(c syntax.Comment) bool { return !w.notes.used[c.Pos.Start] })
}

func writeNotes(b *strings.Builder, pad string, lines []note) {
	for _, l := range lines {
		b.WriteString(pad + "#" + l.text + "\n")
	}
}

func (w *hclWriter) object(m *syntax.Mapping, r reading, depth int) string {
	entries := w.flat(m)
	return w.pairs(entries, m.Foot, func(e *syntax.Entry, depth int) string { return w.value(e.Value, r.entry(), depth) }, depth)
}

// pairs writes a mapping, whose values fn writes.
func (w *hclWriter) pairs(entries []*syntax.Entry, foot []syntax.Comment, fn func(*syntax.Entry, int) string, depth int) string {
	if len(entries) == 0 && !w.anyOf(foot) {
		return "{}"
	}
	if len(entries) == 1 && !w.anyOf(foot) && !w.hasNotes(entries[0]) && leastWidth(entries[0].Value, width) <= width {
		line, ok := w.oneLine(func() string { return "{ " + w.key(entries[0]) + " = " + fn(entries[0], depth) + " }" }, depth)
		if ok {
			return line
		}
	}
	if w.trying {
		w.gaveUp = true
		return ""
	}
	was := w.inList
	w.inList = false
	defer func() { w.inList = was }()
	pad := strings.Repeat("  ", depth+1)
	var b strings.Builder
	b.WriteString("{\n")
	for _, e := range entries {
		b.WriteString(w.line(e, w.key(e), func() string { return fn(e, depth+1) }, pad))
	}
	writeNotes(&b, pad, w.notes.take(foot...))
	b.WriteString(pad[2:] + "}")
	return b.String()
}

func (w *hclWriter) hasNotes(e *syntax.Entry) bool {
	return w.anyOf(e.Lead) || e.Trail != nil && w.anyOf([]syntax.Comment{*e.Trail}) || w.notes.any(e.Value)
}

// line writes "key = value" with its comments. Those for which HCL has no place there stand above.
func (w *hclWriter) line(e *syntax.Entry, key string, value func() string, pad string) string {
	lead := w.notes.take(e.Lead...)
	text, trail := value(), ""
	if !strings.Contains(text, "\n") {
		trail = w.notes.trail(e.Trail)
	} else if e.Trail != nil {
		lead = append(lead, w.notes.take(*e.Trail)...)
	}
	var b strings.Builder
	writeNotes(&b, pad, append(lead, w.notes.left(e.Span())...))
	b.WriteString(pad + key + " = " + text + trail + "\n")
	return b.String()
}

// key returns the key of an entry as a mapping of HCL has it.
func (w *hclWriter) key(e *syntax.Entry) string {
	name, ok := w.name(e)
	if !ok {
		return w.fail(e.Key.Pos, "", "a key of HCL must be text")
	}
	if isWord(name) {
		return name
	}
	return hcltext.Quote(name)
}

// name returns the key of an entry as text; false if it is none.
func (w *hclWriter) name(e *syntax.Entry) (string, bool) {
	key := e.Key
	if e.Odd != nil {
		s, ok := follow(e.Odd).(*syntax.Scalar)
		if !ok {
			return "", false
		}
		key = s
	}
	name := plan.Cooked(key)
	if !utf8.ValidString(name) {
		w.fail(e.Key.Pos, "", "HCL cannot hold these bytes")
	}
	return name, true
}

// isWord reports whether a name can stand without quotes, in front of "=" too.
func isWord(s string) bool {
	switch s {
	case "for", "if", "in", "null", "true", "false", "else", "endif", "endfor":
		return false
	}
	return s != "" && s[0] != '_' && s[0] != '-' && !(s[0] >= '0' && s[0] <= '9') &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// flat returns the entries of a mapping as they count, with those that are merged in.
func (w *hclWriter) flat(m *syntax.Mapping) []*syntax.Entry {
	own := map[string]bool{}
	for i := range m.Entries {
		e := &m.Entries[i]
		if isMerge(e) {
			continue
		}
		name, ok := w.name(e)
		if !ok {
			w.fail(e.Key.Pos, "", "a key must be text here")
			continue
		}
		if own[name] {
			w.fail(e.Key.Pos, "remove one of them: the last one counts", "%q is here twice, which HCL does not allow", name)
		}
		own[name] = true
	}
	var list []*syntax.Entry
	w.merge(m, own, &list, 0)
	return list
}

// merge adds the entries of m, those that are merged in last, as they are read. What is in names is there already.
func (w *hclWriter) merge(m *syntax.Mapping, names map[string]bool, list *[]*syntax.Entry, level int) {
	if w.nodes++; w.nodes > w.maxNodes || level > 64 {
		w.fail(m.Pos, "", "merge keys make this plan too large to write them out")
		return
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		name, ok := w.name(e)
		if isMerge(e) || !ok || level > 0 && names[name] {
			continue
		}
		names[name] = true
		*list = append(*list, e)
	}
	for i := range m.Entries {
		if !isMerge(&m.Entries[i]) {
			continue
		}
		switch from := follow(m.Entries[i].Value).(type) {
		case *syntax.Mapping:
			w.merge(from, names, list, level+1)
		case *syntax.Sequence:
			for _, it := range from.Items {
				if m, ok := follow(it.Value).(*syntax.Mapping); ok {
					w.merge(m, names, list, level+1)
				}
			}
		}
	}
}

func isMerge(e *syntax.Entry) bool { return e.Key.Kind == syntax.Merge && e.Odd == nil }
