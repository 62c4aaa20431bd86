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
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// maxText is how many bytes a plan may have.
const maxText = 32 << 20

// Parse reads f. There is always a tree, of what could be read.
func Parse(f *source.File) (*syntax.File, diag.List) {
	text := f.Text()
	out := &syntax.File{Source: f, Notation: syntax.HCL, End: int32(len(text))}
	p := &parser{file: f, src: []byte(text), out: out}
	if !p.sane() {
		return out, p.findings
	}
	p.blankBOM()
	p.conflicts()
	p.comments()
	bodies := p.bodies()
	p.root(bodies)
	return out, p.findings
}

type parser struct {
	file     *source.File
	src      []byte // the text, with what is not read as blanks
	out      *syntax.File
	findings diag.List
	next     int // index of the first comment that has no place yet
	depth    int
}

func (p *parser) report(code *diag.Entry, span source.Span, message string) *diag.Diagnostic {
	p.findings = append(p.findings, diag.New(code, p.file, span, message))
	return &p.findings[len(p.findings)-1]
}

// sane reports texts that are no plan at all.
func (p *parser) sane() bool {
	start := source.Span{}
	switch {
	case len(p.src) > maxText:
		p.report(diag.TooLarge, start, fmt.Sprintf("the file is larger than %d MB", maxText>>20))
	case bytes.IndexByte(p.src, 0) >= 0:
		p.report(diag.BinaryFile, start, "this file is not text: it holds zero bytes")
	case !utf8.Valid(p.src):
		at := int32(invalidAt(p.src))
		p.report(diag.InvalidUTF8, source.Span{Start: at, End: at + 1}, "this byte is not UTF-8")
	default:
		return true
	}
	return false
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
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
	tokens, _ := hclsyntax.LexConfig(p.src, p.file.Name(), hcl.InitialPos)
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenComment {
			text := strings.TrimRight(string(t.Bytes), "\r\n")
			at := int32(t.Range.Start.Byte)
			p.out.Comments = append(p.out.Comments, syntax.Comment{Pos: source.Span{Start: at, End: at + int32(len(text))}, Text: text})
		}
	}
}

func spanOf(r hcl.Range) source.Span {
	return source.Span{Start: int32(r.Start.Byte), End: int32(r.End.Byte)}
}
