package lang_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// TestLineEnds: how the lines of a plan in YAML end changes neither what is found, nor on which lines and columns, nor what fixes
// make of it.
func TestLineEnds(t *testing.T) {
	unix := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	all := func(text string) []string {
		an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Deps: known, Lint: func(r *lint.Rule) bool { return !r.Off }})
		var list []string
		for _, d := range an.Findings {
			if d.File != an.Source {
				continue
			}
			x := fmt.Sprintf("%s %v-%v %s", d.Code.Code, d.File.Position(int(d.Span.Start)), d.File.Position(int(d.Span.End)), d.Message)
			for _, fix := range d.Fixes {
				fixed, err := source.Apply(text, fix.Edits)
				x += fmt.Sprintf("\n%s: %v %q", fix.Title, err, unix.Replace(fixed))
			}
			list = append(list, x)
		}
		slices.Sort(list)
		return list
	}
	corpus(t, func(name, text string) {
		if strings.Contains(text, "\r") {
			return
		}
		want := all(text)
		for _, end := range []string{"\r\n", "\r"} {
			if got := all(strings.ReplaceAll(text, "\n", end)); !slices.Equal(got, want) {
				t.Errorf("%s with %q:\n%s\nwant\n%s", name, end, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}
