package hclfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A part is a piece of the text that was parsed by itself.
type part struct {
	body  *hclsyntax.Body
	known *syntax.Entry // what the piece holds, if that is known; body is nil then
}

// parts parses each part of the top level by itself. known returns what one is known to hold, if anything; it may be nil.
func (p *parser) parts(known func(chunk source.Span) *syntax.Entry) []part {
	var parts []part
	for _, chunk := range cut(p.src) {
		if known != nil {
			if e := known(chunk); e != nil {
				parts = append(parts, part{known: e})
				continue
			}
		}
		body := p.mend(chunk)
		p.dropStray(body)
		parts = append(parts, part{body: body})
	}
	return parts
}

// dropStray removes what is indented on the top level behind a block: it belongs to the block, which a brace too much ended.
func (p *parser) dropStray(body *hclsyntax.Body) {
	if len(body.Blocks) == 0 {
		return
	}
	end := body.Blocks[0].CloseBraceRange.End.Byte
	for name, attr := range body.Attributes {
		if attr.NameRange.Start.Byte > end && p.file.Position(attr.NameRange.Start.Byte).Column > 1 {
			delete(body.Attributes, name)
		}
	}
}

func (p *parser) parse(chunk source.Span) (*hclsyntax.Body, hcl.Diagnostics) {
	return p.parseText(p.folded(p.src[chunk.Start:chunk.End], int(chunk.Start)), int(chunk.Start))
}

func (p *parser) parseText(text []byte, at int) (*hclsyntax.Body, hcl.Diagnostics) {
	if at > 0 && bytes.HasPrefix(text, []byte(bom)) { // the library would take it for that of the file
		text, at = slices.Concat([]byte{'\n'}, text), at-1
	}
	file, diags := hclsyntax.ParseConfig(text, p.file.Name(), p.pos(at))
	return file.Body.(*hclsyntax.Body), diags
}

func (p *parser) pos(at int) hcl.Pos {
	pos := p.file.Position(at)
	return hcl.Pos{Line: pos.Line, Column: pos.Column, Byte: at}
}

// maxMends is how many lines of one part of the text are left out until the rest is readable.
const maxMends = 4

// mend parses a part of the top level. A line that breaks it is reported and read as an empty one.
func (p *parser) mend(chunk source.Span) *hclsyntax.Body {
	body, diags := p.parse(chunk)
	for range maxMends {
		if !diags.HasErrors() {
			return body
		}
		first := firstError(diags)
		line, left := p.bestBlank(chunk, diags)
		closed, more := p.closed(chunk)
		open := -1
		if left == 0 {
			open = p.openIn(line)
		}
		switch {
		case p.out.Conflicted, p.reportedOn(first): // both sides of a conflict are no text together
		case open >= 0:
			p.report(diag.UnclosedBracket, source.Span{Start: int32(open), End: int32(open) + 1}, fmt.Sprintf("this %q has no end", p.src[open]))
		default:
			p.syntaxFinding(first)
		}
		switch {
		case onlyMeaning(diags):
			return body
		case closed != nil && left > 0 && len(more) < len(diags) && len(more) <= left:
			body, diags = closed, more
			continue
		case left >= len(diags):
			return body
		}
		p.blank(int(line.Start), int(line.End))
		body, diags = p.parse(chunk)
	}
	return body
}

// openIn returns the offset of a bracket in a line that the line does not close; -1 if there is none.
func (p *parser) openIn(line source.Span) int {
	if open := openBrackets(p.src[line.Start:line.End]); len(open) > 0 {
		return int(line.Start) + open[0]
	}
	return -1
}

// closed parses a part of the top level with the brackets behind it that it lacks; nil if it lacks none.
func (p *parser) closed(chunk source.Span) (*hclsyntax.Body, hcl.Diagnostics) {
	open := openBrackets(p.src[chunk.Start:chunk.End])
	if len(open) == 0 {
		return nil, nil
	}
	text := bytes.Clone(p.src[chunk.Start:chunk.End])
	for _, at := range slices.Backward(open) {
		text = append(text, '\n', closerOf[text[at]])
	}
	return p.parseText(text, int(chunk.Start))
}

var closerOf = map[byte]byte{'{': '}', '[': ']', '(': ')', '$': '}', '%': '}'}

// onlyMeaning reports whether the tree is whole although there are errors, as when an attribute is written twice.
func onlyMeaning(diags hcl.Diagnostics) bool {
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Summary != redefined {
			return false
		}
	}
	return true
}

func firstError(diags hcl.Diagnostics) *hcl.Diagnostic {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			return d
		}
	}
	return nil
}

// reportedOn says whether there is a finding on the line of d already: one mistake is told once.
func (p *parser) reportedOn(d *hcl.Diagnostic) bool {
	return p.told[p.file.LineOf(d.Subject.Start.Byte)]
}

// bestBlank returns the line of a chunk without which it has the fewest errors, and how many these are.
func (p *parser) bestBlank(chunk source.Span, diags hcl.Diagnostics) (line source.Span, errors int) {
	first := firstError(diags)
	at := p.file.LineOf(min(first.Subject.Start.Byte, int(chunk.End)-1))
	candidates := append(p.halfOpen(chunk), at, at-1)
	if first.Context != nil {
		candidates = append(candidates, p.file.LineOf(first.Context.Start.Byte))
	}
	if open := openBrackets(p.src[chunk.Start:chunk.End]); len(open) > 0 {
		candidates = append(candidates, p.file.LineOf(int(chunk.Start)+open[len(open)-1]))
	}
	var best source.Span
	fewest := len(diags) + 1
	last := p.file.LineOf(int(chunk.End) - 1)
	for i, n := range candidates {
		if n < p.file.LineOf(int(chunk.Start)) || n > last || slices.Contains(candidates[:i], n) {
			continue
		}
		line := p.file.Line(n)
		saved := bytes.Clone(p.src[line.Start:line.End])
		if trimmed := bytes.TrimSpace(saved); len(trimmed) == 0 || opens(string(trimmed)) && bytes.Count(p.src[chunk.Start:chunk.End], []byte("\n")) > 1 {
			continue // without the line that opens a block nobody knows what its keys are
		}
		p.blank(int(line.Start), int(line.End))
		_, left := p.parse(chunk)
		copy(p.src[line.Start:], saved)
		if len(left) < fewest {
			best, fewest = line, len(left)
		}
		if fewest == 0 {
			break
		}
	}
	return best, fewest
}

// maxHalfOpen is how many lines are tried that open a bracket in their middle.
const maxHalfOpen = 3

// halfOpen returns the lines of a chunk that open a bracket which they do not close and that is not their end: the
// most likely places where one is missing.
func (p *parser) halfOpen(chunk source.Span) []int {
	var lines []int
	for at := int(chunk.Start); at < int(chunk.End) && len(lines) < maxHalfOpen; {
		end := min(lineEnd(p.src, at), int(chunk.End))
		line := bytes.TrimSpace(p.src[at:end])
		if len(line) > 0 && bytes.ContainsAny(line, "{[(") && !opens(string(line)) && len(openBrackets(line)) > 0 {
			lines = append(lines, p.file.LineOf(at))
		}
		at = end
	}
	return lines
}

// cut cuts a text into the parts of its top level: a part begins with a line that has a name in its first column. Brackets
// and quotes that are not closed do not hide the next part; heredocs and comments that have an end do, and so does a block up
// to its brace in the first column.
func cut(src []byte) []source.Span {
	var chunks []source.Span
	start := 0
	ends := newEndings(src)
	skipTo := ""     // line that ends a heredoc
	comment := false // inside of /* */
	open := false    // inside of a block
	for at := 0; at < len(src); {
		end := lineEnd(src, at)
		line := string(src[at:end])
		switch {
		case skipTo != "":
			if strings.TrimSpace(line) == skipTo {
				skipTo = ""
			}
		case comment:
			comment = !strings.Contains(line, "*/")
		default:
			switch {
			case isCloser(line[0]):
				open = false
			case isNameStart(line[0]) && (!open || !ends.closesFirst(at)):
				if at > start {
					chunks = append(chunks, source.Span{Start: int32(start), End: int32(at)})
					start = at
				}
				open = opens(line)
			}
			if word := heredoc(line); word != "" && ends.lastLine(word) >= end {
				skipTo = word
			} else if i := strings.Index(line, "/*"); i >= 0 && strings.TrimSpace(line[:i]) == "" && ends.comment >= at {
				comment = !strings.Contains(line[i:], "*/")
			}
		}
		at = end
	}
	return append(chunks, source.Span{Start: int32(start), End: int32(len(src))})
}

// Endings know what ends further down in a text. They look at each line once, however often they are asked.
type endings struct {
	src     []byte
	comment int            // offset of the last end of a comment; -1 if there is none
	words   map[string]int // offset of the last line that is a word; nil until somebody asks
	// from and to are what closesFirst has looked at, and closes what it found.
	from, to int
	closes   bool
}

func newEndings(src []byte) *endings {
	return &endings{src: src, comment: bytes.LastIndex(src, []byte("*/"))}
}

// lastLine returns where the last line is that consists of word, which may be indented; -1 if there is none.
func (e *endings) lastLine(word string) int {
	if e.words == nil {
		e.words = map[string]int{}
		for at := 0; at < len(e.src); {
			end := lineEnd(e.src, at)
			if line := bytes.TrimSpace(e.src[at:end]); len(line) > 0 && isNameStart(line[0]) && !bytes.ContainsAny(line, " \t\"") {
				e.words[string(line)] = at
			}
			at = end
		}
	}
	if at, ok := e.words[word]; ok {
		return at
	}
	return -1
}

// closesFirst reports whether, from an offset on, a closing bracket in the first column comes before the next line that looks
// like a block.
func (e *endings) closesFirst(at int) bool {
	if at >= e.from && at < e.to {
		return e.closes
	}
	for e.from, e.closes = at, false; at < len(e.src); {
		end := lineEnd(e.src, at)
		e.to = end
		line := strings.TrimSpace(string(e.src[at:end]))
		if isCloser(e.src[at]) {
			e.closes = true
			return true
		}
		if isNameStart(e.src[at]) && (opens(line) || strings.HasSuffix(line, "}")) && !strings.Contains(line, "=") {
			return false
		}
		at = end
	}
	return false
}

func lineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(src)
}

func isCloser(c byte) bool { return c == '}' || c == ']' || c == ')' }

// opens reports whether a line opens a bracket that it does not close.
func opens(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && strings.IndexByte("{[(", line[len(line)-1]) >= 0
}

func isNameStart(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }

// heredoc returns the word that ends the heredoc which begins at the end of a line; empty if none does.
func heredoc(line string) string {
	i := strings.LastIndex(line, "<<")
	if i < 0 {
		return ""
	}
	word := strings.TrimSpace(strings.TrimPrefix(line[i+2:], "-"))
	if word == "" || !isNameStart(word[0]) || strings.ContainsAny(word, " \t\"") {
		return ""
	}
	return word
}

// openBrackets returns the offsets of the brackets in the text that have no end, outermost first. Brackets in strings and
// comments do not count.
func openBrackets(text []byte) []int {
	var open []int
	tokens, _ := hclsyntax.LexConfig(text, "", hcl.InitialPos)
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			open = append(open, t.Range.Start.Byte)
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	return open
}
