//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// editorSizes are the lengths of the documents, in lines.
var editorSizes = [...]int{100, 1_000, 10_000}

// A server is a language server that is measured.
type server struct {
	name     string
	argv     []string
	language string
	file     string // name of the document
	text     func(lines int) string
	// old and new are two texts of the same length in bytes; putting new in place of the first old makes a mistake.
	old, new string
	// typed is put in place of the first hole, and the cursor is behind it then.
	hole, typed string
	// word is what is hovered over, whose definition is asked for and that is renamed.
	word string
}

// A sample is what a metric took.
type sample []time.Duration

func (s sample) at(quantile float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(float64(len(sorted))*quantile), len(sorted)-1)]
}

// metrics are what is measured at each size, in the order of the table, with the goals for escape in milliseconds.
var metrics = []struct {
	name string
	p50  [3]float64
	p95  [3]float64
}{
	{"start to initialize", [3]float64{4, 4, 4}, [3]float64{8, 8, 8}},
	{"open to findings", [3]float64{4, 8, 40}, [3]float64{8, 15, 60}},
	{"edit to fresh findings", [3]float64{.8, 1.2, 4}, [3]float64{1.5, 2.5, 8}},
	{"completion while typing", [3]float64{.4, .8, 4}, [3]float64{.8, 2, 8}},
	{"completion idle", [3]float64{.2, .3, .8}, [3]float64{.5, 1, 2}},
	{"hover, first after an edit", [3]float64{}, [3]float64{}},
	{"hover", [3]float64{.1, .1, .2}, [3]float64{.3, .3, .3}},
	{"definition", [3]float64{.1, .1, .2}, [3]float64{.3, .3, .3}},
	{"document symbols", [3]float64{.2, .8, 6}, [3]float64{10, 10, 10}},
	{"semantic tokens, all", [3]float64{.3, 1.5, 12}, [3]float64{.6, 3, 24}},
	{"semantic tokens, delta", [3]float64{.3, .5, 2}, [3]float64{.6, 1, 4}},
	{"semantic tokens, 60 lines", [3]float64{.3, .3, .3}, [3]float64{.6, .6, .6}},
	{"formatting", [3]float64{.3, 1.5, 12}, [3]float64{.6, 3, 24}},
	{"references", [3]float64{1, 1, 1}, [3]float64{2, 2, 2}},
	{"rename", [3]float64{1, 1, 1}, [3]float64{2, 2, 2}},
}

// measured are the samples of one server by metric and size, and its memory in KiB.
type measured struct {
	took       map[string]*[3]sample
	open, peak [3]int64
	symbols    [3]int // bytes of the answer
	refused    map[string]bool
}

func (m *measured) add(metric string, size int, took time.Duration) {
	if m.took[metric] == nil {
		m.took[metric] = &[3]sample{}
	}
	m.took[metric][size] = append(m.took[metric][size], took)
}

// editor measures the language servers, one beside the other, and prints a table of medians and 95th percentiles.
func (b *bench) editor(out io.Writer, rounds int) error {
	gopls := filepath.Join(b.dir, "gopls")
	build := exec.Command("go", "build", "-C", "cmd/internal/figures/gopls", "-o", gopls, "golang.org/x/tools/gopls")
	if msg, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build gopls: %w\n%s", err, msg)
	}
	if rounds == 0 {
		rounds = 10
	}
	servers := []server{
		{
			name: "gopls", argv: []string{gopls}, language: "go", file: "main.go", text: goOf,
			old: "count0 + 1", new: "count0 + z", hole: "_ = count0", typed: "_ = cou", word: "count0",
		},
		{
			name: "escape", argv: []string{b.bin, "lsp"}, language: "escape-plan", file: "escape.yml", text: planOf,
			old: "type: integer", new: "type: intezer", hole: "$this.inputs.region_0,", typed: "$this.inputs.re", word: "region_0",
		},
	}
	results := make([]measured, len(servers))
	for i := range results {
		results[i] = measured{took: map[string]*[3]sample{}, refused: map[string]bool{}}
	}
	for range rounds {
		for size := range editorSizes {
			for i := range servers {
				if err := servers[i].session(b.dir, size, &results[i]); err != nil {
					return err
				}
			}
		}
	}
	report(out, servers, results, rounds)
	return b.editorWorkspace(out, servers[1], rounds)
}

// session opens one document in a server of its own and makes all requests.
func (s *server) session(dir string, size int, m *measured) error {
	folder := filepath.Join(dir, "editor", s.name, fmt.Sprint(editorSizes[size]))
	text := s.text(editorSizes[size])
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, s.file), []byte(text), 0o644); err != nil {
		return err
	}
	if s.language == "go" {
		if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module example.org/part\n\ngo 1.26\n"), 0o644); err != nil {
			return err
		}
	}
	e, took, err := startEditor(s.argv, folder, true)
	if err != nil {
		return err
	}
	defer func() { m.peak[size] = max(m.peak[size], e.stop()) }()
	m.add("start to initialize", size, took)
	d := &openDocument{editor: e, server: s, uri: "file://" + filepath.Join(folder, s.file), text: text}
	if took, err = d.open(); err != nil {
		return err
	}
	m.add("open to findings", size, took)
	m.open[size] = max(m.open[size], e.memory("VmRSS"))
	return d.requests(m, size)
}

// An openDocument is a document in an editor.
type openDocument struct {
	*editor
	server  *server
	uri     string
	text    string
	version int
}

func (d *openDocument) open() (time.Duration, error) {
	d.version = 1
	d.begin()
	err := d.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": d.uri, "languageId": d.server.language, "version": 1, "text": d.text,
	}})
	if err != nil {
		return 0, err
	}
	err = d.until("findings", func() bool { return d.versions[d.uri] >= 1 })
	return d.took(), err
}

// replace puts a text in place of another one, from offset at on, without waiting for anything.
func (d *openDocument) replace(at int, old, new string) error {
	d.version++
	change := map[string]any{"range": map[string]any{"start": d.position(at), "end": d.position(at + len(old))}, "text": new}
	d.text = d.text[:at] + new + d.text[at+len(old):]
	return d.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": d.uri, "version": d.version}, "contentChanges": []any{change},
	})
}

// position is that of an offset; all texts are ASCII.
func (d *openDocument) position(at int) map[string]any {
	before := d.text[:at]
	return map[string]any{"line": strings.Count(before, "\n"), "character": at - strings.LastIndexByte(before, '\n') - 1}
}

// fresh waits for the findings of the present text.
func (d *openDocument) fresh() error {
	version := d.version
	return d.until("fresh findings", func() bool { return d.versions[d.uri] >= version })
}

// middle returns the offset of a text in the middle of the document, or the last one before it.
func (d *openDocument) middle(text string) int {
	if i := strings.Index(d.text[len(d.text)/2:], text); i >= 0 {
		return len(d.text)/2 + i
	}
	return strings.LastIndex(d.text, text)
}

const requestsPerSession = 8

// requests makes the requests of a session and notes how long they take.
func (d *openDocument) requests(m *measured, size int) error {
	a := asker{openDocument: d, m: m, size: size}
	for range requestsPerSession {
		if err := a.edits(); err != nil {
			return err
		}
	}
	for range requestsPerSession {
		if err := a.completions(); err != nil {
			return err
		}
	}
	for range requestsPerSession {
		a.questions()
		if err := a.tokens(); err != nil {
			return err
		}
	}
	return nil
}

// An asker makes requests for a document and measures them.
type asker struct {
	*openDocument
	m    *measured
	size int
}

// timed notes how long do takes, or that the server refuses it.
func (a *asker) timed(metric string, do func() error) {
	a.begin()
	if err := do(); err != nil {
		a.m.refused[metric] = true
		return
	}
	a.m.add(metric, a.size, a.took())
}

// ask returns a function that makes a request for the document.
func (a *asker) ask(method string, params map[string]any, result *json.RawMessage) func() error {
	params["textDocument"] = map[string]any{"uri": a.uri}
	return func() error { return a.call(method, params, result) }
}

// changed makes an edit and waits for the findings after it.
func (a *asker) changed(at int, old, new string) error {
	if err := a.replace(at, old, new); err != nil {
		return err
	}
	return a.fresh()
}

// edits makes an edit and takes it back.
func (a *asker) edits() error {
	at := a.middle(a.server.old)
	for _, edit := range [][2]string{{a.server.old, a.server.new}, {a.server.new, a.server.old}} {
		a.begin()
		if err := a.changed(at, edit[0], edit[1]); err != nil {
			return err
		}
		a.m.add("edit to fresh findings", a.size, a.took())
	}
	return nil
}

// completions types something where it can be completed, and takes it back.
func (a *asker) completions() error {
	s := a.server
	hole := strings.Index(a.text, s.hole)
	if err := a.changed(hole, s.hole, s.typed[:len(s.typed)-1]); err != nil {
		return err
	}
	cursor := hole + len(s.typed)
	complete := func() error {
		return a.ask("textDocument/completion", map[string]any{"position": a.position(cursor)}, nil)()
	}
	a.timed("completion while typing", func() error {
		if err := a.replace(cursor-1, "", s.typed[len(s.typed)-1:]); err != nil {
			return err
		}
		return complete()
	})
	if err := a.fresh(); err != nil {
		return err
	}
	a.timed("completion idle", complete)
	return a.changed(hole, s.typed, s.hole)
}

// questions asks about a name in the document, and for all of it.
func (a *asker) questions() {
	use := a.position(strings.LastIndex(a.text, a.server.word) + 1)
	ask := func(metric, method string, params map[string]any) { a.timed(metric, a.ask(method, params, nil)) }
	ask("hover, first after an edit", "textDocument/hover", map[string]any{"position": use})
	ask("hover", "textDocument/hover", map[string]any{"position": use})
	ask("definition", "textDocument/definition", map[string]any{"position": use})
	var symbols json.RawMessage
	a.timed("document symbols", a.ask("textDocument/documentSymbol", map[string]any{}, &symbols))
	a.m.symbols[a.size] = len(symbols)
	ask("formatting", "textDocument/formatting", map[string]any{"options": map[string]any{"tabSize": 2, "insertSpaces": true}})
	ask("references", "textDocument/references", map[string]any{"position": use, "context": map[string]any{"includeDeclaration": true}})
	ask("rename", "textDocument/rename", map[string]any{"position": use, "newName": "other_name"})
	half := a.position(len(a.text) / 2)["line"].(int)
	ask("semantic tokens, 60 lines", "textDocument/semanticTokens/range", map[string]any{"range": map[string]any{
		"start": map[string]any{"line": max(0, half-30), "character": 0}, "end": map[string]any{"line": half + 30, "character": 0},
	}})
}

// tokens asks for all semantic tokens, and then for those that an edit changes.
func (a *asker) tokens() error {
	var tokens json.RawMessage
	a.timed("semantic tokens, all", a.ask("textDocument/semanticTokens/full", map[string]any{}, &tokens))
	var full struct{ ResultID string }
	if json.Unmarshal(tokens, &full) != nil || full.ResultID == "" {
		a.m.refused["semantic tokens, delta"] = true
		return nil
	}
	at := a.middle(a.server.old)
	if err := a.changed(at, a.server.old, a.server.new); err != nil {
		return err
	}
	a.timed("semantic tokens, delta", a.ask("textDocument/semanticTokens/full/delta", map[string]any{"previousResultId": full.ResultID}, nil))
	return a.changed(at, a.server.new, a.server.old)
}

func report(out io.Writer, servers []server, results []measured, rounds int) {
	fmt.Fprintf(out, "editor, %d sessions per server and size; milliseconds at 100 / 1,000 / 10,000 lines\n", rounds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "what")
	for _, s := range servers {
		fmt.Fprintf(w, "\t%s median\tp95\tgrowth", s.name)
	}
	fmt.Fprintln(w, "\tgoal median\tp95\tmet")
	for _, metric := range metrics {
		fmt.Fprint(w, metric.name)
		for i := range servers {
			took := results[i].took[metric.name]
			if took == nil || len(took[0]) == 0 {
				fmt.Fprint(w, "\t-\t-\t-")
				continue
			}
			growth := "-"
			if t := took[1].at(.5); t > 0 && len(took[2]) > 0 {
				growth = fmt.Sprintf("×%.1f", float64(took[2].at(.5))/float64(t))
			}
			fmt.Fprintf(w, "\t%s\t%s\t%s", millis(took, .5), millis(took, .95), growth)
		}
		fmt.Fprintf(w, "\t%s\t%s\t%s\n", goals(metric.p50), goals(metric.p95), met(results[len(results)-1].took[metric.name], metric.p50, metric.p95))
	}
	for _, m := range []struct {
		name  string
		of    func(*measured) [3]int64
		goals string
	}{
		{"memory after open, MiB", func(m *measured) [3]int64 { return m.open }, "20 / 22 / 28"},
		{"peak memory, MiB", func(m *measured) [3]int64 { return m.peak }, "25 / 35 / 80"},
	} {
		fmt.Fprint(w, m.name)
		for i := range servers {
			v := m.of(&results[i])
			fmt.Fprintf(w, "\t%.0f / %.0f / %.0f\t\t", float64(v[0])/1024, float64(v[1])/1024, float64(v[2])/1024)
		}
		fmt.Fprintf(w, "\t%s\t\t\n", m.goals)
	}
	fmt.Fprint(w, "answer of symbols, KiB")
	for i := range servers {
		v := results[i].symbols
		fmt.Fprintf(w, "\t%d / %d / %d\t\t", v[0]>>10, v[1]>>10, v[2]>>10)
	}
	fmt.Fprintln(w, "\t- / - / 300\t\t")
	w.Flush()
	fmt.Fprintln(out)
}

func millis(took *[3]sample, q float64) string {
	var parts []string
	for _, s := range took {
		if len(s) == 0 {
			parts = append(parts, "-")
			continue
		}
		parts = append(parts, number(float64(s.at(q))/float64(time.Millisecond)))
	}
	return strings.Join(parts, " / ")
}

func goals(g [3]float64) string {
	return fmt.Sprintf("%s / %s / %s", number(g[0]), number(g[1]), number(g[2]))
}

func number(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.2f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

// met says at which sizes the goals for median and 95th percentile are reached.
func met(took *[3]sample, p50, p95 [3]float64) string {
	if took == nil {
		return "-"
	}
	out := ""
	for i, s := range took {
		ms := func(q float64) float64 { return float64(s.at(q)) / float64(time.Millisecond) }
		switch {
		case len(s) == 0 || p50[i] == 0:
			out += "-"
		case ms(.5) > p50[i]:
			out += "n"
		case ms(.95) > p95[i]:
			out += "m" // the median only
		default:
			out += "y"
		}
	}
	return out
}

// goOf returns a file of Go of so many lines.
func goOf(lines int) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport \"fmt\"\n\nvar count0 = 1\n\nfunc main() {\n\t_ = count0\n\tfmt.Println(count0)\n}\n")
	for i := 0; strings.Count(b.String(), "\n")+12 < lines; i++ {
		fmt.Fprintf(&b, `
// part%[1]d does a part of the work.
func part%[1]d(size int, names []string) (total int) {
	for i, name := range names {
		if i > size {
			break
		}
		total += len(name) * %[1]d
	}
	total += count0 + 1
	return total
}
`, i)
	}
	return b.String()
}
