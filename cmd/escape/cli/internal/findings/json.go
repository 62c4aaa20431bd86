package findings

import (
	"bytes"
	"encoding/json"
	"io"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// jsonFormat is the version of the JSON object. Programs may rely on the members of the same major version; new ones raise
// the minor one.
const jsonFormat = "1.1"

type reportJSON struct {
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
	Code        string        `json:"code"`
	Name        string        `json:"name"`
	Category    string        `json:"category"`
	Severity    string        `json:"severity"`
	Message     string        `json:"message"`
	Place       *placeJSON    `json:"place,omitempty"`
	Hint        string        `json:"hint,omitempty"`
	Related     []relatedJSON `json:"related,omitempty"`
	Fixes       []fixJSON     `json:"fixes,omitempty"`
	Fingerprint string        `json:"fingerprint"`
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

// A fixJSON is a set of edits of one file.
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

func writeJSON(w io.Writer, r *Report) error {
	out := reportJSON{
		Format: jsonFormat, Files: []fileJSON{}, Findings: r.json(),
		Errors: r.Findings.Count(diag.Error), Warnings: r.Findings.Count(diag.Warning), Advice: r.Findings.Count(diag.Advice),
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, fileJSON{r.pathOf(f.Name), f.Error})
	}
	return encode(w, "", out)
}

func writeJSONLines(w io.Writer, r *Report) error {
	var out bytes.Buffer
	for _, f := range r.json() {
		if err := encode(&out, "", f); err != nil {
			return err
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// encode writes v and a line break at once.
func encode(w io.Writer, indent string, v any) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (r *Report) json() []findingJSON {
	list := []findingJSON{}
	prints := r.fingerprints()
	for i := range r.Findings {
		d := &r.Findings[i]
		f := findingJSON{
			Code: string(d.Code.Code), Name: d.Code.Name, Category: category(d), Severity: d.Severity.String(),
			Message: d.Message, Place: r.place(d.File, d.Span), Hint: d.Hint, Fingerprint: prints[i],
		}
		for _, x := range d.Related {
			f.Related = append(f.Related, relatedJSON{x.Message, r.place(x.File, x.Span)})
		}
		for _, x := range d.Fixes {
			fix := fixJSON{Title: x.Title, Preferred: x.Preferred, Edits: []editJSON{}}
			edited := d.Edited(&x)
			if edited != nil && edited != d.File {
				fix.File = r.path(edited)
			}
			for _, e := range x.Edits {
				if edited != nil {
					fix.Edits = append(fix.Edits, editJSON{position(edited, e.Span.Start), position(edited, e.Span.End), e.New})
				}
			}
			f.Fixes = append(f.Fixes, fix)
		}
		list = append(list, f)
	}
	return list
}

func (r *Report) place(f *source.File, s source.Span) *placeJSON {
	if f == nil {
		return nil
	}
	return &placeJSON{r.path(f), position(f, s.Start), position(f, s.End)}
}

func position(f *source.File, off int32) positionJSON {
	p := f.Position(int(off))
	return positionJSON{p.Line, p.Column, int(off)}
}
