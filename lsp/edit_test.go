package lsp

import (
	"fmt"
	"strings"
	"testing"
)

// TestEditsOfForeignURIs: a document whose URI the client writes in its own way is edited like any other.
func TestEditsOfForeignURIs(t *testing.T) {
	w := start(t, "", `{"workspace":{"workspaceEdit":{"documentChanges":true,"changeAnnotationSupport":{}}}}`)
	u := "file:///a%2Db/escape.yml"
	w.open(u, "escape-plan", "name: a\nversion: 0.1.@\ninputs:\n- id: host\n  default: x\n")
	r := w.call("textDocument/rename", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":3,"character":7},"newName":"other"}`, u))
	got := string(r.Result)
	if !strings.Contains(got, `"version":1`) || !strings.Contains(got, u) || strings.Contains(got, "annotationId") {
		t.Errorf("the edit is %s (%+v)", got, r.Error)
	}
}
