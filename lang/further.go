package lang

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/syntax"
)

// further warns of a document behind the first one, which is the plan.
func further(tree *syntax.File) diag.List {
	f := tree.Source
	if int(tree.End) == len(f.Text()) {
		return nil
	}
	for n := f.LineOf(int(tree.End)); n <= f.LineCount(); n++ {
		span := f.Line(n)
		line := f.Slice(span)
		text := strings.TrimSpace(strings.TrimLeft(line, "-."))
		if text == "" || text[0] == '#' {
			continue
		}
		if marker := f.LineOf(int(tree.End)); marker < n {
			span = f.Line(marker)
		}
		d := diag.New(diag.FurtherDocument, f, span, "another document begins here; only the first one of a file is read")
		d.Hint = "write it to a file of its own, or remove this line"
		return diag.List{d}
	}
	return nil
}
