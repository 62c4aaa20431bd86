package hclfile

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// eachPiece calls fn with the tokens of a text piece by piece; positions count from the start of the piece. A piece is one or more
// parts of the top level; all pieces but the last end with a line that is blank, a comment or a brace. The tokens of a large text
// take much room, and time to make it.
func eachPiece(text string, fn func(tokens hclsyntax.Tokens)) {
	src := []byte(text)
	start := 0
	for _, chunk := range cut(src) {
		end := int(chunk.End)
		if end < len(src) && !endsPiece(src[start:end]) {
			continue
		}
		piece := src[start:end]
		tokens, _ := hclsyntax.LexConfig(piece, "", hcl.InitialPos)
		if end < len(src) && !isClosed(tokens) { // who knows where it ends
			tokens, _ = hclsyntax.LexConfig(src[start:], "", hcl.InitialPos)
			fn(tokens)
			return
		}
		fn(tokens)
		start = end
	}
}

// endsPiece reports whether the last line of a text is blank, a comment or a brace.
func endsPiece(text []byte) bool {
	line := strings.TrimSpace(string(text[lineOf(text, len(text)-1):]))
	return line == "" || line == "}" || line[0] == '#' || strings.HasPrefix(line, "//")
}

// isClosed reports whether nothing is open at the end of tokens: no bracket, text or comment.
func isClosed(tokens hclsyntax.Tokens) bool {
	depth, texts := 0, 0
	for i, t := range tokens {
		switch {
		case slices.Contains(openers, t.Type):
			depth++
		case slices.Contains(closers, t.Type):
			if depth--; depth < 0 {
				return false
			}
		case t.Type == hclsyntax.TokenOQuote, t.Type == hclsyntax.TokenOHeredoc:
			texts++
		case t.Type == hclsyntax.TokenCQuote, t.Type == hclsyntax.TokenCHeredoc:
			texts--
		case t.Type == hclsyntax.TokenStar && i > 0 && tokens[i-1].Type == hclsyntax.TokenSlash,
			t.Type == hclsyntax.TokenInvalid, t.Type == hclsyntax.TokenBadUTF8, t.Type == hclsyntax.TokenQuotedNewline:
			return false
		}
	}
	return depth == 0 && texts == 0
}
