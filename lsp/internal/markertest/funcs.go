package markertest

import (
	"fmt"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
)

// funcs are the functions of markers.
var funcs = map[string]func(*Test, call){
	"loc":    loc,
	"diag":   diagnostic,
	"hover":  hover,
	"tokens": semanticTokens, "symbols": symbols, "fold": fold, "selection": selection, "hints": hints,
	"format": format, "formatRange": formatRange, "typed": typed,
	"complete": completes, "completeOn": completeOn, "accept": accept, "describe": describe, "signature": signature,
	"action": action, "actions": actions, "lenses": lenses, "command": command,
	"def": def, "decl": decl, "typedef": typedef, "impl": impl, "refs": refs, "uses": uses, "highlight": highlight,
	"rename": rename, "norename": norename, "prepare": prepare, "links": links, "linked": linked,
	"callers": callers, "callees": callees, "wsymbols": wsymbols, "move": move, "remove": remove,
}

// whileTyping are the requests that are made while a file is typed. None may fail, whatever the text is like.
var whileTyping = append([]func(*Client, protocol.TextDocumentPositionParams) error{
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.Hover(c.Ctx, &protocol.HoverParams{TextDocumentPositionParams: at})
		return err
	},
	showWhileTyping,
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.Completion(c.Ctx, &protocol.CompletionParams{TextDocumentPositionParams: at})
		return err
	},
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.SignatureHelp(c.Ctx, &protocol.SignatureHelpParams{TextDocumentPositionParams: at})
		return err
	},
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.CodeAction(c.Ctx, &protocol.CodeActionParams{TextDocument: at.TextDocument, Range: protocol.Range{Start: at.Position, End: at.Position}})
		return err
	},
}, navigating...)

// loc(name, place) gives a place a name.
// The name is known in the whole archive,
// also above the line and in other files.
func loc(x *Test, c call) { x.places[x.str(c, 0)] = x.place(c, 1) }

// diag(place, code) and diag(place, code, text) want a finding that covers exactly the place.
// The third argument is a part of its message.
// Findings that no diag names fail the test.
func diagnostic(x *Test, c call) {
	p := x.place(c, 0)
	w := wanted{at: c, span: p.Span, code: x.str(c, 1)}
	if len(c.args) > 2 {
		w.message = x.str(c, 2)
	}
	x.wanted[x.URI(p.File)] = append(x.wanted[x.URI(p.File)], w)
}

// hover(place, covered, golden) asks for the hover at a place.
// It must cover the second place and show the golden section.
// With hover(place, none) there is none.
func hover(x *Test, c call) {
	p := x.place(c, 0)
	got, err := x.Server.Hover(x.Ctx, &protocol.HoverParams{TextDocumentPositionParams: x.at(p)})
	x.check(err)
	if x.str(c, 1) == "none" {
		if got != nil {
			x.T.Errorf("%v: there is a hover: %v", c, got.Contents)
		}
		return
	}
	if got == nil {
		x.T.Errorf("%v: there is no hover", c)
		return
	}
	want := x.place(c, 1)
	f := x.source(p.File)
	if got.Range == nil || *got.Range != Range(f, want.Span) {
		var span source.Span
		if got.Range != nil {
			span, _ = Span(f, *got.Range)
		}
		x.T.Errorf("%v: the hover covers %q, want %q", c, f.Slice(span), f.Slice(want.Span))
	}
	contents, ok := got.Contents.(*protocol.MarkupContent)
	if !ok {
		x.T.Errorf("%v: the contents are %T", c, got.Contents)
		return
	}
	x.golden(c, x.str(c, 2), contents.Value)
}

// show writes a range of a document as "file:line:column-line:column text", for goldens.
func (x *Test) show(u uri.URI, r protocol.Range) string {
	f := x.source(x.Name(u))
	span, ok := Span(f, r)
	if !ok {
		return fmt.Sprintf("%s: no such range: %v", x.Name(u), r)
	}
	words := strings.ReplaceAll(f.Slice(span), "\n", "⏎")
	return fmt.Sprintf("%s:%d:%d-%d:%d %s", x.Name(u), r.Start.Line+1, r.Start.Character+1, r.End.Line+1, r.End.Character+1, words)
}
