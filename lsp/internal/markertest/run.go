package markertest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
)

// A Test is one archive that runs.
type Test struct {
	*Client
	archive *archive
	places  map[string]place
	wanted  map[uri.URI][]wanted // findings that markers name
}

// A place is a span of a file of the test.
type place struct {
	File string
	Span source.Span
}

// A wanted is a finding that a marker names.
type wanted struct {
	at      call
	span    source.Span
	code    string
	message string // a part of it
}

// config is the configuration of the linter. The one of tests asks for no descriptions.
const config = ".escapelint.yml"

// Run runs all archives of a folder.
func Run(t *testing.T, pattern string) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, typed := range []bool{false, true} {
				t.Run(map[bool]string{false: "opened", true: "typed"}[typed], func(t *testing.T) { runArchive(t, path, typed) })
			}
		})
	}
}

func runArchive(t *testing.T, path string, typed bool) {
	a, err := readArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := a.files[config]; !ok {
		a.files[config] = "levels:\n  no-description: off\n"
	}
	for name, body := range a.files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		mode := os.FileMode(0o666)
		if strings.HasPrefix(body, "#!") {
			mode = 0o777
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(body), mode); err != nil {
			t.Fatal(err)
		}
	}
	x := &Test{
		Client:  Start(t, dir, json.RawMessage(a.files["capabilities.json"]), json.RawMessage(a.files["settings.json"])),
		archive: a, places: map[string]place{}, wanted: map[uri.URI][]wanted{},
	}
	for _, name := range x.marked() {
		if typed && len(a.files[name]) < maxTyped {
			x.typeIn(name)
		} else {
			x.Open(x.URI(name), Language(name), a.files[name])
		}
	}
	x.calls()
	x.findings()
	if a.changed && !t.Failed() {
		if err := a.update(); err != nil {
			t.Fatal(err)
		}
	}
}

// marked returns the files with markers, in order.
func (x *Test) marked() []string {
	names := map[string]bool{}
	for _, c := range x.archive.calls {
		names[c.file] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// maxTyped is how long a file may be that is typed.
const maxTyped = 4 << 10

// typeIn opens an empty document and types its text, with requests in between that must not fail.
func (x *Test) typeIn(name string) {
	x.T.Helper()
	u, body := x.URI(name), x.archive.files[name]
	x.Open(u, Language(name), "")
	doc := protocol.TextDocumentIdentifier{URI: u}
	for n := 0; n < len(body); {
		next := min(n+7, len(body))
		for next < len(body) && body[next]&0xC0 == 0x80 {
			next++
		}
		x.Edit(u, source.Span{Start: int32(n), End: int32(n)}, body[n:next])
		n = next
		at := protocol.TextDocumentPositionParams{TextDocument: doc, Position: Range(x.Text(u), source.Span{Start: int32(n), End: int32(n)}).Start}
		for _, ask := range whileTyping {
			if err := ask(x.Client, at); err != nil {
				x.T.Fatalf("%s: typed %d bytes: %v", name, n, err)
			}
		}
	}
}

// calls runs what the markers say: loc first, as others need it.
func (x *Test) calls() {
	for _, first := range []bool{true, false} {
		for _, c := range x.archive.calls {
			if (c.name == "loc") != first {
				continue
			}
			fn := funcs[c.name]
			if fn == nil {
				x.T.Errorf("%v is no function of markers", c)
				continue
			}
			fn(x, c)
		}
	}
}

// findings compares the findings of all open files with those that markers name.
func (x *Test) findings() {
	for _, name := range x.marked() {
		u := x.URI(name)
		f := x.Text(u)
		want := slices.Clone(x.wanted[u])
		match := func(d protocol.Diagnostic) bool {
			span, _ := Span(f, d.Range)
			i := slices.IndexFunc(want, func(w wanted) bool {
				return w.span == span && string(d.Code.(protocol.String)) == w.code && strings.Contains(string(d.Message.(protocol.String)), w.message)
			})
			if i >= 0 {
				want = slices.Delete(want, i, i+1)
			}
			return i >= 0
		}
		var extra []protocol.Diagnostic
		x.Until(u, func(list []protocol.Diagnostic) bool {
			want, extra = slices.Clone(x.wanted[u]), nil
			for _, d := range list {
				if !match(d) {
					extra = append(extra, d)
				}
			}
			return len(want) == 0 && len(extra) == 0
		})
		for _, w := range want {
			x.T.Errorf("%v: no finding %s at %q", w.at, w.code, f.Slice(w.span))
		}
		for _, d := range extra {
			span, _ := Span(f, d.Range)
			x.T.Errorf("%s:%d: unexpected finding %v at %q: %v", name, d.Range.Start.Line+1, d.Code, f.Slice(span), d.Message)
		}
	}
}

// place returns the place that argument n of a call names.
func (x *Test) place(c call, n int) place {
	x.T.Helper()
	if n >= len(c.args) {
		x.T.Fatalf("%v wants %d arguments", c, n+1)
	}
	a := c.args[n]
	if a.kind == word {
		p, ok := x.places[a.text]
		if !ok {
			x.T.Fatalf("%v: no place is called %s", c, a.text)
		}
		switch a.edge {
		case "start":
			p.Span.End = p.Span.Start
		case "end":
			p.Span.Start = p.Span.End
		}
		return p
	}
	span, err := a.find(x.source(c.file), c.line)
	if err != nil {
		x.T.Fatalf("%v: %v", c, err)
	}
	return place{c.file, span}
}

// source returns a file of the test as the editor shows it.
func (x *Test) source(name string) *source.File {
	if f := x.Text(x.URI(name)); f != nil {
		return f
	}
	return source.NewFile(name, x.archive.files[name])
}

// at returns the parameters of a request at a place: at its start, or in its middle if it is longer than one character.
func (x *Test) at(p place) protocol.TextDocumentPositionParams {
	off := p.Span.Start
	if p.Span.Len() > 1 {
		off++
	}
	f := x.source(p.File)
	return protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: x.URI(p.File)},
		Position:     Range(f, source.Span{Start: off, End: off}).Start,
	}
}

// str returns argument n as a text.
func (x *Test) str(c call, n int) string {
	x.T.Helper()
	if n >= len(c.args) {
		x.T.Fatalf("%v wants %d arguments", c, n+1)
	}
	return c.args[n].text
}

// golden compares a text with a golden section, or writes it if goldens are updated.
func (x *Test) golden(c call, name, got string) {
	x.T.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	if want, ok := x.archive.golden[name]; got != want || !ok {
		if os.Getenv("ESCAPE_UPDATE") != "" {
			x.archive.golden[name], x.archive.changed = got, true
			return
		}
		x.T.Errorf("%v: %s\nrun with ESCAPE_UPDATE=1 to accept", c, diff.Diff("want @"+name, []byte(want), "got", []byte(got)))
	}
}
