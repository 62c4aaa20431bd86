package refdoc

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
)

// RuleReference returns the reference of the linter's rules as Markdown. fixable says for which a safe fix is known.
func RuleReference(fixable func(*diag.Entry) bool) string {
	var out strings.Builder
	out.WriteString("# Rules\n\n" + header("lang/lint.All and lang/diag/catalog"))
	out.WriteString("What `escape lint` looks for. A rule is known by its code or its name; both never change. Levels are set in " +
		"`.escapelint.yml`, by rule or category; those of errors cannot be changed. `escape explain RULE` shows the same text.\n")
	rules := lint.All()
	for _, c := range lint.Categories {
		var rows [][]string
		for i := range rules {
			if r := &rules[i]; r.Category == c {
				rows = append(rows, []string{fmt.Sprintf("[%s](#%s)", r.Code.Code, anchor(title(r.Code))), code(r.Code.Name), level(r), mark(fixable(r.Code)), r.Code.Summary})
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&out, "\n## %s\n\n", capital(string(c)))
			table(&out, []string{"Code", "Name", "Level", "Fix", "Finds"}, rows)
		}
	}
	for i := range rules {
		explanation(&out, rules[i].Code)
	}
	return out.String()
}

// level returns the default level of a rule.
func level(r *lint.Rule) string {
	if r.Off {
		return "off (" + r.Code.Severity.String() + ")"
	}
	return r.Default().String()
}

func mark(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// rule says what the linter knows about a code; "" if that is none of its rules.
func rule(e *diag.Entry) string {
	r := lint.Of(e)
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("Category %s, level %s", r.Category, level(r))
	if r.Fixed() {
		text += ", which cannot be changed"
	}
	return text + ".\n"
}
