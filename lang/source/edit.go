package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Edit replaces the bytes of Span by New.
type Edit struct {
	Span Span
	New  string
}

// ErrOverlap is returned by Apply for edits that overlap or lie outside the text.
var ErrOverlap = errors.New("edits overlap or lie outside the file")

// Apply returns text with all edits made at once; their spans refer to text as given. Bytes outside the spans stay as
// they are. Insertions at one place keep their order. It fails with ErrOverlap.
func Apply(text string, edits []Edit) (string, error) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int {
		if a.Span.Start != b.Span.Start {
			return int(a.Span.Start) - int(b.Span.Start)
		}
		return int(a.Span.End) - int(b.Span.End)
	})
	var out strings.Builder
	size := len(text)
	for _, e := range edits {
		size += len(e.New)
	}
	out.Grow(size)
	at := int32(0)
	for _, e := range edits {
		if e.Span.Start < at || e.Span.End < e.Span.Start || int(e.Span.End) > len(text) {
			return "", fmt.Errorf("edit at %d..%d: %w", e.Span.Start, e.Span.End, ErrOverlap)
		}
		out.WriteString(text[at:e.Span.Start])
		out.WriteString(e.New)
		at = e.Span.End
	}
	out.WriteString(text[at:])
	return out.String(), nil
}
