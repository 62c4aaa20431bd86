package hclfile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/internal/archivetest"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// seeds are all texts in HCL of the corpus.
func seeds(t testing.TB, fn func(text string)) {
	t.Helper()
	plan, err := os.ReadFile("../testdata/storefront.hcl")
	if err != nil {
		t.Fatal(err)
	}
	fn(string(plan))
	archivetest.Files(t, func(_, name, text string) {
		if strings.HasSuffix(name, ".hcl") {
			fn(text)
		}
	}, "../format/testdata/fmt/*.txtar", "../diag/catalog/*.txtar", "../../testdata/plans/*.txtar")
}

// FuzzHCL: no text makes the parser panic; spans lie inside the text and inside of each other; segments cover the text of
// their scalar and agree with the source of a text without mistakes; what an expression becomes is Escape Script that can be read.
func FuzzHCL(f *testing.F) {
	seeds(f, func(text string) { f.Add(text) })
	for _, text := range []string{"a = [1, {b = \"c\"}]", "a \"b\" c {\n}\n", "a = <<EOF\nx ${y} $${z}\r\nEOF\n", "a = \"${f(x, \"${y}\")}\"", "a = -1e5", "a = x[0].y[\"z\"][1]", "/* a */ b = 1 // c\n#d", "\uFEFFa=1", "a = !b ? c : d", "a = {for k in v: k => v}", "a {\n  b = \"\n}\nc = 1\n", "a = \"%{if x}y%{endif}\"", "a = f(x...)", "a = script(\"$x\")"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		tree, findings := hclfile.Parse(source.NewFile("escape.hcl", text))
		if err := lawful(tree, findings); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
	})
}

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
	at := int32(0)
	for _, c := range tree.Comments {
		if c.Pos.Start < at || tree.Source.Slice(c.Pos) != c.Text {
			return fmt.Errorf("comment %q at %v is out of order or is not there", c.Text, c.Pos)
		}
		at = c.Pos.End
	}
	if tree.Root == nil {
		return nil
	}
	if len(findings) > 0 {
		text = "" // what is left out of a broken text is blank in the tree
	}
	return lawfulNode(text, tree.Root, source.Span{End: int32(len(tree.Source.Text()))})
}

func lawfulNode(text string, n syntax.Node, within source.Span) error {
	span := n.Span()
	if !within.Encloses(span) || span.End < span.Start {
		return fmt.Errorf("%T at %v is not inside %v", n, span, within)
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			e := &n.Entries[i]
			for _, s := range append([]*syntax.Scalar{e.Key}, e.Labels...) {
				if err := lawfulNode(text, s, span); err != nil {
					return err
				}
			}
			if err := lawfulNode(text, e.Value, span); err != nil {
				return err
			}
		}
	case *syntax.Sequence:
		for i := range n.Items {
			if err := lawfulNode(text, n.Items[i].Value, span); err != nil {
				return err
			}
		}
	case *syntax.Scalar:
		return lawfulScalar(text, n)
	}
	return nil
}

func lawfulScalar(text string, s *syntax.Scalar) error {
	if text == "" {
		return nil
	}
	if s.Segments == nil {
		if c := int(s.Content); !strings.HasPrefix(text[c:], s.Text) {
			return fmt.Errorf("the text %q is not at %d", s.Text, c)
		}
	}
	value := int32(0)
	for _, g := range s.Segments {
		if g.Value != value || g.Src < 0 || g.Src+g.SrcLen > int32(len(text)) {
			return fmt.Errorf("segment %+v of %q is out of order", g, s.Text)
		}
		a, b := s.Text[g.Value:g.Value+g.Len], text[g.Src:g.Src+g.SrcLen]
		if g.Len == g.SrcLen && a != b && g.Len > 3 {
			return fmt.Errorf("segment %+v maps %q to %q", g, a, b)
		}
		value = g.Value + g.Len
	}
	if s.Segments != nil && int(value) != len(s.Text) {
		return fmt.Errorf("segments cover %d of %d bytes of %q", value, len(s.Text), s.Text)
	}
	if s.Style == syntax.Native && !strings.Contains(text, "script") {
		if e, list := expr.Parse(s.Text); !expr.IsScript(s.Text) || len(list) > 0 && !strings.Contains(s.Text, "$)") && s.Text != "$" {
			return fmt.Errorf("%q is no expression: %v %s", s.Text, e, diag.Sprint(list))
		}
	}
	return nil
}
