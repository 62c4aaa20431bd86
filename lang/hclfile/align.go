package hclfile

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Align gives a text the spacing of HCL: two blanks for each bracket, one around operators, the signs of assignments and the
// comments of neighbouring lines below each other. What is inside of texts stays. The text must be valid HCL.
//
// What comes out is that of hclwrite.Format to the byte; tests compare both. Package hclwrite itself stays out of the program:
// a library that it imports would cost every command start-up time.
func Align(text string) string {
	var out strings.Builder
	out.Grow(len(text) + len(text)/8)
	var s spacing
	eachPiece(text, func(tokens hclsyntax.Tokens) {
		s.tokens, s.rows = tokens, s.rows[:0]
		s.blanks = append(s.blanks[:0], make([]int, len(tokens))...)
		s.cut()
		s.indent()
		s.separate()
		s.below(func(r row) int { return r.sign })
		s.below(func(r row) int { return r.note })
		s.write(&out)
	})
	return out.String()
}

// A spacing says how many blanks stand before each token. The last token is the end of the text.
type spacing struct {
	tokens hclsyntax.Tokens
	blanks []int
	rows   []row
}

// A row is the tokens [from, to) up to a line break. Those inside of a heredoc or a comment are part of its token, so a row can
// be more than one line.
type row struct {
	from, to int
	sign     int // the sign of an assignment whose value ends in this row, or 0
	note     int // a comment behind other tokens that ends the row, or 0
}

// head returns the end of the tokens before the sign and the comment.
func (r row) head() int {
	switch {
	case r.sign > 0:
		return r.sign
	case r.note > 0:
		return r.note
	}
	return r.to
}

// cut divides the tokens into rows.
func (s *spacing) cut() {
	from, last := 0, len(s.tokens)-1
	for i, t := range s.tokens[:last] {
		if i+1 == last || t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenComment && strings.HasSuffix(string(t.Bytes), "\n") {
			s.rows = append(s.rows, s.row(from, i+1))
			from = i + 1
		}
	}
}

func (s *spacing) row(from, to int) row {
	r := row{from: from, to: to}
	end := to
	if to-from > 1 && s.tokens[to-1].Type == hclsyntax.TokenComment {
		end = to - 1
		r.note = end
	}
	sign := slices.IndexFunc(s.tokens[from+1:end], func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenEqual })
	if sign >= 0 && opened(s.tokens[from+1+sign:end]) == 0 {
		r.sign = from + 1 + sign
	}
	return r
}

// opened returns how many more brackets are opened than closed.
func opened(tokens hclsyntax.Tokens) int {
	n := 0
	for _, t := range tokens {
		switch {
		case slices.Contains(openers, t.Type):
			n++
		case slices.Contains(closers, t.Type):
			n--
		}
	}
	return n
}

// indent sets the blanks at the start of rows. A row that opens several brackets indents what follows only once.
func (s *spacing) indent() {
	depth := 0
	var outer []int // the depth around each indentation
	for _, r := range s.rows {
		tokens := s.tokens[r.from:r.head()]
		if tokens[0].Type == hclsyntax.TokenNewline {
			continue
		}
		if i := slices.IndexFunc(tokens, func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenOHeredoc }); i >= 0 {
			tokens = tokens[:i]
		}
		change := opened(tokens)
		depth = max(depth+change, 0)
		for len(outer) > 0 && depth <= outer[len(outer)-1] {
			outer = outer[:len(outer)-1]
		}
		s.blanks[r.from] = 2 * len(outer)
		if change > 0 {
			outer = append(outer, depth-change)
		}
	}
}

// separate sets the blanks inside of rows, but for those before signs and comments at the end.
func (s *spacing) separate() {
	for _, r := range s.rows {
		before, left := hclsyntax.TokenNil, s.tokens[r.from]
		for i := r.from + 1; i < r.to && i != r.note; i++ {
			t := s.tokens[i]
			if i == r.sign {
				before = hclsyntax.TokenNil
			} else {
				s.blanks[i] = gap(role(before, left), t.Type)
				before = left.Type
			}
			left = t
		}
	}
}

// below puts the tokens that at returns below each other in neighbouring rows that have one.
func (s *spacing) below(at func(row) int) {
	for i := 0; i < len(s.rows); i++ {
		run, widest := i, 0
		for ; i < len(s.rows) && at(s.rows[i]) > 0; i++ {
			widest = max(widest, s.width(s.rows[i].from, at(s.rows[i])))
		}
		for _, r := range s.rows[run:i] {
			s.blanks[at(r)] = widest - s.width(r.from, at(r)) + 1
		}
	}
}

// width counts the blanks and the characters of the tokens [from, to), as a reader sees them.
func (s *spacing) width(from, to int) int {
	n := 0
	for i, t := range s.tokens[from:to] {
		n += s.blanks[from+i] + characters(t)
	}
	return n
}

// flatten replaces line breaks by something else that counts as one character.
var flatten = strings.NewReplacer("\r\n", "\x01", "\n", "\x01")

// characters counts the characters of a token as its lexer does; in one that is several lines, line breaks are characters too.
func characters(t hclsyntax.Token) int {
	if t.Range.Start.Line == t.Range.End.Line {
		return t.Range.End.Column - t.Range.Start.Column
	}
	const mark = "#\x01" // makes a comment of what follows; nothing combines with it
	tokens, _ := hclsyntax.LexConfig([]byte(mark+flatten.Replace(string(t.Bytes))), "", hcl.InitialPos)
	return tokens[0].Range.End.Column - hcl.InitialPos.Column - len(mark)
}

// write writes the tokens with their blanks. Those at the end of the text stay as they are.
func (s *spacing) write(out *strings.Builder) {
	end := 0
	for i, t := range s.tokens {
		blanks := s.blanks[i]
		if i == len(s.tokens)-1 {
			blanks = t.Range.Start.Byte - end
		}
		out.WriteString(strings.Repeat(" ", blanks))
		out.Write(t.Bytes)
		end = t.Range.End.Byte
	}
}

type kinds = []hclsyntax.TokenType

// What a token can be on the left of a gap, besides its type.
const (
	word   hclsyntax.TokenType = -1 - iota // "in" of a for expression
	prefix                                 // a minus that belongs to what follows
)

// role returns what left is behind a token of type before; TokenNil if it is the first.
func role(before hclsyntax.TokenType, left hclsyntax.Token) hclsyntax.TokenType {
	switch {
	case left.Type == hclsyntax.TokenIdent && before == hclsyntax.TokenIdent && string(left.Bytes) == "in":
		return word
	case left.Type == hclsyntax.TokenMinus && slices.Contains(unfinished, before):
		return prefix
	}
	return left.Type
}

var (
	openers = kinds{hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl}
	closers = kinds{hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd}

	// unfinished are the tokens that an operand follows, so that a minus behind them is a sign.
	unfinished = kinds{
		hclsyntax.TokenNil, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace,
		hclsyntax.TokenEqual, hclsyntax.TokenColon, hclsyntax.TokenComma, hclsyntax.TokenQuestion,
		hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
		hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual,
		hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq,
		hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenBang,
	}
)

// gaps says how many blanks stand between two tokens; the first row that fits counts, and nil fits all.
var gaps = []struct {
	left, right kinds
	blanks      int
}{
	{nil, kinds{hclsyntax.TokenNewline}, 0},

	// Names.
	{kinds{hclsyntax.TokenIdent, word}, kinds{hclsyntax.TokenOParen, hclsyntax.TokenDoubleColon}, 0},
	{kinds{hclsyntax.TokenDoubleColon}, kinds{hclsyntax.TokenIdent}, 0},
	{kinds{hclsyntax.TokenDot}, nil, 0},
	{nil, kinds{hclsyntax.TokenDot, hclsyntax.TokenComma, hclsyntax.TokenEllipsis}, 0},
	{kinds{hclsyntax.TokenComma}, nil, 1},

	// The inside of texts.
	{kinds{hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit}, nil, 0},
	{nil, kinds{hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit}, 0},

	// An index, but not a list behind "in"; signs.
	{kinds{word}, nil, 1},
	{append(kinds{hclsyntax.TokenIdent, hclsyntax.TokenNumberLit}, closers...), kinds{hclsyntax.TokenOBrack}, 0},
	{kinds{prefix, hclsyntax.TokenBang}, nil, 0},
	{kinds{hclsyntax.TokenMinus}, nil, 1},

	// Braces have blanks inside, also next to a mark of a template; other brackets have none.
	{kinds{hclsyntax.TokenOBrace}, kinds{hclsyntax.TokenCBrace}, 0},
	{kinds{hclsyntax.TokenOBrace}, nil, 1},
	{nil, kinds{hclsyntax.TokenCBrace}, 1},
	{kinds{hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl}, kinds{hclsyntax.TokenOBrace}, 1},
	{kinds{hclsyntax.TokenCBrace}, kinds{hclsyntax.TokenTemplateSeqEnd}, 1},
	{kinds{hclsyntax.TokenTemplateSeqEnd}, kinds{hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl}, 0},
	{openers, nil, 0},
	{nil, closers, 0},
}

func gap(left, right hclsyntax.TokenType) int {
	for _, g := range gaps {
		if (g.left == nil || slices.Contains(g.left, left)) && (g.right == nil || slices.Contains(g.right, right)) {
			return g.blanks
		}
	}
	return 1
}
