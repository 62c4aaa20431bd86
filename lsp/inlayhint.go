package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/hints"
)

var hintsFeature = Feature{
	Name:    "Inlay hints",
	Methods: []string{protocol.MethodTextDocumentInlayHint, protocol.MethodInlayHintResolve},
	Doc:     "Types that nobody wrote, the version that a pattern means now, what expressions give, also where the plan is deployed, and names of parameters.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		resolve := true
		c.InlayHintProvider = &protocol.InlayHintOptions{ResolveProvider: &resolve}
	},
}

// wantedHints are the kinds of hints that the user wants.
func (s *server) wantedHints() hints.Kinds {
	h := s.settings().hints
	return hints.Kinds{Types: h.types, Versions: h.versions, Values: h.values, Parameters: h.parameters}
}

// hintData says which hint is to be resolved.
type hintData struct {
	URI   string     `json:"uri"`
	Off   int        `json:"off"`
	Kind  hints.Kind `json:"kind"`
	Label string     `json:"label"`
}

// InlayHint implements the request "textDocument/inlayHint".
func (s *server) InlayHint(ctx context.Context, p *protocol.InlayHintParams) ([]protocol.InlayHint, error) {
	snap, an := analyzed(ctx, p.TextDocument)
	out := []protocol.InlayHint{}
	if an == nil {
		return out, nil
	}
	later := s.can.TextDocument.InlayHint.later("tooltip")
	for _, h := range hints.Of(an, s.can.span(an.Source, p.Range), s.wantedHints(), s.recorder(ctx, snap)) {
		one := s.hint(snap, an, &h)
		if later {
			data, err := json.Marshal(hintData{string(p.TextDocument.URI), h.Off, h.Kind, h.Text()})
			if err != nil {
				return nil, err
			}
			one.Data = protocol.LSPAny(data)
		} else {
			one.Tooltip = s.tooltip(&h)
		}
		out = append(out, one)
	}
	return out, nil
}

// hint converts a hint, without its tooltip.
func (s *server) hint(snap *cache.Snapshot, an *cache.Analyzed, h *hints.Hint) protocol.InlayHint {
	yes := true
	one := protocol.InlayHint{Position: s.can.position(an.Source, h.Off), Kind: protocol.InlayHintKindType}
	parts := make(protocol.InlayHintLabelPartSlice, len(h.Label))
	for i, p := range h.Label {
		parts[i].Value = p.Text
		if p.File != nil {
			parts[i].Location = location(snap, &s.can, p.File, p.Span)
		}
	}
	one.Label = parts
	switch h.Kind {
	case hints.Parameter:
		one.Kind, one.PaddingRight = protocol.InlayHintKindParameter, &yes
	case hints.Value, hints.Version:
		one.PaddingLeft = &yes
	}
	return one
}

func (s *server) tooltip(h *hints.Hint) protocol.InlayHintTooltip {
	return s.can.markup(func(markdown bool) string {
		if markdown {
			return h.Tooltip
		}
		return strings.ReplaceAll(h.Tooltip, "`", "")
	})
}

// InlayHintResolve implements the request "inlayHint/resolve". A hint that is no longer there stays as it is.
func (s *server) InlayHintResolve(ctx context.Context, p *protocol.InlayHint) (*protocol.InlayHint, error) {
	var data hintData
	if json.Unmarshal(p.Data, &data) != nil {
		return p, nil
	}
	snap, an := analyzed(ctx, protocol.TextDocumentIdentifier{URI: uri.URI(data.URI)})
	if an == nil || data.Off < 0 || data.Off > len(an.Source.Text()) {
		return p, nil
	}
	at := source.Span{Start: int32(data.Off), End: int32(data.Off)}
	for _, h := range hints.Of(an, at, s.wantedHints(), s.recorder(ctx, snap)) {
		if h.Kind == data.Kind && h.Text() == data.Label {
			p.Tooltip = s.tooltip(&h)
		}
	}
	return p, nil
}
