package layout_test

import (
	"testing"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/layout"
)

// TestRangesBlank: of a run of blank lines only those go that stand in the range.
func TestRangesBlank(t *testing.T) {
	for name, text := range map[string]string{
		"escape.yml": "name: demo/app\nversion: 0.1.@\n\n\n\n\ninputs:\n- zone\n",
		"escape.hcl": "name    = \"demo/app\"\nversion = \"1.0\"\n\n\n\n\ninput \"zone\" {}\n",
	} {
		f := source.NewFile(name, text)
		for _, lines := range [][2]int{{2, 2}, {4, 4}, {4, 5}, {6, 7}, {7, 7}, {1, 8}} {
			first, last := lines[0], lines[1]
			edits := layout.Ranges(f, nil, []source.Span{{Start: f.Line(first).Start, End: f.Line(last).End}})
			for _, e := range edits {
				if e.Span.Start < f.Line(first).Start || e.Span.End > f.Line(last+1).Start {
					t.Errorf("%s: formatting lines %d to %d changes %v", name, first, last, e.Span)
				}
			}
			if first == 4 && len(edits) == 0 {
				t.Errorf("%s: lines %d to %d stay as they are", name, first, last)
			}
		}
	}
}
