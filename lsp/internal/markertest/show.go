package markertest

import (
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
)

// showWhileTyping asks for what the editor shows by itself.
func showWhileTyping(c *Client, at protocol.TextDocumentPositionParams) error {
	doc := at.TextDocument
	if _, err := c.Server.SemanticTokensFullDelta(c.Ctx, &protocol.SemanticTokensDeltaParams{TextDocument: doc}); err != nil {
		return err
	}
	if _, err := c.Server.DocumentSymbol(c.Ctx, &protocol.DocumentSymbolParams{TextDocument: doc}); err != nil {
		return err
	}
	if _, err := c.Server.FoldingRanges(c.Ctx, &protocol.FoldingRangeParams{TextDocument: doc}); err != nil {
		return err
	}
	near := protocol.Range{Start: protocol.Position{Line: at.Position.Line - min(at.Position.Line, 9)}, End: at.Position}
	if _, err := c.Server.InlayHint(c.Ctx, &protocol.InlayHintParams{TextDocument: doc, Range: near}); err != nil {
		return err
	}
	_, err := c.Server.SelectionRange(c.Ctx, &protocol.SelectionRangeParams{TextDocument: doc, Positions: []protocol.Position{at.Position}})
	return err
}

// doc names the file of a call.
func (x *Test) doc(c call) protocol.TextDocumentIdentifier {
	return protocol.TextDocumentIdentifier{URI: x.URI(c.file)}
}

// withoutMarkers is a text of several lines in one, and without markers.
func withoutMarkers(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if m := marker.FindStringIndex(line); m != nil {
			line = strings.TrimRight(line[:m[0]], " ")
		}
		lines[i] = line
	}
	return strings.Join(lines, "⏎")
}

// tokens(golden) wants the semantic tokens of the file,
// a line for each with its place, text, type and modifiers.
// Those of each line by itself must be the same.
func semanticTokens(x *Test, c call) {
	full, err := x.Server.SemanticTokensFull(x.Ctx, &protocol.SemanticTokensParams{TextDocument: x.doc(c)})
	x.check(err)
	f := x.source(c.file)
	whole := x.tokens(f, full.Data)
	x.golden(c, x.str(c, 0), strings.Join(whole, ""))
	var parts []string
	for n := 1; n <= f.LineCount(); n++ {
		part, err := x.Server.SemanticTokensRange(x.Ctx, &protocol.SemanticTokensRangeParams{TextDocument: x.doc(c), Range: Range(f, f.Line(n))})
		x.check(err)
		for _, t := range x.tokens(f, part.Data) {
			if strings.HasPrefix(t, fmt.Sprintf("%d:", n)) {
				parts = append(parts, t)
			}
		}
	}
	if got, want := strings.Join(parts, ""), strings.Join(whole, ""); got != want {
		x.T.Errorf("%v: line by line the tokens are\n%swant\n%s", c, got, want)
	}
}

// tokens writes encoded tokens as text.
func (x *Test) tokens(f *source.File, data []uint32) []string {
	var legend protocol.SemanticTokensLegend
	if o, ok := x.Init.Capabilities.SemanticTokensProvider.(*protocol.SemanticTokensOptions); ok {
		legend = o.Legend
	} else {
		x.T.Fatal("the server has no semantic tokens")
	}
	var out []string
	line, char := uint32(0), uint32(0)
	for i := 0; i+4 < len(data); i += 5 {
		if data[i] > 0 {
			char = 0
		}
		line, char = line+data[i], char+data[i+1]
		span, _ := Span(f, protocol.Range{Start: protocol.Position{Line: line, Character: char}, End: protocol.Position{Line: line, Character: char + data[i+2]}})
		words := []string{fmt.Sprintf("%d:%d", line+1, char+1), f.Slice(span), legend.TokenTypes[data[i+3]]}
		for bit, name := range legend.TokenModifiers {
			if data[i+4]&(1<<bit) != 0 {
				words = append(words, name)
			}
		}
		out = append(out, strings.Join(words, " ")+"\n")
	}
	return out
}

var symbolKindNames = map[protocol.SymbolKind]string{
	protocol.SymbolKindFile: "file", protocol.SymbolKindModule: "module", protocol.SymbolKindNamespace: "namespace",
	protocol.SymbolKindPackage: "package", protocol.SymbolKindClass: "class", protocol.SymbolKindMethod: "method",
	protocol.SymbolKindProperty: "property", protocol.SymbolKindField: "field", protocol.SymbolKindInterface: "interface",
	protocol.SymbolKindFunction: "function", protocol.SymbolKindVariable: "variable", protocol.SymbolKindKey: "key",
}

// symbols(golden) wants the outline of the file,
// as a tree or, for clients that know none, as a list
// with the container in brackets.
func symbols(x *Test, c call) {
	got, err := x.Server.DocumentSymbol(x.Ctx, &protocol.DocumentSymbolParams{TextDocument: x.doc(c)})
	x.check(err)
	var out strings.Builder
	switch list := got.(type) {
	case protocol.DocumentSymbolSlice:
		x.symbolTree(&out, c, list, "")
	case protocol.SymbolInformationSlice:
		for _, s := range list {
			fmt.Fprintf(&out, "%s %s", symbolKindNames[s.Kind], s.Name)
			if s.ContainerName != nil {
				fmt.Fprintf(&out, " [%s]", *s.ContainerName)
			}
			fmt.Fprintf(&out, " lines %d-%d\n", s.Location.Range.Start.Line+1, s.Location.Range.End.Line+1)
		}
	}
	x.golden(c, x.str(c, 0), out.String())
}

func (x *Test) symbolTree(out *strings.Builder, c call, list protocol.DocumentSymbolSlice, indent string) {
	f := x.source(c.file)
	for _, s := range list {
		all, _ := Span(f, s.Range)
		name, _ := Span(f, s.SelectionRange)
		if !all.Encloses(name) {
			x.T.Errorf("%v: the name of %s does not lie inside of it", c, s.Name)
		}
		fmt.Fprintf(out, "%s%s %s", indent, symbolKindNames[s.Kind], s.Name)
		if s.Detail != nil {
			fmt.Fprintf(out, " (%s)", *s.Detail)
		}
		if len(s.Tags) > 0 {
			out.WriteString(" deprecated")
		}
		fmt.Fprintf(out, " lines %d-%d name %q\n", s.Range.Start.Line+1, s.Range.End.Line+1, f.Slice(name))
		x.symbolTree(out, c, s.Children, indent+"  ")
	}
}

// fold(golden) wants what can be folded in the file,
// a line for each with its lines, its kind, and what is hidden
// if the editor can hide parts of lines.
func fold(x *Test, c call) {
	list, err := x.Server.FoldingRanges(x.Ctx, &protocol.FoldingRangeParams{TextDocument: x.doc(c)})
	x.check(err)
	f := x.source(c.file)
	var out strings.Builder
	for _, r := range list {
		fmt.Fprintf(&out, "%d-%d", r.StartLine+1, r.EndLine+1)
		if r.Kind != "" {
			fmt.Fprintf(&out, " %s", r.Kind)
		}
		if r.StartCharacter != nil && r.EndCharacter != nil {
			span, _ := Span(f, protocol.Range{
				Start: protocol.Position{Line: r.StartLine, Character: *r.StartCharacter},
				End:   protocol.Position{Line: r.EndLine, Character: *r.EndCharacter},
			})
			fmt.Fprintf(&out, " %s", withoutMarkers(f.Slice(span)))
		}
		out.WriteString("\n")
	}
	x.golden(c, x.str(c, 0), out.String())
}

// selection(place, golden) wants what a selection grows to
// that begins as a cursor at the place,
// a line for each step.
func selection(x *Test, c call) {
	p := x.place(c, 0)
	at := x.at(p)
	list, err := x.Server.SelectionRange(x.Ctx, &protocol.SelectionRangeParams{TextDocument: at.TextDocument, Positions: []protocol.Position{at.Position}})
	x.check(err)
	f := x.source(p.File)
	var out strings.Builder
	inner := p.Span
	for r := &list[0]; r != nil; r = r.Parent {
		span, _ := Span(f, r.Range)
		if r != &list[0] && (!span.Encloses(inner) || span == inner) {
			x.T.Errorf("%v: the selection does not grow from %v to %v", c, inner, span)
		}
		inner = span
		fmt.Fprintf(&out, "%s\n", withoutMarkers(f.Slice(span)))
	}
	x.golden(c, x.str(c, 1), out.String())
}

// hints(golden) wants the file with the inlay hints in it, each between ‹ and ›,
// and behind it a line for each hint with where its label leads to and its tooltip.
// A hint of the whole file must be there too if only its line is asked for.
func hints(x *Test, c call) {
	f := x.source(c.file)
	all := x.hints(c, Range(f, source.Span{End: int32(len(f.Text()))}))
	n := 0
	for line := 1; line <= f.LineCount(); line++ {
		n += len(x.hints(c, Range(f, f.Line(line))))
	}
	if n != len(all) {
		x.T.Errorf("%v: line by line there are %d hints, want %d", c, n, len(all))
	}
	var text, list strings.Builder
	at := 0
	for i := range all {
		h := &all[i]
		off, _ := f.OffsetUTF16(int(h.Position.Line), int(h.Position.Character))
		parts := h.Label.(protocol.InlayHintLabelPartSlice)
		label := ""
		for _, p := range parts {
			label += p.Value
		}
		if len(h.Data) > 0 {
			resolved, err := x.Server.InlayHintResolve(x.Ctx, h)
			x.check(err)
			h = resolved
		}
		fmt.Fprintf(&list, "%s", label)
		for _, p := range parts {
			if p.Location.URI != "" {
				fmt.Fprintf(&list, " → %s", x.show(p.Location.URI, p.Location.Range))
			}
		}
		if m, ok := h.Tooltip.(*protocol.MarkupContent); ok {
			fmt.Fprintf(&list, " (%s)", m.Value)
		}
		list.WriteString("\n")
		text.WriteString(f.Text()[at:off] + "‹" + label + "›")
		at = off
	}
	text.WriteString(f.Text()[at:])
	lines := strings.ReplaceAll(withoutMarkers(text.String()), "⏎", "\n")
	x.golden(c, x.str(c, 0), lines+"\n"+list.String())
}

func (x *Test) hints(c call, r protocol.Range) []protocol.InlayHint {
	x.T.Helper()
	list, err := x.Server.InlayHint(x.Ctx, &protocol.InlayHintParams{TextDocument: x.doc(c), Range: r})
	x.check(err)
	return list
}
