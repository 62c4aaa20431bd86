package layout

import (
	"strings"

	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Triggers are the characters after which Typed is asked.
var Triggers = []string{"\n", "}", "]", ")"}

const step = "  "

// Typed returns the edits after a character was typed in front of off: the indentation of the line that it began, or, for a
// bracket that closes, of the line that it stands alone on.
func Typed(f *source.File, off int, char string) []source.Edit {
	line := f.LineOf(off)
	text := f.Slice(f.Line(line))
	words := strings.TrimLeft(text, " \t")
	hcl := syntax.NotationOf(f.Name()) == syntax.HCL
	var want string
	switch {
	case char == "\n" && hcl && !verbatim(f, off):
		want = hclIndent(f, line, words)
	case char == "\n" && !hcl && (strings.TrimSpace(words) == "" || isComment(words)):
		want = yamlIndent(f, line)
	case char != "\n" && hcl && words == char && !verbatim(f, off):
		want = hclIndent(f, line, words)
	default:
		return nil
	}
	have := text[:len(text)-len(words)]
	if have == want {
		return nil
	}
	start := f.Line(line).Start
	return []source.Edit{{Span: source.Span{Start: start, End: start + int32(len(have))}, New: want}}
}

// verbatim reports whether an offset lies in a heredoc or a comment of several lines, where white space is content.
func verbatim(f *source.File, off int) bool {
	for _, s := range hclfile.Verbatim(f.Text()) {
		if int(s.Start) < off && off <= int(s.End) {
			return true
		}
	}
	return false
}

// hclIndent is the indentation of a line: that of the last line with words, one step more behind a bracket that opens, one less
// in front of one that closes.
func hclIndent(f *source.File, line int, words string) string {
	above, indent := wordsAbove(f, line)
	if n := len(above); n > 0 && strings.ContainsAny(above[n-1:], "{[(") {
		indent += step
	}
	if words != "" && strings.ContainsAny(words[:1], "}])") {
		indent = strings.TrimSuffix(indent, step)
	}
	return indent
}

// yamlIndent is the indentation of an empty line behind the last one with words: below the first key of an item, one step more
// behind a key without a value or the head of a block scalar, else as that line.
func yamlIndent(f *source.File, line int) string {
	above, indent := wordsAbove(f, line)
	for strings.HasPrefix(above, "- ") && !isComment(above) {
		rest := strings.TrimLeft(above[2:], " ")
		if !strings.Contains(rest, ": ") && !strings.HasSuffix(rest, ":") {
			return indent // a plain item; the next one stands below it
		}
		indent += strings.Repeat(" ", len(above)-len(rest))
		above = rest
	}
	if !isComment(above) && opens(above) {
		indent += step
	}
	return indent
}

// opens reports whether what follows a line belongs to its last key.
func opens(words string) bool {
	if key, value, ok := strings.Cut(words, ": "); ok && key != "" {
		value = strings.TrimSpace(value)
		return value != "" && strings.Trim(value, "|>+-0123456789") == "" && strings.ContainsAny(value[:1], "|>")
	}
	return strings.HasSuffix(words, ":") && strings.TrimSpace(words) != ":" && !isField(words)
}

// isField reports whether a line of the top level names a list, whose items stand at the edge.
func isField(words string) bool {
	field, _, ok := plan.Lookup(strings.TrimSuffix(words, ":"))
	return ok && field.Shape.IsList()
}

func isComment(words string) bool { return strings.HasPrefix(words, "#") }

// wordsAbove returns the last line above one that holds words, and its indentation.
func wordsAbove(f *source.File, line int) (words, indent string) {
	for n := line - 1; n >= 1; n-- {
		text := strings.TrimRight(f.Slice(f.Line(n)), " \t")
		if text != "" {
			words = strings.TrimLeft(text, " \t")
			return words, text[:len(text)-len(words)]
		}
	}
	return "", ""
}
