package markertest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
)

// cursor marks where the cursor is in a text that a marker types.
const cursor = "‸"

// complete(place, text, golden) types a text in the place of a place and asks for completion at its end, or at ‸ in it.
// The golden section has what is replaced, and the first items with their details.
// The document is then as it was before. With complete(place, golden) nothing is typed.
func completes(x *Test, c call) {
	x.golden(c, x.str(c, len(c.args)-1), x.withTyped(c, func(f *source.File, at protocol.TextDocumentPositionParams) string {
		return x.shown(f, x.completion(at, ""))
	}))
}

// completeOn(place, text, character, golden) is complete, but for a character that the client asks for by itself.
// It is the last one of the text.
// With the golden section none there must be no items.
func completeOn(x *Test, c call) {
	got := x.withTyped(c, func(f *source.File, at protocol.TextDocumentPositionParams) string {
		return x.shown(f, x.completion(at, x.str(c, 2)))
	})
	if x.str(c, 3) == "none" {
		if strings.Count(got, "\n") > 1 {
			x.T.Errorf("%v: there are items:\n%s", c, got)
		}
		return
	}
	x.golden(c, x.str(c, 3), got)
}

// accept(place, text, label, golden) types a text as complete does and accepts the item that is called label.
// Snippets are filled with their defaults; ‸ is where the cursor is then.
// The lines that are then different are compared with the golden section.
func accept(x *Test, c call) {
	x.golden(c, x.str(c, 3), x.withTyped(c, func(f *source.File, at protocol.TextDocumentPositionParams) string {
		list := x.completion(at, "")
		for i := range list.Items {
			if list.Items[i].Label == x.str(c, 2) {
				return changedLines(f.Text(), x.Accept(f, list, &list.Items[i]))
			}
		}
		x.T.Errorf("%v: there is no item %q, only\n%s", c, x.str(c, 2), x.shown(f, list))
		return ""
	}))
}

// describe(place, text, label, golden) types a text as complete does and resolves the item that is called label.
// The golden section has its documentation.
// The document is then as it was before.
func describe(x *Test, c call) {
	x.golden(c, x.str(c, 3), x.withTyped(c, func(f *source.File, at protocol.TextDocumentPositionParams) string {
		list := x.completion(at, "")
		i := slices.IndexFunc(list.Items, func(it protocol.CompletionItem) bool { return it.Label == x.str(c, 2) })
		if i < 0 {
			x.T.Errorf("%v: there is no item %q, only\n%s", c, x.str(c, 2), x.shown(f, list))
			return ""
		}
		it, err := x.Server.CompletionResolve(x.Ctx, &list.Items[i])
		x.check(err)
		return documentation(it.Documentation)
	}))
}

// signature(place, text, golden) types a text as complete does and asks for signature help.
// The golden section has the signature, with the parameter at the cursor in ‹›, and what is said of it.
// With the golden section none there must be no help.
func signature(x *Test, c call) {
	got := x.withTyped(c, func(_ *source.File, at protocol.TextDocumentPositionParams) string {
		help, err := x.Server.SignatureHelp(x.Ctx, &protocol.SignatureHelpParams{TextDocumentPositionParams: at})
		x.check(err)
		if help == nil {
			return ""
		}
		info := help.Signatures[0]
		label, doc := info.Label, ""
		if n, ok := help.ActiveParameter.Get(); ok && int(n) < len(info.Parameters) {
			p := info.Parameters[n]
			doc = documentation(p.Documentation)
			switch l := p.Label.(type) {
			case protocol.ParameterInformationLabelTuple:
				label = label[:l[0]] + "‹" + label[l[0]:l[1]] + "›" + label[l[1]:]
			case protocol.String:
				label = strings.Replace(label, string(l), "‹"+string(l)+"›", 1)
			}
		}
		return strings.TrimSpace(label+"\n"+doc) + "\n"
	})
	name := x.str(c, len(c.args)-1)
	if name == "none" {
		if got != "" {
			x.T.Errorf("%v: there is a signature: %s", c, got)
		}
		return
	}
	x.golden(c, name, got)
}

func documentation(doc protocol.InlayHintTooltip) string {
	switch d := doc.(type) {
	case *protocol.MarkupContent:
		return d.Value
	case protocol.String:
		return string(d)
	}
	return ""
}

// withTyped types the text of a call in the place of its place, calls fn with the position of the cursor, and takes it back.
func (x *Test) withTyped(c call, fn func(*source.File, protocol.TextDocumentPositionParams) string) string {
	x.T.Helper()
	p := x.place(c, 0)
	u := x.URI(p.File)
	before := x.Text(u)
	text := before.Slice(p.Span)
	if len(c.args) > 2 {
		text = x.str(c, 1)
	}
	at := strings.Index(text, cursor)
	if at < 0 {
		at = len(text)
	}
	text = strings.Replace(text, cursor, "", 1)
	if text != before.Slice(p.Span) {
		x.Edit(u, p.Span, text)
		defer func() {
			x.Edit(u, source.Span{Start: p.Span.Start, End: p.Span.Start + int32(len(text))}, before.Slice(p.Span))
		}()
	}
	f := x.Text(u)
	off := p.Span.Start + int32(at)
	return fn(f, protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: u}, Position: Range(f, source.Span{Start: off, End: off}).Start,
	})
}

// completion asks for completion, because of a character if that is not empty.
func (x *Test) completion(at protocol.TextDocumentPositionParams, character string) *protocol.CompletionList {
	x.T.Helper()
	p := &protocol.CompletionParams{TextDocumentPositionParams: at, Context: protocol.CompletionContext{TriggerKind: protocol.CompletionTriggerKindInvoked}}
	if character != "" {
		p.Context = protocol.CompletionContext{TriggerKind: protocol.CompletionTriggerKindTriggerCharacter, TriggerCharacter: &character}
	}
	got, err := x.Server.Completion(x.Ctx, p)
	x.check(err)
	list, ok := got.(*protocol.CompletionList)
	if !ok {
		x.T.Fatalf("completion gives %T", got)
	}
	return list
}

// maxShown is how many items a golden section has.
const maxShown = 12

func (x *Test) shown(f *source.File, list *protocol.CompletionList) string {
	var out strings.Builder
	items := slices.Clone(list.Items)
	slices.SortStableFunc(items, func(a, b protocol.CompletionItem) int {
		s, _ := a.SortText.Get()
		t, _ := b.SortText.Get()
		return strings.Compare(s, t)
	})
	if len(items) > 0 {
		insert, replace, _ := edit(list, &items[0])
		a, _ := Span(f, insert)
		b, _ := Span(f, replace)
		fmt.Fprintf(&out, "replaces %q", f.Slice(a))
		if a != b {
			fmt.Fprintf(&out, " or %q", f.Slice(b))
		}
		if list.IsIncomplete {
			out.WriteString(", incomplete")
		}
	}
	out.WriteString("\n")
	for i, it := range items {
		if i == maxShown {
			fmt.Fprintf(&out, "… %d\n", len(items)-i)
			break
		}
		out.WriteString(it.Label)
		if detail, ok := it.Detail.Get(); ok {
			out.WriteString("  " + detail)
		}
		if len(it.Tags) > 0 {
			out.WriteString("  (deprecated)")
		}
		out.WriteString("\n")
	}
	return out.String()
}

// edit returns what an item replaces, what it replaces if it is to replace the whole word, and the text.
func edit(list *protocol.CompletionList, it *protocol.CompletionItem) (insert, replace protocol.Range, text string) {
	switch e := it.TextEdit.(type) {
	case *protocol.TextEdit:
		return e.Range, e.Range, e.NewText
	case *protocol.InsertReplaceEdit:
		return e.Insert, e.Replace, e.NewText
	}
	text = it.Label
	if t, ok := it.TextEditText.Get(); ok {
		text = t
	}
	if list.ItemDefaults != nil {
		switch r := list.ItemDefaults.EditRange.(type) {
		case *protocol.Range:
			return *r, *r, text
		case *protocol.EditRangeWithInsertReplace:
			return r.Insert, r.Replace, text
		}
	}
	return insert, replace, text
}

// Accept returns a text after an item was accepted, with the cursor in it.
func (x *Test) Accept(f *source.File, list *protocol.CompletionList, it *protocol.CompletionItem) string {
	x.T.Helper()
	insert, _, text := edit(list, it)
	span, ok := Span(f, insert)
	if !ok {
		x.T.Fatalf("%q replaces %v", it.Label, insert)
	}
	if it.InsertTextFormat == protocol.InsertTextFormatSnippet {
		text = Filled(text)
	} else {
		text += cursor
	}
	return f.Text()[:span.Start] + text + f.Text()[span.End:]
}

var (
	placeholder = regexp.MustCompile(`\$\{\d+:([^}]*)\}`)
	tabStop     = regexp.MustCompile(`\$\d+|\$\{\d+\}`)
)

// Filled returns a snippet with its defaults; the first tab stop is the cursor.
func Filled(snippet string) string {
	const dollar, brace, slash = "\x01", "\x02", "\x03"
	s := strings.NewReplacer(`\\`, slash, `\$`, dollar, `\}`, brace).Replace(snippet)
	first := -1
	if m := regexp.MustCompile(`\$\{?[1-9]|\$\{?0`).FindStringIndex(s); m != nil {
		first = m[0]
		if n := strings.Index(s, "$1"); n >= 0 {
			first = n
		} else if n := strings.Index(s, "${1"); n >= 0 {
			first = n
		}
		s = s[:first] + cursor + s[first:]
	}
	s = placeholder.ReplaceAllString(s, "$1")
	s = tabStop.ReplaceAllString(s, "")
	return strings.NewReplacer(slash, `\`, dollar, "$", brace, "}").Replace(s)
}

// changedLines returns the lines of a text that are not those of another at its start and end.
func changedLines(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for i := range b {
		if m := marker.FindStringIndex(b[i]); m != nil {
			b[i] = strings.TrimRight(b[i][:m[0]], " ")
		}
	}
	return strings.Join(b, "\n") + "\n"
}
