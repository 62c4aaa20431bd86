package plan

import (
	"encoding/base64"
	"strings"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Set reports whether the text is written.
func (t Text) Set() bool { return t.Node != nil }

// Scalar returns the scalar that holds the text, behind aliases; nil if the text is not written.
func (t Text) Scalar() *syntax.Scalar {
	s, _ := follow(t.Node).(*syntax.Scalar)
	return s
}

// IsHCL reports whether the text is an expression of HCL in file, and not Escape Script as it is.
func (t Text) IsHCL(file *source.File) bool {
	s := t.Scalar()
	return s != nil && s.Style == syntax.Native && !strings.Contains(file.Slice(s.Pos), "script(")
}

// Span covers the text in the file, without quotes. For an empty text, and for one that stands nowhere as it is
// (!!binary), it covers the node.
func (t Text) Span() source.Span {
	return t.At(source.Span{Start: 0, End: int32(len(t.Value))})
}

// At maps a span of Value to the file.
func (t Text) At(span source.Span) source.Span {
	s := t.Scalar()
	switch {
	case s == nil && t.Node == nil:
		return source.Span{}
	case s == nil:
		return t.Node.Span()
	case t.Value == "" || isBinary(s):
		return s.Pos
	}
	return s.Source(span.Shift(int(t.Off)))
}

// Raw covers the whole node of the text, quotes included.
func (t Text) Raw() source.Span {
	if s := t.Scalar(); s != nil {
		return s.Pos
	}
	return t.Span()
}

// sub returns the part of t from one offset of Value to another as a text of its own.
func (t Text) sub(from, to int) Text {
	return Text{Value: t.Value[from:to], Node: t.Node, Off: t.Off + int32(from)}
}

// words cuts t at white space.
func (t Text) words(isSpace func(rune) bool) []Text {
	var words []Text
	start := -1
	for i, r := range t.Value {
		if isSpace(r) {
			if start >= 0 {
				words = append(words, t.sub(start, i))
				start = -1
			}
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		words = append(words, t.sub(start, len(t.Value)))
	}
	return words
}

// follow returns what n is behind aliases; a *syntax.Bad for an alias that leads nowhere.
func follow(n syntax.Node) syntax.Node {
	for hops := 0; hops < maxHops; hops++ {
		a, ok := n.(*syntax.Alias)
		if !ok {
			return n
		}
		if a.Target == nil {
			break
		}
		n = a.Target
	}
	return &syntax.Bad{Pos: n.Span()}
}

// maxHops is how many aliases may lead to each other.
const maxHops = 64

func isBinary(s *syntax.Scalar) bool {
	return s.Props != nil && (s.Props.Tag == "!!binary" || s.Props.Tag == "!<tag:yaml.org,2002:binary>")
}

// cooked returns the text of s, decoded if it is binary.
func cooked(s *syntax.Scalar) string {
	if s.Props == nil || !isBinary(s) {
		return s.Text
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s.Text), ""))
	if err != nil {
		return s.Text
	}
	return string(b)
}

// Cooked returns the text of s, decoded if it is binary.
func Cooked(s *syntax.Scalar) string { return cooked(s) }

// ValueOf returns the value of s by its kind, whatever field it stands in.
func ValueOf(s *syntax.Scalar) Value {
	v := Value{Node: s}
	v.setScalar(s)
	return v
}
