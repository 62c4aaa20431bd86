package lsp

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
)

// manyKinds is a plan with something for all that can be asked.
const manyKinds = `# A plan
# with comments.
name: web
version: 0.0.@
description: >-
  é😀
  goes on
depends:
- db-v0.0.@ as db
inputs:
- id: url
  description: "b
    c"
  default: $db.outputs.address
  eval_before_dependencies: false
- {id: other, description: b, default: $this.inputs.url}
build:
  inline: |
    set -eu
    echo "$INPUT_url" "$INPUT_nothing"
deploy: run.sh

outputs:
- id: x
  description: d
  default: $this.inputs.nothing
`

// TestLineEnds: all that the protocol asks of a plan has the same answers however its lines end: with LF, CRLF, or CR alone.
func TestLineEnds(t *testing.T) {
	answers := map[string]map[string]string{}
	for _, end := range []string{"\n", "\r\n", "\r"} {
		text := strings.ReplaceAll(manyKinds, "\n", end)
		dir := folder(t, map[string]string{
			"web/escape.yml": text, "web/run.sh": "#!/bin/sh\nset -eu\necho \"$INPUT_url\"\n", "db/escape.yml": strings.ReplaceAll(needed, "\n", end), ".git/HEAD": "",
		})
		w := start(t, dir, `{"textDocument":{"documentSymbol":{"hierarchicalDocumentSymbolSupport":true}},"workspace":{"workspaceEdit":{"documentChanges":true}}}`)
		u := fileURI(dir) + "/web/escape.yml"
		w.open(u, "escape-plan", text)
		got := map[string]string{"findings": listing(w.published(u, 1))}
		for method, params := range asks {
			if end == "\r" && (method == "textDocument/formatting" || method == "textDocument/rangeFormatting") {
				continue // such a text stays as it is
			}
			params = strings.Replace(params, `"diagnostics":[]`, `"diagnostics":[],"only":["quickfix","refactor"]`, 1) // nor is it put in order
			for line, words := range strings.Split(manyKinds, "\n") {
				at := protocol.Position{Line: uint32(line), Character: uint32(len(words) / 2)}
				last := protocol.Position{Line: uint32(line) + 3}
				r := w.call(method, fmt.Sprintf(params+"%.0[2]s%.0[3]s%.0[1]s", quoted(u), asJSON(at), asJSON(protocol.Range{Start: at, End: last})))
				answer := string(r.Result)
				if r.Error != nil {
					answer = r.Error.Message
				}
				answer = strings.NewReplacer(fileURI(dir), "DIR", `\r\n`, `\n`, `\r`, `\n`).Replace(answer)
				got[fmt.Sprintf("%s in line %d", method, line+1)] = resultIDs.ReplaceAllString(answer, "")
			}
		}
		answers[end] = got
	}
	for _, end := range []string{"\r\n", "\r"} {
		for what, got := range answers[end] {
			if want := answers["\n"][what]; got != want {
				t.Errorf("%q: %s:\n%s\nwant\n%s", end, what, got, want)
			}
		}
	}
}

var resultIDs = regexp.MustCompile(`"resultId":"[^"]*"`)
