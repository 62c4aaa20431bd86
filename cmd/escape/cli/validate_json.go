package cli

import (
	"fmt"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// findingsFormat is the version of the JSON object of "validate --json". Programs may rely on the members of the same
// major version; new ones raise the minor one.
const findingsFormat = "1.0"

type findingsJSON struct {
	Format   string        `json:"format_version"`
	Files    []fileJSON    `json:"files"`
	Findings []findingJSON `json:"findings"`
	Errors   int           `json:"errors"`
	Warnings int           `json:"warnings"`
	Advice   int           `json:"advice"`
}

type fileJSON struct {
	File  string `json:"file"`
	Error string `json:"error,omitempty"` // it could not be read
}

type findingJSON struct {
	Code     string        `json:"code"`
	Name     string        `json:"name"`
	Severity string        `json:"severity"`
	Message  string        `json:"message"`
	Place    *placeJSON    `json:"place,omitempty"`
	Hint     string        `json:"hint,omitempty"`
	Related  []relatedJSON `json:"related,omitempty"`
	Fixes    []fixJSON     `json:"fixes,omitempty"`
}

// A placeJSON is a range of a file. Lines and columns count from 1, columns count characters; offsets count bytes from 0.
type placeJSON struct {
	File  string       `json:"file"`
	Start positionJSON `json:"start"`
	End   positionJSON `json:"end"`
}

type positionJSON struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Offset int `json:"offset"`
}

type relatedJSON struct {
	Message string     `json:"message"`
	Place   *placeJSON `json:"place,omitempty"`
}

type fixJSON struct {
	Title     string     `json:"title"`
	Preferred bool       `json:"preferred"`
	Edits     []editJSON `json:"edits"`
	// File is the file that is edited, if it is another one than that of the finding.
	File string `json:"file,omitempty"`
}

type editJSON struct {
	Start positionJSON `json:"start"`
	End   positionJSON `json:"end"`
	New   string       `json:"new"`
}

func (a *app) printFindingsJSON(results []validated) error {
	out := findingsJSON{Format: findingsFormat, Files: []fileJSON{}, Findings: []findingJSON{}}
	for _, r := range results {
		f := fileJSON{File: r.file}
		if r.err != nil {
			f.Error = r.err.Error()
		}
		out.Files = append(out.Files, f)
		out.Errors += r.findings.Count(diag.Error)
		out.Warnings += r.findings.Count(diag.Warning)
		out.Advice += r.findings.Count(diag.Advice)
		for _, d := range r.findings {
			out.Findings = append(out.Findings, toFindingJSON(d))
		}
	}
	text, err := toJSON(out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.env.Stdout, text)
	return printError(err)
}

func toFindingJSON(d diag.Diagnostic) findingJSON {
	f := findingJSON{
		Code: string(d.Code.Code), Name: d.Code.Name, Severity: d.Severity.String(), Message: d.Message,
		Place: toPlace(d.File, d.Span), Hint: d.Hint,
	}
	for _, r := range d.Related {
		f.Related = append(f.Related, relatedJSON{r.Message, toPlace(r.File, r.Span)})
	}
	for _, x := range d.Fixes {
		fix := fixJSON{Title: x.Title, Preferred: x.Preferred, Edits: []editJSON{}}
		edited := d.Edited(&x)
		if edited != nil && edited != d.File {
			fix.File = edited.Name()
		}
		for _, e := range x.Edits {
			if edited != nil {
				fix.Edits = append(fix.Edits, editJSON{toPosition(edited, e.Span.Start), toPosition(edited, e.Span.End), e.New})
			}
		}
		f.Fixes = append(f.Fixes, fix)
	}
	return f
}

func toPlace(f *source.File, s source.Span) *placeJSON {
	if f == nil {
		return nil
	}
	return &placeJSON{f.Name(), toPosition(f, s.Start), toPosition(f, s.End)}
}

func toPosition(f *source.File, off int32) positionJSON {
	p := f.Position(int(off))
	return positionJSON{p.Line, p.Column, int(off)}
}
