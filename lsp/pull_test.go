package lsp

import (
	"fmt"
	"strings"
	"testing"
)

type pulled struct {
	Kind             string
	ResultID         string
	Items            []struct{ Code string }
	RelatedDocuments map[string]struct {
		Kind  string
		Items []struct{ Code string }
	}
}

func (w *wire) pull(u, previous string) pulled {
	w.t.Helper()
	r := w.call("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q},"previousResultId":%q}`, u, previous))
	if r.Error != nil {
		w.t.Fatal(*r.Error)
	}
	return decode[pulled](w.t, r.Result)
}

func TestPull(t *testing.T) {
	dir := folder(t, map[string]string{
		"web/escape.yml": dependant + "build: run.sh\n", "web/run.sh": "#!/bin/sh\nset -eu\necho \"$INPUT_nothing\"\n", "db/escape.yml": needed,
		"bad/escape.yml": "name: bad\nnonsense: 1\n", ".git/HEAD": "",
	})
	w := start(t, dir, `{"textDocument":{"diagnostic":{"relatedDocumentSupport":true}},"workspace":{"diagnostics":{"refreshSupport":true}}}`)
	u, db, script := fileURI(dir)+"/web/escape.yml", fileURI(dir)+"/db/escape.yml", fileURI(dir)+"/web/run.sh"
	w.open(u, "escape-plan", dependant+"build: run.sh\n")
	w.open(script, "shellscript", "#!/bin/sh\nset -eu\necho \"$INPUT_nothing\"\n")
	first := w.pull(u, "")
	if first.Kind != "full" || first.ResultID == "" || len(first.RelatedDocuments) != 1 || len(first.RelatedDocuments[script].Items) == 0 {
		t.Errorf("got %+v", first)
	}
	if again := w.pull(u, first.ResultID); again.Kind != "unchanged" || again.ResultID != first.ResultID {
		t.Errorf("got %+v", again)
	}
	if gone := w.pull("file:///nowhere/escape.yml", ""); gone.Kind != "full" || gone.Items == nil {
		t.Errorf("got %+v", gone)
	}
	// Another document changes what is found: the client is asked to ask.
	w.open(db, "escape-plan", strings.Replace(needed, "address", "place", 1))
	w.until("a refresh", func() bool { return w.asked["workspace/diagnostic/refresh"] > 0 })
	if now := w.pull(u, first.ResultID); now.Kind != "full" || len(now.Items) != len(first.Items)+1 {
		t.Errorf("got %+v, before %+v", now, first)
	}
	// Plans that are not open are told if somebody wants that.
	type report struct {
		Items []struct {
			URI, Kind, ResultID string
			Items               []struct{ Code string }
		}
	}
	ask := func(params string) report {
		r := w.call("workspace/diagnostic", params)
		if r.Error != nil {
			t.Fatal(*r.Error)
		}
		return decode[report](t, r.Result)
	}
	if got := ask(`{"previousResultIds":[]}`); len(got.Items) != 0 {
		t.Errorf("got %+v", got)
	}
	w.notify("workspace/didChangeConfiguration", `{"settings":{"escape":{"workspaceDiagnostics":true}}}`)
	got := ask(`{"previousResultIds":[]}`)
	if len(got.Items) != 1 || !strings.HasSuffix(got.Items[0].URI, "bad/escape.yml") || len(got.Items[0].Items) == 0 {
		t.Fatalf("got %+v", got)
	}
	previous := fmt.Sprintf(`{"previousResultIds":[{"uri":%q,"value":%q},{"uri":"file:///gone/escape.yml","value":"1-a"}]}`, got.Items[0].URI, got.Items[0].ResultID)
	if got := ask(previous); len(got.Items) != 2 || got.Items[0].Kind != "unchanged" || got.Items[1].Kind != "full" || len(got.Items[1].Items) != 0 {
		t.Errorf("got %+v", got)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if list := w.publishedOf(""); len(list) > 0 {
		t.Errorf("findings were sent to a client that asks: %+v", list)
	}
}

// TestPullHoldsBack shows that a client which asks gets half-typed names later.
func TestPullHoldsBack(t *testing.T) {
	w := start(t, "", `{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}`)
	u := "file:///a/escape.yml"
	w.open(u, "escape-plan", "name: a\nversion: 0.0.@\ndescription: b\n\n")
	clean := len(w.pull(u, "").Items)
	w.notify("textDocument/didChange", fmt.Sprintf(
		`{"textDocument":{"uri":%q,"version":2},"contentChanges":[{"range":{"start":{"line":3,"character":0},"end":{"line":3,"character":0}},"text":"inputz: []"},{"range":{"start":{"line":3,"character":6},"end":{"line":3,"character":6}},"text":""}]}`, u))
	if got := w.pull(u, ""); len(got.Items) != clean {
		t.Logf("told at once: %+v", got) // the machine may be slow
	}
	w.until("a refresh", func() bool { return w.asked["workspace/diagnostic/refresh"] > 0 })
	if got := w.pull(u, ""); len(got.Items) != clean+1 {
		t.Errorf("got %+v", got)
	}
}
