package lsp

import "go.lsp.dev/protocol"

// A Feature is something that the server does for an editor.
type Feature struct {
	// Name is what people call it, and Methods are those of the protocol.
	Name    string
	Methods []string
	// Doc says in one or two sentences what comes out.
	Doc string

	// offer adds it to the capabilities; nil if nothing has to be said.
	offer func(*server, *protocol.ServerCapabilities)
}

// features are all features, in the order of the reference. Each stands in the file of its handler.
var features = []Feature{
	diagnosticsFeature,
	pullFeature,
	workspaceFeature,
	progressFeature,
	hoverFeature,
	completionFeature,
	signatureFeature,
	tokensFeature,
	symbolsFeature,
	foldingFeature,
	selectionFeature,
	hintsFeature,
	formattingFeature,
	codeActionFeature,
	codeLensFeature,
	commandFeature,
	definitionFeature,
	declarationFeature,
	typeDefinitionFeature,
	implementationFeature,
	referencesFeature,
	highlightFeature,
	renameFeature,
	linkedEditingFeature,
	callHierarchyFeature,
	workspaceSymbolFeature,
	documentLinkFeature,
	filesFeature,
}

// Features returns all features, in the order of the reference.
func Features() []Feature { return features }
