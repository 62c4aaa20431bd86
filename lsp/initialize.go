package lsp

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// initializeParams are those parameters of the request "initialize" that the server uses. What has another form than the
// protocol wants is as if it were left out.
type initializeParams struct {
	ProcessID        int    `json:"processId"`
	RootURI          string `json:"rootUri"`
	RootPath         string `json:"rootPath"`
	WorkspaceFolders []struct {
		URI string `json:"uri"`
	} `json:"workspaceFolders"`
	Capabilities clientCapabilities `json:"capabilities"`
	Options      struct {
		ClientCommands []string        `json:"clientCommands"`
		Settings       json.RawMessage `json:"settings"`
	} `json:"initializationOptions"`
}

// clientCapabilities are those that the server asks for.
type clientCapabilities struct {
	General struct {
		PositionEncodings []string `json:"positionEncodings"`
	} `json:"general"`
	TextDocument struct {
		Hover struct {
			ContentFormat []string `json:"contentFormat"`
		} `json:"hover"`
		Diagnostic *struct {
			RelatedDocumentSupport bool `json:"relatedDocumentSupport"`
		} `json:"diagnostic"`
		PublishDiagnostics struct {
			RelatedInformation bool `json:"relatedInformation"`
			TagSupport         struct {
				ValueSet []protocol.DiagnosticTag `json:"valueSet"`
			} `json:"tagSupport"`
			CodeDescriptionSupport bool `json:"codeDescriptionSupport"`
			DataSupport            bool `json:"dataSupport"`
		} `json:"publishDiagnostics"`
		Definition     linkSupport `json:"definition"`
		Declaration    linkSupport `json:"declaration"`
		TypeDefinition linkSupport `json:"typeDefinition"`
		Implementation linkSupport `json:"implementation"`
		DocumentLink   struct {
			TooltipSupport bool `json:"tooltipSupport"`
		} `json:"documentLink"`
		Rename struct {
			PrepareSupport bool `json:"prepareSupport"`
		} `json:"rename"`
		Completion     completionCapabilities `json:"completion"`
		SignatureHelp  signatureCapabilities  `json:"signatureHelp"`
		DocumentSymbol struct {
			Hierarchical bool `json:"hierarchicalDocumentSymbolSupport"`
		} `json:"documentSymbol"`
		FoldingRange struct {
			LineFoldingOnly bool `json:"lineFoldingOnly"`
			RangeLimit      int  `json:"rangeLimit"`
		} `json:"foldingRange"`
		InlayHint  resolving `json:"inlayHint"`
		CodeAction resolving `json:"codeAction"`
	} `json:"textDocument"`
	Window struct {
		WorkDoneProgress bool `json:"workDoneProgress"`
	} `json:"window"`
	Workspace struct {
		Configuration          bool       `json:"configuration"`
		DidChangeWatchedFiles  dynamic    `json:"didChangeWatchedFiles"`
		DidChangeConfiguration dynamic    `json:"didChangeConfiguration"`
		Diagnostics            refreshing `json:"diagnostics"`
		InlayHint              refreshing `json:"inlayHint"`
		CodeLens               refreshing `json:"codeLens"`
		SemanticTokens         refreshing `json:"semanticTokens"`
		WorkspaceEdit          struct {
			DocumentChanges         bool      `json:"documentChanges"`
			ResourceOperations      []string  `json:"resourceOperations"`
			ChangeAnnotationSupport *struct{} `json:"changeAnnotationSupport"`
		} `json:"workspaceEdit"`
		Symbol         resolving `json:"symbol"`
		FileOperations struct {
			WillRename bool `json:"willRename"`
			WillDelete bool `json:"willDelete"`
		} `json:"fileOperations"`
	} `json:"workspace"`
}

// dynamic is what a client can do that lets the server register later, refreshing what lets it ask to ask again, resolving what
// asks for parts of an answer when they are needed.
type (
	dynamic struct {
		DynamicRegistration bool `json:"dynamicRegistration"`
	}
	refreshing struct {
		RefreshSupport bool `json:"refreshSupport"`
	}
	resolving struct {
		ResolveSupport struct {
			Properties []string `json:"properties"`
		} `json:"resolveSupport"`
	}
)

// later reports whether the client asks for a part of an answer when it needs it.
func (r *resolving) later(part string) bool {
	return slices.Contains(r.ResolveSupport.Properties, part)
}

// linkSupport says whether the client can show where a definition was asked for.
type linkSupport struct {
	LinkSupport bool `json:"linkSupport"`
}

// abilities are what the client can do, and what it wants.
type abilities struct {
	clientCapabilities
	utf8           bool     // positions count bytes; otherwise UTF-16 units
	pulls          bool     // the client asks for findings; otherwise they are sent
	clientCommands []string // that lenses and actions may name
}

// initialize answers the request "initialize". Whatever the client sends, it gets a server.
func (s *server) initialize(params []byte) (*protocol.InitializeResult, error) {
	var sent any
	if err := json.Unmarshal(params, &sent); err != nil {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, err.Error())
	}
	var p initializeParams
	take(reflect.ValueOf(&p).Elem(), sent)
	s.can = abilities{
		clientCapabilities: p.Capabilities,
		utf8:               slices.Contains(p.Capabilities.General.PositionEncodings, string(protocol.PositionEncodingKindUTF8)),
		clientCommands:     p.Options.ClientCommands,
	}
	s.choose(p.Options.Settings)
	s.can.pulls = p.Capabilities.TextDocument.Diagnostic != nil && s.settings().pullDiagnostics
	s.setFolders(func([]string) []string { return p.folders() })
	if p.ProcessID > 0 {
		s.watchProcess(p.ProcessID)
	}
	c := s.capabilities()
	c.PositionEncoding = protocol.PositionEncodingKindUTF16
	if s.can.utf8 {
		c.PositionEncoding = protocol.PositionEncodingKindUTF8
	}
	return &protocol.InitializeResult{
		Capabilities: c,
		ServerInfo:   protocol.ServerInfo{Name: "escape", Version: protocol.NewOptional(s.options.Version)},
	}, nil
}

// take sets a value to what the client has sent, by the names of fields as package json does. What has another form is left out.
// Package json would first make encoders and decoders for all these types, which takes as long as the rest of the start.
func take(v reflect.Value, sent any) {
	if sent == nil {
		return
	}
	switch k := v.Kind(); {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		raw, _ := json.Marshal(sent) // which was JSON before
		v.SetBytes(raw)
	case k == reflect.Struct:
		fields, _ := sent.(map[string]any)
		for i := 0; len(fields) > 0 && i < v.NumField(); i++ {
			take(v.Field(i), fields[v.Type().Field(i).Tag.Get("json")])
		}
	case k == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		take(v.Elem(), sent)
	case k == reflect.Slice:
		list, ok := sent.([]any)
		if !ok {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, x := range list {
			take(v.Index(i), x)
		}
	default:
		takeWord(v, sent)
	}
}

func takeWord(v reflect.Value, sent any) {
	switch x := sent.(type) {
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
		}
	case string:
		if v.Kind() == reflect.String {
			v.SetString(x)
		}
	case float64:
		switch {
		case v.CanInt() && x == math.Trunc(x):
			v.SetInt(int64(x))
		case v.CanUint() && x == math.Trunc(x) && x >= 0:
			v.SetUint(uint64(x))
		}
	}
}

// capabilities are what the server offers: documents, and what each feature adds.
func (s *server) capabilities() protocol.ServerCapabilities {
	yes := true
	incremental := protocol.TextDocumentSyncKindIncremental
	c := protocol.ServerCapabilities{
		TextDocumentSync: &protocol.TextDocumentSyncOptions{OpenClose: &yes, Change: &incremental, Save: protocol.Boolean(true)},
	}
	for _, f := range features {
		if f.offer != nil {
			f.offer(s, &c)
		}
	}
	return c
}

// folders returns the folders that the client has open, as paths.
func (p *initializeParams) folders() []string {
	var folders []string
	for _, f := range p.WorkspaceFolders {
		if path := pathOf(f.URI); path != "" {
			folders = append(folders, path)
		}
	}
	switch {
	case p.WorkspaceFolders != nil:
	case p.RootURI != "":
		if path := pathOf(p.RootURI); path != "" {
			folders = append(folders, path)
		}
	case p.RootPath != "":
		folders = append(folders, p.RootPath)
	}
	return folders
}

// Initialized implements the notification "initialized".
func (s *server) Initialized(context.Context, *protocol.InitializedParams) error {
	s.register()
	s.askSettings()
	s.load()
	return nil
}

// SetTrace implements the notification "$/setTrace": there is nothing to trace.
func (s *server) SetTrace(context.Context, *protocol.SetTraceParams) error { return nil }
