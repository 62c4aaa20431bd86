package findings

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"escape.build/escape/lang/diag"
)

func writeText(w io.Writer, r *Report) error {
	return diag.Fprint(w, r.Findings, diag.PrintOptions{Color: r.Color})
}

func writeOneline(w io.Writer, r *Report) error {
	var out bytes.Buffer
	for i := range r.Findings {
		d := &r.Findings[i]
		if d.File != nil {
			start, _ := at(d)
			fmt.Fprintf(&out, "%s:%d:%d: ", diag.Printable(r.path(d.File)), start.Line, start.Column)
		}
		fmt.Fprintf(&out, "%s: %s [%s %s]\n", d.Severity, diag.Printable(oneLine(d)), d.Code.Code, d.Code.Name)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// writeGitHub writes workflow commands, which GitHub shows beside the lines of a change.
func writeGitHub(w io.Writer, r *Report) error {
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var out bytes.Buffer
	for _, f := range r.Files {
		if f.Error != "" {
			fmt.Fprintf(&out, "::error file=%s,title=%s::%s\n", property.Replace(r.pathOf(f.Name)), unread, value.Replace(f.Error))
		}
	}
	for i := range r.Findings {
		d := &r.Findings[i]
		kind := map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Advice: "notice"}[d.Severity]
		fmt.Fprintf(&out, "::%s ", kind)
		if d.File != nil {
			start, end := at(d)
			fmt.Fprintf(&out, "file=%s,line=%d,endLine=%d,", property.Replace(r.path(d.File)), start.Line, end.Line)
			if start.Line == end.Line { // the only case in which GitHub takes columns
				fmt.Fprintf(&out, "col=%d,endColumn=%d,", start.Column, max(end.Column, start.Column))
			}
		}
		text := d.Message
		if d.Hint != "" {
			text += "\n" + d.Hint
		}
		fmt.Fprintf(&out, "title=%s::%s\n", property.Replace(fmt.Sprintf("%s %s", d.Code.Code, d.Code.Name)), value.Replace(text))
	}
	_, err := w.Write(out.Bytes())
	return err
}
