package format

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/source"
)

// TestByteOrderMarks: a byte order mark at the start of a plan stays, one elsewhere is a character like others, and a plan in which
// it could become a mark stays as it is. The laws of the package hold, so that nothing is refused as a defect of its own.
func TestByteOrderMarks(t *testing.T) {
	const moves = "  " + source.BOM + "version: 1\n  # the name\n  name: xx\n  inputs:\n      - a\n"
	if out, findings := Format(source.NewFile("escape.yml", moves)); out != moves || findings.HasErrors() {
		t.Errorf("got %q, %v", out, findings)
	}
	for name, texts := range map[string][]string{"escape.yml": append(seeds(t), nasty...), "escape.hcl": append(seedsOf(t, ".hcl"), nastyHCL...)} {
		rapid.Check(t, func(rt *rapid.T) {
			text := rapid.SampledFrom(texts).Draw(rt, "text")
			for range rapid.IntRange(1, 3).Draw(rt, "marks") {
				at := rapid.IntRange(0, len(text)).Draw(rt, "at")
				if rapid.Bool().Draw(rt, "at the start of a line") {
					at = strings.LastIndexByte(text[:at], '\n') + 1
				}
				text = text[:at] + source.BOM + text[at:]
			}
			if _, findings := notation.Parse(source.NewFile(name, text)); findings.HasErrors() {
				return
			}
			if name == "escape.yml" {
				checkLaws(t, text)
			} else {
				checkHCL(t, text)
			}
			out, _ := Tidy(source.NewFile(name, text))
			if strings.HasPrefix(text, source.BOM) != strings.HasPrefix(out, source.BOM) || strings.Count(text, source.BOM) != strings.Count(out, source.BOM) {
				rt.Errorf("the marks of %q are others in %q", text, out)
			}
		})
	}
}
