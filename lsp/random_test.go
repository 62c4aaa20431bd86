package lsp

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
)

var (
	randomEdits   = flag.Int("lsp.edits", 600, "how many random edits and requests TestRandomEdits makes")
	messageCount  = flag.Int("lsp.messages", 20_000, "how many messages TestManyMessages sends")
	randomSeed    = flag.Uint64("lsp.seed", 7, "the seed of random tests")
	memoryAllowed = 24 << 20
)

// asks are requests at a place: %[1]s is the URI as JSON, %[2]s a position, %[3]s a range.
var asks = map[string]string{
	"textDocument/hover":                `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/completion":           `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/signatureHelp":        `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/definition":           `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/declaration":          `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/typeDefinition":       `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/implementation":       `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/references":           `{"textDocument":{"uri":%[1]s},"position":%[2]s,"context":{"includeDeclaration":true}}`,
	"textDocument/documentHighlight":    `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/prepareRename":        `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/rename":               `{"textDocument":{"uri":%[1]s},"position":%[2]s,"newName":"renamed"}`,
	"textDocument/linkedEditingRange":   `{"textDocument":{"uri":%[1]s},"position":%[2]s}`,
	"textDocument/selectionRange":       `{"textDocument":{"uri":%[1]s},"positions":[%[2]s]}`,
	"textDocument/documentSymbol":       `{"textDocument":{"uri":%[1]s}}`,
	"textDocument/foldingRange":         `{"textDocument":{"uri":%[1]s}}`,
	"textDocument/documentLink":         `{"textDocument":{"uri":%[1]s}}`,
	"textDocument/codeLens":             `{"textDocument":{"uri":%[1]s}}`,
	"textDocument/inlayHint":            `{"textDocument":{"uri":%[1]s},"range":%[3]s}`,
	"textDocument/semanticTokens/full":  `{"textDocument":{"uri":%[1]s}}`,
	"textDocument/semanticTokens/range": `{"textDocument":{"uri":%[1]s},"range":%[3]s}`,
	"textDocument/codeAction":           `{"textDocument":{"uri":%[1]s},"range":%[3]s,"context":{"diagnostics":[]}}`,
	"textDocument/formatting":           `{"textDocument":{"uri":%[1]s},"options":{"tabSize":2,"insertSpaces":true}}`,
	"textDocument/rangeFormatting":      `{"textDocument":{"uri":%[1]s},"range":%[3]s,"options":{"tabSize":2,"insertSpaces":true}}`,
	"textDocument/onTypeFormatting":     `{"textDocument":{"uri":%[1]s},"position":%[2]s,"ch":"\n","options":{"tabSize":2,"insertSpaces":true}}`,
	"textDocument/diagnostic":           `{"textDocument":{"uri":%[1]s}}`,
	"workspace/symbol":                  `{"query":"a"}`,
}

var pieces = []string{
	"", " ", "\n", "\n  ", "x", "-", "- id: a\n", ": ", "$", "$this.", "$db.outputs.", "${", "}", "\"", "'", "[", "]", "|\n    echo\n", "é", "😀", "\t",
	"inputs:\n", "outputs: [x]\n", "depends:\n- db-v0.0.@ as db\n", "build: run.sh\n", "name: ", "<<<<<<< HEAD\n", "&a ", "*a", "# escape-lint-ignore\n", "\r\n",
	"\r", "\ufeff", "\u2028",
	"$INPUT_url", "{{ a }}",
}

// A doc is an open document as the editor has it.
type doc struct {
	uri, language, first string
	text                 *source.File
	version              int
}

func (d *doc) position(off int) protocol.Position {
	line, char := d.text.UTF16(off)
	return protocol.Position{Line: uint32(line), Character: uint32(char)}
}

func asJSON(v any) string {
	b, err := protocol.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// edit changes a random part of the text.
func (d *doc) edit(w *wire, rng *rand.Rand) {
	text := d.text.Text()
	cut := func(off int) int {
		for off < len(text) && !utf8.RuneStart(text[off]) {
			off++
		}
		return off
	}
	at := cut(rng.IntN(len(text) + 1))
	end := at
	if rng.IntN(3) == 0 {
		end = cut(min(len(text), at+rng.IntN(30)))
	}
	with := pieces[rng.IntN(len(pieces))]
	if rng.IntN(60) == 0 || len(text) > 20_000 { // start again
		at, end, with = 0, len(text), d.first
	}
	d.version++
	r := protocol.Range{Start: d.position(at), End: d.position(end)}
	w.notify("textDocument/didChange", fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":%s,"text":%s}]}`,
		d.uri, d.version, asJSON(r), quoted(with)))
	// A position between CR and LF is that of the CR for the server: say what it says.
	a, _ := d.text.OffsetUTF16(int(r.Start.Line), int(r.Start.Character))
	b, _ := d.text.OffsetUTF16(int(r.End.Line), int(r.End.Character))
	d.text = source.NewFile(d.text.Name(), text[:a]+with+text[max(a, b):])
}

// TestRandomEdits makes random edits and requests. No request fails, all ranges lie in their texts, in the end the same is found
// as by a server that has only seen the last texts, and nothing is kept that is of no use.
func TestRandomEdits(t *testing.T) {
	hcl := "name        = \"h\"\nversion     = \"0.0.@\"\ndescription = \"é😀\"\ndepends \"db-v0.0.@\" {\n  alias = \"db\"\n}\ninput \"url\" {\n  default = db.outputs.address\n}\n"
	dir := folder(t, map[string]string{
		"web/escape.yml": dependant + "build: run.sh\n", "web/run.sh": "#!/bin/sh\necho \"$INPUT_url\" é😀\n", "db/escape.yml": needed, "h/escape.hcl": hcl, ".git/HEAD": "",
	})
	w := start(t, dir, "")
	rng := rand.New(rand.NewPCG(*randomSeed, 1))
	var docs []*doc
	for _, name := range []string{"web/escape.yml", "web/run.sh", "db/escape.yml", "h/escape.hcl"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		d := &doc{
			uri: fileURI(dir) + "/" + name, first: string(text), version: 1, text: source.NewFile(name, string(text)),
			language: map[string]string{".yml": "escape-plan", ".hcl": "escape-plan-hcl", ".sh": "shellscript"}[filepath.Ext(name)],
		}
		docs = append(docs, d)
		w.open(d.uri, d.language, d.first)
	}
	byURI := map[string]*doc{}
	for _, d := range docs {
		byURI[d.uri] = d
	}
	methods := slices.Sorted(func(yield func(string) bool) {
		for m := range asks {
			if !yield(m) {
				return
			}
		}
	})
	var memory uint64
	var goroutines int
	for i := range *randomEdits {
		d := docs[rng.IntN(len(docs))]
		for range rng.IntN(4) {
			d.edit(w, rng)
		}
		d = docs[rng.IntN(len(docs))]
		method := methods[rng.IntN(len(methods))]
		at := rng.IntN(len(d.text.Text()) + 1)
		r := protocol.Range{Start: d.position(at), End: d.position(min(len(d.text.Text()), at+rng.IntN(100)))}
		params := fmt.Sprintf(asks[method]+"%.0[2]s%.0[3]s%.0[1]s", quoted(d.uri), asJSON(r.Start), asJSON(r))
		answer := w.call(method, params)
		if answer.Error != nil && answer.Error.Code != -32601 && answer.Error.Code != -32803 {
			t.Fatalf("seed %d, step %d: %s %s: %+v\n%s\n%s", *randomSeed, i, method, params, *answer.Error, d.text.Text(), w.log)
		}
		if len(answer.Result) > 0 {
			checkRanges(t, byURI, d, decode[any](t, answer.Result), method)
		}
		if t.Failed() {
			t.Fatalf("seed %d, step %d: %s %s\n%s\nanswer %s", *randomSeed, i, method, params, d.text.Text(), answer.Result)
		}
		if i%500 == 0 {
			w.mu.Lock()
			w.told = nil
			w.mu.Unlock()
		}
		if i == *randomEdits/4 {
			memory, goroutines = usage()
		}
	}
	now, running := usage()
	t.Logf("%d edits and requests: memory %d KiB after a quarter, %d KiB in the end; %d and %d goroutines", *randomEdits, memory>>10, now>>10, goroutines, running)
	if now > memory+uint64(memoryAllowed) {
		t.Errorf("memory has grown from %d to %d KiB", memory>>10, now>>10)
	}
	if running > goroutines+20 {
		t.Errorf("there were %d goroutines, now %d", goroutines, running)
	}
	fresh := start(t, dir, "")
	for _, d := range docs {
		fresh.open(d.uri, d.language, d.text.Text())
	}
	for _, d := range docs {
		want := fresh.settled(d.uri)
		w.until("the findings of a fresh server in "+d.uri+":\n"+want, func() bool {
			list := w.publishedOf(d.uri)
			if len(list) == 0 { // told before the list was cut
				return false
			}
			return listing(list[len(list)-1]) == want
		})
	}
	if s := w.log.String(); s != "" {
		t.Errorf("the server logged:\n%s", s)
	}
}

// settled returns what is found in a document when nothing changes any more.
func (w *wire) settled(uri string) string {
	w.published(uri, 1)
	last := ""
	for deadline := time.Now().Add(800 * time.Millisecond); time.Now().Before(deadline); {
		w.good()
		w.mu.Lock()
		list := w.publishedOf(uri)
		last = listing(list[len(list)-1])
		w.mu.Unlock()
		runtime.Gosched()
	}
	return last
}

func listing(p publishedNote) string {
	var b strings.Builder
	for _, d := range p.Diagnostics {
		fmt.Fprintf(&b, "%s %s %s\n", d.Code, d.Range, d.Message)
	}
	return b.String()
}

func usage() (memory uint64, goroutines int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, runtime.NumGoroutine()
}

// checkRanges fails the test if a range in an answer does not lie in its document.
func checkRanges(t *testing.T, docs map[string]*doc, d *doc, v any, method string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			checkRanges(t, docs, d, x, method)
		}
	case map[string]any:
		for _, key := range []string{"uri", "targetUri"} {
			if u, ok := v[key].(string); ok {
				d = docs[u] // nil if it is not open
			}
		}
		if inner, ok := v["textDocument"].(map[string]any); ok {
			if u, ok := inner["uri"].(string); ok {
				d = docs[u]
			}
		}
		if line, ok := v["line"].(float64); ok && d != nil {
			if char, ok := v["character"].(float64); ok {
				if _, ok := d.text.OffsetUTF16(int(line), int(char)); !ok {
					t.Errorf("%s: %v:%v does not lie in %s", method, line, char, d.uri)
				}
			}
		}
		for key, x := range v {
			switch inner := docs[key]; {
			case inner != nil:
				checkRanges(t, docs, inner, x, method)
			case key == "originSelectionRange" || key == "data":
			default:
				checkRanges(t, docs, d, x, method)
			}
		}
	}
}

// TestManyMessages sends very many messages; none is lost or out of order.
func TestManyMessages(t *testing.T) {
	n := *messageCount
	w := start(t, "", "")
	u := "file:///a/escape.yml"
	w.open(u, "escape-plan", "name: v1\n")
	started := time.Now()
	rng := rand.New(rand.NewPCG(*randomSeed, 2))
	version, asked := 1, 0
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := range n {
			switch rng.IntN(6) {
			case 0, 1:
				version++
				w.set(u, version, fmt.Sprintf("name: v%d\n", version))
			case 2:
				w.send(`{"jsonrpc":"2.0","method":"custom/noise","params":` + strings.Repeat("[", i%40) + strings.Repeat("]", i%40) + `}`)
			case 3:
				w.raw(fmt.Sprintf("garbage %d\r\n", i))
			case 4:
				w.notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, rng.IntN(n)))
			default:
				asked++
				w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"m%d","method":"textDocument/hover","params":{"textDocument":{"uri":%q},"position":{"line":0,"character":0}}}`, asked, u))
			}
		}
		w.send(`{"jsonrpc":"2.0","id":"last","method":"textDocument/hover","params":{"textDocument":{"uri":"x"},"position":{"line":0,"character":0}}}`)
	}()
	w.patience += time.Duration(n) * 200 * time.Microsecond
	<-sent
	w.until("all answers", func() bool {
		n := 0
		for id := range w.answers {
			if strings.HasPrefix(id, `"m`) {
				n++
			}
		}
		return n >= asked
	})
	w.mu.Lock() // the last answer may be under way
	for i := 1; i <= asked; i++ {
		if got := len(w.answers[fmt.Sprintf("\"m%d\"", i)]); got != 1 {
			t.Errorf("request %d has %d answers", i, got)
		}
	}
	w.mu.Unlock()
	w.published(u, version)
	if text := w.server.session.Snapshot().Document(u).Source.Text(); text != fmt.Sprintf("name: v%d\n", version) {
		t.Errorf("the last text is %q", text)
	}
	t.Logf("%d messages, %d of them requests, in %v", n, asked, time.Since(started).Round(time.Millisecond))
}

// FuzzBytes sends any bytes; then the server either lives, or has ended in order.
func FuzzBytes(f *testing.F) {
	f.Add([]byte("Content-Length: 2\r\n\r\n{}"))
	f.Add([]byte("Content-Length: 40\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"shutdown"}`))
	f.Add([]byte(`[{"jsonrpc":"2.0","id":[],"method":"textDocument/didOpen","params":{"textDocument":{"uri":"a","languageId":"escape-plan","version":1,"text":"name: ["}}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := start(t, "", "")
		w.raw(string(data) + "\n")
		w.send(string(data))
		w.raw(strings.Repeat("\n", 4096)) // whatever length was told, it has come now
		w.send(`{"jsonrpc":"2.0","id":"alive","method":"textDocument/hover","params":{"textDocument":{"uri":"x"},"position":{"line":0,"character":0}}}`)
		w.in.Close()
		w.ended()
		if s := w.log.String(); strings.Contains(s, "defect of Escape") {
			t.Errorf("the server logged:\n%s", s)
		}
	})
}
