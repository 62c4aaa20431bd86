package markertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"
)

// action(place, title, golden) asks for the code actions at a place and does the one whose title begins so.
// The files that it changes are compared with the golden section.
// The documents of the editor stay as they are.
func action(x *Test, c call) {
	a := x.actionAt(c)
	if a == nil {
		return
	}
	resolved, err := x.Server.CodeActionResolve(x.Ctx, a)
	x.check(err)
	if resolved.Edit == nil {
		x.T.Errorf("%v: the action has no edit", c)
		return
	}
	x.golden(c, x.str(c, 2), x.applied(resolved.Edit))
}

// actions(place, golden) lists the titles of all code actions at a place, with their kinds.
// Those that are preferred have a star, and the codes of the findings that they resolve stand behind them.
// Those on the whole document, which are always there, are left out.
func actions(x *Test, c call) {
	var out strings.Builder
	for _, a := range x.actionsAt(x.place(c, 0)) {
		kind := string(*a.Kind)
		if strings.HasPrefix(kind, "source.") || strings.HasPrefix(a.Title, "Convert to") {
			continue
		}
		star := ""
		if a.IsPreferred != nil && *a.IsPreferred {
			star = "*"
		}
		fmt.Fprintf(&out, "%s%s: %s", kind, star, a.Title)
		for _, d := range a.Diagnostics {
			fmt.Fprintf(&out, " (%s)", d.Code)
		}
		out.WriteString("\n")
	}
	x.golden(c, x.str(c, 1), out.String())
}

// actionAt returns the action that a call names, and fails if there is none.
func (x *Test) actionAt(c call) *protocol.CodeAction {
	x.T.Helper()
	var titles []string
	for _, a := range x.actionsAt(x.place(c, 0)) {
		if strings.HasPrefix(a.Title, x.str(c, 1)) {
			return a
		}
		titles = append(titles, a.Title)
	}
	x.T.Errorf("%v: there is no action %q, only %q", c, x.str(c, 1), titles)
	return nil
}

func (x *Test) actionsAt(p place) []*protocol.CodeAction {
	x.T.Helper()
	list, err := x.Server.CodeAction(x.Ctx, &protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: x.URI(p.File)}, Range: Range(x.source(p.File), p.Span),
	})
	x.check(err)
	var out []*protocol.CodeAction
	for _, a := range list {
		a, ok := a.(*protocol.CodeAction)
		if !ok {
			x.T.Errorf("an action is a %T", a)
			continue
		}
		out = append(out, a)
	}
	return out
}

// lenses(golden) lists the code lenses of the document: their lines and titles.
// Those without a title are resolved.
// The line of a lens is shown from its first character.
func lenses(x *Test, c call) {
	u := x.URI(c.file)
	list, err := x.Server.CodeLens(x.Ctx, &protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}})
	x.check(err)
	var out strings.Builder
	for i := range list {
		lens := &list[i]
		if lens.Command.Title == "" {
			lens, err = x.Server.CodeLensResolve(x.Ctx, lens)
			x.check(err)
		}
		fmt.Fprintf(&out, "%d: %s\n", lens.Range.Start.Line+1, lens.Command.Title)
	}
	x.golden(c, x.str(c, 0), out.String())
}

// command(name, golden) runs a command of the server on the document.
// Its result is compared as indented JSON; an error as its text.
// The folder of the test is written as $DIR.
func command(x *Test, c call) {
	argument, err := json.Marshal(x.URI(c.file))
	x.check(err)
	result, err := x.Server.ExecuteCommand(x.Ctx, &protocol.ExecuteCommandParams{Command: x.str(c, 0), Arguments: []protocol.LSPAny{argument}})
	var out bytes.Buffer
	if err != nil {
		out.WriteString(err.Error())
	} else {
		x.check(json.Indent(&out, result, "", "  "))
	}
	x.golden(c, x.str(c, 1), strings.ReplaceAll(out.String(), strings.TrimPrefix(string(x.URI("")), "file://"), "$DIR"))
}
