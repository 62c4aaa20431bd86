package yamlfile_test

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// FuzzYAML: reading never panics, spans nest and are in order, segments tell the truth, and
// what the referee accepts is read equally and without findings.
func FuzzYAML(f *testing.F) {
	for _, text := range documents {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1024 {
			t.Skip()
		}
		file := source.NewFile("f.yml", text)
		tree, findings := yamlfile.Parse(file)
		if err := lawful(tree, findings); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if !comparable(text) {
			return
		}
		if diff := compare(text); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

// comparable tells whether text means the same to both readers: it has none of the deliberate differences listed at
// TestRefused and here.
func comparable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsAny(text, "\u0085\u2028\u2029\ufeff") && !refereeErrs.MatchString(text) && !conflictLine.MatchString(text)
}

// refereeErrs matches what the referee reads wrongly: it drops the token behind "?" in a flow sequence if that is a mark,
// does not take a collection with "?" in it for a key everywhere, and takes a line that starts with "%" for a directive
// wherever it stands.
var refereeErrs = regexp.MustCompile(`\?(?:\s|#[^\r\n]*)*[:,\]}]|[\[{,]\s*\?\S|\?[^\r\n]*[\]}]\s*:|[\r\n]%`)

// conflictLine matches the conflict markers of git, which are valid text in places; here they are always reported.
var conflictLine = regexp.MustCompile(`(?:^|[\r\n])(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)`)

// lawful checks what is true of every tree and its findings.
func lawful(tree *syntax.File, findings diag.List) error {
	text := tree.Source.Text()
	for _, d := range findings {
		if d.Span.Start < 0 || d.Span.End < d.Span.Start || int(d.Span.End) > len(text) {
			return fmt.Errorf("finding %q has span %v in %d bytes", d.Message, d.Span, len(text))
		}
		for _, fix := range d.Fixes {
			if _, err := source.Apply(text, fix.Edits); err != nil {
				return fmt.Errorf("fix %q: %w", fix.Title, err)
			}
		}
	}
	if err := lawfulComments(tree, len(findings) == 0); err != nil || tree.Root == nil {
		return err
	}
	return lawfulNode(text, tree.Root, source.Span{End: int32(len(text))})
}

// lawfulComments checks that the comments of a tree are in order and what the source says, and that none hangs on two
// places; if complete, each hangs on one.
func lawfulComments(tree *syntax.File, complete bool) error {
	at := int32(0)
	listed := map[int32]bool{}
	for _, c := range tree.Comments {
		if c.Pos.Start < at || tree.Source.Slice(c.Pos) != c.Text || !strings.HasPrefix(c.Text, "#") {
			return fmt.Errorf("comment %q at %v is out of order or is not there", c.Text, c.Pos)
		}
		at = c.Pos.End
		listed[c.Pos.Start] = true
	}
	for _, c := range hanging(tree.Root) {
		if !listed[c.Pos.Start] {
			return fmt.Errorf("comment %q hangs on two places, or is not listed", c.Text)
		}
		delete(listed, c.Pos.Start)
	}
	if collection(tree.Root) && complete && len(listed) > 0 {
		return fmt.Errorf("comments at %v hang on nothing", slices.Sorted(maps.Keys(listed)))
	}
	return nil
}

func collection(n syntax.Node) bool {
	switch n.(type) {
	case *syntax.Mapping, *syntax.Sequence:
		return true
	}
	return false
}

// hanging returns all comments that hang on n and what it holds.
func hanging(n syntax.Node) []syntax.Comment {
	var out []syntax.Comment
	trail := func(c *syntax.Comment) {
		if c != nil {
			out = append(out, *c)
		}
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		for _, e := range n.Entries {
			out = append(out, e.Lead...)
			out = append(out, hanging(e.Odd)...)
			trail(e.Trail)
			out = append(out, hanging(e.Value)...)
		}
		out = append(out, n.Foot...)
	case *syntax.Sequence:
		for _, it := range n.Items {
			out = append(out, it.Lead...)
			trail(it.Trail)
			out = append(out, hanging(it.Value)...)
		}
		out = append(out, n.Foot...)
	}
	return out
}

// lawfulNode checks that n lies within and that what it holds is in order.
func lawfulNode(text string, n syntax.Node, within source.Span) error {
	span := n.Span()
	if !within.Encloses(span) || span.End < span.Start {
		return fmt.Errorf("%T at %v is not inside %v", n, span, within)
	}
	last := span.Start
	next := func(what string, n syntax.Node) error {
		if n.Span().Start < last {
			return fmt.Errorf("%s at %v comes before %d", what, n.Span(), last)
		}
		last = n.Span().End
		return lawfulNode(text, n, span)
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			e := &n.Entries[i]
			key := syntax.Node(e.Key)
			if e.Odd != nil {
				key = e.Odd
			}
			if err := cmp.Or(next("key", key), next("value", e.Value)); err != nil {
				return err
			}
		}
	case *syntax.Sequence:
		for i := range n.Items {
			if err := next("item", n.Items[i].Value); err != nil {
				return err
			}
		}
	case *syntax.Scalar:
		return lawfulSegments(text, n)
	}
	return nil
}

// lawfulSegments checks that the segments of s cover its text, in order, and that the source holds what they say.
func lawfulSegments(text string, s *syntax.Scalar) error {
	if s.Segments == nil {
		if c := int(s.Content); !strings.HasPrefix(text[c:], s.Text) {
			return fmt.Errorf("the text of %q is not at %d", s.Text, c)
		}
		return nil
	}
	value, src := int32(0), s.Pos.Start
	for _, g := range s.Segments {
		if g.Value != value || g.Src < src || g.Src+g.SrcLen > int32(len(text)) {
			return fmt.Errorf("segment %+v is out of order", g)
		}
		a, b := s.Text[g.Value:g.Value+g.Len], text[g.Src:g.Src+g.SrcLen]
		if g.Len == g.SrcLen && a != b && g.Len != 1 {
			return fmt.Errorf("segment %+v maps %q to %q", g, a, b)
		}
		value, src = g.Value+g.Len, g.Src+g.SrcLen
	}
	if int(value) != len(s.Text) {
		return fmt.Errorf("segments cover %d of %d bytes", value, len(s.Text))
	}
	return nil
}
