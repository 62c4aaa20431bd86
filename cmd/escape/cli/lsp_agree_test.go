package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// TestBehaviour25_LintPrintsWhatTheEditorShows: for all plans of the corpus, in both notations, and the scripts and templates
// beside them, escape lint and escape lsp find the same, with the same words and severities, at the same places, with the same fixes.
func TestBehaviour25_LintPrintsWhatTheEditorShows(t *testing.T) {
	s := &session{t, t.TempDir()}
	s.write(".git/HEAD", "")
	plans := s.writeCorpus()
	if len(plans) < 800 {
		t.Fatalf("only %d plans", len(plans))
	}
	_, out, stderr := s.run(nil, false, append([]string{"lint", "--no-cache", "--format", "json"}, plans...)...)
	var report struct{ Findings []lintFinding }
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	linted, fixes := map[string][]string{}, 0
	for _, f := range report.Findings {
		if f.Place == nil {
			t.Fatalf("a finding has no place: %v", f)
		}
		linted[f.Place.File] = append(linted[f.Place.File], f.shown(s))
		for _, fix := range f.Fixes {
			fixes++
			linted[f.Place.File] = append(linted[f.Place.File], fmt.Sprintf("%s has the fix %q", f.Code, fix.Title))
		}
	}
	names := slices.Clone(plans)
	for name := range linted {
		if !slices.Contains(names, name) {
			names = append(names, name) // a script or template
		}
	}
	shown := s.editorFindings(names)
	total := 0
	for _, name := range names {
		want, got := sortedOnce(linted[name]), sortedOnce(shown[name])
		total += len(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: lint prints\n%s\nand the editor shows\n%s", name, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
	if total < 2000 || fixes < 100 {
		t.Errorf("only %d findings and %d fixes in the corpus", total, fixes)
	}
}

// sortedOnce sorts findings; what plans say twice of one script counts once.
func sortedOnce(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// writeCorpus writes the plans of testdata in both notations, each to a folder of its own with the files beside it, and returns
// their names.
func (s *session) writeCorpus() []string {
	s.t.Helper()
	var plans []string
	for _, pattern := range []string{"../../../testdata/plans/*.txtar", "../../../testdata/plans/ok/*.txtar"} {
		archives, err := filepath.Glob(pattern)
		if err != nil || len(archives) == 0 {
			s.t.Fatal("no corpus", err)
		}
		for _, file := range archives {
			a, err := txtar.ParseFile(file)
			if err != nil {
				s.t.Fatal(err)
			}
			base := strings.TrimSuffix(filepath.Base(file), ".txtar")
			for _, f := range a.Files {
				name, isCase := strings.CutPrefix(f.Name, "in/")
				if !isCase && f.Name != "in.yml" {
					continue
				}
				folder := base + "/" + strings.TrimSuffix(name, ".yml")
				plans = append(plans, s.writeCase(folder+"/escape.yml", string(f.Data), a))
				text, _, err := convert.To(source.NewFile("escape.yml", string(f.Data)), syntax.HCL)
				if err == nil {
					plans = append(plans, s.writeCase(folder+"_hcl/escape.hcl", text, a))
				}
			}
		}
	}
	return plans
}

// writeCase writes a plan and the other files of its archive beside it.
func (s *session) writeCase(plan, text string, a *txtar.Archive) string {
	s.write(plan, text)
	for _, other := range a.Files {
		if strings.HasPrefix(other.Name, "in") || strings.HasPrefix(other.Name, "out") || strings.HasPrefix(other.Name, "deps/") {
			continue
		}
		path := filepath.Join(s.dir, filepath.Dir(plan), other.Name)
		if os.MkdirAll(filepath.Dir(path), 0o755) == nil {
			os.WriteFile(path, other.Data, 0o644) // not all names are good ones
		}
	}
	return plan
}

// A lintFinding is a finding as escape lint writes it.
type lintFinding struct {
	Code, Severity, Message, Hint string
	Place                         *struct {
		File       string
		Start, End struct{ Line, Column int }
	}
	Fixes []struct{ Title string }
}

// shown writes a finding as an editor shows it.
func (f lintFinding) shown(s *session) string {
	text, err := os.ReadFile(filepath.Join(s.dir, f.Place.File))
	if err != nil {
		s.t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	units := func(line, column int) string { // columns count characters from 1
		n := 0
		for i, r := range []rune(lines[line-1]) {
			if i == column-1 {
				break
			}
			n += utf16.RuneLen(r)
		}
		return fmt.Sprintf("%d:%d", line-1, n)
	}
	message := f.Message
	if f.Hint != "" {
		message += "\n" + f.Hint
	}
	p := f.Place
	return fmt.Sprintf("%s-%s %s %s %q", units(p.Start.Line, p.Start.Column), units(p.End.Line, p.End.Column), f.Severity, f.Code, message)
}

// editorFindings opens files in an editor, plans first, and returns what it is told of each when it asks.
func (s *session) editorFindings(names []string) map[string][]string {
	s.t.Helper()
	// What untilReady asks about has to be there when the server looks for plans.
	s.write("ready/needs/escape.yml", "name: ready/needs\nversion: 1.0\ndepends: [ready/needed-v1.0 as x]\noutputs:\n- {id: o, default: $x.outputs.none}\n")
	s.write("ready/needed/escape.yml", "name: ready/needed\nversion: 1.0\n")
	e := s.startEditor()
	defer e.leave()
	e.untilReady()
	for _, name := range names {
		e.open(name)
	}
	all := map[string][]string{}
	for _, name := range names {
		for _, d := range e.pull(name) {
			all[name] = append(all[name], d.shown())
			all[name] = append(all[name], e.fixes(name, d)...)
		}
	}
	return all
}

// An editor talks to escape lsp over standard input and output.
type editor struct {
	s      *session
	in     io.WriteCloser
	out    *bufio.Reader
	lastID int
	status chan int
}

func (s *session) startEditor() *editor {
	s.t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	e := &editor{s: s, in: inW, out: bufio.NewReader(outR), status: make(chan int, 1)}
	go func() { // ends when the editor leaves
		status := Main(context.Background(), Env{
			Args: []string{"lsp"}, Stdin: inR, Stdout: outW, Stderr: io.Discard, Dir: s.dir, Now: time.Now,
			Environ: []string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH")},
		})
		outW.Close()
		e.status <- status
	}()
	e.ask("initialize", fmt.Sprintf(`{"processId":null,"rootUri":%q,"capabilities":{"textDocument":{"diagnostic":{},"publishDiagnostics":{"dataSupport":true}}}}`, e.uri("")), nil)
	e.say("", "initialized", "{}")
	return e
}

func (e *editor) leave() {
	e.ask("shutdown", "null", nil)
	e.say("", "exit", "null")
	if status := <-e.status; status != 0 {
		e.s.t.Errorf("escape lsp ends with %d", status)
	}
}

// untilReady asks until the server has found the other plans of the folder: then it knows what one of them does not have.
func (e *editor) untilReady() {
	e.s.t.Helper()
	e.open("ready/needs/escape.yml")
	for start := time.Now(); time.Since(start) < time.Minute; {
		for _, d := range e.pull("ready/needs/escape.yml") {
			if d.Code == "ESC3002" { // an unknown key
				return
			}
		}
	}
	e.s.t.Fatal("the plans of the folder are not found")
}

func (e *editor) uri(name string) string {
	return "file://" + filepath.ToSlash(filepath.Join(e.s.dir, name))
}

func (e *editor) open(name string) {
	e.s.t.Helper()
	text, err := os.ReadFile(filepath.Join(e.s.dir, name))
	if err != nil {
		e.s.t.Fatal(err)
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		e.s.t.Fatal(err)
	}
	e.say("", "textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"plaintext","version":1,"text":%s}}`, e.uri(name), quoted))
}

func (e *editor) pull(name string) []shownFinding {
	e.s.t.Helper()
	var report struct{ Items []shownFinding }
	e.ask("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, e.uri(name)), &report)
	return report.Items
}

// fixes returns the quick fixes that the editor offers for a finding, but for those that lint does not print: the ones that look
// at more than the finding, and comments that silence it.
func (e *editor) fixes(name string, d shownFinding) []string {
	e.s.t.Helper()
	if !d.Data.Fixable {
		return nil
	}
	var actions []struct {
		Title       string
		Diagnostics []struct{ Code string }
	}
	span, err := json.Marshal(d.Range)
	if err != nil {
		e.s.t.Fatal(err)
	}
	e.ask("textDocument/codeAction", strings.ToLower(fmt.Sprintf(`{"range":%s,`, span))+
		fmt.Sprintf(`"textDocument":{"uri":%q},"context":{"only":["quickfix"],"diagnostics":[]}}`, e.uri(name)), &actions)
	var list []string
	for _, a := range actions {
		for _, x := range a.Diagnostics {
			if x.Code == d.Code && !isEditorsOwn(a.Title) {
				list = append(list, fmt.Sprintf("%s has the fix %q", x.Code, a.Title))
			}
		}
	}
	return list
}

// isEditorsOwn reports whether a fix exists in editors only.
func isEditorsOwn(title string) bool {
	for _, start := range []string{"Ignore ", "Add the ", "Map the "} {
		if strings.HasPrefix(title, start) {
			return true
		}
	}
	return false
}

// say sends a message; id is a member with a comma, or "".
func (e *editor) say(id, method, params string) {
	e.s.t.Helper()
	body := fmt.Sprintf(`{"jsonrpc":"2.0",%s"method":%q,"params":%s}`, id, method, params)
	if _, err := fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		e.s.t.Fatal(err)
	}
}

// ask sends a request and reads until its answer, which goes to result unless that is nil.
func (e *editor) ask(method, params string, result any) {
	e.s.t.Helper()
	e.lastID++
	e.say(fmt.Sprintf(`"id":%d,`, e.lastID), method, params)
	for {
		header, err := textproto.NewReader(e.out).ReadMIMEHeader()
		if err != nil {
			e.s.t.Fatal(err)
		}
		n, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			e.s.t.Fatal(err)
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(e.out, body); err != nil {
			e.s.t.Fatal(err)
		}
		var m struct {
			ID            int
			Method        string
			Error, Result json.RawMessage
		}
		if err := json.Unmarshal(body, &m); err != nil || m.Error != nil {
			e.s.t.Fatalf("the answer to %s is %s", method, body)
		}
		if m.Method == "" && m.ID == e.lastID {
			if result != nil {
				if err := json.Unmarshal(m.Result, result); err != nil {
					e.s.t.Fatalf("%s: %v", body, err)
				}
			}
			return
		}
	}
}

// A shownFinding is a finding as the language server writes it.
type shownFinding struct {
	Range struct {
		Start, End struct{ Line, Character int }
	}
	Severity      int
	Code, Message string
	Data          struct{ Fixable bool }
}

func (d shownFinding) shown() string {
	severity := map[int]string{1: "error", 2: "warning", 3: "advice", 4: "advice"}[d.Severity]
	r := d.Range
	return fmt.Sprintf("%d:%d-%d:%d %s %s %q", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character, severity, d.Code, d.Message)
}
