// Package hcltext writes what stands in a plan in HCL: texts in quotes, and the expressions that mean a piece of Escape Script.
// It reads nothing; whoever needs to be sure that an expression comes back as it was reads it with lang/hclfile.
package hcltext

import (
	"fmt"
	"strings"
	"unicode"
)

// Quote returns s in quotes, as a text of HCL on one line that reads back as s. What is not UTF-8 cannot be written and
// becomes the replacement character.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	b.WriteString(QuoteIn(s, false))
	b.WriteByte('"')
	return b.String()
}

// QuoteIn returns s as it stands between the quotes of a text; before says that "${" follows.
func QuoteIn(s string, before bool) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '$' || r == '%':
			writeMark(&b, r, s[i+1:], before)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// writeMark writes a "$" or "%" of a text, which rest follows. Before a brace it is doubled; one before that, which would be
// taken for the doubled one, is an escape.
func writeMark(b *strings.Builder, mark rune, rest string, before bool) {
	after := strings.TrimLeft(rest, string(mark))
	switch {
	case !strings.HasPrefix(after, "{") && !(after == "" && before):
		b.WriteRune(mark)
	case len(after) == len(rest) && after != "":
		b.WriteRune(mark)
		b.WriteRune(mark)
	default:
		fmt.Fprintf(b, `\u%04x`, mark)
	}
}
