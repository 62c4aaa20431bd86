// Package hclfile reads plans in HCL into the tree of lang/syntax. The tree says what is written: blocks are entries with
// labels, attributes are entries without. What an expression of HCL means in Escape Script is the text of its scalar, with
// a map from each character to the source. It does not know the fields of plans (see lang/plan).
//
// The text is parsed by hclsyntax. If that finds a mistake, the text is cut into the blocks and attributes of its top level,
// which are parsed one by one, so that a mistake costs what it stands in and nothing else.
//
// Read hclfile.go (the entry), then chunk.go (cutting and mending), tree.go (bodies and values), lower.go (expressions),
// text.go (strings) and findings.go.
package hclfile

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Parse reads f. There is always a tree, of what could be read.
func Parse(f *source.File) (*syntax.File, diag.List) {
	text := f.Text()
	out := &syntax.File{Source: f, Notation: syntax.HCL, End: int32(len(text))}
	p := &parser{file: f, src: []byte(text), out: out, told: map[int]bool{}}
	if !p.sane() {
		return out, p.findings
	}
	p.blankBOM()
	p.conflicts()
	if parts, ok := p.whole(); ok {
		p.comments()
		p.root(parts)
	} else {
		p.commentsIn(p.src, hcl.InitialPos)
		p.root(p.parts(nil))
	}
	if p.simple() {
		out.Memory = memory{}
	}
	return out, p.findings
}

type parser struct {
	file     *source.File
	src      []byte // the text, with what is not read as blanks
	out      *syntax.File
	findings diag.List
	told     map[int]bool // lines that findings begin on
	// long are the heredocs that were read as one line, by where they begin, with the indentation that their lines lose.
	long map[int32]int32
	next int // index of the first comment that has no place yet
}

func (p *parser) report(code *diag.Entry, span source.Span, message string) *diag.Diagnostic {
	p.findings = append(p.findings, diag.New(code, p.file, span, message))
	p.told[p.file.LineOf(int(span.Start))] = true
	return &p.findings[len(p.findings)-1]
}

const bom = "\uFEFF"

func (p *parser) blankBOM() {
	if bytes.HasPrefix(p.src, []byte(bom)) {
		p.blank(0, len(bom))
	}
}

// blank writes blanks over a part of the text; line breaks stay.
func (p *parser) blank(from, to int) {
	for i := from; i < to; i++ {
		if p.src[i] != '\n' && p.src[i] != '\r' {
			p.src[i] = ' '
		}
	}
}

// conflicts reports the markers of a merge that was not finished, and reads both sides.
func (p *parser) conflicts() {
	if !bytes.Contains(p.src, []byte("<<<<<<<")) && !bytes.Contains(p.src, []byte(">>>>>>>")) {
		return
	}
	for n := 1; n <= p.file.LineCount(); n++ {
		span := p.file.Line(n)
		line := p.file.Slice(span)
		if len(line) < 7 || len(line) > 7 && line[7] != ' ' {
			continue
		}
		switch name := line[:7]; name {
		case "<<<<<<<", "=======", ">>>>>>>", "|||||||":
			p.report(diag.ConflictMarker, span, "this is a conflict marker ("+name+") of a merge that was not finished").Hint =
				"choose one of both sides and remove the markers"
			p.blank(int(span.Start), int(span.End))
			p.out.Conflicted = true
		}
	}
}

// whole parses a text without mistakes; false if there are some. It does so part by part where it can: the tokens of a large text
// take much room, and time to make it.
func (p *parser) whole() ([]part, bool) {
	chunks := cut(p.src)
	if parts, ok := p.pieces(chunks); ok {
		return parts, true
	}
	if len(chunks) > 1 { // a part may end in the middle of a value
		body, diags := p.parse(source.Span{Start: 0, End: int32(len(p.src))})
		if !diags.HasErrors() {
			return []part{{body: body}}, true
		}
	}
	return nil, false
}

// pieces parses each part by itself. It fails if there is a mistake in one, or the same attribute in two.
func (p *parser) pieces(chunks []source.Span) ([]part, bool) {
	parts := make([]part, 0, len(chunks))
	names := map[string]bool{}
	for _, chunk := range chunks {
		body, diags := p.parse(chunk)
		if diags.HasErrors() {
			return nil, false
		}
		for name := range body.Attributes {
			if names[name] {
				return nil, false
			}
			names[name] = true
		}
		parts = append(parts, part{body: body})
	}
	return parts, true
}

// comments finds all comments of a text without mistakes.
func (p *parser) comments() {
	if !bytes.ContainsRune(p.src, '#') && !bytes.Contains(p.src, []byte("//")) && !bytes.Contains(p.src, []byte("/*")) {
		return
	}
	s, ok := skim(p.src)
	if !ok {
		p.commentsIn(p.src, hcl.InitialPos)
		return
	}
	for _, span := range s.comments {
		p.out.Comments = append(p.out.Comments, syntax.Comment{Pos: span, Text: string(p.src[span.Start:span.End])})
	}
}

func (p *parser) commentsIn(text []byte, start hcl.Pos) {
	tokens, _ := hclsyntax.LexConfig(text, p.file.Name(), start)
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenComment {
			text := strings.TrimRight(string(t.Bytes), "\r\n")
			at := int32(t.Range.Start.Byte)
			p.out.Comments = append(p.out.Comments, syntax.Comment{Pos: source.Span{Start: at, End: at + int32(len(text))}, Text: text})
		}
	}
}

// span is where r stands in the text: brackets that are added to a part of it stand at its end.
func (p *parser) span(r hcl.Range) source.Span {
	n := len(p.src)
	start := min(r.Start.Byte, n)
	return source.Span{Start: int32(start), End: int32(max(min(r.End.Byte, n), start))}
}
