package source_test

import (
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang/source"
)

// TestCompare: a change makes the one text of the other, and is no longer than it has to be at either end.
func TestCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab"))).Draw(t, "text")
		other := rapid.StringOf(rapid.SampledFrom([]rune("ab"))).Draw(t, "other")
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		for _, after := range []string{other, text[:at] + other + text[at:], text[:at] + other, text} {
			c := source.Compare(text, after)
			if got := text[:c.Start] + after[c.Start:c.NewEnd] + text[c.OldEnd:]; got != after || c.Start > min(c.OldEnd, c.NewEnd) {
				t.Fatalf("%q to %q: %v makes %q", text, after, c, got)
			}
			if c.Start < min(c.OldEnd, c.NewEnd) && (text[c.Start] == after[c.Start] || text[c.OldEnd-1] == after[c.NewEnd-1]) {
				t.Fatalf("%q to %q: %v is too long", text, after, c)
			}
			if got := c.Delta(); got != len(after)-len(text) {
				t.Fatalf("%q to %q: moved by %d", text, after, got)
			}
		}
	})
}
