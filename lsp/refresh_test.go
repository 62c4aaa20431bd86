package lsp

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestRefreshIsOne: a client that does not answer is not asked to ask again while it has not; then it is asked once more.
func TestRefreshIsOne(t *testing.T) {
	const refresh = "workspace/inlayHint/refresh"
	dir := folder(t, map[string]string{"escape.yml": "name: a\nversion: 1.0.0\n", ".git/HEAD": ""})
	w := connect(t, Options{})
	w.mute = refresh
	w.initialize(dir, `{"workspace":{"inlayHint":{"refreshSupport":true},"didChangeWatchedFiles":{"dynamicRegistration":true}}}`, "")
	changed := fmt.Sprintf(`{"changes":[{"uri":%q,"type":2}]}`, fileURI(filepath.Join(dir, "escape.yml")))
	for want := 1; want <= 3; want++ {
		w.until("a request to ask again", func() bool { return w.asked[refresh] >= want })
		for range 10 {
			w.notify("workspace/didChangeWatchedFiles", changed)
		}
		w.good()
		w.mu.Lock()
		got := w.asked[refresh]
		var id string
		for _, m := range w.told {
			if m.Method == refresh {
				id = string(m.ID)
			}
		}
		w.mu.Unlock()
		if got != want {
			t.Fatalf("%d requests when %d were answered", got, want-1)
		}
		w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":null}`, id))
	}
}
