package format

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// Format returns the text of f with all fields in canonical order, one blank line after each. A text with errors comes
// back as it is, together with the findings.
func Format(f *source.File) (string, diag.List) { return run(f, pretty) }

// Minify returns the text of f with only those fields that have a value, without blank lines between them. A text with
// errors comes back as it is, together with the findings.
func Minify(f *source.File) (string, diag.List) { return run(f, minimal) }

// Tidy returns the text of f with the spacing of Format, but with its fields as they are: nothing is added, dropped or put
// elsewhere. It is what editors do while a plan is written. A text with errors comes back as it is, together with the findings.
func Tidy(f *source.File) (string, diag.List) { return run(f, tidy) }

// Organize is Tidy with the fields in canonical order.
func Organize(f *source.File) (string, diag.List) { return run(f, organized) }

// TidyTree returns what Tidy does for the text of a tree that was read without mistakes.
func TidyTree(tree *syntax.File) string {
	if tree.Notation == syntax.HCL {
		return tidyHCL(tree, tidy)
	}
	out, ok := arrange(tree, tidy)
	return checked(tree, out, ok)
}

// mode is which shape is wanted.
type mode uint8

const (
	pretty mode = iota
	minimal
	tidy
	organized
)

// asFound reports whether fields without a value, and the blank lines between fields, stay as they are.
func (m mode) asFound() bool { return m == tidy || m == organized }

func run(f *source.File, m mode) (string, diag.List) {
	if syntax.NotationOf(f.Name()) == syntax.HCL {
		return runHCL(f, m)
	}
	file, findings := yamlfile.Parse(f)
	if findings.HasErrors() {
		return f.Text(), findings
	}
	out, ok := arrange(file, m)
	return checked(file, out, ok), findings
}

// checked returns the new text of file if it means the same, else the old one.
func checked(file *syntax.File, out string, ok bool) string {
	if !ok || out == file.Source.Text() {
		return file.Source.Text()
	}
	if err := sameMeaning(file, out); err != nil {
		diag.Bugf("format %s: %v", file.Source.Name(), err)
		return file.Source.Text()
	}
	return out
}

// arrange returns the new text of file, and false if a document of its form stays as it is.
func arrange(file *syntax.File, m mode) (string, bool) {
	if text := file.Source.Text(); strings.Count(text, "\r") != strings.Count(text, "\r\n") {
		return "", false // lines that end in CR alone
	}
	l := newLayout(file)
	root, ok := l.cut()
	if !ok {
		return "", false
	}
	chunks := l.chunks
	if root != nil {
		if m != tidy {
			chunks = order(chunks)
		}
		if !m.asFound() {
			chunks = l.complete(chunks, root, m)
		}
		l.indent(root)
	} else if !m.asFound() {
		chunks = l.complete(nil, nil, m)
	}
	return l.write(chunks, m), true
}

// eolOf returns the line break that new lines get: CRLF if all lines of the text end so. A count of lines would do for
// texts that mix both, but then dropped lines could make it come out differently the next time.
func eolOf(text string) string {
	if n := strings.Count(text, "\n"); n > 0 && n == strings.Count(text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}
