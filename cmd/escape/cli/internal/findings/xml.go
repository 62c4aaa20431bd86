package findings

import (
	"encoding/xml"
	"fmt"
	"io"

	"escape.build/escape/lang/diag"
)

type checkstyleXML struct {
	XMLName struct{}            `xml:"checkstyle"`
	Version string              `xml:"version,attr"`
	Files   []checkstyleFileXML `xml:"file"`
}

type checkstyleFileXML struct {
	Name   string               `xml:"name,attr"`
	Errors []checkstyleErrorXML `xml:"error"`
}

type checkstyleErrorXML struct {
	Line     int    `xml:"line,attr"`
	Column   int    `xml:"column,attr"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

func writeCheckstyle(w io.Writer, r *Report) error {
	out := checkstyleXML{Version: "5.0"}
	for _, group := range r.groups() {
		f := checkstyleFileXML{Name: group.path}
		if group.err != "" {
			f.Errors = append(f.Errors, checkstyleErrorXML{1, 1, "error", group.err, "escape." + unread})
		}
		for _, d := range group.findings {
			start, _ := at(d)
			severity := d.Severity.String()
			if d.Severity == diag.Advice {
				severity = "info"
			}
			f.Errors = append(f.Errors, checkstyleErrorXML{start.Line, start.Column, severity, oneLine(d), "escape." + d.Code.Name})
		}
		out.Files = append(out.Files, f)
	}
	return writeXML(w, out)
}

type junitXML struct {
	XMLName  struct{}        `xml:"testsuites"`
	Name     string          `xml:"name,attr"`
	Tests    int             `xml:"tests,attr"`
	Failures int             `xml:"failures,attr"`
	Errors   int             `xml:"errors,attr"`
	Suites   []junitSuiteXML `xml:"testsuite"`
}

type junitSuiteXML struct {
	Name     string         `xml:"name,attr"`
	Tests    int            `xml:"tests,attr"`
	Failures int            `xml:"failures,attr"`
	Errors   int            `xml:"errors,attr"`
	Cases    []junitCaseXML `xml:"testcase"`
}

type junitCaseXML struct {
	Name    string      `xml:"name,attr"`
	Class   string      `xml:"classname,attr"`
	Failure *failureXML `xml:"failure,omitempty"`
	Error   *failureXML `xml:"error,omitempty"`
	Out     string      `xml:"system-out,omitempty"`
}

type failureXML struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite for each file and a case for each finding. Only what makes the run fail is a failure.
func writeJUnit(w io.Writer, r *Report) error {
	out := junitXML{Name: "escape lint"}
	for _, group := range r.groups() {
		suite := junitSuiteXML{Name: group.path}
		if group.err != "" {
			suite.Errors++
			suite.Cases = append(suite.Cases, junitCaseXML{Name: unread, Class: group.path, Error: &failureXML{Message: group.err, Type: "error"}})
		} else if len(group.findings) == 0 {
			suite.Cases = append(suite.Cases, junitCaseXML{Name: "lint", Class: group.path})
		}
		for _, d := range group.findings {
			start, _ := at(d)
			text := diag.Sprint(diag.List{*d})
			c := junitCaseXML{Name: fmt.Sprintf("%s %s at %d:%d", d.Code.Code, d.Code.Name, start.Line, start.Column), Class: group.path}
			if r.fails(d) {
				suite.Failures++
				c.Failure = &failureXML{Message: oneLine(d), Type: d.Severity.String(), Text: text}
			} else {
				c.Out = text
			}
			suite.Cases = append(suite.Cases, c)
		}
		suite.Tests = len(suite.Cases)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
		out.Errors += suite.Errors
		out.Suites = append(out.Suites, suite)
	}
	return writeXML(w, out)
}

// A group is a file with its findings.
type group struct {
	path, err string
	findings  []*diag.Diagnostic
}

// groups returns the files that were asked for, then the others in which something was found.
func (r *Report) groups() []*group {
	var list []*group
	byPath := map[string]*group{}
	get := func(path string) *group {
		if byPath[path] == nil {
			byPath[path] = &group{path: path}
			list = append(list, byPath[path])
		}
		return byPath[path]
	}
	for _, f := range r.Files {
		get(r.pathOf(f.Name)).err = f.Error
	}
	for i := range r.Findings {
		d := &r.Findings[i]
		g := get(r.path(d.File))
		g.findings = append(g.findings, d)
	}
	return list
}

func writeXML(w io.Writer, v any) error {
	text, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}
