package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"go.lsp.dev/protocol"
)

// TestHammer does everything at once, for the race detector: edits, requests that are not waited for, files that change outside
// the editor, folders and settings that come and go.
func TestHammer(t *testing.T) {
	n := 60
	files := map[string]string{"web/escape.yml": dependant + "build: run.sh\n", "web/run.sh": "#!/bin/sh\necho \"$INPUT_url\"\n", "db/escape.yml": needed, ".git/HEAD": ""}
	dir := folder(t, files)
	w := startWith(t, dir, `{"window":{"workDoneProgress":true},"workspace":{"configuration":true,"inlayHint":{"refreshSupport":true}}}`, Options{
		// As if the machine were slow now and then.
		onCall: func(ctx context.Context, method string) {
			if method == protocol.MethodTextDocumentReferences {
				<-ctx.Done()
			}
		},
	})
	uris := []string{fileURI(dir) + "/web/escape.yml", fileURI(dir) + "/web/run.sh", fileURI(dir) + "/db/escape.yml"}
	texts := []string{files["web/escape.yml"], files["web/run.sh"], files["db/escape.yml"]}
	for i, u := range uris {
		w.open(u, "x", texts[i])
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var ids []string
	for i, u := range uris {
		all.Go(func() {
			for v := range n {
				w.set(u, v+2, texts[i]+fmt.Sprintf("# %d\n", v))
			}
		})
	}
	for method, params := range asks {
		all.Go(func() {
			for i := range n / 6 {
				r := `{"start":{"line":1,"character":0},"end":{"line":4,"character":0}}`
				id := w.ask(method, fmt.Sprintf(params+"%.0[2]s%.0[3]s%.0[1]s", quoted(uris[i%len(uris)]), `{"line":2,"character":9}`, r))
				if i%3 == 0 || method == protocol.MethodTextDocumentReferences {
					w.notify("$/cancelRequest", fmt.Sprintf(`{"id":%s}`, id))
				}
				mu.Lock()
				ids = append(ids, id)
				mu.Unlock()
			}
		})
	}
	all.Go(func() {
		for i := range n / 3 {
			write(t, filepath.Join(dir, "db", "escape.yml"), needed+fmt.Sprintf("# %d\n", i))
			w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":2},{"uri":%q,"type":2}]}`, uris[2], fileURI(dir)))
			w.notify("workspace/didChangeConfiguration", `{"settings":{}}`)
			w.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uris[i%3]))
		}
	})
	all.Go(func() {
		for i := range n / 6 {
			kind := []string{"added", "removed"}[i%2]
			w.notify("workspace/didChangeWorkspaceFolders", fmt.Sprintf(`{"event":{"added":[],"removed":[],%q:[{"uri":%q,"name":"x"}]}}`, kind, fileURI(dir)+"/web"))
			u := fmt.Sprintf("untitled:%d", i)
			w.open(u, "escape-plan", "name: a\n")
			w.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, u))
		}
	})
	all.Go(func() {
		for range n / 6 {
			snap := w.server.session.Snapshot()
			_ = w.server.report()
			_ = w.server.status(snap, uris[0])
		}
	})
	all.Wait()
	for _, id := range ids {
		if r := w.wait(id); r.Error != nil && r.Error.Code == -32603 {
			t.Errorf("%+v\n%s", *r.Error, w.log)
		}
	}
	for i, u := range uris {
		w.published(u, n+1)
		if got := w.server.session.Snapshot().Document(u).Source.Text(); got != texts[i]+fmt.Sprintf("# %d\n", n-1) {
			t.Errorf("%s is %q", u, got)
		}
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
}
