package lsp

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/graph"
)

var commandFeature = Feature{
	Name:    "Commands",
	Methods: []string{protocol.MethodWorkspaceExecuteCommand},
	Doc: "`escape.preview` (the release metadata of a plan), `escape.graph` (the packages around it), `escape.convert` (the plan in the " +
		"other notation), `escape.fetch` (what it depends on), `escape.status` (what the server knows) and `escape.report` (a report for " +
		"bugs, without contents). Argument 0 is the URI of a document.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		c.ExecuteCommandProvider = protocol.ExecuteCommandOptions{Commands: slices.Sorted(maps.Keys(commands))}
	},
}

// A command is one that "workspace/executeCommand" knows. It gets the arguments behind the document; its result becomes JSON.
type command struct {
	run func(*server, context.Context, *cache.Snapshot, *cache.Document, []protocol.LSPAny) (any, error)
	// alone says that it also works without a document, which is nil then.
	alone bool
}

var commands = map[string]command{
	"escape.preview": {run: (*server).preview},
	"escape.graph":   {run: (*server).graph},
	"escape.convert": {run: (*server).convert},
	"escape.fetch":   {run: (*server).fetch},
	"escape.status":  {run: (*server).statusOf, alone: true},
	"escape.report":  {run: (*server).bugReport, alone: true},

	takeVersionCommand: {run: (*server).takeVersion},
}

// ExecuteCommand implements the request "workspace/executeCommand".
func (s *server) ExecuteCommand(ctx context.Context, p *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	c, ok := commands[p.Command]
	if !ok {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, fmt.Sprintf("there is no command %q", p.Command))
	}
	snap := snapshotOf(ctx)
	d, err := documentArgument(snap, p.Arguments)
	if err != nil && !c.alone {
		return nil, err
	}
	result, err := c.run(s, ctx, snap, d, p.Arguments[min(1, len(p.Arguments)):])
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// documentArgument returns the document that the first argument of a command names, which need not be open.
func documentArgument(snap *cache.Snapshot, args []protocol.LSPAny) (*cache.Document, error) {
	var u string
	if len(args) == 0 || json.Unmarshal(args[0], &u) != nil {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "the first argument must be the URI of a document")
	}
	if d := snap.Document(u); d != nil {
		return d, nil
	}
	if path := pathOf(u); path != "" {
		if d := snap.File(path); d != nil {
			return d, nil
		}
	}
	return nil, requestFailed("there is no document %s", u)
}

// requestFailed is an error that people see.
func requestFailed(format string, args ...any) error {
	return jsonrpc2.NewError(jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed), fmt.Sprintf(format, args...))
}

// planOf returns what is known of a document that must be a plan.
func planOf(snap *cache.Snapshot, d *cache.Document) (*cache.Analyzed, error) {
	if an := snap.Analyze(d); an != nil {
		return an, nil
	}
	return nil, requestFailed("%s is no plan", filepath.Base(d.Source.Name()))
}

func (s *server) preview(_ context.Context, snap *cache.Snapshot, d *cache.Document, _ []protocol.LSPAny) (any, error) {
	an, err := planOf(snap, d)
	if err != nil {
		return nil, err
	}
	m := graph.Outline(an)
	m.Version, m.BuiltWithEscapeVersion = cmp.Or(m.Version, an.Plan.Version.Value), s.options.Version
	return json.RawMessage(m.EncodeCompact()), nil
}

// A graphNode and a graphEdge are what clients get of those of package graph.
type graphNode struct {
	ID     string          `json:"id"`
	Label  string          `json:"label"`
	Kind   string          `json:"kind"`
	Detail string          `json:"detail,omitempty"`
	URI    string          `json:"uri,omitempty"`
	Range  *protocol.Range `json:"range,omitempty"`
}

type graphEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Kind string `json:"kind"`
}

func (s *server) graph(_ context.Context, snap *cache.Snapshot, d *cache.Document, _ []protocol.LSPAny) (any, error) {
	an, err := planOf(snap, d)
	if err != nil {
		return nil, err
	}
	g := graph.Of(snap, an)
	out := struct {
		Nodes []graphNode `json:"nodes"`
		Edges []graphEdge `json:"edges"`
	}{Nodes: []graphNode{}, Edges: []graphEdge{}}
	for _, n := range g.Nodes {
		node := graphNode{ID: n.ID, Label: n.Label, Kind: n.Kind, Detail: n.Detail}
		if n.File != nil {
			node.URI, node.Range = string(uriOf(snap, n.File)), &protocol.Range{}
		}
		out.Nodes = append(out.Nodes, node)
	}
	for _, e := range g.Edges {
		out.Edges = append(out.Edges, graphEdge{e.From, e.To, e.Kind})
	}
	return out, nil
}

// A converted is a plan in the other notation, and the name of its file.
type converted struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func (s *server) convert(_ context.Context, snap *cache.Snapshot, d *cache.Document, _ []protocol.LSPAny) (any, error) {
	if d.Kind != cache.Plan {
		return nil, requestFailed("%s is no plan", filepath.Base(d.Source.Name()))
	}
	return convertPlan(d.Source)
}

// convertPlan returns a plan in the other notation, or says why that cannot be.
func convertPlan(f *source.File) (converted, error) {
	to, name := syntax.HCL, "escape.hcl"
	if syntax.NotationOf(f.Name()) == syntax.HCL {
		to, name = syntax.YAML, "escape.yml"
	}
	text, findings, err := convert.To(f, to)
	switch {
	case err != nil:
		return converted{}, requestFailed("the plan cannot be written in %s: %v", to, err)
	case findings.HasErrors():
		return converted{}, requestFailed("the plan cannot be read: %s", findings.Sort()[0].Message)
	}
	return converted{name, text}, nil
}

func (s *server) statusOf(_ context.Context, snap *cache.Snapshot, d *cache.Document, _ []protocol.LSPAny) (any, error) {
	if d == nil {
		return s.status(snap, ""), nil
	}
	return s.status(snap, d.URI), nil
}

func (s *server) bugReport(context.Context, *cache.Snapshot, *cache.Document, []protocol.LSPAny) (any, error) {
	return s.report(), nil
}

func (s *server) fetch(ctx context.Context, _ *cache.Snapshot, d *cache.Document, _ []protocol.LSPAny) (any, error) {
	if s.options.Fetch == nil || d.Path == "" {
		return nil, requestFailed("nothing can be fetched here")
	}
	if err := s.options.Fetch(ctx, d.Path); err != nil {
		return nil, requestFailed("%v", err)
	}
	s.session.ChangedAll()
	s.publisher.all()
	return nil, nil
}
