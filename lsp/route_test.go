package lsp

import (
	"testing"

	"go.lsp.dev/protocol"
)

func TestFeaturesHaveRoutes(t *testing.T) {
	sent := map[string]bool{ // by the server
		protocol.MethodTextDocumentPublishDiagnostics: true,
		protocol.MethodProgress:                       true,
		protocol.MethodWorkspaceDiagnosticRefresh:     true,
	}
	for _, f := range features {
		for _, method := range f.Methods {
			if routes()[method] == nil && !sent[method] {
				t.Errorf("%s: %s has no route", f.Name, method)
			}
		}
	}
}
