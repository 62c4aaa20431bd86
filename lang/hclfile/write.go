package hclfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/source"
)

// IsName reports whether an attribute can be called s.
func IsName(s string) bool { return hclsyntax.ValidIdentifier(s) }

// Verbatim returns the places of heredocs, with their marks, and of comments: their line breaks and blanks are not those of
// the layout.
func Verbatim(text string) []source.Span {
	if s, ok := skim([]byte(text)); ok {
		return s.verbatim()
	}
	var spans []source.Span
	tokens, _ := hclsyntax.LexConfig([]byte(text), "", hcl.InitialPos)
	open := 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenComment:
			end := t.Range.Start.Byte + len(strings.TrimRight(string(t.Bytes), "\r\n"))
			spans = append(spans, source.Span{Start: int32(t.Range.Start.Byte), End: int32(end)})
		case hclsyntax.TokenOHeredoc:
			open = t.Range.Start.Byte
		case hclsyntax.TokenCHeredoc:
			spans = append(spans, source.Span{Start: int32(open), End: int32(t.Range.End.Byte)})
		}
	}
	return spans
}

// verbatim returns comments and heredocs by where they begin.
func (s *skimmer) verbatim() []source.Span {
	all := slices.Concat(s.comments, s.heredocs)
	slices.SortFunc(all, func(a, b source.Span) int { return cmp.Compare(a.Start, b.Start) })
	return all
}
