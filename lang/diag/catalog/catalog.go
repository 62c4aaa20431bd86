// Package catalog holds the explanations of diagnostic codes with their examples, one archive per code, built into the
// program.
package catalog

import (
	"embed"
	"strings"

	"escape.build/escape/lang/diag"
)

//go:embed *
var archives embed.FS

// An Explanation is what people read about a code.
type Explanation struct {
	Text  string // plain text, some sentences
	Files []File // examples in order: "bad.yml" (or "bad.hcl") shows the finding, "fixed.yml" does not
}

// A File is one example. Files that are neither bad nor fixed are there for both.
type File struct{ Name, Text string }

// Explain returns the explanation of code; false if there is none.
func Explain(code diag.Code) (Explanation, bool) {
	text, err := archives.ReadFile(string(code) + ".txtar")
	if err != nil {
		return Explanation{}, false
	}
	var x Explanation
	into := &x.Text
	for line := range strings.Lines(string(text)) {
		if name, ok := marker(line); ok {
			x.Files = append(x.Files, File{Name: name})
			into = &x.Files[len(x.Files)-1].Text
			continue
		}
		*into += line
	}
	x.Text = strings.TrimSpace(x.Text)
	return x, true
}

// marker returns the name in a line "-- name --", which starts a file of the archive.
func marker(line string) (name string, ok bool) {
	line = strings.TrimRight(line, "\r\n ")
	if !strings.HasPrefix(line, "-- ") || !strings.HasSuffix(line, " --") || len(line) < len("-- x --") {
		return "", false
	}
	return strings.TrimSpace(line[3 : len(line)-3]), true
}
