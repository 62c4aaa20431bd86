package lintcache

import (
	"encoding/json"
	"errors"
	"slices"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// A Result is what was found in a plan.
type Result struct {
	Findings diag.List
	Ignored  []lint.Ignored
}

// ErrForeign is the error for a finding in a file that was not looked at.
var ErrForeign = errors.New("a finding in a file that was not looked at")

type resultJSON struct {
	Files    []string      `json:"files"`
	Findings []findingJSON `json:"findings,omitempty"`
	Ignored  []ignoredJSON `json:"ignored,omitempty"`
}

type findingJSON struct {
	Code     diag.Code     `json:"code"`
	Severity diag.Severity `json:"severity"`
	Message  string        `json:"message"`
	Place    placeJSON     `json:"place"`
	Hint     string        `json:"hint,omitempty"`
	Original string        `json:"original,omitempty"`
	Related  []relatedJSON `json:"related,omitempty"`
	Fixes    []fixJSON     `json:"fixes,omitempty"`
}

type placeJSON struct {
	File int         `json:"file"` // -1 is none
	Span source.Span `json:"span"`
}

type relatedJSON struct {
	Place   placeJSON `json:"place"`
	Message string    `json:"message"`
}

type fixJSON struct {
	Title     string        `json:"title"`
	Preferred bool          `json:"preferred"`
	Edits     []source.Edit `json:"edits"`
	File      int           `json:"file"` // -1 is that of the finding
}

type ignoredJSON struct {
	Finding findingJSON `json:"finding"`
	By      placeJSON   `json:"by"`
	Reason  string      `json:"reason"`
}

// Encode returns a result as text; "" if nothing was found. has reports whether the text of a file will be there when it is
// decoded; if not, the error is ErrForeign.
func (r Result) Encode(has func(name string) bool) (string, error) {
	if len(r.Findings) == 0 && len(r.Ignored) == 0 {
		return "", nil
	}
	var out resultJSON
	foreign := false
	place := func(f *source.File, span source.Span) placeJSON {
		if f == nil {
			return placeJSON{-1, span}
		}
		i := slices.Index(out.Files, f.Name())
		if i < 0 {
			i = len(out.Files)
			out.Files = append(out.Files, f.Name())
			foreign = foreign || !has(f.Name())
		}
		return placeJSON{i, span}
	}
	finding := func(d diag.Diagnostic) findingJSON {
		x := findingJSON{d.Code.Code, d.Severity, d.Message, place(d.File, d.Span), d.Hint, d.Original, nil, nil}
		for _, f := range d.Fixes {
			x.Fixes = append(x.Fixes, fixJSON{f.Title, f.Preferred, f.Edits, place(f.File, source.Span{}).File})
		}
		for _, rel := range d.Related {
			x.Related = append(x.Related, relatedJSON{place(rel.File, rel.Span), rel.Message})
		}
		return x
	}
	for _, d := range r.Findings {
		out.Findings = append(out.Findings, finding(d))
	}
	for _, x := range r.Ignored {
		out.Ignored = append(out.Ignored, ignoredJSON{finding(x.Finding), place(x.File, x.By), x.Reason})
	}
	if foreign {
		return "", ErrForeign
	}
	text, err := json.Marshal(out)
	return string(text), err
}

// Decode reads what Encode wrote. file returns a file by its name.
func Decode(text string, file func(name string) *source.File) (r Result, err error) {
	if text == "" {
		return r, nil
	}
	var in resultJSON
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return r, err
	}
	files := make([]*source.File, len(in.Files))
	for i, name := range in.Files {
		if files[i] = file(name); files[i] == nil {
			return r, ErrForeign
		}
	}
	at := func(p placeJSON) *source.File {
		if p.File < 0 || p.File >= len(files) {
			return nil
		}
		return files[p.File]
	}
	finding := func(x findingJSON) diag.Diagnostic {
		code, ok := diag.Lookup(string(x.Code))
		if !ok {
			err = ErrForeign
		}
		d := diag.Diagnostic{
			Code: code, Severity: x.Severity, Message: x.Message, File: at(x.Place), Span: x.Place.Span,
			Hint: x.Hint, Original: x.Original,
		}
		for _, f := range x.Fixes {
			d.Fixes = append(d.Fixes, diag.Fix{Title: f.Title, Preferred: f.Preferred, Edits: f.Edits, File: at(placeJSON{File: f.File})})
		}
		for _, rel := range x.Related {
			d.Related = append(d.Related, diag.Related{File: at(rel.Place), Span: rel.Place.Span, Message: rel.Message})
		}
		return d
	}
	for _, x := range in.Findings {
		r.Findings = append(r.Findings, finding(x))
	}
	for _, x := range in.Ignored {
		r.Ignored = append(r.Ignored, lint.Ignored{Finding: finding(x.Finding), File: at(x.By), By: x.By.Span, Reason: x.Reason})
	}
	return r, err
}
