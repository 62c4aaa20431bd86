package hclfile

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"escape.build/escape/lang/source"
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

// Align gives a text the spacing of HCL: two blanks for each bracket, one around operators, the signs of assignments and the
// comments of neighbouring lines below each other. What is inside of texts stays. The text must be valid HCL.
func Align(text string) string { return string(hclwrite.Format([]byte(text))) }

// Verbatim returns the places of heredocs, with their marks, and of comments: their line breaks and blanks are not those of
// the layout.
func Verbatim(text string) []source.Span {
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
