package refdoc

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
)

// areas are the ranges of codes by their first digit.
var areas = []struct {
	digit byte
	title string
}{
	{'1', "Text and format"},
	{'2', "Fields"},
	{'3', "Expressions and types"},
	{'4', "Versions and dependencies"},
	{'5', "Planning and state"},
	{'6', "Advice"},
}

// CodeReference returns the reference of diagnostic codes as Markdown.
func CodeReference() string {
	var out strings.Builder
	out.WriteString("# Codes\n\n" + header("lang/diag.Catalog and lang/diag/catalog"))
	out.WriteString("Each finding of Escape has a code, which never changes its meaning. `escape explain CODE` shows the same text; " +
		"names work as well as codes. Errors must be mended; warnings and advice can be silenced.\n")
	all := diag.Catalog()
	for _, area := range areas {
		var rows [][]string
		for _, e := range all {
			if e.Code[3] == area.digit {
				rows = append(rows, []string{fmt.Sprintf("[%s](#%s)", e.Code, anchor(title(e))), code(e.Name), severity(e), e.Summary})
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&out, "\n## %s\n\n", area.title)
			table(&out, []string{"Code", "Name", "Severity", "Meaning"}, rows)
		}
	}
	for _, e := range all {
		explanation(&out, e)
	}
	return out.String()
}

func title(e *diag.Entry) string { return string(e.Code) + " " + e.Name }

func severity(e *diag.Entry) string {
	if e.Retired {
		return "retired"
	}
	return e.Severity.String()
}

func explanation(out *strings.Builder, e *diag.Entry) {
	fmt.Fprintf(out, "\n## %s\n\n*%s: %s.*\n", title(e), capital(severity(e)), e.Summary)
	x, ok := catalog.Explain(e.Code)
	if !ok {
		return
	}
	if x.Text != "" {
		fmt.Fprintf(out, "\n%s\n", x.Text)
	}
	for _, f := range x.Files {
		fmt.Fprintf(out, "\n%s:\n\n%s", capital(fileTitle(f.Name)), block(language(f.Name), f.Text))
	}
}

// fileTitle says what an example file shows.
func fileTitle(name string) string {
	switch name {
	case "bad.yml":
		return "wrong"
	case "fixed.yml":
		return "right"
	case "bad.hcl":
		return "wrong, in HCL"
	case "fixed.hcl":
		return "right, in HCL"
	}
	return "with the file " + code(name)
}

// language returns the name of the language of a fenced block.
func language(name string) string {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "yml", "yaml":
		return "yaml"
	case "sh":
		return "sh"
	case "json":
		return "json"
	case "hcl":
		return "hcl"
	}
	return ""
}
