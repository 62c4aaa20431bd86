package lsp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lsp"
)

// What is deployed while the plan is open is shown once the editor tells that the state file has changed.
func TestDeployedMeanwhile(t *testing.T) {
	o := open(t, "escape.yml", map[string]string{
		"escape.yml": "name: demo/app\nversion: 1.0.0\ninputs:\n- id: zone\n  default: eu\n",
	})
	hover := func() string {
		got, err := o.Server.Hover(o.Ctx, &protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
			TextDocument: o.id(), Position: protocol.Position{Line: 3, Character: 7},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return got.Contents.(*protocol.MarkupContent).Value
	}
	for _, zone := range []string{"us", "asia"} {
		if text := hover(); strings.Contains(text, zone) {
			t.Fatalf("before it is deployed, the hover is\n%s", text)
		}
		const state = `{"name": "local", "environments": {"dev": {"name": "dev", "deployments": {"demo/app": {"name": "demo/app", "release": "demo/app",
			"stages": {"deploy": {"calculated_inputs": {"zone": "ZONE"}, "version": "1.0.0", "status": {"status": "ok"}}}}}}}}`
		file := filepath.Join(o.Dir, lsp.StateFile)
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(state, "ZONE", zone)), 0o666); err != nil {
			t.Fatal(err)
		}
		change := protocol.FileEvent{URI: uri.File(file), Type: protocol.FileChangeTypeChanged}
		if err := o.Server.DidChangeWatchedFiles(o.Ctx, &protocol.DidChangeWatchedFilesParams{Changes: []protocol.FileEvent{change}}); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Minute)
		for !strings.Contains(hover(), zone) {
			if time.Now().After(deadline) {
				t.Fatalf("after it was deployed, the hover is\n%s", hover())
			}
		}
	}
}
