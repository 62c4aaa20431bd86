package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A jsonLine is a line of the JSON log, as programs of the original read it.
type jsonLine struct {
	Timestamp string            `json:"timestamp"`
	Message   string            `json:"message"`
	Level     string            `json:"level"`
	Key       string            `json:"log_key"`
	Values    map[string]string `json:"log_values"`
	Changed   bool              `json:"log_section_changed"`
	Indent    bool              `json:"log_section_indent"`
	Unindent  bool              `json:"log_section_unindent"`
	Sections  []string          `json:"log_sections"`
}

// What differs from run to run, and what stands for it.
var (
	serverAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	inlineFile    = regexp.MustCompile(`\S*escape-inline\d+`)
)

// loglines FILE reads what the last command wrote to standard output as a JSON log and writes it to FILE, a line each: level,
// key, sections, message and values. It fails if a line has not exactly the fields of the original, in its order, or if what
// it says about the change of sections is not true.
func loglines(ts script, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: loglines FILE")
	}
	var out strings.Builder
	var before []string
	for i, text := range strings.SplitAfter(ts.ReadFile("stdout"), "\n") {
		if text == "" {
			continue
		}
		var l jsonLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			ts.Fatalf("line %d: %v: %s", i+1, err, text)
		}
		if again, err := json.Marshal(l); err != nil || !bytes.Equal(again, []byte(strings.TrimSuffix(text, "\n"))) {
			ts.Fatalf("line %d has other fields, or in another order:\n got %swant %s", i+1, text, again)
		}
		if _, err := time.Parse(time.RFC3339Nano, l.Timestamp); err != nil {
			ts.Fatalf("line %d: %v", i+1, err)
		}
		changed := i == 0 || !slices.Equal(before, l.Sections)
		if l.Changed != changed || l.Indent != (changed && len(l.Sections) > len(before)) || l.Unindent != (changed && len(l.Sections) < len(before)) {
			ts.Fatalf("line %d says something wrong about its sections, which were %q before: %s", i+1, before, text)
		}
		before = l.Sections
		var values bytes.Buffer
		e := json.NewEncoder(&values)
		e.SetEscapeHTML(false)
		ts.Check(e.Encode(l.Values))
		fmt.Fprintf(&out, "%s %s [%s] %s %s", l.Level, l.Key, strings.Join(l.Sections, " > "), l.Message, values.String())
	}
	text := strings.ReplaceAll(out.String(), ts.Getenv("WORK"), "$WORK")
	text = serverAddress.ReplaceAllString(text, "$$URL")
	text = inlineFile.ReplaceAllString(text, "INLINE")
	text = strings.NewReplacer(`'`+runtime.GOOS+`'`, "'$GOOS'", `"`+runtime.GOOS+`"`, `"$GOOS"`,
		`'`+runtime.GOARCH+`'`, "'$GOARCH'", `"`+runtime.GOARCH+`"`, `"$GOARCH"`).Replace(text)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}
