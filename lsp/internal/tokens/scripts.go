package tokens

import (
	"cmp"
	"slices"

	"escape.build/escape/lang"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// scripts returns the variables of Escape in the scripts that stand in the plan.
func scripts(an *lang.Analysis, span source.Span) []Token {
	var out []Token
	for _, s := range an.Info.Scripts() {
		if at := s.Inline.Raw(); !s.Inline.Set() || at.End < span.Start || at.Start > span.End {
			continue
		}
		for _, t := range Script(s.Script) {
			t.Span = s.Inline.At(t.Span)
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Token) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return out
}

// Script returns the tokens of a script: the variables that Escape gives it, and the outputs that it writes.
func Script(s *script.Script) []Token {
	var out []Token
	for _, use := range s.Uses {
		switch use.How {
		case script.Read:
			out = append(out, Token{use.Span, Variable, Readonly | DefaultLibrary})
		case script.Assigned:
			out = append(out, Token{use.Span, Variable, Declaration})
		}
	}
	for _, use := range s.Misspelt {
		out = append(out, Token{use.Span, Variable, Unresolved})
	}
	for _, key := range s.Writes {
		out = append(out, Token{key.Span, Variable, Definition})
	}
	return apart(out)
}
