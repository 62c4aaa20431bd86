package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/complete"
)

var signatureFeature = Feature{
	Name:    "Signature help",
	Methods: []string{protocol.MethodTextDocumentSignatureHelp},
	Doc:     "The parameters of the function whose call is being written, with the one at the cursor.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		c.SignatureHelpProvider = &protocol.SignatureHelpOptions{
			TriggerCharacters: []string{"(", ","}, RetriggerCharacters: []string{",", ")"},
		}
	},
}

// signatureCapabilities are what the client can show of signatures.
type signatureCapabilities struct {
	SignatureInformation struct {
		DocumentationFormat  []string `json:"documentationFormat"`
		ParameterInformation struct {
			LabelOffsetSupport bool `json:"labelOffsetSupport"`
		} `json:"parameterInformation"`
		NoActiveParameterSupport bool `json:"noActiveParameterSupport"`
	} `json:"signatureInformation"`
}

// SignatureHelp implements the request "textDocument/signatureHelp".
func (s *server) SignatureHelp(ctx context.Context, p *protocol.SignatureHelpParams) (*protocol.SignatureHelp, error) {
	snap, d := document(ctx, p.TextDocument)
	an := snap.Latest(d)
	if an == nil {
		return nil, nil
	}
	call, ok := complete.Signature(complete.Request{
		Source: d.Source, Offset: s.can.offset(d.Source, p.Position), Notation: an.Syntax.Notation,
	})
	if !ok {
		return nil, nil
	}
	can := &s.can.TextDocument.SignatureHelp.SignatureInformation
	info := protocol.SignatureInformation{Label: call.Label, Documentation: s.markup(complete.Function(call.Function, an.Syntax.Notation), can.DocumentationFormat)}
	for i, span := range call.Params {
		param := protocol.ParameterInformation{Label: protocol.String(call.Label[span[0]:span[1]])}
		if can.ParameterInformation.LabelOffsetSupport {
			param.Label = protocol.ParameterInformationLabelTuple{uint32(span[0]), uint32(span[1])}
		}
		if i < len(call.Docs) && call.Docs[i] != "" {
			param.Documentation = s.markup(call.Docs[i], can.DocumentationFormat)
		}
		info.Parameters = append(info.Parameters, param)
	}
	out := &protocol.SignatureHelp{Signatures: []protocol.SignatureInformation{info}}
	switch {
	case call.Active >= 0:
		out.ActiveParameter = protocol.NewNullable(uint32(call.Active))
	case can.NoActiveParameterSupport:
		out.ActiveParameter = protocol.NullNullable[uint32]()
	default: // one that is not there
		out.ActiveParameter = protocol.NewNullable(uint32(len(call.Params)))
	}
	return out, nil
}
