package hclfile_test

import (
	"strings"
	"testing"

	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
)

// TestByteOrderMark: a byte order mark at the start of a text is no part of it; one between its words is an error that covers it.
func TestByteOrderMark(t *testing.T) {
	if _, findings := hclfile.Parse(source.NewFile("escape.hcl", source.BOM+"name = \"x\"\n")); len(findings) > 0 {
		t.Errorf("a mark at the start: %v", findings)
	}
	for _, text := range []string{
		"\nBOM\n# a\n", "name = \"x\"\nBOM\n", "name = \"x\"\nBOMversion = \"1\"\n", source.BOM + "name = \"x\"\nBOM\n", "\n\nBOMname = \"x\"\n",
		"build {\nBOM\n}\n", "\nBOM", source.BOM + "BOMname = \"x\"\n",
	} {
		at := int32(strings.Index(text, "BOM"))
		_, findings := hclfile.Parse(source.NewFile("escape.hcl", strings.Replace(text, "BOM", source.BOM, 1)))
		if want := (source.Span{Start: at, End: at + int32(len(source.BOM))}); len(findings) != 1 || !findings.HasErrors() || findings[0].Span != want {
			t.Errorf("%q: got %v, want an error at %v", text, findings, want)
		}
	}
}
