package lang

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// further warns of a document behind the first one, which is the plan.
func further(tree *syntax.File) diag.List {
	f := tree.Source
	if int(tree.End) == len(f.Text()) {
		return nil
	}
	for n := f.LineOf(int(tree.End)); n <= f.LineCount(); n++ {
		span := f.Line(n)
		line := f.Slice(span)
		text := strings.TrimSpace(strings.TrimLeft(line, "-."))
		if text == "" || text[0] == '#' {
			continue
		}
		if marker := f.LineOf(int(tree.End)); marker < n {
			span = f.Line(marker)
		}
		d := diag.New(diag.FurtherDocument, f, span, "another document begins here; only the first one of a file is read")
		d.Hint = "write it to a file of its own, or remove this line"
		return diag.List{d}
	}
	return nil
}

// strayQuotes warns of values of YAML that end in a quote which they do not begin with.
func strayQuotes(tree *syntax.File) diag.List {
	if tree.Notation != syntax.YAML || tree.Root == nil {
		return nil
	}
	var list diag.List
	f := tree.Source
	text := f.Text()[:tree.End]
	for end := 0; ; {
		n := strings.IndexByte(text[end:], '"')
		if end += n + 1; n < 0 || end == len(text) || len(list) == maxPerCode {
			return list
		}
		if text[end] != '\n' && text[end] != '\r' {
			continue
		}
		start := f.Line(f.LineOf(end)).Start
		if strings.Count(text[start:end], `"`)%2 == 0 {
			continue
		}
		at := scalarAt(tree.Root, int32(end-1))
		value := f.Slice(at)
		if int(at.End) != end || strings.Count(value, `"`) != 1 || strings.ContainsAny(value, "\r\n'") || len(value) < 2 || isInches(value) {
			continue
		}
		d := diag.New(diag.UnclosedQuote, f, source.Span{Start: at.End - 1, End: at.End}, "this text ends in a quote, but begins with none")
		d.Severity = diag.Warning
		d.Fixes = []diag.Fix{{Title: "write a quote in front", Preferred: true, Edits: []source.Edit{{Span: source.Span{Start: at.Start, End: at.Start}, New: `"`}}}}
		list = append(list, d)
	}
}

// isInches reports whether a text such as "a rack of 19\"" ends in a length.
func isInches(s string) bool {
	c := s[len(s)-2]
	return strings.Contains(s, " ") && '0' <= c && c <= '9'
}
