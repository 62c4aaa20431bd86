package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
)

// rulesFormat is the version of the JSON object of "lint --rules".
const rulesFormat = "1.0"

type rulesJSON struct {
	Format string     `json:"format_version"`
	Rules  []ruleJSON `json:"rules"`
}

type ruleJSON struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Level    string `json:"level"`    // by default; "off" if the rule runs only if it is asked for
	Severity string `json:"severity"` // of its findings, if it runs
	Fixed    bool   `json:"fixed"`    // the level cannot be changed
	Fixable  bool   `json:"fixable"`
	Summary  string `json:"summary"`
}

// printRules lists all rules with their defaults.
func (a *app) printRules(cmd *cobra.Command, format string, args []string) error {
	if err := noArgs(cmd, args); err != nil {
		return err
	}
	out := rulesJSON{Format: rulesFormat}
	for i := range lint.All() {
		r := &lint.All()[i]
		out.Rules = append(out.Rules, ruleJSON{
			string(r.Code.Code), r.Code.Name, string(r.Category), r.Default().String(), r.Code.Severity.String(), r.Fixed(),
			Fixable(r.Code), r.Code.Summary,
		})
	}
	switch format {
	case "json":
		text, err := toJSON(out)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.env.Stdout, text)
		return printError(err)
	case "text":
	default:
		return &usageError{cmd, fmt.Sprintf("--rules cannot be printed as '%s'; it takes text or json", format)}
	}
	var text bytes.Buffer
	for _, r := range out.Rules {
		fix := ""
		if r.Fixable {
			fix = "fix"
		}
		line := fmt.Sprintf("%s  %-28s  %-15s  %-7s  %-3s  %s", r.Code, r.Name, r.Category, r.Level, fix, r.Summary)
		text.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := a.env.Stdout.Write(text.Bytes())
	return printError(err)
}

// Fixable reports whether a rule has a fix that is safe to make: its example has one.
func Fixable(e *diag.Entry) bool {
	x, _ := catalog.Explain(e.Code)
	others := slices.DeleteFunc(slices.Clone(x.Files), func(f catalog.File) bool {
		return strings.HasPrefix(f.Name, "bad.") || strings.HasPrefix(f.Name, "fixed.")
	})
	for _, f := range x.Files {
		if !strings.HasPrefix(f.Name, "bad.") {
			continue
		}
		for _, d := range findIn(e)(f.Name, f.Text, others) {
			if d.Code == e && slices.ContainsFunc(d.Fixes, func(fix diag.Fix) bool { return fix.Preferred }) {
				return true
			}
		}
	}
	return false
}
