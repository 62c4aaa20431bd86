package markertest

import (
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
)

// format(golden) formats the document and compares it with the golden section.
// Formatting the result again must change nothing.
// The document of the editor stays as it is.
func format(x *Test, c call) {
	u := x.URI(c.file)
	edits, err := x.Server.Formatting(x.Ctx, &protocol.DocumentFormattingParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}})
	x.check(err)
	got := x.apply(x.source(c.file), edits)
	x.golden(c, x.str(c, 0), got)
}

// formatRange(place, golden) formats the lines of a place.
// The document is compared with the golden section.
// The document of the editor stays as it is.
func formatRange(x *Test, c call) {
	p := x.place(c, 0)
	f := x.source(p.File)
	edits, err := x.Server.RangeFormatting(x.Ctx, &protocol.DocumentRangeFormattingParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: x.URI(p.File)}, Range: Range(f, p.Span),
	})
	x.check(err)
	x.golden(c, x.str(c, 1), x.apply(f, edits))
}

// typed(place, character, golden) types a character behind a place and asks for formatting; \n stands for a new line.
// The document is compared with the golden section, in which ‸ is where the line with the cursor begins.
// It is then as it was before.
func typed(x *Test, c call) {
	p := x.place(c, 0)
	u := x.URI(p.File)
	before := x.Text(u)
	end := source.Span{Start: p.Span.End, End: p.Span.End}
	x.Edit(u, end, x.str(c, 1))
	f := x.Text(u)
	at := end.Start + int32(len(x.str(c, 1)))
	edits, err := x.Server.OnTypeFormatting(x.Ctx, &protocol.DocumentOnTypeFormattingParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: u}, Position: Range(f, source.Span{Start: at, End: at}).Start, Ch: x.str(c, 1),
	})
	x.check(err)
	line := f.LineOf(int(at))
	out := source.NewFile(f.Name(), x.apply(f, edits))
	words := out.Line(line)
	for words.Start < words.End && (out.Text()[words.Start] == ' ' || out.Text()[words.Start] == '\t') {
		words.Start++
	}
	x.golden(c, x.str(c, 2), out.Text()[:words.Start]+"‸"+out.Text()[words.Start:])
	x.Edit(u, source.Span{End: int32(len(f.Text()))}, before.Text())
}

// apply makes edits of a text, which must not overlap.
func (x *Test) apply(f *source.File, edits []protocol.TextEdit) string {
	x.T.Helper()
	out := make([]source.Edit, len(edits))
	for i, e := range edits {
		span, ok := Span(f, e.Range)
		if !ok {
			x.T.Errorf("%s: no such range: %v", f.Name(), e.Range)
		}
		out[i] = source.Edit{Span: span, New: e.NewText}
	}
	text, err := source.Apply(f.Text(), out)
	x.check(err)
	return text
}

// applied returns the texts of all files that an edit changes, as the archive would write them, in order. A file that is made
// is there with its text, and one that is deleted with "(deleted)".
func (x *Test) applied(edit *protocol.WorkspaceEdit) string {
	x.T.Helper()
	texts := map[string]string{}
	change := func(u uri.URI, edits []protocol.TextEdit) {
		name := x.Name(u)
		f := x.source(name)
		if text, ok := texts[name]; ok {
			f = source.NewFile(name, text)
		}
		texts[name] = x.apply(f, edits)
	}
	for u, edits := range edit.Changes {
		change(u, edits)
	}
	for _, d := range edit.DocumentChanges {
		switch d := d.(type) {
		case *protocol.TextDocumentEdit:
			var edits []protocol.TextEdit
			for _, e := range d.Edits {
				switch e := e.(type) {
				case *protocol.TextEdit:
					edits = append(edits, *e)
				case *protocol.AnnotatedTextEdit:
					edits = append(edits, e.TextEdit)
				default:
					x.T.Errorf("an edit is a %T", e)
				}
			}
			change(d.TextDocument.URI, edits)
		case *protocol.CreateFile:
			texts[x.Name(d.URI)] = ""
		case *protocol.DeleteFile:
			texts[x.Name(d.URI)] = "(deleted)\n"
		case *protocol.RenameFile:
			texts[x.Name(d.NewURI)] = x.source(x.Name(d.OldURI)).Text()
			texts[x.Name(d.OldURI)] = "(renamed)\n"
		}
	}
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	out := ""
	for _, name := range names {
		out += "== " + name + "\n" + texts[name]
	}
	return out
}
