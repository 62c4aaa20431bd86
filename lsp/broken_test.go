package lsp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/markertest"
	"escape.build/escape/lsp/internal/plantest"
)

// probes is at how many places of a broken plan something is asked.
const probes = 12

// TestBrokenPlans: whatever one line of a plan is broken by, everything else is explained as before, and there are at most
// two findings (three for conflict markers).
func TestBrokenPlans(t *testing.T) {
	breakages := []struct {
		name      string
		yaml, hcl string
		max       int
	}{
		{"half a word", "desc\n", "desc\n", 2},
		{"unclosed quote", "- id: x\n  description: \"half\n", "description = \"half\n", 2},
		{"unclosed list", "- id: x\n  items: [a, b\n", "includes = [\"a\", \"b\"\n", 2},
		{"unclosed mapping", "- {id: x, type: bool\n", "input \"x\" {\n", 2},
		{"unclosed expression", "- id: x\n  default: \"$__concat($\"\n", "input \"x\" { default = \"${this.\" }\n", 2},
		{"tab", "- id: x\n\tdescription: y\n", "\tlicens\n", 2},
		{"conflict", "<<<<<<< HEAD\n- id: x\n=======\n- id: z\n>>>>>>> other\n", "<<<<<<< HEAD\ninput \"x\" {}\n=======\ninput \"z\" {}\n>>>>>>> other\n", 3},
	}
	for name, text := range plantest.Plans(t, 1000) {
		t.Run(name, func(t *testing.T) {
			c := openPlan(t, name, text, nil)
			u := c.URI(name)
			if list := c.Diagnostics(u); len(list) > 0 {
				t.Errorf("the plan has %d findings before it is broken: %v", len(list), list[0])
			}
			for _, b := range breakages {
				broken, start := b.yaml, "- id:"
				if name == "escape.hcl" {
					broken, start = b.hcl, "input "
				}
				half := len(text) / 5
				at := half + strings.Index(text[half:], "\n"+start) + 1
				c.Edit(u, source.Span{Start: int32(at), End: int32(at)}, broken)
				if n := len(c.Diagnostics(u)); n > b.max {
					t.Errorf("%s: %d findings, want at most %d: %v", b.name, n, b.max, c.Diagnostics(u))
				}
				if n := answered(t, c, name, at, len(broken)); n != probes {
					t.Errorf("%s: %d of %d places are explained", b.name, n, probes)
				}
				everythingAnswers(t, c, name)
				c.Edit(u, source.Span{Start: int32(at), End: int32(at + len(broken))}, "")
			}
		})
	}
}

// openPlan opens a plan in an editor of its own.
func openPlan(t testing.TB, name, text string, capabilities []byte) *markertest.Client {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{name: text, ".escapelint.yml": "levels:\n  no-description: off\n  ESC6014: off\n  ESC6151: off\n  ESC6189: off\n  ESC6195: off\n"}
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := markertest.Start(t, dir, capabilities, nil)
	c.Open(c.URI(name), markertest.Language(name), text)
	return c
}

// answered counts at how many of the places, which lie evenly in the plan and on lines with a key, there is a hover. The lines of the
// breakage are left out.
func answered(t *testing.T, c *markertest.Client, name string, at, broken int) int {
	u := c.URI(name)
	f := c.Text(u)
	n := 0
	for i := range probes {
		line := 1 + i*(f.LineCount()-2)/probes
		for step := 1; !isKey(f, line) || int(f.Line(line).Start) >= at && int(f.Line(line).Start) < at+broken; line += step {
			if line >= f.LineCount() {
				step = -1
			}
		}
		span := f.Line(line)
		text := f.Slice(span)
		start := span.Start + int32(len(text)-len(strings.TrimLeft(text, " -")))
		got, err := c.Server.Hover(c.Ctx, &protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: u},
			Position:     markertest.Range(f, source.Span{Start: start + 1, End: start + 1}).Start,
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got == nil {
			t.Logf("line %d: no hover at %q", line, text)
			continue
		}
		n++
	}
	return n
}

// isKey reports whether a line holds a key of the language.
func isKey(f *source.File, line int) bool {
	text := strings.TrimLeft(f.Slice(f.Line(line)), " -")
	for _, key := range []string{"id", "description", "default", "items", "type", "url", "dest", "file", "mapping", "input", "output", "inputs",
		"outputs", "name", "errands", "errand", "run", "inline"} {
		if strings.HasPrefix(text, key+":") || strings.HasPrefix(text, key+" ") {
			return true
		}
	}
	return false
}

// everythingAnswers asks what the editor shows by itself.
func everythingAnswers(t *testing.T, c *markertest.Client, name string) {
	t.Helper()
	u := c.URI(name)
	f := c.Text(u)
	doc := protocol.TextDocumentIdentifier{URI: u}
	tokens, err := c.Server.SemanticTokensFull(c.Ctx, &protocol.SemanticTokensParams{TextDocument: doc})
	if err != nil || tokens == nil || len(tokens.Data) < 1000 {
		t.Errorf("the tokens are %v, %v", tokens, err)
	}
	symbols, err := c.Server.DocumentSymbol(c.Ctx, &protocol.DocumentSymbolParams{TextDocument: doc})
	if err != nil || symbols == nil {
		t.Errorf("the symbols are %v, %v", symbols, err)
	}
	folds, err := c.Server.FoldingRanges(c.Ctx, &protocol.FoldingRangeParams{TextDocument: doc})
	if err != nil || len(folds) < 50 {
		t.Errorf("there are %d folds, %v", len(folds), err)
	}
	whole := markertest.Range(f, source.Span{End: int32(len(f.Text()))})
	if hints, err := c.Server.InlayHint(c.Ctx, &protocol.InlayHintParams{TextDocument: doc, Range: whole}); err != nil || len(hints) < 10 {
		t.Errorf("there are %d hints, %v", len(hints), err)
	}
}

// TestSymbolsAreSmall: the outline of a plan of 10,000 lines is no burden.
func TestSymbolsAreSmall(t *testing.T) {
	const most = 300 << 10
	for name, text := range plantest.Plans(t, 10_000) {
		c := openPlan(t, name, text, []byte(`{"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": true}}}`))
		list, err := c.Server.DocumentSymbol(c.Ctx, &protocol.DocumentSymbolParams{TextDocument: protocol.TextDocumentIdentifier{URI: c.URI(name)}})
		if err != nil {
			t.Fatal(err)
		}
		data, err := protocol.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > most {
			t.Errorf("the symbols of %s take %d bytes, want at most %d", name, len(data), most)
		}
	}
}
