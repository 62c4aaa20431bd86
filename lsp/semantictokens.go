package lsp

import (
	"context"
	"strconv"
	"sync"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/tokens"
)

var tokensFeature = Feature{
	Name: "Semantic tokens",
	Methods: []string{
		protocol.MethodTextDocumentSemanticTokensFull, protocol.MethodTextDocumentSemanticTokensFullDelta,
		protocol.MethodTextDocumentSemanticTokensRange,
	},
	Doc: "Colours that know more than a grammar: what a name refers to, and whether that exists. Names that do not exist have the " +
		"modifier `unresolved`.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		delta := true
		c.SemanticTokensProvider = &protocol.SemanticTokensOptions{
			Legend: protocol.SemanticTokensLegend{TokenTypes: tokens.Types, TokenModifiers: tokens.Modifiers},
			Full:   &protocol.SemanticTokensFullDelta{Delta: &delta},
			Range:  protocol.Boolean(true),
		}
	},
}

// coloured is what the client was told last of each open document. Results before that are dropped.
type coloured struct {
	mu    sync.Mutex // guards the following
	count uint64
	last  map[string]colours
}

type colours struct {
	id   string
	data []uint32
}

// replace keeps a result and returns its id and the result before.
func (c *coloured) replace(uri string, data []uint32) (id string, was colours) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = map[string]colours{}
	}
	c.count++
	id = strconv.FormatUint(c.count, 10)
	was = c.last[uri]
	c.last[uri] = colours{id, data}
	return id, was
}

func (c *coloured) forget(uri string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.last, uri)
}

// tokens returns the encoded tokens of a document; not nil.
func (s *server) tokens(snap *cache.Snapshot, d *cache.Document, span source.Span) []uint32 {
	return tokens.Encode(d.Source, tokensOf(snap, d, span), !s.can.utf8)
}

func tokensOf(snap *cache.Snapshot, d *cache.Document, span source.Span) []tokens.Token {
	if an := snap.Analyze(d); an != nil {
		return tokens.Of(an.Analysis, span)
	}
	if users := snap.Users(d.Path); len(users) > 0 {
		return tokens.File(users[0].Analysis, d.Source, span)
	}
	return nil
}

func whole(f *source.File) source.Span { return source.Span{End: int32(len(f.Text()))} }

// SemanticTokensFull implements the request "textDocument/semanticTokens/full".
func (s *server) SemanticTokensFull(ctx context.Context, p *protocol.SemanticTokensParams) (*protocol.SemanticTokens, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	data := s.tokens(snap, d, whole(d.Source))
	id, _ := s.colours.replace(d.URI, data)
	return &protocol.SemanticTokens{ResultID: &id, Data: data}, nil
}

// SemanticTokensFullDelta implements the request "textDocument/semanticTokens/full/delta".
func (s *server) SemanticTokensFullDelta(ctx context.Context, p *protocol.SemanticTokensDeltaParams) (protocol.SemanticTokensDeltaResult, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	data := s.tokens(snap, d, whole(d.Source))
	id, was := s.colours.replace(d.URI, data)
	if was.id == "" || was.id != p.PreviousResultID {
		return &protocol.SemanticTokens{ResultID: &id, Data: data}, nil
	}
	out := &protocol.SemanticTokensDelta{ResultID: &id, Edits: []protocol.SemanticTokensEdit{}}
	if start, count, more := tokens.Delta(was.data, data); count > 0 || len(more) > 0 {
		out.Edits = append(out.Edits, protocol.SemanticTokensEdit{Start: uint32(start), DeleteCount: uint32(count), Data: more})
	}
	return out, nil
}

// SemanticTokensRange implements the request "textDocument/semanticTokens/range".
func (s *server) SemanticTokensRange(ctx context.Context, p *protocol.SemanticTokensRangeParams) (*protocol.SemanticTokens, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	return &protocol.SemanticTokens{Data: s.tokens(snap, d, s.can.span(d.Source, p.Range))}, nil
}
