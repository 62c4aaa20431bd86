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

// TestBehaviour11_ExactRanges: a finding and a hover cover the word in question and nothing else, in all forms of scalars, with both kinds
// of line ends, for clients that count bytes and for those that count UTF-16 units.
func TestBehaviour11_ExactRanges(t *testing.T) {
	for _, encoding := range []string{"utf-8", "utf-16"} {
		for _, end := range []string{"\n", "\r\n"} {
			for _, form := range forms {
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
