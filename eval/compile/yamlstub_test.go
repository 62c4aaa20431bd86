package compile_test

import (
	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

func parseYAML(f *source.File) (*syntax.File, diag.List) {
	var doc yaml.Node
	out := &syntax.File{Source: f, End: int32(len(f.Text()))}
	if err := yaml.Unmarshal([]byte(f.Text()), &doc); err != nil {
		panic(err)
	}
	if len(doc.Content) > 0 {
		out.Root = conv(f, doc.Content[0])
	}
	return out, nil
}

func conv(f *source.File, n *yaml.Node) syntax.Node {
	off := f.Line(n.Line).Start + int32(n.Column-1)
	span := source.Span{Start: off, End: off + int32(len(n.Value))}
	switch n.Kind {
	case yaml.MappingNode:
		m := &syntax.Mapping{Pos: span, Flow: n.Style&yaml.FlowStyle != 0}
		for i := 0; i < len(n.Content); i += 2 {
			m.Entries = append(m.Entries, syntax.Entry{Key: conv(f, n.Content[i]).(*syntax.Scalar), Value: conv(f, n.Content[i+1])})
		}
		return m
	case yaml.SequenceNode:
		s := &syntax.Sequence{Pos: span}
		for _, c := range n.Content {
			s.Items = append(s.Items, syntax.Item{Dash: -1, Value: conv(f, c)})
		}
		return s
	case yaml.AliasNode:
		return conv(f, n.Alias)
	}
	s := &syntax.Scalar{Pos: span, Text: n.Value, Content: off}
	switch n.Style {
	case yaml.DoubleQuotedStyle:
		s.Style, s.Content = syntax.DoubleQuoted, off+1
	case yaml.SingleQuotedStyle:
		s.Style, s.Content = syntax.SingleQuoted, off+1
	case yaml.LiteralStyle:
		s.Style = syntax.Literal
	case yaml.FoldedStyle:
		s.Style = syntax.Folded
	default:
		s.Kind = map[string]syntax.Kind{"!!null": syntax.Null, "!!bool": syntax.Bool, "!!int": syntax.Int, "!!float": syntax.Float, "!!merge": syntax.Merge}[n.Tag]
	}
	return s
}
