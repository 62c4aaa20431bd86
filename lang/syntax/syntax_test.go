package syntax_test

import (
	"testing"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

func TestScalarSource(t *testing.T) {
	// The source `"a\tbc  \n  d"`: an escape for the tab, and a fold of 5 bytes to one blank.
	folded := &syntax.Scalar{Text: "a\tbc d", Style: syntax.DoubleQuoted, Content: 1, Segments: []syntax.Segment{
		{Value: 0, Src: 1, Len: 1, SrcLen: 1},
		{Value: 1, Src: 2, Len: 1, SrcLen: 2},
		{Value: 2, Src: 4, Len: 2, SrcLen: 2},
		{Value: 4, Src: 6, Len: 1, SrcLen: 5},
		{Value: 5, Src: 11, Len: 1, SrcLen: 1},
	}}
	plain := &syntax.Scalar{Text: "abc", Content: 7}
	for _, c := range []struct {
		name             string
		scalar           *syntax.Scalar
		start, end, s, e int32
	}{
		{"plain", plain, 1, 2, 8, 9},
		{"plain, all", plain, 0, 3, 7, 10},
		{"plain, past the end", plain, 2, 9, 9, 10},
		{"before the escape", folded, 0, 1, 1, 2},
		{"the escape", folded, 1, 2, 2, 4},
		{"behind the escape", folded, 2, 4, 4, 6},
		{"the fold", folded, 4, 5, 6, 11},
		{"behind the fold", folded, 5, 6, 11, 12},
		{"empty at a seam", folded, 5, 5, 11, 11},
		{"everything", folded, 0, 6, 1, 12},
		{"the end", folded, 6, 6, 12, 12},
	} {
		got := c.scalar.Source(source.Span{Start: c.start, End: c.end})
		if want := (source.Span{Start: c.s, End: c.e}); got != want {
			t.Errorf("%s: Source(%d..%d) = %v, want %v", c.name, c.start, c.end, got, want)
		}
	}
}
