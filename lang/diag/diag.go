// Package diag says what is wrong with a document: findings as values, each with a stable code, a place and, where one
// is known, a fix. It does not say what went wrong in the world (missing files, networks): those are Go errors.
//
// Read diag.go (the values), then codes.go (the table of codes), then print.go (what people see).
package diag

import (
	"cmp"
	"slices"

	"escape.build/escape/lang/source"
)

// Severity ranks findings. The zero value is Error.
type Severity uint8

// The severities, most severe first.
const (
	Error Severity = iota
	Warning
	Advice
)

// String returns "error", "warning" or "advice".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "advice"
	}
}

// A Diagnostic is one finding about a document.
type Diagnostic struct {
	Code     *Entry // row of the catalogue; never nil
	Severity Severity
	Message  string       // one line, what is wrong, without code and place
	File     *source.File // nil if the finding has no place
	Span     source.Span  // exactly what to change; may be empty
	Hint     string       // what to do, if the message does not say it
	Related  []Related
	Fixes    []Fix
	// Original is what the original Escape prints for the same mistake where that differs from Message; commands
	// kept for compatibility show it.
	Original string
}

// Related points at another place that explains a finding, such as a first definition.
type Related struct {
	File    *source.File
	Span    source.Span
	Message string
}

// A Fix is a set of edits of one file which resolves a finding.
type Fix struct {
	Title     string
	Edits     []source.Edit
	Preferred bool // safe to apply without asking
	// File is the file that is edited; nil means that of the finding. See (Diagnostic).Edited.
	File *source.File
}

// Edited returns the file that f, one of the fixes of d, edits.
func (d *Diagnostic) Edited(f *Fix) *source.File {
	if f.File != nil {
		return f.File
	}
	return d.File
}

// New returns a finding with the severity of its code.
func New(code *Entry, file *source.File, span source.Span, message string) Diagnostic {
	return Diagnostic{Code: code, Severity: code.Severity, File: file, Span: span, Message: message}
}

// A List holds findings in any order; Sort brings them into the order of the document.
type List []Diagnostic

// HasErrors reports whether l holds a finding of severity Error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Count returns how many findings of l have severity s.
func (l List) Count(s Severity) (n int) {
	for i := range l {
		if l[i].Severity == s {
			n++
		}
	}
	return n
}

// Sort orders l by file name, place, severity, code and message, and drops findings that are equal in all of these.
func (l List) Sort() List {
	slices.SortStableFunc(l, compare)
	return slices.CompactFunc(l, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(fileName(a.File), fileName(b.File)),
		cmp.Compare(a.Span.Start, b.Span.Start),
		cmp.Compare(a.Span.End, b.Span.End),
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Code.Code, b.Code.Code),
		cmp.Compare(a.Message, b.Message),
	)
}

func fileName(f *source.File) string {
	if f == nil {
		return ""
	}
	return f.Name()
}

// Relocate moves the findings of an embedded text (an expression inside a scalar) into file: span maps their offsets.
// Edits and related places without a file move along.
func (l List) Relocate(file *source.File, span func(source.Span) source.Span) List {
	for i := range l {
		d := &l[i]
		if d.File != nil {
			continue
		}
		d.File, d.Span = file, span(d.Span)
		for j := range d.Related {
			if d.Related[j].File == nil {
				d.Related[j].File, d.Related[j].Span = file, span(d.Related[j].Span)
			}
		}
		for j := range d.Fixes {
			for k := range d.Fixes[j].Edits {
				d.Fixes[j].Edits[k].Span = span(d.Fixes[j].Edits[k].Span)
			}
		}
	}
	return l
}
