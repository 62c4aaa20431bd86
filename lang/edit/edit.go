// Package edit makes fixes of plans in both notations: edits of their text which take an entry away, or add one. What cannot
// be changed safely gets no fix: an entry that is merged in, named by an alias, or has a comment.
package edit

import (
	"slices"
	"sort"
	"strings"
	"unicode"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A Plan is the tree of a plan, whose text is edited.
type Plan struct{ *syntax.File }

// Of returns the plan of a tree.
func Of(f *syntax.File) Plan { return Plan{f} }

// Entry returns the entry called key of the mapping n, and the mapping; nil if it is written elsewhere. Of several the last
// one counts.
func Entry(n syntax.Node, key string) (*syntax.Mapping, *syntax.Entry) {
	m, ok := n.(*syntax.Mapping)
	if !ok {
		return nil, nil
	}
	for i := range slices.Backward(m.Entries) {
		if e := &m.Entries[i]; e.Key.Text == key && e.Odd == nil {
			return m, e
		}
	}
	return m, nil
}

// written reports whether the mapping n has the key, with whatever value.
func written(n syntax.Node, key string) bool {
	_, e := Entry(n, key)
	return e != nil
}

// IsYAML reports whether e is written as "key: value".
func (p Plan) IsYAML(e *syntax.Entry) bool {
	return p.Notation == syntax.YAML && strings.HasPrefix(strings.TrimLeft(p.behind(e.Key), " \t"), ":")
}

// isAttribute reports whether e is written as "key = value".
func (p Plan) isAttribute(e *syntax.Entry) bool {
	return p.Notation == syntax.HCL && !e.Block && strings.HasPrefix(strings.TrimLeft(p.behind(e.Key), " \t"), "=")
}

// behind is the text that follows n.
func (p Plan) behind(n syntax.Node) string { return p.Source.Text()[n.Span().End:] }

// IsShared reports whether n, or something in it, has an anchor or a tag, which others may need, or needs that of another.
func IsShared(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.Scalar:
		return n.Props != nil
	case *syntax.Mapping:
		return n.Props != nil || slices.ContainsFunc(n.Entries, func(e syntax.Entry) bool {
			return e.Odd != nil || e.Key.Props != nil || IsShared(e.Value)
		})
	case *syntax.Sequence:
		return n.Props != nil || slices.ContainsFunc(n.Items, func(i syntax.Item) bool { return IsShared(i.Value) })
	}
	return true
}

// Replace is the fix that puts text in place of a span.
func Replace(span source.Span, text, title string, safe bool) []diag.Fix {
	return []diag.Fix{{Title: title, Preferred: safe, Edits: []source.Edit{{Span: span, New: text}}}}
}

// Remove is the fix that deletes the entry e of m; nil if that is not safe.
func (p Plan) Remove(m *syntax.Mapping, e *syntax.Entry, safe bool) []diag.Fix {
	if m == nil || e == nil || m.Props != nil || !p.IsYAML(e) && !p.isAttribute(e) && !e.Block || IsShared(e.Value) {
		return nil
	}
	at := sort.Search(len(m.Entries), func(i int) bool { return m.Entries[i].Key.Pos.Start >= e.Key.Pos.Start })
	if at == len(m.Entries) || &m.Entries[at] != e || len(m.Entries) == 1 {
		return nil
	}
	whole := e.Span()
	switch before, after := m.Entries[:at], m.Entries[at+1:]; {
	case m.Flow && len(after) > 0:
		whole.End = after[0].Key.Pos.Start
		if !p.onlyComma(e.Value.Span().End, whole.End) {
			return nil
		}
	case m.Flow:
		whole.Start = before[at-1].Value.Span().End
		if !p.onlyComma(whole.Start, e.Key.Pos.Start) || !p.endsHere(e.Value) {
			return nil
		}
	case p.ownLines(&whole):
		if e.Block {
			p.withBlankLine(&whole)
		}
	case p.isAttribute(e) && p.aloneInBlock(&whole):
	case len(after) > 0 && p.IsYAML(e): // the first of a list element: the next one takes its place
		whole.End = after[0].Key.Pos.Start
	default:
		return nil
	}
	return p.cut(whole, e.Key.Text, safe)
}

// Drop is Remove for the entry called key of n. What it deletes has a meaning, so it is for people to choose.
func (p Plan) Drop(n syntax.Node, key string) []diag.Fix {
	m, e := Entry(n, key)
	return p.Remove(m, e, false)
}

// RemoveItem is the fix that deletes element i of list; nil if that is not safe.
func (p Plan) RemoveItem(list *syntax.Sequence, i int, safe bool) []diag.Fix {
	if list == nil || len(list.Items) < 2 || i < 0 || i >= len(list.Items) || list.Props != nil || IsShared(list.Items[i].Value) {
		return nil
	}
	value := list.Items[i].Value
	whole := value.Span()
	switch {
	case list.Flow && i+1 < len(list.Items):
		whole.End = list.Items[i+1].Value.Span().Start
		if !p.onlyComma(value.Span().End, whole.End) {
			return nil
		}
	case list.Flow:
		whole.Start = list.Items[i-1].Value.Span().End
		if !p.onlyComma(whole.Start, value.Span().Start) || !p.endsHere(value) {
			return nil
		}
	case list.Items[i].Dash >= 0:
		whole.Start = list.Items[i].Dash
		if !p.ownLines(&whole) {
			return nil
		}
	default:
		return nil
	}
	what := strings.TrimSpace(p.Source.Slice(value.Span()))
	if strings.ContainsAny(what, "\r\n") {
		what = "the entry"
	}
	return p.cut(whole, what, safe)
}

// List returns the list of a field of the plan; nil if that is written in another way, or twice.
func (p Plan) List(field string) *syntax.Sequence {
	root, _ := p.Root.(*syntax.Mapping)
	if root == nil {
		return nil
	}
	var list *syntax.Sequence
	for i := range root.Entries {
		if root.Entries[i].Key.Text == field {
			if list != nil {
				return nil
			}
			list, _ = root.Entries[i].Value.(*syntax.Sequence)
		}
	}
	return list
}

// RemoveFrom is RemoveItem for the element of the list of a field that stands where n does, or Remove for such a block of HCL.
func (p Plan) RemoveFrom(field string, n syntax.Node, safe bool) []diag.Fix {
	list := p.List(field)
	if root, ok := p.Root.(*syntax.Mapping); ok && list == nil {
		i := sort.Search(len(root.Entries), func(i int) bool { return root.Entries[i].Value.Span().End >= n.Span().End })
		if i < len(root.Entries) && root.Entries[i].Block && root.Entries[i].Value.Span().End == n.Span().End &&
			root.Entries[i].Key.Pos.Start <= n.Span().Start {
			return p.Remove(root, &root.Entries[i], safe)
		}
	}
	if list == nil {
		return nil
	}
	i := sort.Search(len(list.Items), func(i int) bool { return list.Items[i].Value.Span().Start >= n.Span().Start })
	if i == len(list.Items) || list.Items[i].Value.Span() != n.Span() {
		return nil
	}
	return p.RemoveItem(list, i, safe)
}

// RemovePair deletes the entry with the key node from the mapping that n has under field, or that mapping if nothing else
// is in it.
func (p Plan) RemovePair(n syntax.Node, field string, key syntax.Node, safe bool) []diag.Fix {
	m, e := Entry(n, field)
	if e == nil {
		return nil
	}
	pairs, ok := e.Value.(*syntax.Mapping)
	if !ok {
		return nil
	}
	i := sort.Search(len(pairs.Entries), func(i int) bool { return pairs.Entries[i].Key.Pos.Start >= key.Span().Start })
	switch {
	case i == len(pairs.Entries) || syntax.Node(pairs.Entries[i].Key) != key:
		return nil
	case len(pairs.Entries) == 1:
		return p.Remove(m, e, safe)
	}
	return p.Remove(pairs, &pairs.Entries[i], safe)
}

// Word is text as a plan writes it; false if it is better left to people.
func (p Plan) Word(text string) (string, bool) {
	if strings.ContainsAny(text, "\"\\") || strings.Contains(text, "${") || strings.Contains(text, "%{") ||
		strings.ContainsFunc(text, unicode.IsControl) {
		return "", false
	}
	if p.Notation == syntax.YAML && IsPath(text) {
		return text, true
	}
	return `"` + text + `"`, true
}

// IsPath reports whether a text means itself without quotes: a few letters, and what paths are made of.
func IsPath(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	switch strings.ToLower(s) {
	case "true", "false", "null":
		return false
	}
	return len(s) > 3 && strings.Contains(letters, s[:1]) && strings.Trim(s, letters+"0123456789_-./") == ""
}

// onlyComma reports whether nothing but a comma stands between two offsets, or, in HCL, a line break.
func (p Plan) onlyComma(from, to int32) bool {
	between := p.Source.Slice(source.Span{Start: from, End: to})
	words := strings.Trim(between, " \t\r\n")
	return words == "," || words == "" && p.Notation == syntax.HCL && strings.Contains(between, "\n")
}

// aloneInBlock widens the span of an attribute to all that stands in its block, if that is one line.
func (p Plan) aloneInBlock(span *source.Span) bool {
	f := p.Source
	line := f.Line(f.LineOf(int(span.Start)))
	before := strings.TrimRight(f.Slice(source.Span{Start: line.Start, End: span.Start}), " \t")
	behind := f.Slice(source.Span{Start: span.End, End: max(line.End, span.End)})
	after := strings.TrimLeft(behind, " \t")
	if !strings.HasSuffix(before, "{") || !strings.HasPrefix(after, "}") {
		return false
	}
	span.Start, span.End = line.Start+int32(len(before)), span.End+int32(len(behind)-len(after))
	return true
}

// endsHere reports whether the collection around n goes on behind it, so that n is not in brackets of its own.
func (p Plan) endsHere(n syntax.Node) bool {
	rest := strings.TrimLeft(p.behind(n), " \t\r\n")
	return rest != "" && strings.IndexByte(",]}#", rest[0]) >= 0
}

// ownLines widens span to whole lines, with the last line break. It fails if anything else stands on them.
func (p Plan) ownLines(span *source.Span) bool {
	f := p.Source
	first, last := f.Line(f.LineOf(int(span.Start))), f.Line(f.LineOf(int(span.End)))
	if !blank(f.Slice(source.Span{Start: first.Start, End: span.Start})) || !blank(f.Slice(source.Span{Start: span.End, End: last.End})) {
		return false
	}
	span.Start, span.End = first.Start, last.End
	switch rest := f.Text()[last.End:]; {
	case strings.HasPrefix(rest, "\r\n"):
		span.End += 2
	case rest != "":
		span.End++
	}
	return true
}

// withBlankLine widens span, which is whole lines, to one of two blank lines around it.
func (p Plan) withBlankLine(span *source.Span) {
	f := p.Source
	n := f.LineOf(int(span.Start))
	if n > 1 && !blank(f.Slice(f.Line(n-1))) || f.LineOf(int(span.End)) == f.LineCount() {
		return
	}
	if next := f.LineOf(int(span.End)); blank(f.Slice(f.Line(next))) {
		span.End = f.Line(next + 1).Start
	}
}

func blank(s string) bool { return strings.Trim(s, " \t") == "" }

// cut deletes span, unless that would take a comment along.
func (p Plan) cut(span source.Span, what string, safe bool) []diag.Fix {
	if span.End <= span.Start || p.HasComment(span) || strings.ContainsAny(what, "\r\n") {
		return nil
	}
	if what = strings.Trim(what, `"'`); what != "the entry" {
		what = Quoted(what)
	}
	return Replace(span, "", "remove "+what, safe)
}

// HasComment reports whether a comment begins in span.
func (p Plan) HasComment(span source.Span) bool {
	list := p.Comments
	i := sort.Search(len(list), func(i int) bool { return list[i].Pos.Start >= span.Start })
	return i < len(list) && list[i].Pos.Start < span.End
}

// Quoted shows a piece of the plan in a message, cut if it is long.
func Quoted(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return `"` + s + `"`
}

// Add is the fix that writes a further entry behind e of m; nil if that is not safe.
func (p Plan) Add(m *syntax.Mapping, e *syntax.Entry, key, value string, safe bool) []diag.Fix {
	if m == nil || e == nil || written(m, key) {
		return nil
	}
	entry := key + ": " + value
	switch {
	case p.isAttribute(e):
		entry = key + " = " + value
	case p.Notation == syntax.HCL:
		return p.addToBlock(e.Value, key+" = "+value, safe)
	case !p.IsYAML(e):
		return nil
	}
	title := "add " + Quoted(entry)
	f := p.Source
	end := e.Value.Span().End
	if m.Flow {
		if !p.endsHere(e.Value) {
			return nil
		}
		return Replace(source.Span{Start: end, End: end}, ", "+entry, title, safe)
	}
	line := f.Line(f.LineOf(int(e.Key.Pos.Start)))
	last := f.Line(f.LineOf(int(end)))
	rest := strings.TrimLeft(f.Slice(source.Span{Start: end, End: last.End}), " \t")
	before := f.Slice(source.Span{Start: line.Start, End: e.Key.Pos.Start})
	if i := strings.LastIndexByte(before, '{'); i >= 0 && p.isAttribute(e) && blank(before[i+1:]) { // a block on one line
		return p.splitBlock(line.Start+int32(i)+1, line.End, entry, title, safe)
	}
	if rest != "" && rest[0] != '#' || strings.Trim(before, " -") != "" {
		return nil // something else stands on the line
	}
	text := p.LineBreak() + strings.Repeat(" ", len(before)) + entry
	return Replace(source.Span{Start: last.End, End: last.End}, text, title, safe)
}

// addToBlock is the fix that writes an attribute at the start of the block of HCL that has this label.
func (p Plan) addToBlock(label syntax.Node, attribute string, safe bool) []diag.Fix {
	rest := p.behind(label)
	open := len(rest) - len(strings.TrimLeft(rest, " \t"))
	if !strings.HasPrefix(rest[open:], "{") {
		return nil
	}
	f := p.Source
	at := label.Span().End + int32(open) + 1
	here := source.Span{Start: at, End: at}
	line := f.Line(f.LineOf(int(at)))
	inside := strings.Trim(f.Slice(source.Span{Start: at, End: line.End}), " \t")
	title := "add " + Quoted(attribute)
	switch {
	case inside == "":
		text := f.Slice(line)
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		return Replace(here, p.LineBreak()+indent+"  "+attribute, title, safe)
	case strings.HasPrefix(inside, "}"):
		return Replace(here, " "+attribute+" ", title, safe)
	}
	return p.splitBlock(at, line.End, attribute, title, safe)
}

// splitBlock is the fix that writes an attribute in front of the one of a block on one line, which may hold no other: what
// stands from the offset behind its brace to the end of the line.
func (p Plan) splitBlock(from, to int32, attribute, title string, safe bool) []diag.Fix {
	f := p.Source
	text := f.Slice(source.Span{Start: from, End: to})
	inside := strings.TrimRight(text, " \t")
	if !strings.HasSuffix(inside, "}") || p.HasComment(source.Span{Start: from, End: to}) {
		return nil
	}
	content := strings.Trim(strings.TrimSuffix(inside, "}"), " \t")
	line := f.Slice(f.Line(f.LineOf(int(from))))
	eol := p.LineBreak() + line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	start := from + int32(strings.Index(text, content))
	end := start + int32(len(content))
	return []diag.Fix{{Title: title, Preferred: safe, Edits: []source.Edit{
		{Span: source.Span{Start: from, End: start}, New: eol + "  " + attribute + eol + "  "},
		{Span: source.Span{Start: end, End: from + int32(len(inside)) - 1}, New: eol},
	}}}
}

// LineBreak is what ends the lines of the plan. HCL knows no CR alone.
func (p Plan) LineBreak() string {
	text := p.Source.Text()
	switch i := strings.IndexByte(text, '\n'); {
	case i > 0 && text[i-1] == '\r':
		return "\r\n"
	case i < 0 && p.Notation == syntax.YAML && strings.Contains(text, "\r"):
		return "\r"
	}
	return "\n"
}

// PlainWord returns the scalar of n if its text stands in the file as it is: one line without quotes or properties.
func PlainWord(n syntax.Node) (*syntax.Scalar, bool) {
	s, ok := n.(*syntax.Scalar)
	return s, ok && s.Style == syntax.Plain && s.Props == nil && s.Segments == nil
}
