package hcltext

import (
	"strings"

	"escape.build/escape/lang/expr"
)

// Spelled returns a text for people, such as a message, a hint or an example, with each piece of Escape Script in it as HCL
// writes it: "$this.inputs.x" is "this.inputs.x", and "$a.upper()" and "$__upper($a)" are "upper(a)". What is no piece of Escape
// Script stays; lambdas, which HCL does not have, do so too.
func Spelled(text string) string {
	if !strings.Contains(text, "$") || strings.Contains(text, "$func") {
		return text
	}
	var out strings.Builder
	from := 0 // start of what is not written yet
	for i := 0; i < len(text); {
		n := 0
		if text[i] == '$' && (i == 0 || text[i-1] != '$' && text[i-1] != '\\') {
			n = scriptLen(text[i:])
		}
		if n == 0 {
			i++
			continue
		}
		out.WriteString(text[from:i])
		if s, ok := spelledPiece(text[i : i+n]); ok {
			out.WriteString(s)
			i += n
		} else { // what follows may hold other pieces
			i += len("$") + len(text[i+1:]) - len(strings.TrimPrefix(text[i+1:], "__"))
		}
		from = i
	}
	return out.String() + text[from:]
}

// spelledPiece returns a piece of Escape Script in HCL; false if it cannot be read.
func spelledPiece(text string) (string, bool) {
	e, list := expr.Parse(text)
	if len(list) > 0 {
		return "", false
	}
	if s, ok := (printer{simple: true}).native(e); ok {
		return s, true
	}
	return "script(" + Quote(text) + ")", true
}

// scriptLen is the length of the piece of Escape Script that a text begins with: "$" and a name, with all that is selected and
// called on it. A full stop that ends a sentence is none of it. It is 0 if there is no name.
func scriptLen(text string) int {
	i := 1 + len(text[1:]) - len(strings.TrimPrefix(text[1:], "__"))
	n := expr.NameLen(text[i:])
	if n == 0 {
		return 0
	}
	for i += n; i < len(text); i += n {
		switch text[i] {
		case '.':
			if n = expr.NameLen(text[i+1:]); n > 0 {
				n++
			}
		case '(', '[':
			n = bracketed(text[i:])
		default:
			n = 0
		}
		if n == 0 {
			break
		}
	}
	return i
}

// bracketed is the length of what stands in brackets at the start of a text, the brackets counted; 0 if it has no end.
func bracketed(text string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
