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
	p.comments()
	body, diags := p.parse(source.Span{Start: 0, End: int32(len(p.src))})
	if diags.HasErrors() {
		p.root(p.parts(nil))
	} else {
		p.root([]part{{body: body}})
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
	next     int          // index of the first comment that has no place yet
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

// comments finds all comments of the text.
func (p *parser) comments() {
	if !bytes.ContainsRune(p.src, '#') && !bytes.Contains(p.src, []byte("//")) && !bytes.Contains(p.src, []byte("/*")) {
		return
	}
	p.commentsIn(p.src, hcl.InitialPos)
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
