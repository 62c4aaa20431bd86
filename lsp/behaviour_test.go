package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"
)

// Tests of behaviours are named after their number in the list of wishes.

const plain = "name: %s\nversion: 0.0.@\ndescription: a\n"

// dependant is a plan that needs an output of another.
const dependant = `name: web
version: 0.0.@
description: a
depends:
- db-v0.0.@ as db
inputs:
- id: url
  description: b
  default: $db.outputs.address
  eval_before_dependencies: false
`

const needed = `name: db
version: 0.0.@
description: a
outputs:
- id: address
  description: b
  default: here
`

func TestBehaviour03_FindingsBelongToTheText(t *testing.T) {
	dir := folder(t, map[string]string{"web/escape.yml": dependant, "db/escape.yml": needed})
	u := fileURI(dir) + "/web/escape.yml"
	w := start(t, dir, "")
	w.open(u, "escape-plan", dependant)
	rng := rand.New(rand.NewPCG(3, 14))
	text, version := dependant, 1
	var texts []string
	for range 200 {
		at := rng.IntN(len(text) + 1)
		end := min(len(text), at+rng.IntN(4))
		text = text[:at] + []string{"", "x", "$", "\n", "\"", "- ", "}", "é"}[rng.IntN(8)] + text[end:]
		texts = append(texts, text)
	}
	for _, text := range texts { // as fast as the pipe takes them
		version++
		w.set(u, version, strings.ToValidUTF8(text, "?"))
	}
	last := w.published(u, version)
	w.mu.Lock()
	before := 0
	for _, p := range w.publishedOf(u) {
		if p.Version == nil || *p.Version < before {
			t.Errorf("findings of version %v came after those of %d", p.Version, before)
		} else {
			before = *p.Version
		}
	}
	w.mu.Unlock()
	fresh := start(t, dir, "")
	fresh.open(u, "escape-plan", strings.ToValidUTF8(text, "?"))
	want := fresh.published(u, 1).codes()
	if last.codes() != want { // something may be held back
		w.untilCodes(u, want)
	}
}

func TestBehaviour04_NoFlickerOfHalfTypedNames(t *testing.T) {
	text := "name: web\nversion: 0.0.@\ndescription: a\ninputs:\n- id: zone\n  default: b\n  description: b\nbuild:\n  inline: |\n    echo\noutputs:\n- {id: c, description: d, default: $this.inputs.nothing}\n- id: e\n  description: d\n  default: $this.inputs.zon\n"
	dir := folder(t, map[string]string{"escape.yml": text})
	u := fileURI(dir) + "/escape.yml"
	w := start(t, dir, "")
	w.open(u, "escape-plan", strings.Replace(text, "zon\n", "\n", 1))
	line := strings.Count(text[:strings.Index(text, "  default: $this")], "\n")
	at := len("  default: $this.inputs.")
	edit := func(version, from, to int, with string) {
		w.notify("textDocument/didChange", fmt.Sprintf(
			`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":%q}]}`,
			u, version, line, from, line, to, with))
	}
	count := func(p publishedNote, name string) (n int) {
		for _, d := range p.Diagnostics {
			if strings.Contains(d.Message, name) {
				n++
			}
		}
		return n
	}
	w.published(u, 1)
	edit(2, at, at, "zon")
	typed := time.Now()
	p := w.published(u, 2)
	if count(p, `"zon"`) > 0 && time.Since(typed) < 300*time.Millisecond {
		t.Errorf("the name under the cursor is told: %+v", p.Diagnostics)
	}
	if count(p, `"nothing"`) == 0 {
		t.Errorf("the other name is not told: %+v", p.Diagnostics)
	}
	w.until("the name to be told", func() bool {
		list := w.publishedOf(u)
		return count(list[len(list)-1], `"zon"`) > 0
	})
	if d := time.Since(typed); d < 390*time.Millisecond {
		t.Errorf("it was told after %v", d)
	}
	edit(3, at+3, at+3, "x")
	edit(4, 0, 0, " ") // the cursor leaves
	edit(5, 0, 1, "")
	w.until("the name to be told", func() bool {
		list := w.publishedOf(u)
		p := list[len(list)-1]
		return *p.Version == 5 && count(p, `"zonx"`) > 0
	})
}

func TestBehaviour05_CleanIsSaidAloud(t *testing.T) {
	text := fmt.Sprintf(plain, "a")
	dir := folder(t, map[string]string{"escape.yml": text, ".escapelint.yml": "levels:\n  no-tests: off\n"})
	w := start(t, dir, "")
	w.good()
	for _, doc := range [][2]string{{"escape.yml", text}, {"note.txt", "anything"}, {".escapelint.yml", "levels: {}\n"}} {
		u := fileURI(dir) + "/" + doc[0]
		opened := time.Now()
		w.open(u, "x", doc[1])
		p := w.published(u, 1)
		if p.Diagnostics == nil {
			t.Errorf("%s: there is no list", doc[0])
		}
		if doc[0] != "escape.yml" && len(p.Diagnostics) != 0 {
			t.Errorf("%s: %+v", doc[0], p.Diagnostics)
		}
		if d := p.at.Sub(opened); d > 100*time.Millisecond {
			t.Logf("%s: it took %v", doc[0], d)
		}
	}
}

func TestBehaviour06_ClosedFilesLeaveNothingBehind(t *testing.T) {
	broken := "name: a\nnonsense: 1\n"
	dir := folder(t, map[string]string{"a/escape.yml": broken, "b/escape.yml": broken})
	a, b := fileURI(dir)+"/a/escape.yml", fileURI(dir)+"/b/escape.yml"
	w := start(t, dir, "")
	w.open(a, "escape-plan", broken)
	if p := w.published(a, 1); len(p.Diagnostics) == 0 {
		t.Fatal("there are no findings")
	}
	w.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, a))
	w.untilCodes(a, "")
	w.mu.Lock()
	if list := w.publishedOf(b); len(list) > 0 {
		t.Errorf("findings of a file that is not open: %+v", list)
	}
	w.mu.Unlock()

	w.notify("workspace/didChangeConfiguration", `{"settings":{"escape":{"workspaceDiagnostics":true}}}`)
	told := func(u string) func() bool {
		return func() bool {
			list := w.publishedOf(u)
			return len(list) > 0 && len(list[len(list)-1].Diagnostics) > 0
		}
	}
	w.until("findings of a", told(a))
	w.until("findings of b", told(b))
	if err := os.Remove(filepath.Join(dir, "b", "escape.yml")); err != nil {
		t.Fatal(err)
	}
	w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":3}]}`, b))
	w.untilCodes(b, "")
	w.notify("workspace/didChangeConfiguration", `{"settings":{"escape":{"workspaceDiagnostics":false}}}`)
	w.untilCodes(a, "")
}

// untilFound waits until the last findings of a document are some or none.
func (w *wire) untilFound(u, code string, want bool) {
	w.t.Helper()
	w.until(fmt.Sprintf("%s in %s: %v", code, u, want), func() bool {
		list := w.publishedOf(u)
		return len(list) > 0 && strings.Contains(" "+list[len(list)-1].codes()+" ", " "+code+" ") == want
	})
}

func TestBehaviour07_ChangesOutsideTheEditorCount(t *testing.T) {
	other := strings.Replace(needed, "address", "place", 1)
	for _, watch := range []bool{true, false} {
		t.Run(fmt.Sprintf("watch=%v", watch), func(t *testing.T) {
			dir := folder(t, map[string]string{"web/escape.yml": dependant, ".git/HEAD": "x"})
			u, db := fileURI(dir)+"/web/escape.yml", filepath.Join(dir, "db", "escape.yml")
			can := ""
			if watch {
				can = `{"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true}}}`
			}
			w := start(t, dir, can)
			if watch {
				w.until("a registration", func() bool { return w.asked["client/registerCapability"] > 0 })
			}
			w.open(u, "escape-plan", dependant)
			const unknown = "ESC3002"
			w.published(u, 1)
			w.untilFound(u, unknown, false) // of what is not there nothing is known
			changed := func(kind int) {
				if watch {
					w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":%d}]}`, fileURI(db), kind))
					return
				}
				// The editor does something now and then, and the server looks around.
				w.watchless(t)
			}
			changed(1)
			write(t, db, other)
			began := time.Now()
			changed(1)
			w.untilFound(u, unknown, true) // a missing dependency has appeared
			write(t, db, needed)
			changed(2)
			w.untilFound(u, unknown, false)
			write(t, db, other)
			changed(2)
			w.untilFound(u, unknown, true)
			if err := os.RemoveAll(filepath.Dir(db)); err != nil {
				t.Fatal(err)
			}
			changed(3)
			w.untilFound(u, unknown, false) // it has vanished
			if d := time.Since(began); watch && d > 4*time.Second {
				t.Logf("four changes took %v", d)
			}
		})
	}
}

// TestNewFoldersOfWatchlessClients: plans in folders that come as a whole, at once or one file after the other, are known to a client
// that cannot watch files with what it does next.
func TestNewFoldersOfWatchlessClients(t *testing.T) {
	const unknown = "ESC3002"
	dir := folder(t, map[string]string{"web/escape.yml": dependant, ".git/HEAD": "x"})
	checkout := folder(t, map[string]string{"a/b/c/d/e/f/db/escape.yml": strings.Replace(needed, "address", "place", 1)})
	u := fileURI(dir) + "/web/escape.yml"
	w := start(t, dir, "")
	w.open(u, "escape-plan", dependant)
	w.published(u, 1)
	if err := os.Rename(filepath.Join(checkout, "a"), filepath.Join(dir, "services")); err != nil {
		t.Fatal(err)
	}
	w.watchless(t)
	w.untilFound(u, unknown, true)
	if err := os.Rename(filepath.Join(dir, "services"), filepath.Join(checkout, "a")); err != nil {
		t.Fatal(err)
	}
	w.watchless(t)
	w.untilFound(u, unknown, false)
	if err := os.MkdirAll(filepath.Join(dir, "services", "db"), 0o777); err != nil {
		t.Fatal(err)
	}
	w.watchless(t)
	write(t, filepath.Join(dir, "services", "db", "escape.yml"), strings.Replace(needed, "address", "place", 1))
	w.watchless(t)
	w.untilFound(u, unknown, true)
}

// watchless lets the server look for changed files now, and once more, as a user would who goes on working.
func (w *wire) watchless(t *testing.T) {
	t.Helper()
	for range 2 {
		w.server.watching.mu.Lock()
		w.server.watching.last = time.Time{}
		w.server.watching.mu.Unlock()
		w.good()
		for busy := true; busy; {
			w.server.watching.mu.Lock()
			busy = w.server.watching.busy
			w.server.watching.mu.Unlock()
			runtime.Gosched()
		}
	}
}

func TestBehaviour17_FindingsCarryWhatTheClientCanShow(t *testing.T) {
	text := "name: a\nversion: 0.0.@\ndescription: a\ninputs:\n- id: b\n  description: c\n  default: d\nbuild:\n  inline: \"true\"\n"
	dir := folder(t, map[string]string{"escape.yml": text})
	u := fileURI(dir) + "/escape.yml"
	w := connect(t, Options{DocURL: "https://example.org/rules/"})
	w.initialize(dir, `{"textDocument":{"publishDiagnostics":{"relatedInformation":true,"tagSupport":{"valueSet":[1,2]},"codeDescriptionSupport":true,"dataSupport":true}}}`, "")
	w.open(u, "escape-plan", text)
	w.untilFound(u, "ESC6135", true)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.told {
		if m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), "ESC6135") {
			for _, want := range []string{`"tags":[1]`, `"href":"https://example.org/rules/ESC6135"`, `"rule":"unused-input"`} {
				if !strings.Contains(string(m.Params), want) {
					t.Errorf("no %s in %s", want, m.Params)
				}
			}
			return
		}
	}
}

func TestBehaviour20_SavingIsNeverBlocked(t *testing.T) {
	release := make(chan struct{})
	w := startWith(t, "", "", Options{onCall: func(_ context.Context, method string) {
		if method == protocol.MethodTextDocumentReferences {
			<-release
		}
	}})
	defer close(release)
	text := fmt.Sprintf(plain, "a")
	w.open("file:///a/escape.yml", "escape-plan", text)
	for range 50 {
		w.ask("textDocument/references", `{"textDocument":{"uri":"file:///a/escape.yml"},"position":{"line":0,"character":1},"context":{"includeDeclaration":true}}`)
	}
	for _, method := range []string{"textDocument/formatting", "textDocument/codeAction"} {
		r := w.call(method, `{"textDocument":{"uri":"file:///a/escape.yml"},"options":{"tabSize":2,"insertSpaces":true},"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}},"context":{"diagnostics":[]}}`)
		if r.Error != nil {
			t.Errorf("%s: %v", method, *r.Error)
		}
	}
}

func TestBehaviour21_OldRequestsDieAtOnce(t *testing.T) {
	release, computed := make(chan struct{}), make(chan uint64, 1000)
	w := startWith(t, "", "", Options{onCall: func(ctx context.Context, method string) {
		switch method {
		case protocol.MethodTextDocumentReferences:
			<-release
		case protocol.MethodTextDocumentCompletion:
			computed <- snapshotOf(ctx).ID
		}
	}})
	u := "file:///a/escape.yml"
	w.open(u, "escape-plan", fmt.Sprintf(plain, "a"))
	at := fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":6}}`, u)
	var blocking []string
	for range cap(w.server.workers) { // now all are busy
		blocking = append(blocking, w.ask("textDocument/references", fmt.Sprintf(
			`{"textDocument":{"uri":%q},"position":{"line":0,"character":1},"context":{"includeDeclaration":true}}`, u)))
	}
	var ids []string
	for range 100 {
		ids = append(ids, w.ask("textDocument/completion", at))
	}
	for _, id := range ids[:99] {
		if r := w.wait(id); r.Error == nil || r.Error.Code != -32801 {
			t.Fatalf("an old completion is answered with %+v", r)
		}
	}
	// A newer version ends what waits, but neither formatting nor renaming.
	tokens := w.ask("textDocument/semanticTokens/full", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, u))
	rename := w.ask("textDocument/rename", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":6},"newName":"x"}`, u))
	w.set(u, 2, fmt.Sprintf(plain, "b"))
	for _, id := range []string{ids[99], tokens} {
		if r := w.wait(id); r.Error == nil || r.Error.Code != -32801 {
			t.Errorf("got %+v, want that the content is modified", r)
		}
	}
	last := w.ask("textDocument/completion", at)
	close(release)
	if r := w.wait(last); r.Error != nil && r.Error.Code != -32601 {
		t.Errorf("the last completion: %v", *r.Error)
	}
	if r := w.wait(rename); r.Error != nil && r.Error.Code == -32801 {
		t.Errorf("renaming: %v", *r.Error)
	}
	for _, id := range blocking {
		w.wait(id)
	}
	if n := len(computed); n != 1 {
		t.Errorf("%d completions were computed, want the last one only", n)
	}
}

// bigFolder has n plans, which need each other in chains.
func bigFolder(t testing.TB, n int) string {
	files := map[string]string{}
	for i := range n {
		text := fmt.Sprintf("name: p%d\nversion: 0.0.@\ndescription: a\noutputs:\n- id: url\n  description: b\n  default: c\n", i)
		if i%10 > 0 {
			text += fmt.Sprintf("depends:\n- p%d-v0.0.@ as before\ninputs:\n- id: x\n  description: d\n  default: $before.outputs.url\n  eval_before_dependencies: false\n", i-1)
		}
		files[fmt.Sprintf("g%d/p%d/escape.yml", i/30, i)] = text
	}
	files["node_modules/x/escape.yml"] = fmt.Sprintf(plain, "p0")
	files["vendor/x/escape.yml"] = fmt.Sprintf(plain, "p0")
	files[".git/HEAD"] = ""
	return folder(t, files)
}

func TestBehaviour22_BigWorkspace(t *testing.T) {
	dir := bigFolder(t, 1000)
	file := filepath.Join(dir, "g0", "p5", "escape.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	u := fileURI(file)
	o := Options{Patience: time.Millisecond}
	w := connect(t, o)
	started := time.Now()
	w.initialize(dir, `{"window":{"workDoneProgress":true}}`, "")
	opened := time.Now()
	w.open(u, "escape-plan", string(text))
	p := w.published(u, 1)
	t.Logf("open file answered in %v (%v after the start)", p.at.Sub(opened), p.at.Sub(started))
	for _, f := range w.server.session.Snapshot().Folders() {
		ws := w.server.session.Snapshot().Workspace(f)
		w.server.session.Snapshot().Load(context.Background(), f)
		if n := len(ws.Files()); n != 1000 {
			t.Errorf("%d plans are known", n)
		}
	}
	t.Logf("index ready %v after the start", time.Since(started))
	// With the index, what is needed is known.
	w.set(u, 2, strings.Replace(string(text), "outputs.url\n", "outputs.uri\n", 1))
	w.untilFound(u, "ESC3002", true)

	// Folders come and go.
	other := folder(t, map[string]string{"x/escape.yml": "name: x\nnonsense: 1\n"})
	w.notify("workspace/didChangeWorkspaceFolders", fmt.Sprintf(`{"event":{"added":[{"uri":%q,"name":"o"}],"removed":[{"uri":%q,"name":"d"}]}}`, fileURI(other), fileURI(dir)))
	w.good()
	if got := w.server.session.Snapshot().Folders(); len(got) != 1 || got[0] != other {
		t.Errorf("the folders are %v", got)
	}
	w.good()
}

func TestBehaviour22_ProgressCanBeCancelled(t *testing.T) {
	dir := bigFolder(t, 30)
	block := make(chan struct{})
	o := Options{Patience: time.Millisecond, ReadDir: func(path string) ([]os.DirEntry, error) {
		if strings.Contains(path, "g0") {
			<-block
		}
		return os.ReadDir(path)
	}}
	w := connect(t, o)
	w.initialize(dir, `{"window":{"workDoneProgress":true}}`, "")
	var token string
	w.until("progress to begin", func() bool {
		for _, m := range w.told {
			if m.Method == "$/progress" && strings.Contains(string(m.Params), `"begin"`) {
				token = decode[struct{ Token string }](t, m.Params).Token
				return true
			}
		}
		return false
	})
	w.good() // nobody waits
	w.notify("window/workDoneProgress/cancel", fmt.Sprintf(`{"token":%q}`, token))
	w.good()
	close(block)
	w.until("progress to end", func() bool {
		for _, m := range w.told {
			if m.Method == "$/progress" && strings.Contains(string(m.Params), `"end"`) {
				return true
			}
		}
		return false
	})
	if n := len(w.server.session.Snapshot().Workspace(dir).Files()); n >= 30 {
		t.Errorf("%d plans were found after it was cancelled", n)
	}
}

func TestBehaviour23_OddWorkspaces(t *testing.T) {
	dir := folder(t, map[string]string{
		"a/escape.yml": "name: a\nversion: 0.0.@\nbuild: run.sh\nincludes: [bin]\n", "a/run.sh": "\x7fELF\x00\x00\x01\xff\xfe", "b/escape.yml": "\x00\x01\x02\xff",
	})
	if err := os.Symlink(dir, filepath.Join(dir, "a", "loop")); err != nil {
		t.Skip(err)
	}
	_ = os.Symlink("self", filepath.Join(dir, "a", "self")) // a link to itself
	if err := os.Mkdir(filepath.Join(dir, "c"), 0); err != nil {
		t.Fatal(err)
	}
	w := start(t, dir, "")
	for _, name := range []string{"a", "b", "a/loop/a", "a/self"} {
		u := fileURI(dir) + "/" + name + "/escape.yml"
		w.open(u, "escape-plan", "name: x\nversion: 0.0.@\nbuild: run.sh\n")
		w.published(u, 1)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	u := fileURI(dir) + "/a/escape.yml"
	w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":3}]}`, fileURI(dir)))
	w.set(u, 2, "name: y\n")
	w.published(u, 2)
	w.good()
	if s := w.log.String(); s != "" {
		t.Errorf("the server logged:\n%s", s)
	}
}

func TestBehaviour24_WorksBare(t *testing.T) {
	w := connect(t, Options{ReadFile: func(string) ([]byte, error) { return nil, os.ErrPermission }})
	r := w.call("initialize", `{"processId":null,"rootUri":null,"capabilities":{}}`)
	if r.Error != nil {
		t.Fatal(*r.Error)
	}
	w.open("untitled:Untitled-1", "escape-plan", "name: a\nnonsense: 1\n")
	if p := w.published("untitled:Untitled-1", 1); len(p.Diagnostics) == 0 {
		t.Error("an untitled document has no findings")
	}
	w.open("untitled:Untitled-2", "escape-plan-hcl", "name = \"a\"\nnonsense = 1\n")
	if p := w.published("untitled:Untitled-2", 1); len(p.Diagnostics) == 0 {
		t.Error("an untitled document in HCL has no findings")
	}
}

func TestFindingsInScripts(t *testing.T) {
	plan := "name: a\nversion: 0.0.@\ndescription: a\nbuild: run.sh\n"
	script := "#!/bin/sh\nset -eu\necho \"$INPUT_nothing\"\n"
	dir := folder(t, map[string]string{"escape.yml": plan, "run.sh": script})
	w := start(t, dir, "")
	u := fileURI(dir) + "/run.sh"
	w.open(u, "shellscript", script)
	p := w.published(u, 1)
	if len(p.Diagnostics) == 0 {
		t.Fatal("there are no findings in the script")
	}
	w.set(u, 2, strings.ReplaceAll(script, "INPUT_nothing", "HOME"))
	w.published(u, 2)
	w.untilCodes(u, "")
	w.set(u, 3, script)
	w.published(u, 3)
	w.untilCodes(u, p.codes())
	// The plan brings the input.
	w.open(fileURI(dir)+"/escape.yml", "escape-plan", plan+"inputs:\n- id: nothing\n  description: b\n  default: c\n")
	w.untilCodes(u, "")
}

func TestFindingsInTheConfiguration(t *testing.T) {
	dir := folder(t, map[string]string{"escape.yml": "name: a\nversion: 0.0.@\n"})
	u := fileURI(dir) + "/.escapelint.yml"
	w := start(t, dir, "")
	w.open(u, "yaml", "levels:\n  no-descriptio: off\nlevel: 1\n")
	p := w.published(u, 1)
	if len(p.Diagnostics) != 2 {
		t.Fatalf("got %+v", p.Diagnostics)
	}
	if want := `{"start":{"line":2,"character":0},"end":{"line":2,"character":5}}`; !sameJSON(t, p.Diagnostics[1].Range, want) {
		t.Errorf("got %s, want %s", p.Diagnostics[1].Range, want)
	}
	if p := w.publishedColumns(t, u, 2, "levels: {é😀: x}\n"); p != "14-15" {
		t.Errorf("the mistakes stand in columns %s", p)
	}
	// It counts once it can be read.
	plan := fileURI(dir) + "/escape.yml"
	w.open(plan, "escape-plan", "name: a\nversion: 0.0.@\n")
	w.published(plan, 1)
	w.untilFound(plan, "ESC6140", true)
	write(t, filepath.Join(dir, ".escapelint.yml"), "levels:\n  no-description: off\n")
	w.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, u))
	w.untilFound(plan, "ESC6140", false)
}

func sameJSON(t *testing.T, a json.RawMessage, b string) bool {
	x, y := decode[any](t, a), decode[any](t, json.RawMessage(b))
	return fmt.Sprint(x) == fmt.Sprint(y)
}
