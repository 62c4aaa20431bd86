package lang

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// keepComments sees to it that no fix makes a comment part of a value. Behind quotes a comment may stand without a blank
// ("x"#why); behind the plain text which a fix puts in their place it may not.
func keepComments(f *source.File, findings diag.List) {
	text := f.Text()
	for i := range findings {
		for j := range findings[i].Fixes {
			edits := findings[i].Fixes[j].Edits
			for k := range edits {
				end := int(edits[k].Span.End)
				if edits[k].New != "" && end < len(text) && text[end] == '#' && !strings.ContainsAny(edits[k].New[len(edits[k].New)-1:], " \n") {
					edits[k].New += " "
				}
			}
		}
	}
}
