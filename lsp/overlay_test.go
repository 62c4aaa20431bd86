package lsp

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// publishedColumns sets a text and returns the columns of what is found in it.
func (w *wire) publishedColumns(t *testing.T, u string, version int, text string) string {
	t.Helper()
	w.set(u, version, text)
	var list []string
	for _, d := range w.published(u, version).Diagnostics {
		r := decode[struct{ Start, End struct{ Character int } }](t, d.Range)
		list = append(list, fmt.Sprintf("%d-%d", r.Start.Character, r.End.Character))
	}
	return strings.Join(list, " ")
}

// TestUnsavedConfiguration: the configuration of the linter counts as it is typed; while it cannot be read, as it was saved. Its own
// mistakes are shown in it, and nowhere else.
func TestUnsavedConfiguration(t *testing.T) {
	const off, undescribed = "levels:\n  no-description: off\n", "ESC6140"
	text := "name: a\nversion: 0.0.@\n"
	for _, pulls := range []bool{false, true} {
		t.Run(fmt.Sprintf("pulls=%v", pulls), func(t *testing.T) {
			dir := folder(t, map[string]string{"a/escape.yml": text, ".git/HEAD": ""})
			can := `{}`
			if pulls {
				can = `{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}`
			}
			w := start(t, dir, can)
			u, configuration := fileURI(dir)+"/a/escape.yml", fileURI(dir)+"/.escapelint.yml"
			w.open(u, "escape-plan", text)
			found := func(want bool) {
				t.Helper()
				if !pulls {
					w.untilFound(u, undescribed, want)
					return
				}
				w.until(fmt.Sprintf("%s: %v", undescribed, want), func() bool {
					w.mu.Unlock()
					defer w.mu.Lock()
					r := w.call("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, u))
					return strings.Contains(string(r.Result), undescribed) == want
				})
			}
			refreshed := func(n int) {
				t.Helper()
				if pulls {
					w.until("a request to ask again", func() bool { return w.asked["workspace/diagnostic/refresh"] >= n })
				}
			}
			found(true)
			w.open(configuration, "yaml", "levels: {}\n")
			found(true)
			w.set(configuration, 2, off)
			refreshed(1)
			found(false)
			w.set(configuration, 3, "levels: {}\n")
			refreshed(2)
			found(true)
			w.set(configuration, 4, off)
			refreshed(3)
			found(false)
			write(t, filepath.Join(dir, ".escapelint.yml"), off)
			w.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, configuration))
			w.set(configuration, 5, off+"nonsense: [")
			found(false)
			w.set(configuration, 6, "{}\n")
			found(true)
			w.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, configuration))
			found(false)
			if err := os.Remove(filepath.Join(dir, ".escapelint.yml")); err != nil {
				t.Fatal(err)
			}
			w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":3}]}`, configuration))
			found(true)
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, m := range w.told {
				if m.Method == "window/showMessage" {
					t.Errorf("the user is told: %s", m.Params)
				}
			}
		})
	}
}

// TestUnsavedTextsWin: scripts, templates and other plans count as they are typed, also those that were never saved.
func TestUnsavedTextsWin(t *testing.T) {
	plan := dependant + "build: run.sh\ndeploy: new.sh\ntemplates:\n- file: a.tpl\n  target: a\n"
	const script, broken = "#!/bin/sh\nset -eu\necho \"$INPUT_url\"\n", "#!/bin/sh\nset -eu\necho \"$INPUT_url\" \"$INPUT_nothing\"\n"
	dir := folder(t, map[string]string{
		"web/escape.yml": plan, "web/run.sh": script, "web/a.tpl": "{{url}}", "db/escape.yml": needed, ".git/HEAD": "", "other/README.md": "x",
	})
	w := start(t, dir, "")
	u := fileURI(dir) + "/web/escape.yml"
	shut := func(name string) {
		w.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, fileURI(dir)+"/"+name))
	}
	// says waits until what is found in the plan, or in the files that it uses, speaks of something or not.
	says := func(words string, want bool) {
		t.Helper()
		w.until(fmt.Sprintf("%q: %v", words, want), func() bool {
			said := false
			for _, name := range []string{"web/escape.yml", "web/run.sh", "web/a.tpl"} {
				if list := w.publishedOf(fileURI(dir) + "/" + name); len(list) > 0 {
					text, _ := json.Marshal(list[len(list)-1].Diagnostics)
					said = said || strings.Contains(string(text), words)
				}
			}
			return said == want
		})
	}
	w.open(u, "escape-plan", plan)
	says("new.sh", true) // it is not there
	w.open(fileURI(dir)+"/web/new.sh", "shellscript", script)
	says("new.sh", false)
	shut("web/new.sh")
	says("new.sh", true)

	w.open(fileURI(dir)+"/web/run.sh", "shellscript", broken)
	says("INPUT_nothing", true)
	shut("web/run.sh")
	says("INPUT_nothing", false)

	w.open(fileURI(dir)+"/web/a.tpl", "mustache", "{{url}} {{nothing_there}}")
	says("nothing_there", true)
	shut("web/a.tpl")
	says("nothing_there", false)

	w.open(fileURI(dir)+"/db/escape.yml", "escape-plan", strings.Replace(needed, "address", "place", 1))
	says("address", true)
	shut("db/escape.yml")
	says("address", false)

	if err := os.Remove(filepath.Join(dir, "db", "escape.yml")); err != nil {
		t.Fatal(err)
	}
	w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":3}]}`, fileURI(dir)+"/db/escape.yml"))
	w.open(fileURI(dir)+"/other/escape.yml", "escape-plan", strings.Replace(needed, "address", "place", 1)) // a plan that is nowhere else
	says("address", true)
	shut("other/escape.yml")
	says("address", false)
}
