package lsp_test

import (
	"testing"

	"go.lsp.dev/protocol"
)

// A lens about a newer version takes it when it is clicked; not if the plan names another release since.
func TestTakeVersion(t *testing.T) {
	o := open(t, "app/escape.yml", map[string]string{
		"app/escape.yml": "name: demo/app\nversion: 1.0.0\ndepends:\n- demo/db-v1.0.0 as db\n",
		"db/escape.yml":  "name: demo/db\nversion: 1.2.0\n",
	})
	o.Diagnostics(o.uri)
	var lenses []protocol.CodeLens
	for len(lenses) == 0 { // until the other plan is found
		var err error
		if lenses, err = o.Server.CodeLens(o.Ctx, &protocol.CodeLensParams{TextDocument: o.id()}); err != nil {
			t.Fatal(err)
		}
	}
	run := lenses[0].Command
	take := &protocol.ExecuteCommandParams{Command: run.Command, Arguments: run.Arguments}
	if _, err := o.Server.ExecuteCommand(o.Ctx, take); err != nil {
		t.Fatal(err)
	}
	edits := o.Applied()
	if len(edits) != 1 || len(edits[0].DocumentChanges) != 1 {
		t.Fatalf("edits are %v", edits)
	}
	change := edits[0].DocumentChanges[0].(*protocol.TextDocumentEdit).Edits[0].(*protocol.TextEdit)
	if change.NewText != "demo/db-v1.2.0" || change.Range.Start != (protocol.Position{Line: 3, Character: 2}) {
		t.Errorf("it writes %q at %v", change.NewText, change.Range)
	}
	take.Arguments[1] = protocol.LSPAny(`["demo/db-v0.9", "demo/db-v1.2.0"]`)
	if _, err := o.Server.ExecuteCommand(o.Ctx, take); err == nil {
		t.Error("a release is replaced that the plan does not name")
	}
}
