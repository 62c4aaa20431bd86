// Package exprtest reads files of test cases for expressions, the *.esc files in testdata folders. Only tests use it.
//
// Cases are separated by lines of three dashes. A case is an expression and what must come of it, behind one of two
// signs: "#=> value", or "### "text"", once for each finding, where the text must occur in the finding and "..." in it
// stands for anything. Lines that begin with "# " are comments. An expression that cannot be written like that, because
// of blanks or line breaks at its ends, is written as a Go string behind "#=".
package exprtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
)

// A Case is one expression with what is expected of it.
type Case struct {
	Name   string   // file and line
	Text   string   // the expression
	Want   string   // behind "#=>"; empty if findings are expected
	Errors []string // behind "###"
}

// Run calls check for every case of the files that match pattern.
func Run(t *testing.T, pattern string, check func(t *testing.T, c Case)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s (%v)", pattern, err)
	}
	for _, file := range files {
		for _, c := range read(t, file) {
			t.Run(c.Name, func(t *testing.T) { check(t, c) })
		}
	}
}

// Texts returns the expressions of all cases of the files that match pattern, as seeds for fuzzing.
func Texts(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, file := range files {
		for _, c := range read(t, file) {
			texts = append(texts, c.Text)
		}
	}
	return texts
}

func read(t testing.TB, file string) []Case {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	c, lines := Case{}, []string(nil)
	finish := func() {
		if text := strings.Join(lines, "\n"); c.Text == "" {
			c.Text = text
		}
		if c.Name != "" {
			cases = append(cases, c)
		}
		c, lines = Case{}, nil
	}
	for i, line := range strings.Split(string(b), "\n") {
		if line == "---" {
			finish()
			continue
		}
		if strings.HasPrefix(line, "# ") || line == "#" || line == "" && len(lines) == 0 {
			continue
		}
		if c.Name == "" {
			c.Name = filepath.Base(file) + ":" + strconv.Itoa(i+1)
		}
		if quoted, ok := strings.CutPrefix(line, "#= "); ok {
			prefix, err := strconv.QuotedPrefix(quoted)
			if err != nil {
				t.Fatalf("%s:%d: %v", file, i+1, err)
			}
			c.Text, _ = strconv.Unquote(prefix)
			line = quoted[len(prefix):]
		}
		if text, want, ok := strings.Cut(line, "#=> "); ok {
			line, c.Want = text, want
		} else if parts := strings.Split(line, "### "); len(parts) > 1 {
			line = parts[0]
			for _, p := range parts[1:] {
				text, err := strconv.Unquote(strings.TrimSpace(p))
				if err != nil {
					t.Fatalf("%s:%d: %v in %s", file, i+1, err, p)
				}
				c.Errors = append(c.Errors, text)
			}
		}
		if line = strings.TrimRight(line, " "); line != "" {
			lines = append(lines, line)
		}
	}
	finish()
	return cases
}

// Findings compares findings, each as "CODE: message", with those that a case expects.
func Findings(t *testing.T, c Case, got []string) {
	t.Helper()
	if len(got) != len(c.Errors) {
		t.Fatalf("%s: %d findings, want %d:\n%s", c.Text, len(got), len(c.Errors), strings.Join(got, "\n"))
	}
	for i, want := range c.Errors {
		if !match(want, got[i]) {
			t.Errorf("%s:\n got %s\nwant %s", c.Text, got[i], want)
		}
	}
}

func match(want, got string) bool {
	parts := strings.Split(want, "...")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile("(?s)" + strings.Join(parts, ".*")).MatchString(got)
}

// List writes findings in the form that Findings takes.
func List(l diag.List) []string {
	texts := make([]string, len(l))
	for i := range l {
		texts[i] = string(l[i].Code.Code) + ": " + l[i].Message
	}
	return texts
}
