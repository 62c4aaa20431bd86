package refdoc

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
)

// Findings returns what is found in a plan: the text of a file called name, with the other files of its folder.
type Findings func(name, text string, others []catalog.File) diag.List

// Explain returns the explanation of a code for the terminal: what it means, the wrong example with what is found in
// it, and the right one. Without findings the wrong example stands alone. It fails for a code without an explanation.
func Explain(e *diag.Entry, findings Findings) (string, error) {
	x, ok := catalog.Explain(e.Code)
	if !ok {
		return "", fmt.Errorf("no explanation of %s", e.Code)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s (%s): %s\n", e.Code, e.Name, severity(e), e.Summary)
	out.WriteString(rule(e))
	if x.Text != "" {
		fmt.Fprintf(&out, "\n%s\n", x.Text)
	}
	var others []catalog.File
	for _, f := range x.Files {
		if !isExample(f.Name) {
			others = append(others, f)
		}
	}
	for _, f := range x.Files {
		fmt.Fprintf(&out, "\n%s:\n\n%s", capital(strings.ReplaceAll(fileTitle(f.Name), "`", "")), indented(f.Text))
		if !strings.HasPrefix(f.Name, "bad.") || findings == nil {
			continue
		}
		plan := "escape" + strings.TrimPrefix(f.Name, "bad")
		if found := findings(plan, f.Text, others); len(found) > 0 {
			fmt.Fprintf(&out, "\nWhat Escape says:\n\n%s", indented(diag.Sprint(found.Sort())))
		}
	}
	return out.String(), nil
}

func isExample(name string) bool {
	return strings.HasPrefix(name, "bad.") || strings.HasPrefix(name, "fixed.")
}

// indented returns text four columns to the right.
func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			out.WriteString("    ")
		}
		out.WriteString(strings.TrimRight(line, "\r\n") + "\n")
	}
	return out.String()
}
