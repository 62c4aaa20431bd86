package lsp

import (
	"context"
	"fmt"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// A route decodes the parameters of a message and calls its handler.
type route func(ctx context.Context, s *server, params []byte) (any, error)

// routes are the handlers of all messages but those that the shell handles itself. The dispatcher of package protocol does the
// same for twice as many, and the code for their types would be a good part of the program.
var routes = sync.OnceValue(func() map[string]route {
	return map[string]route{
		protocol.MethodTextDocumentDeclaration:             onRequest((*server).Declaration),
		protocol.MethodTextDocumentDefinition:              onRequest((*server).Definition),
		protocol.MethodTextDocumentTypeDefinition:          onRequest((*server).TypeDefinition),
		protocol.MethodTextDocumentImplementation:          onRequest((*server).Implementation),
		protocol.MethodTextDocumentReferences:              onRequest((*server).References),
		protocol.MethodTextDocumentPrepareCallHierarchy:    onRequest((*server).PrepareCallHierarchy),
		protocol.MethodCallHierarchyIncomingCalls:          onRequest((*server).IncomingCalls),
		protocol.MethodCallHierarchyOutgoingCalls:          onRequest((*server).OutgoingCalls),
		protocol.MethodTextDocumentDocumentHighlight:       onRequest((*server).DocumentHighlight),
		protocol.MethodTextDocumentDocumentLink:            onRequest((*server).DocumentLink),
		protocol.MethodTextDocumentHover:                   onRequest((*server).Hover),
		protocol.MethodTextDocumentCodeLens:                onRequest((*server).CodeLens),
		protocol.MethodCodeLensResolve:                     onRequest((*server).CodeLensResolve),
		protocol.MethodTextDocumentFoldingRange:            onRequest((*server).FoldingRanges),
		protocol.MethodTextDocumentSelectionRange:          onRequest((*server).SelectionRange),
		protocol.MethodTextDocumentDocumentSymbol:          onRequest((*server).DocumentSymbol),
		protocol.MethodTextDocumentSemanticTokensFull:      onRequest((*server).SemanticTokensFull),
		protocol.MethodTextDocumentSemanticTokensFullDelta: onRequest((*server).SemanticTokensFullDelta),
		protocol.MethodTextDocumentSemanticTokensRange:     onRequest((*server).SemanticTokensRange),
		protocol.MethodTextDocumentInlayHint:               onRequest((*server).InlayHint),
		protocol.MethodInlayHintResolve:                    onRequest((*server).InlayHintResolve),
		protocol.MethodTextDocumentCompletion:              onRequest((*server).Completion),
		protocol.MethodCompletionItemResolve:               onRequest((*server).CompletionResolve),
		protocol.MethodTextDocumentDiagnostic:              onRequest((*server).Diagnostic),
		protocol.MethodWorkspaceDiagnostic:                 onRequest((*server).DiagnosticWorkspace),
		protocol.MethodTextDocumentSignatureHelp:           onRequest((*server).SignatureHelp),
		protocol.MethodTextDocumentCodeAction:              onRequest((*server).CodeAction),
		protocol.MethodCodeActionResolve:                   onRequest((*server).CodeActionResolve),
		protocol.MethodTextDocumentFormatting:              onRequest((*server).Formatting),
		protocol.MethodTextDocumentRangeFormatting:         onRequest((*server).RangeFormatting),
		protocol.MethodTextDocumentRangesFormatting:        onRequest((*server).RangesFormatting),
		protocol.MethodTextDocumentOnTypeFormatting:        onRequest((*server).OnTypeFormatting),
		protocol.MethodTextDocumentRename:                  onRequest((*server).Rename),
		protocol.MethodTextDocumentPrepareRename:           onRequest((*server).PrepareRename),
		protocol.MethodTextDocumentLinkedEditingRange:      onRequest((*server).LinkedEditingRange),
		protocol.MethodWorkspaceSymbol:                     onRequest((*server).Symbols),
		protocol.MethodWorkspaceSymbolResolve:              onRequest((*server).WorkspaceSymbolResolve),
		protocol.MethodWorkspaceWillRenameFiles:            onRequest((*server).WillRenameFiles),
		protocol.MethodWorkspaceWillDeleteFiles:            onRequest((*server).WillDeleteFiles),
		protocol.MethodWorkspaceExecuteCommand:             onRequest((*server).ExecuteCommand),

		protocol.MethodInitialized:                        onNotification((*server).Initialized),
		protocol.MethodSetTrace:                           onNotification((*server).SetTrace),
		protocol.MethodWindowWorkDoneProgressCancel:       onNotification((*server).WorkDoneProgressCancel),
		protocol.MethodTextDocumentDidOpen:                onNotification((*server).DidOpen),
		protocol.MethodTextDocumentDidChange:              onNotification((*server).DidChange),
		protocol.MethodTextDocumentDidSave:                onNotification((*server).DidSave),
		protocol.MethodTextDocumentDidClose:               onNotification((*server).DidClose),
		protocol.MethodWorkspaceDidChangeConfiguration:    onNotification((*server).DidChangeConfiguration),
		protocol.MethodWorkspaceDidChangeWorkspaceFolders: onNotification((*server).DidChangeWorkspaceFolders),
		protocol.MethodWorkspaceDidCreateFiles:            onNotification((*server).DidCreateFiles),
		protocol.MethodWorkspaceDidRenameFiles:            onNotification((*server).DidRenameFiles),
		protocol.MethodWorkspaceDidDeleteFiles:            onNotification((*server).DidDeleteFiles),
		protocol.MethodWorkspaceDidChangeWatchedFiles:     onNotification((*server).DidChangeWatchedFiles),
	}
})

// errUnknown is the answer to a request that is not offered.
var errUnknown = jsonrpc2.NewError(jsonrpc2.ErrMethodNotFound.Code, "there is no such method")

// onRequest is the route of a request.
func onRequest[P, R any](handle func(*server, context.Context, *P) (R, error)) route {
	return func(ctx context.Context, s *server, params []byte) (any, error) {
		p, err := decoded[P](params)
		if err != nil {
			return nil, err
		}
		return handle(s, ctx, p)
	}
}

// onNotification is the route of a notification.
func onNotification[P any](handle func(*server, context.Context, *P) error) route {
	return func(ctx context.Context, s *server, params []byte) (any, error) {
		p, err := decoded[P](params)
		if err != nil {
			return nil, err
		}
		return nil, handle(s, ctx, p)
	}
}

func decoded[P any](params []byte) (*P, error) {
	p := new(P)
	if err := protocol.Unmarshal(params, p); err != nil {
		return nil, fmt.Errorf("%w: %w", jsonrpc2.ErrParse, err)
	}
	return p, nil
}

// dispatch calls the handler of a message.
func (s *server) dispatch(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	if ctx.Err() != nil {
		return nil, protocol.ErrRequestCancelled
	}
	handle := routes()[req.Method()]
	if handle == nil {
		return nil, errUnknown
	}
	return handle(ctx, s, req.Params())
}
