package hclfile

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/source"
)

// bodies parses the text: in one piece if it is right, else each part of the top level by itself.
func (p *parser) bodies() []*hclsyntax.Body {
	body, diags := p.parse(source.Span{Start: 0, End: int32(len(p.src))})
	if !diags.HasErrors() {
		return []*hclsyntax.Body{body}
	}
	var bodies []*hclsyntax.Body
	for _, chunk := range cut(p.src) {
		bodies = append(bodies, p.mend(chunk))
	}
	return bodies
}

func (p *parser) parse(chunk source.Span) (*hclsyntax.Body, hcl.Diagnostics) {
	pos := p.file.Position(int(chunk.Start))
	file, diags := hclsyntax.ParseConfig(p.src[chunk.Start:chunk.End], p.file.Name(),
		hcl.Pos{Line: pos.Line, Column: pos.Column, Byte: int(chunk.Start)})
	return file.Body.(*hclsyntax.Body), diags
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
		if len(p.findings) == 0 || !p.reportedOn(first) {
			p.syntaxFinding(first)
		}
		if onlyMeaning(diags) {
			return body
		}
		line, ok := p.bestBlank(chunk, diags)
		if !ok {
			return body
		}
		p.blank(int(line.Start), int(line.End))
		body, diags = p.parse(chunk)
	}
	return body
}

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
	line := p.file.LineOf(d.Subject.Start.Byte)
	for _, f := range p.findings {
		if p.file.LineOf(int(f.Span.Start)) == line {
			return true
		}
	}
	return false
}

// bestBlank returns the line of a chunk without which it has the fewest errors.
func (p *parser) bestBlank(chunk source.Span, diags hcl.Diagnostics) (source.Span, bool) {
	first := firstError(diags)
	at := p.file.LineOf(min(first.Subject.Start.Byte, int(chunk.End)-1))
	candidates := []int{at, at - 1}
	if first.Context != nil {
		candidates = append(candidates, p.file.LineOf(first.Context.Start.Byte))
	}
	if open := unclosed(p.src[chunk.Start:chunk.End]); open >= 0 {
		candidates = append(candidates, p.file.LineOf(int(chunk.Start)+open))
	}
	var best source.Span
	fewest := len(diags) + 1
	last := p.file.LineOf(int(chunk.End) - 1)
	for i, n := range candidates {
		if n < p.file.LineOf(int(chunk.Start)) || n > last || i > 0 && n == at {
			continue
		}
		line := p.file.Line(n)
		saved := bytes.Clone(p.src[line.Start:line.End])
		if len(bytes.TrimSpace(saved)) == 0 {
			continue
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
	return best, best.End > best.Start
}

// cut cuts a text into the parts of its top level: a part begins with a line that has a name in its first column, or a
// comment above it does not matter. Brackets and quotes that are not closed do not hide the next part; heredocs and comments
// that have an end do.
func cut(src []byte) []source.Span {
	var chunks []source.Span
	start := 0
	skipTo := ""     // line that ends a heredoc
	comment := false // inside of /* */
	for at := 0; at < len(src); {
		end := len(src)
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		line := string(src[at:end])
		switch {
		case skipTo != "":
			if strings.TrimSpace(line) == skipTo {
				skipTo = ""
			}
		case comment:
			comment = !strings.Contains(line, "*/")
		default:
			if isNameStart(line[0]) && at > start {
				chunks = append(chunks, source.Span{Start: int32(start), End: int32(at)})
				start = at
			}
			if word := heredoc(line); word != "" && hasLine(src[end:], word) {
				skipTo = word
			} else if i := strings.Index(line, "/*"); i >= 0 && strings.TrimSpace(line[:i]) == "" && bytes.Contains(src[at:], []byte("*/")) {
				comment = !strings.Contains(line[i:], "*/")
			}
		}
		at = end
	}
	return append(chunks, source.Span{Start: int32(start), End: int32(len(src))})
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

func hasLine(src []byte, word string) bool {
	for line := range bytes.Lines(src) {
		if string(bytes.TrimSpace(line)) == word {
			return true
		}
	}
	return false
}

// unclosed returns the offset of the last bracket in the text that has no end, brackets in strings and comments left aside;
// -1 if there is none.
func unclosed(text []byte) int {
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
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}
