package action

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A keyed is a key of a new entry with its value, as the notation of the plan writes it.
type keyed struct{ key, value string }

// addVariable returns the edit that adds an entry to a list of variables behind those that are there; false if the list is
// written in a way in which that is better left to people.
func addVariable(tree *syntax.File, field, block, id string, keys ...keyed) (source.Edit, bool) {
	if tree.Notation == syntax.HCL {
		return addBlock(tree, block, id, keys)
	}
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok || root.Flow {
		return source.Edit{}, false
	}
	_, e := edit.Entry(root, field)
	if e == nil {
		return addField(tree, root, field, item("", id, keys)), true
	}
	list, ok := e.Value.(*syntax.Sequence)
	if !ok || list.Flow || len(list.Items) == 0 || list.Items[0].Dash < 0 || edit.Of(tree).List(field) != list {
		return source.Edit{}, false
	}
	f := tree.Source
	dash := list.Items[0].Dash
	indent := strings.Repeat(" ", int(dash-f.Line(f.LineOf(int(dash))).Start))
	return below(f, list.Items[len(list.Items)-1].Value.Span(), item(indent, id, keys)), true
}

// item writes an entry of a list in YAML, without a line break at its end.
func item(indent, id string, keys []keyed) string {
	var b strings.Builder
	if len(keys) == 0 {
		return indent + "- " + id
	}
	b.WriteString(indent + "- id: " + id)
	for _, k := range keys {
		fmt.Fprintf(&b, "\n%s  %s: %s", indent, k.key, k.value)
	}
	return b.String()
}

// addField adds a list in YAML below the version or the name of the plan, or on top.
func addField(tree *syntax.File, root *syntax.Mapping, field, items string) source.Edit {
	f := tree.Source
	text := field + ":\n" + items
	for _, above := range []string{"inputs", "depends", "version", "name"} {
		if _, e := edit.Entry(root, above); e != nil {
			return below(f, e.Span(), text)
		}
	}
	start := f.Line(1).Start
	return source.Edit{Span: source.Span{Start: start, End: start}, New: broken(f, text+"\n")}
}

// addBlock adds a block in HCL below the last one of its kind, or at the end.
func addBlock(tree *syntax.File, block, label string, keys []keyed) (source.Edit, bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q {", block, label)
	width := 0
	for _, k := range keys {
		width = max(width, len(k.key))
	}
	for _, k := range keys {
		fmt.Fprintf(&b, "\n  %-*s = %s", width, k.key, k.value)
	}
	if len(keys) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("}")
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok || len(root.Entries) == 0 {
		return source.Edit{}, false
	}
	last, gap := &root.Entries[len(root.Entries)-1], "\n"
	for i := range root.Entries {
		e := &root.Entries[i]
		if e.Key.Text == block+"s" && !e.Block {
			return source.Edit{}, false // a list of the other form
		}
		if e.Block && e.Key.Text == block {
			last = e
		}
	}
	return below(tree.Source, last.Span(), gap+b.String()), true
}

// below puts lines below the last line of a span.
func below(f *source.File, s source.Span, text string) source.Edit {
	end := f.Line(f.LineOf(max(int(s.End)-1, int(s.Start)))).End
	return source.Edit{Span: source.Span{Start: end, End: end}, New: broken(f, "\n"+text)}
}

// broken writes a text with the line breaks of a file.
func broken(f *source.File, text string) string {
	return strings.ReplaceAll(text, "\n", lineBreak(f))
}
