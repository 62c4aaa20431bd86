package tokens

import (
	"cmp"
	"slices"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/mustache"
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
		for _, t := range variables(s) {
			if t.Span = s.Inline.At(t.Span); t.Span.End >= span.Start && t.Span.Start <= span.End {
				out = append(out, t)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Token) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	mark(an, an.Source, out)
	return out
}

// File returns the tokens of a script or template that a plan uses; none if it uses no such file, or one with another text.
func File(an *lang.Analysis, f *source.File, span source.Span) []Token {
	var out []Token
	for _, s := range an.Info.Scripts() {
		if s.Path != "" && s.File.Name() == f.Name() && s.File.Text() == f.Text() {
			out = variables(s)
		}
	}
	if out == nil {
		out = tags(f.Text())
	}
	out = slices.DeleteFunc(out, func(t Token) bool { return t.Span.End < span.Start || t.Span.Start > span.End })
	mark(an, f, out)
	return apart(out)
}

// variables are those that Escape gives a script, and the outputs that it writes.
func variables(s *check.Script) []Token {
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
		out = append(out, Token{use.Span, Variable, 0})
	}
	for _, key := range s.Writes {
		out = append(out, Token{key.Span, Variable, Definition})
	}
	return apart(out)
}

// tags are the names that a template needs.
func tags(text string) []Token {
	list, _, err := mustache.Tags(text)
	if err != nil {
		return nil
	}
	var out []Token
	for i := range list {
		t := &list[i]
		out = append(out, Token{source.Span{Start: int32(t.Offset), End: int32(t.Offset + len(t.Name))}, Parameter, Readonly})
		if t.Close > 0 {
			out = append(out, Token{source.Span{Start: int32(t.Close), End: int32(t.Close + len(t.Name))}, Parameter, Readonly})
		}
	}
	return out
}

// mark marks the names of which a finding says that they do not exist there.
func mark(an *lang.Analysis, f *source.File, list []Token) {
	if len(list) == 0 {
		return
	}
	wrong := map[source.Span]bool{}
	for i := range an.Findings {
		switch d := &an.Findings[i]; d.Code {
		case diag.ScriptVariable, diag.ScriptStage, diag.ScriptTooEarly, diag.TemplateTag:
			if d.File != nil && d.File.Name() == f.Name() {
				wrong[d.Span] = true
			}
		}
	}
	for i := range list {
		if t := &list[i]; wrong[t.Span] {
			t.Mods = t.Mods&^DefaultLibrary | Unresolved
		}
	}
}
