package hclfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// root makes the tree of the parts, which follow each other in the text.
func (p *parser) root(parts []part) {
	m := &syntax.Mapping{Pos: source.Span{Start: 0, End: int32(len(p.src))}}
	for _, part := range parts {
		if part.known != nil {
			m.Entries = append(m.Entries, p.known(part.known))
		} else {
			p.entries(m, part.body)
		}
	}
	m.Foot = p.commentsBefore(int32(len(p.src)))
	if len(m.Entries) > 0 || len(p.findings) > 0 {
		p.out.Root = m
	}
}

// known returns the entry e, which has been made before, with the comments above it.
func (p *parser) known(e *syntax.Entry) syntax.Entry {
	known := *e
	known.Lead = p.commentsBefore(e.Key.Pos.Start)
	end := e.Value.Span().End
	if e.Trail != nil {
		end = e.Trail.Pos.End
	}
	p.commentsBefore(end)
	return known
}

// An item is an attribute or a block of a body.
type item struct {
	start int
	attr  *hclsyntax.Attribute
	block *hclsyntax.Block
}

func itemsOf(b *hclsyntax.Body) []item {
	items := make([]item, 0, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		items = append(items, item{start: a.NameRange.Start.Byte, attr: a})
	}
	for _, block := range b.Blocks {
		items = append(items, item{start: block.TypeRange.Start.Byte, block: block})
	}
	slices.SortFunc(items, func(a, b item) int { return cmp.Compare(a.start, b.start) })
	return items
}

// entries adds the items of a body to m, with the comments around them.
func (p *parser) entries(m *syntax.Mapping, b *hclsyntax.Body) {
	for _, it := range itemsOf(b) {
		e := syntax.Entry{Lead: p.commentsBefore(int32(it.start))}
		if it.attr != nil {
			e.Key = p.word(it.attr.NameRange)
			e.Value = p.value(it.attr.Expr)
		} else {
			p.block(&e, it.block)
		}
		e.Trail = p.trailing(e.Value.Span().End)
		m.Entries = append(m.Entries, e)
	}
}

func (p *parser) block(e *syntax.Entry, b *hclsyntax.Block) {
	e.Key, e.Block, e.Labels = p.word(b.TypeRange), true, make([]*syntax.Scalar, 0, len(b.LabelRanges))
	for _, r := range b.LabelRanges {
		e.Labels = append(e.Labels, p.label(r))
	}
	body := &syntax.Mapping{Pos: source.Span{Start: p.span(b.OpenBraceRange).Start, End: p.span(b.CloseBraceRange).End}}
	if body.Pos.End < body.Pos.Start { // its end is missing
		body.Pos.End = p.span(b.Body.SrcRange).End
	}
	body.Pos.End = max(body.Pos.End, body.Pos.Start)
	e.Value = body
	p.entries(body, b.Body)
	body.Foot = p.commentsBefore(body.Pos.End)
}

// word is a name that stands without quotes.
func (p *parser) word(r hcl.Range) *syntax.Scalar {
	span := p.span(r)
	return &syntax.Scalar{Pos: span, Content: span.Start, Text: p.file.Slice(span)}
}

// label is the label of a block, with or without quotes.
func (p *parser) label(r hcl.Range) *syntax.Scalar {
	s := p.word(r)
	if !strings.HasPrefix(s.Text, `"`) {
		return s
	}
	t := newText(p)
	inner := source.Span{Start: s.Pos.Start + 1, End: max(s.Pos.End-1, s.Pos.Start+1)}
	t.cook(inner, false, 0)
	return t.scalar(s.Pos, syntax.DoubleQuoted)
}

// commentsBefore takes the comments that have no place yet and begin before an offset.
func (p *parser) commentsBefore(off int32) []syntax.Comment {
	from := p.next
	for p.next < len(p.out.Comments) && p.out.Comments[p.next].Pos.Start < off {
		p.next++
	}
	return p.out.Comments[from:p.next:p.next]
}

// trailing takes the comment that follows an offset on the same line.
func (p *parser) trailing(off int32) *syntax.Comment {
	if p.next >= len(p.out.Comments) {
		return nil
	}
	c := &p.out.Comments[p.next]
	if c.Pos.Start < off || strings.Trim(p.file.Slice(source.Span{Start: off, End: c.Pos.Start}), " \t,") != "" ||
		strings.Contains(c.Text, "\n") {
		return nil
	}
	p.next++
	return c
}

// value makes a node of an expression: literals, lists and mappings are what they are, everything else is a scalar whose
// text is Escape Script.
func (p *parser) value(e hclsyntax.Expression) syntax.Node {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return p.value(e.Expression)
	case *hclsyntax.LiteralValueExpr:
		return p.literal(e.Val, p.span(e.SrcRange))
	case *hclsyntax.UnaryOpExpr:
		if lit, ok := e.Val.(*hclsyntax.LiteralValueExpr); ok && e.Op == hclsyntax.OpNegate && lit.Val.Type() == cty.Number {
			return p.literal(lit.Val.Negate(), p.span(e.SrcRange))
		}
	case *hclsyntax.TemplateExpr:
		if s, ok := p.string(e); ok {
			return s
		}
	case *hclsyntax.TupleConsExpr:
		return p.list(e)
	case *hclsyntax.ObjectConsExpr:
		return p.object(e)
	}
	return p.native(e)
}

// literal is a number, a truth value or null.
func (p *parser) literal(v cty.Value, span source.Span) *syntax.Scalar {
	s := &syntax.Scalar{Pos: span, Content: span.Start, Text: p.file.Slice(span), Kind: syntax.Null}
	switch {
	case v.IsNull() || !v.IsKnown():
	case v.Type() == cty.Bool:
		s.Kind = syntax.Bool
	case v.Type() == cty.Number:
		s.Kind = syntax.Float
		f := v.AsBigFloat()
		if _, exact := f.Int64(); exact == 0 && !strings.ContainsAny(s.Text, ".eE") {
			s.Kind = syntax.Int
		} else if _, exact := f.Uint64(); exact == 0 && !strings.ContainsAny(s.Text, ".eE") {
			s.Kind = syntax.Uint
		}
		if plain := decimal(s.Text); plain != s.Text { // in YAML a leading zero means octal
			s.Segments = []syntax.Segment{{Value: 0, Src: span.Start, Len: int32(len(plain)), SrcLen: int32(span.Len())}}
			s.Text = plain
		}
	}
	return s
}

// decimal takes blanks and leading zeros out of a number.
func decimal(text string) string {
	sign, digits := "", strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		sign, digits = "-", strings.TrimSpace(rest)
	}
	for len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		digits = digits[1:]
	}
	return sign + digits
}

func (p *parser) list(e *hclsyntax.TupleConsExpr) syntax.Node {
	seq := &syntax.Sequence{Pos: p.span(e.SrcRange), Flow: true}
	for _, x := range e.Exprs {
		it := syntax.Item{Dash: -1, Lead: p.commentsBefore(int32(x.Range().Start.Byte))}
		it.Value = p.value(x)
		it.Trail = p.trailing(it.Value.Span().End)
		seq.Items = append(seq.Items, it)
	}
	seq.Foot = p.commentsBefore(seq.Pos.End)
	return seq
}

func (p *parser) object(e *hclsyntax.ObjectConsExpr) syntax.Node {
	m := &syntax.Mapping{Pos: p.span(e.SrcRange), Flow: true}
	for i := range e.Items {
		key, value := e.Items[i].KeyExpr, e.Items[i].ValueExpr
		entry := syntax.Entry{Lead: p.commentsBefore(int32(key.Range().Start.Byte))}
		entry.Key = p.key(key)
		entry.Value = p.value(value)
		entry.Trail = p.trailing(entry.Value.Span().End)
		if entry.Key != nil {
			m.Entries = append(m.Entries, entry)
		}
	}
	m.Foot = p.commentsBefore(m.Pos.End)
	return m
}

// key reads the key of an object; nil, with a finding, if it is an expression.
func (p *parser) key(e hclsyntax.Expression) *syntax.Scalar {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok && !k.ForceNonLiteral {
		switch w := k.Wrapped.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			if len(w.Traversal) == 1 {
				return p.word(w.SrcRange)
			}
		case *hclsyntax.TemplateExpr:
			if s, ok := p.string(w); ok {
				return s
			}
		case *hclsyntax.LiteralValueExpr:
			return p.word(w.SrcRange)
		}
	}
	x := p.report(diag.UnsupportedExpression, p.span(e.Range()), "a key must be a name or a text, not an expression")
	x.Hint = "put a key with dots or blanks in quotes"
	return nil
}

// string makes a scalar of a template without expressions; false if it has some.
func (p *parser) string(e *hclsyntax.TemplateExpr) (*syntax.Scalar, bool) {
	if !isLiteral(e) {
		return nil, false
	}
	t := newText(p)
	style := t.template(e)
	return t.scalar(p.templateSpan(e), style), true
}

// native makes a scalar of an expression of HCL.
func (p *parser) native(e hclsyntax.Expression) syntax.Node {
	span := p.span(e.Range())
	if t, ok := e.(*hclsyntax.TemplateExpr); ok {
		span = p.templateSpan(t)
	}
	t := newText(p)
	if !t.whole(e) {
		return &syntax.Bad{Pos: span}
	}
	return t.scalar(span, syntax.Native)
}

// templateSpan covers a template with its quotes, or with the marks of its heredoc.
func (p *parser) templateSpan(e *hclsyntax.TemplateExpr) source.Span {
	span := p.span(e.SrcRange)
	for span.End > span.Start && (p.src[span.End-1] == '\n' || p.src[span.End-1] == '\r') {
		span.End--
	}
	return span
}
