package lsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/markertest"
)

// forms are expressions with a name that does not exist, in all forms of scalars, behind characters of all widths.
var forms = []struct{ name, file, text string }{
	{"plain", "escape.yml", `  default: $__concat("é😀	", $this.inputs.zon)`},
	{"single quotes", "escape.yml", `  default: '$__concat("é😀	''", $this.inputs.zon)'`},
	{"double quotes", "escape.yml", `  default: "$__concat(\"\u00e9😀\t\", $this.inputs.zon)"`},
	{"literal", "escape.yml", "  default: |-\n    $__concat(\"é😀\t\",\n      \"é\", $this.inputs.zon)"},
	{"folded", "escape.yml", "  default: >-\n    $__concat(\"é😀\t\",\n    \"😀\", $this.inputs.zon)"},
	{"several plain lines", "escape.yml", "  default: $__concat(\"é😀\",\n    \"é\", $this.inputs.zon)"},
	{"several quoted lines", "escape.yml", "  default: \"$__concat(\\\"\\u00e9\\\",\n    \\\"é😀\\\", $this.inputs.\\\n    zon)\""},
	{"native", "escape.hcl", `  default = concat("é😀	\u00e9", this.inputs.zon)`},
	{"quoted template", "escape.hcl", `  default = "é😀\u00e9	${this.inputs.zon}"`},
	{"heredoc", "escape.hcl", "  default = <<-EOT\n    é😀\t ${this.inputs.zon}\n  EOT"},
	{"script", "escape.hcl", `  default = script("$__concat(\"é😀\", $this.inputs.zon)")`},
}

// TestBehaviour11_ExactRanges: a finding and a hover cover the word in question and nothing else, in all forms of scalars, with all kinds
// of line ends (HCL knows no CR alone), for clients that count bytes and for those that count UTF-16 units.
func TestBehaviour11_ExactRanges(t *testing.T) {
	for _, encoding := range []string{"utf-8", "utf-16"} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			for _, form := range forms {
				if end == "\r" && form.file == "escape.hcl" {
					continue
				}
				t.Run(fmt.Sprintf("%s/%q/%s", encoding, end, form.name), func(t *testing.T) {
					text := "name: demo/app\nversion: 0.1.@\ninputs:\n- zone\noutputs:\n- id: o\n" + form.text + "\n"
					if form.file == "escape.hcl" {
						text = "name    = \"demo/app\"\nversion = \"0.1.@\"\ninput \"zone\" {}\noutput \"o\" {\n" + form.text + "\n}\n"
					}
					exact(t, encoding, form.file, strings.ReplaceAll(text, "\n", end))
				})
			}
		}
	}
}

// TestByteOrderMark: in a plan that begins with a byte order mark, which is a character, the name in the first line is found, coloured
// and formatted where it stands.
func TestByteOrderMark(t *testing.T) {
	for encoding, mark := range map[string]uint32{"utf-8": 3, "utf-16": 1} {
		for name, line := range map[string]string{"escape.yml": "name:    demo/app # é\nversion: 0.1.@\n", "escape.hcl": "name    =   \"demo/app\"\nversion = \"0.1.@\"\n"} {
			t.Run(encoding+"/"+name, func(t *testing.T) {
				text := source.BOM + line
				c := openPlan(t, name, text, json.RawMessage(fmt.Sprintf(`{"general": {"positionEncodings": [%q]}}`, encoding)))
				doc := protocol.TextDocumentIdentifier{URI: c.URI(name)}
				want := protocol.Range{Start: protocol.Position{Character: mark}, End: protocol.Position{Character: mark + 4}}
				hover, err := c.Server.Hover(c.Ctx, &protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
					TextDocument: doc, Position: protocol.Position{Character: mark + 1},
				}})
				if err != nil || hover == nil || hover.Range == nil || *hover.Range != want {
					t.Errorf("the hover is %v, %v, want it over %v", hover, err, want)
				}
				tokens, err := c.Server.SemanticTokensFull(c.Ctx, &protocol.SemanticTokensParams{TextDocument: doc})
				if err != nil || !covers(tokens.Data, want) {
					t.Errorf("no token covers %v: %v, %v", want, tokens, err)
				}
				edits, err := c.Server.Formatting(c.Ctx, &protocol.DocumentFormattingParams{TextDocument: doc, Options: protocol.FormattingOptions{TabSize: 2, InsertSpaces: true}})
				if err != nil || len(edits) == 0 && name == "escape.hcl" {
					t.Fatalf("the edits are %v, %v", edits, err)
				}
				for _, e := range edits {
					if e.Range.Start.Line > 0 {
						continue
					}
					first := strings.SplitN(text, "\n", 2)[0]
					from, to := e.Range.Start.Character-mark+3, e.Range.End.Character-mark+3 // in bytes
					if int(to) > len(first) || strings.Trim(first[from:to], " ") != "" {
						t.Errorf("%v replaces %q", e, first[from:min(int(to), len(first))])
					}
				}
			})
		}
	}
}

// TestMiddleOfCharacter: a position in the middle of a character is its start, so that what is typed there splits none.
func TestMiddleOfCharacter(t *testing.T) {
	c := openPlan(t, "escape.yml", "name: demo/app\nversion: 0.1.@\n# é\n", json.RawMessage(`{"general": {"positionEncodings": ["utf-8"]}}`))
	u := c.URI("escape.yml")
	middle := protocol.Position{Line: 2, Character: 3}
	err := c.Server.DidChange(c.Ctx, &protocol.DidChangeTextDocumentParams{
		TextDocument: protocol.VersionedTextDocumentIdentifier{TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: u}, Version: 2},
		ContentChanges: []protocol.TextDocumentContentChangeEvent{
			&protocol.TextDocumentContentChangePartial{Range: protocol.Range{Start: middle, End: middle}, Text: "x"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.Server.Diagnostic(c.Ctx, &protocol.DocumentDiagnosticParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}})
	full, ok := report.(*protocol.RelatedFullDocumentDiagnosticReport)
	if err != nil || !ok || len(full.Items) > 0 {
		t.Errorf("the findings are %v, %v", report, err)
	}
}

func exact(t *testing.T, encoding, name, text string) {
	can := json.RawMessage(fmt.Sprintf(`{"general": {"positionEncodings": [%q]}}`, encoding))
	c := openPlan(t, name, text, can)
	at := strings.LastIndex(text, "zon")
	f := source.NewFile(name, text)
	want := markertest.Range(f, source.Span{Start: int32(at), End: int32(at + 3)})
	if encoding == "utf-8" {
		line := f.Line(f.LineOf(at))
		want.Start.Character = uint32(at - int(line.Start))
		want.End.Character = want.Start.Character + 3
	}
	list := c.Diagnostics(c.URI(name))
	var found []string
	for _, d := range list {
		if d.Code == protocol.String("ESC3002") {
			found = append(found, fmt.Sprint(d.Range))
		}
	}
	if len(found) != 1 || found[0] != fmt.Sprint(want) {
		t.Errorf("the finding covers %v, want %v in %q: %v", found, want, text, list)
	}
	inside := want.Start
	inside.Character++
	got, err := c.Server.Hover(c.Ctx, &protocol.HoverParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: c.URI(name)}, Position: inside,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got == nil || got.Range == nil {
		t.Fatalf("there is no hover at %v of %q", inside, text)
	}
	if *got.Range != want {
		t.Errorf("the hover covers %v, want %v in %q", *got.Range, want, text)
	}
	tokens, err := c.Server.SemanticTokensRange(c.Ctx, &protocol.SemanticTokensRangeParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: c.URI(name)}, Range: want,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !covers(tokens.Data, want) {
		t.Errorf("no token covers %v of %q: %v", want, text, tokens.Data)
	}
}

// covers reports whether one of the tokens has exactly a range.
func covers(data []uint32, want protocol.Range) bool {
	line, char := uint32(0), uint32(0)
	for i := 0; i+4 < len(data); i += 5 {
		if data[i] > 0 {
			char = 0
		}
		line, char = line+data[i], char+data[i+1]
		if line == want.Start.Line && char == want.Start.Character && char+data[i+2] == want.End.Character {
			return true
		}
	}
	return false
}
