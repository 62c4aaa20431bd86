// Package findings writes what a linter finds in the forms that people and programs read. It finds nothing itself.
//
// Read findings.go (a report and its formats), then fingerprint.go (what a finding is known by), then the file of a format.
//
// Columns count from 1. They are characters (code points) everywhere but in SARIF, which says that its are UTF-16 units.
// Paths have slashes and are relative to the working directory where they lie below it.
package findings

import (
	"io"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// A Report is what was found in some files.
type Report struct {
	Version  string // of the program
	Files    []File // that were asked for, in their order
	Findings diag.List
	Ignored  []lint.Ignored
	// Fails reports whether a finding makes the run fail; nil means that errors do.
	Fails func(*diag.Diagnostic) bool
	// Path returns the path of a file, called by its name, that other programs see; nil leaves names.
	Path func(name string) string
	// Color says that a terminal shows the text.
	Color bool
}

// A File is a file that was asked for.
type File struct {
	Name  string
	Error string // it could not be read
}

// unread is what formats that want a name for everything call it that a file could not be read.
const unread = "unreadable-file"

// A Format is a form of report.
type Format struct {
	Name  string
	Doc   string
	write func(w io.Writer, r *Report) error
}

// Formats are all formats in the order of documents.
var Formats = []Format{
	{"text", "for people, with the lines in question", writeText},
	{"oneline", "one line each, as compilers print", writeOneline},
	{"json", "one JSON object", writeJSON},
	{"jsonl", "one JSON object on a line for each finding", writeJSONLines},
	{"sarif", "SARIF 2.1.0", writeSARIF},
	{"junit", "JUnit XML", writeJUnit},
	{"checkstyle", "Checkstyle XML", writeCheckstyle},
	{"github", "workflow commands of GitHub Actions", writeGitHub},
	{"gitlab", "code quality report of GitLab", writeGitLab},
}

// Names returns the names of all formats.
func Names() []string {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

// Lookup finds a format by its name.
func Lookup(name string) (Format, bool) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return Formats[i], true
}

// Write writes a report. It fails only if w does.
func (f Format) Write(w io.Writer, r *Report) error { return f.write(w, r) }

func (r *Report) path(f *source.File) string {
	if f == nil {
		return ""
	}
	return r.pathOf(f.Name())
}

// pathOf returns the path of the file that is called name.
func (r *Report) pathOf(name string) string {
	if r.Path == nil {
		return name
	}
	return r.Path(name)
}

func (r *Report) fails(d *diag.Diagnostic) bool {
	if r.Fails == nil {
		return d.Severity == diag.Error
	}
	return r.Fails(d)
}

// at returns the place of a finding that has one, else the start of no file.
func at(d *diag.Diagnostic) (start, end source.Position) {
	if d.File == nil {
		return source.Position{Line: 1, Column: 1}, source.Position{Line: 1, Column: 1}
	}
	return d.File.Position(int(d.Span.Start)), d.File.Position(int(d.Span.End))
}

// oneLine returns the message of a finding with its hint as one line.
func oneLine(d *diag.Diagnostic) string {
	text := d.Message
	if d.Hint != "" {
		if !strings.HasSuffix(text, "?") {
			text += ";"
		}
		text += " " + d.Hint
	}
	return strings.Join(strings.Fields(text), " ")
}

func category(d *diag.Diagnostic) string {
	if rule := lint.Of(d.Code); rule != nil {
		return string(rule.Category)
	}
	return string(lint.Correctness)
}
