package lsp_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/markertest"
	"escape.build/escape/lsp/internal/plantest"
)

// probes is at how many places of a broken plan something is asked.
const probes = 12

// A breakage is how one line of a plan is broken, and how many findings that may give.
type breakage struct {
	name      string
	yaml, hcl string
	max       int
}

var breakages = []breakage{
	{"half a word", "desc\n", "desc\n", 2},
	{"unclosed quote", "- id: x\n  description: \"half\n", "description = \"half\n", 2},
	{"unclosed list", "- id: x\n  items: [a, b\n", "includes = [\"a\", \"b\"\n", 2},
	{"unclosed mapping", "- {id: x, type: bool\n", "input \"x\" {\n", 2},
	{"unclosed expression", "- id: x\n  default: \"$__concat($\"\n", "input \"x\" { default = \"${this.\" }\n", 2},
	{"tab", "- id: x\n\tdescription: y\n", "\tlicens\n", 2},
	{"conflict", "<<<<<<< HEAD\n- id: x\n=======\n- id: z\n>>>>>>> other\n", "<<<<<<< HEAD\ninput \"x\" {}\n=======\ninput \"z\" {}\n>>>>>>> other\n", 3},
}

// broken calls fn with plans of 1,000 lines in both notations that are open and broken in each way: at is where, and size how many
// bytes are too many.
func broken(t *testing.T, fn func(t *testing.T, c *markertest.Client, name string, b breakage, at, size int)) {
	for name, text := range plantest.Plans(t, 1000) {
		t.Run(name, func(t *testing.T) {
			zone := regexp.MustCompile(`zone_\d+`).FindString(text)
			text = strings.ReplaceAll(text, "this.name", "this.inputs."+zone)
			c := openPlan(t, name, text, nil)
			u := c.URI(name)
			if list := c.Diagnostics(u); len(list) > 0 {
				t.Errorf("the plan has %d findings before it is broken: %v", len(list), list[0])
			}
			for _, b := range breakages {
				lines, start := b.yaml, "- id:"
				if name == "escape.hcl" {
					lines, start = b.hcl, "input "
				}
				part := len(text) / 5
				at := part + strings.Index(text[part:], "\n"+start) + 1
				c.Edit(u, source.Span{Start: int32(at), End: int32(at)}, lines)
				fn(t, c, name, b, at, len(lines))
				c.Edit(u, source.Span{Start: int32(at), End: int32(at + len(lines))}, "")
			}
		})
	}
}

// Whatever one line of a plan is broken by, everything else is explained, completed and found as before.
func TestBehaviour01_TypingNeverBreaksTheRest(t *testing.T) {
	broken(t, func(t *testing.T, c *markertest.Client, name string, b breakage, at, size int) {
		for what, ask := range asked {
			if n := answered(t, c, name, at, size, ask); n != probes {
				t.Errorf("%s: %d of %d places have a %s", b.name, n, probes, what)
			}
		}
		if found, all := defined(t, c, name); found != all || all < probes {
			t.Errorf("%s: %d of %d references have a definition", b.name, found, all)
		}
		everythingAnswers(t, c, name)
	})
}

// One mistake gives at most two findings, and the marks of a conflict three.
func TestBehaviour02_AFewFindingsForOneMistake(t *testing.T) {
	broken(t, func(t *testing.T, c *markertest.Client, name string, b breakage, _, _ int) {
		if n := len(c.Diagnostics(c.URI(name))); n > b.max {
			t.Errorf("%s: %d findings, want at most %d: %v", b.name, n, b.max, c.Diagnostics(c.URI(name)))
		}
	})
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

// asked are the requests that are made at keys, and whether there is an answer.
var asked = map[string]func(*markertest.Client, protocol.TextDocumentPositionParams) (bool, error){
	"hover": func(c *markertest.Client, at protocol.TextDocumentPositionParams) (bool, error) {
		got, err := c.Server.Hover(c.Ctx, &protocol.HoverParams{TextDocumentPositionParams: at})
		return got != nil, err
	},
	"completion": func(c *markertest.Client, at protocol.TextDocumentPositionParams) (bool, error) {
		got, err := c.Server.Completion(c.Ctx, &protocol.CompletionParams{TextDocumentPositionParams: at})
		list, ok := got.(*protocol.CompletionList)
		return ok && len(list.Items) > 0, err
	},
	"selection": func(c *markertest.Client, at protocol.TextDocumentPositionParams) (bool, error) {
		got, err := c.Server.SelectionRange(c.Ctx, &protocol.SelectionRangeParams{TextDocument: at.TextDocument, Positions: []protocol.Position{at.Position}})
		return len(got) == 1 && got[0].Parent != nil, err
	},
}

// answered counts at how many of the places, which lie evenly in the plan and on lines with a key, there is an answer. The lines
// of the breakage are left out.
func answered(t *testing.T, c *markertest.Client, name string, at, broken int,
	ask func(*markertest.Client, protocol.TextDocumentPositionParams) (bool, error),
) int {
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
		ok, err := ask(c, protocol.TextDocumentPositionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: u},
			Position:     markertest.Range(f, source.Span{Start: start + 1, End: start + 1}).Start,
		})
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			t.Logf("line %d: no answer at %q", line, text)
			continue
		}
		n++
	}
	return n
}

// defined counts the references to inputs, and those of them that lead to one.
func defined(t *testing.T, c *markertest.Client, name string) (found, all int) {
	t.Helper()
	f := c.Text(c.URI(name))
	for at := 0; ; {
		const ref = "this.inputs.zone_"
		n := strings.Index(f.Text()[at:], ref)
		if n < 0 {
			return found, all
		}
		at += n + len(ref)
		all++
		got, err := c.Server.Definition(c.Ctx, &protocol.DefinitionParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: c.URI(name)},
			Position:     markertest.Range(f, source.Span{Start: int32(at - 1), End: int32(at - 1)}).Start,
		}})
		if err != nil {
			t.Fatal(err)
		}
		if places, ok := got.(protocol.LocationSlice); ok && len(places) == 1 {
			found++
		}
	}
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
