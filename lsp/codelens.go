package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

// Commands of the client; it has to list them to get lenses for them.
const (
	runCommand        = "escape.run"
	referencesCommand = "escape.showReferences"
)

var codeLensFeature = Feature{
	Name:    "Code lenses",
	Methods: []string{protocol.MethodTextDocumentCodeLens, protocol.MethodCodeLensResolve},
	Doc: "Above steps and errands: run them, if the client has the command `escape.run`. Above inputs and outputs: how many places use " +
		"them, with `escape.showReferences`. Above dependencies and extensions on one version: that there is a newer one, and to take it.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		yes := true
		c.CodeLensProvider = &protocol.CodeLensOptions{ResolveProvider: &yes}
	},
}

// runs are the commands of Escape that run a step, by field.
var runs = map[string][]string{
	"pre_build": {"run", "build"}, "build": {"run", "build"}, "post_build": {"run", "build"}, "test": {"run", "test"},
	"pre_deploy": {"run", "deploy"}, "deploy": {"run", "deploy"}, "post_deploy": {"run", "deploy"}, "smoke": {"run", "smoke"},
	"pre_destroy": {"run", "destroy"}, "destroy": {"run", "destroy"}, "post_destroy": {"run", "destroy"},
}

// CodeLens implements the request "textDocument/codeLens".
func (s *server) CodeLens(ctx context.Context, p *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	snap, an := analyzed(ctx, p.TextDocument)
	if an == nil {
		return nil, nil
	}
	wanted := s.settings().lens
	var all []protocol.CodeLens
	if wanted.run && slices.Contains(s.can.clientCommands, runCommand) && an.Doc.Path != "" {
		all = append(all, s.runLenses(an)...)
	}
	if wanted.references && slices.Contains(s.can.clientCommands, referencesCommand) {
		all = append(all, s.useLenses(an)...)
	}
	if wanted.versions {
		all = append(all, s.versionLenses(ctx, snap, an)...)
	}
	return all, nil
}

// runLenses offers to run the steps and errands of a plan.
func (s *server) runLenses(an *cache.Analyzed) []protocol.CodeLens {
	var all []protocol.CodeLens
	said := map[string]bool{}
	add := func(at source.Span, words ...string) {
		title := "▶ " + strings.Join(words, " ")
		if said[title] {
			return
		}
		said[title] = true
		argument, err := json.Marshal(struct {
			URI     string   `json:"uri"`
			Command []string `json:"command"`
		}{an.Doc.URI, words})
		if err != nil {
			return
		}
		all = append(all, protocol.CodeLens{
			Range:   s.can.rangeOf(an.Source, at),
			Command: protocol.Command{Title: title, Command: runCommand, Arguments: []protocol.LSPAny{argument}},
		})
	}
	for _, r := range an.Info.Runs() {
		switch {
		case r.Errand != nil:
			add(r.Errand.Name.Span(), "errands", "run", r.Errand.Name.Value)
		case runs[r.Name] != nil:
			add(keyOf(an, r), runs[r.Name]...)
		}
	}
	return all
}

// keyOf is where the name of a step stands.
func keyOf(an *cache.Analyzed, r *check.Run) source.Span {
	at := r.At()
	line := an.Source.Line(an.Source.LineOf(int(at.Start)))
	return source.Span{Start: line.Start, End: line.Start}
}

// A use names the document of a variable whose uses are to be counted; the lens stands on the variable.
type use struct {
	URI string `json:"uri"`
}

// useLenses are those of inputs and outputs, without their counts.
func (s *server) useLenses(an *cache.Analyzed) []protocol.CodeLens {
	var all []protocol.CodeLens
	for _, v := range append(an.Plan.AllInputs(), an.Plan.AllOutputs()...) {
		if !v.ID.Set() {
			continue
		}
		data, err := json.Marshal(use{an.Doc.URI})
		if err == nil {
			all = append(all, protocol.CodeLens{Range: s.can.rangeOf(an.Source, v.ID.Span()), Data: data})
		}
	}
	return all
}

// CodeLensResolve implements the request "codeLens/resolve": it counts the uses of a variable.
func (s *server) CodeLensResolve(ctx context.Context, lens *protocol.CodeLens) (*protocol.CodeLens, error) {
	var u use
	if len(lens.Data) == 0 || json.Unmarshal(lens.Data, &u) != nil {
		return lens, nil
	}
	snap := snapshotOf(ctx)
	d := snap.Document(u.URI)
	if d == nil {
		return lens, nil
	}
	x, ok := symbol.At(snap, d, s.can.offset(d.Source, lens.Range.Start))
	if !ok {
		return lens, nil
	}
	var uses []symbol.Place
	for _, use := range navigate.References(ctx, snap, x).Uses {
		if use.Use != symbol.Declare {
			uses = append(uses, use.Place)
		}
	}
	title := fmt.Sprintf("%d references", len(uses))
	if len(uses) == 1 {
		title = "1 reference"
	}
	lens.Command = protocol.Command{Title: title}
	arguments := []any{u.URI, lens.Range.Start, s.places(snap, uses)}
	if len(uses) > 0 {
		lens.Command.Command = referencesCommand
	}
	for _, a := range arguments {
		raw, err := protocol.Marshal(a)
		if err != nil {
			return nil, err
		}
		lens.Command.Arguments = append(lens.Command.Arguments, raw)
	}
	return lens, nil
}
