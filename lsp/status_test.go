package lsp

import (
	"fmt"
	"strings"
	"testing"
)

func TestBehaviour25_StatusTellsWhatIsKnown(t *testing.T) {
	plan := "name: a\nversion: 0.0.@\ndescription: a\nbuild: run.sh\ndepends:\n- missing-v1.0.@ as other\n"
	dir := folder(t, map[string]string{"escape.yml": plan, "run.sh": "#!/bin/sh\n", ".git/HEAD": ""})
	w := start(t, dir, "")
	u, script := fileURI(dir)+"/escape.yml", fileURI(dir)+"/run.sh"
	w.open(u, "escape-plan", plan)
	w.open(script, "shellscript", "#!/bin/sh\n")
	w.published(script, 1)
	snap := w.server.session.Snapshot()
	got := w.server.status(snap, u)
	if len(got.Workspaces) != 1 || !got.Workspaces[0].Ready || got.Workspaces[0].Plans != 1 || got.Folders[0] != dir {
		t.Errorf("got %+v", got)
	}
	if d := got.Document; d == nil || d.Kind != "plan" || len(d.Unknown) != 1 || d.Unknown[0].Name != "$other" || d.Unknown[0].Why == "" {
		t.Errorf("got %+v", got.Document)
	}
	if d := w.server.status(snap, script).Document; d == nil || len(d.Plans) != 1 || !strings.HasSuffix(d.Plans[0], "escape.yml") {
		t.Errorf("got %+v", d)
	}
	if got := w.server.status(snap, "untitled:nothing"); got.Document != nil {
		t.Errorf("got %+v", got.Document)
	}
}

func TestBehaviour25_ReportTellsNoSecrets(t *testing.T) {
	dir := folder(t, map[string]string{"escape.yml": "name: hush\n"})
	w := start(t, dir, "")
	u := fileURI(dir) + "/escape.yml"
	w.open(u, "escape-plan", "name: hush\nversion: secret\n")
	w.open("file:///home/somebody/hidden/escape.yml", "escape-plan", "name: hush\n")
	w.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":7}}`, u))
	w.call("hush:{}secret", `{}`)
	w.send(`{"jsonrpc":"2.0","id":"hush: secret","method":"x","params":{"hush":"secret"}}`)
	w.published(u, 1)
	for range 300 {
		w.good()
	}
	w.call("textDocument/nothing", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, u))
	report := w.server.report()
	for _, word := range []string{"hush", "secret", dir, "somebody"} {
		if strings.Contains(report, word) {
			t.Errorf("the report tells %q:\n%s", word, report)
		}
	}
	for _, word := range []string{"textDocument/hover", "answer to textDocument/nothing", "error -32601", "folder 1/escape.yml: version 1", "the last 100 of 6"} {
		if !strings.Contains(report, word) {
			t.Errorf("the report does not tell %q:\n%s", word, report)
		}
	}
}
