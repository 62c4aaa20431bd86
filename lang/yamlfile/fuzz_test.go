package yamlfile_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// FuzzYAML: reading never panics, spans nest and are in order, segments tell the truth, and what the referee accepts is
// read equally and without findings.
func FuzzYAML(f *testing.F) {
	for _, text := range documents {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		file := source.NewFile("f.yml", text)
		tree, findings := yamlfile.Parse(file)
		for _, d := range findings {
			if d.Span.Start < 0 || d.Span.End < d.Span.Start || int(d.Span.End) > len(text) {
				t.Fatalf("finding %q has span %v in %d bytes", d.Message, d.Span, len(text))
			}
		}
		if tree.Root != nil {
			checkSpans(t, text, tree.Root, source.Span{End: int32(len(text))})
		}
		if !comparable(text) {
			return
		}
		if diff := compare(text); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

// comparable tells whether text means the same to both readers: it has none of the deliberate differences.
func comparable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsAny(text, "\u0085\u2028\u2029\ufeff")
}

func checkSpans(t *testing.T, text string, n syntax.Node, within source.Span) {
	t.Helper()
	span := n.Span()
	if !within.Encloses(span) || span.End < span.Start {
		t.Fatalf("%q: %T at %v is not inside %v", text, n, span, within)
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		last := span.Start
		for i := range n.Entries {
			e := &n.Entries[i]
			if e.Key.Pos.Start < last {
				t.Fatalf("%q: key at %v comes before %d", text, e.Key.Pos, last)
			}
			checkSpans(t, text, e.Key, span)
			if e.Odd != nil {
				checkSpans(t, text, e.Odd, span)
			}
			if e.Value.Span().Start < e.Key.Pos.End {
				t.Fatalf("%q: value at %v comes before the end of its key %v", text, e.Value.Span(), e.Key.Pos)
			}
			checkSpans(t, text, e.Value, span)
			last = e.Value.Span().End
		}
	case *syntax.Sequence:
		last := span.Start
		for i := range n.Items {
			if v := n.Items[i].Value.Span(); v.Start < last {
				t.Fatalf("%q: item at %v comes before %d", text, v, last)
			}
			checkSpans(t, text, n.Items[i].Value, span)
			last = n.Items[i].Value.Span().End
		}
	case *syntax.Scalar:
		checkSegments(t, text, n)
	}
}

func checkSegments(t *testing.T, text string, s *syntax.Scalar) {
	t.Helper()
	if s.Segments == nil {
		if c := int(s.Content); text[c:c+len(s.Text)] != s.Text {
			t.Fatalf("%q: the text of %q is not at %d", text, s.Text, c)
		}
		return
	}
	value, src := int32(0), s.Pos.Start
	for _, g := range s.Segments {
		if g.Value != value || g.Src < src || g.Src+g.SrcLen > int32(len(text)) {
			t.Fatalf("%q: segment %+v is out of order", text, g)
		}
		a, b := s.Text[g.Value:g.Value+g.Len], text[g.Src:g.Src+g.SrcLen]
		if g.Len == g.SrcLen && a != b && g.Len != 1 {
			t.Fatalf("%q: segment %+v maps %q to %q", text, g, a, b)
		}
		value, src = g.Value+g.Len, g.Src+g.SrcLen
	}
	if int(value) != len(s.Text) {
		t.Fatalf("%q: segments cover %d of %d bytes", text, value, len(s.Text))
	}
}
