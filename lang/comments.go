package lang

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// keepComments sees to it that no fix makes a comment part of a value. Behind quotes and brackets a comment may stand
// without a blank ("x"#why); behind the plain text which a fix puts in their place it may not.
func keepComments(f *source.File, findings diag.List) {
	text := f.Text()
	for i := range findings {
		for j := range findings[i].Fixes {
			if to := findings[i].Fixes[j].File; to != nil && to != f || to == nil && findings[i].File != f {
				continue
			}
			edits := findings[i].Fixes[j].Edits
			for k := range edits {
				e := &edits[k]
				end := int(e.Span.End)
				if e.New == "" || e.Span.Len() == 0 || end >= len(text) || text[end] != '#' {
					continue
				}
				if closed(text[:end]) && !closed(e.New) {
					e.New += " "
				}
			}
		}
	}
}

// closed reports whether text ends with a mark that ends a value by itself.
func closed(text string) bool { return strings.ContainsAny(text[len(text)-1:], "\"']} \n") }
