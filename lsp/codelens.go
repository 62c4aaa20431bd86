package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
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
		"them, with `escape.showReferences`.",
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
	_, an := analyzed(ctx, p.TextDocument)
	if an == nil {
		return nil, nil
	}
	var all []protocol.CodeLens
	if slices.Contains(s.can.clientCommands, runCommand) && an.Doc.Path != "" {
		all = append(all, s.runLenses(an)...)
	}
	if slices.Contains(s.can.clientCommands, referencesCommand) {
		all = append(all, s.useLenses(an)...)
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

// A use names a variable whose uses are to be counted.
type use struct {
	URI string `json:"uri"`
	Off int    `json:"off"`
}

// useLenses are those of inputs and outputs, without their counts.
func (s *server) useLenses(an *cache.Analyzed) []protocol.CodeLens {
	var all []protocol.CodeLens
	doc := an.Plan
	for _, list := range [][]*plan.Variable{doc.Inputs, doc.BuildInputs, doc.DeployInputs, doc.Outputs, doc.BuildOutputs, doc.DeployOutputs} {
		for _, v := range list {
			if v == nil || !v.ID.Set() {
				continue
			}
			data, err := json.Marshal(use{an.Doc.URI, int(v.ID.Span().Start)})
			if err == nil {
				all = append(all, protocol.CodeLens{Range: s.can.rangeOf(an.Source, v.ID.Span()), Data: data})
			}
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
	an := snap.Analyze(snap.Document(u.URI))
	if an == nil {
		return lens, nil
	}
	title := "no references"
	lens.Command = protocol.Command{Title: title, Command: referencesCommand}
	return lens, nil
}
