package navigate

import (
	"regexp"
	"strings"
	"sync"

	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
)

// Linked returns the spans of a document that must hold the same as the one at an offset: the words around a heredoc, an anchor
// and its aliases, or the names of a section of a template. There are none, or at least two.
func Linked(snap *cache.Snapshot, d *cache.Document, off int) []source.Span {
	if an := snap.Analyze(d); an != nil {
		if an.Syntax.Notation == syntax.HCL {
			return heredoc(an.Syntax, off)
		}
		return anchors(an.Syntax, off)
	}
	for _, an := range snap.Users(d.Path) {
		for _, s := range an.Info.Scripts() {
			if s.Path != "" && s.File.Name() == d.Path {
				return nil
			}
		}
	}
	tags, _, err := mustache.Tags(d.Source.Text())
	if err != nil {
		return nil
	}
	for _, tag := range tags {
		n := len(tag.Name)
		ends := []source.Span{{Start: int32(tag.Offset), End: int32(tag.Offset + n)}, {Start: int32(tag.Close), End: int32(tag.Close + n)}}
		if tag.Close > 0 && (ends[0].Contains(off) || ends[1].Contains(off)) {
			return ends
		}
	}
	return nil
}

var heredocMark = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<<-?([A-Za-z_][A-Za-z0-9_-]*)\r?\n`) })

// heredoc returns the words around the heredoc one of which is at an offset.
func heredoc(f *syntax.File, off int) (spans []source.Span) {
	text := f.Source.Text()
	each(f.Root, func(n syntax.Node) {
		s, ok := n.(*syntax.Scalar)
		if !ok || s.Style != syntax.Heredoc || spans != nil {
			return
		}
		from := strings.LastIndex(text[:min(int(s.Pos.Start)+2, len(text))], "<<")
		if from < 0 {
			return
		}
		m := heredocMark().FindStringSubmatchIndex(text[from:])
		if m == nil || m[0] != 0 {
			return
		}
		open := source.Span{Start: int32(from + m[2]), End: int32(from + m[3])}
		word := f.Source.Slice(open)
		for n := f.Source.LineOf(int(open.Start)) + 1; n <= f.Source.LineCount(); n++ {
			line := f.Source.Line(n)
			if strings.TrimSpace(f.Source.Slice(line)) != word {
				continue
			}
			at := line.Start + int32(strings.Index(f.Source.Slice(line), word))
			end := source.Span{Start: at, End: at + int32(len(word))}
			if open.Contains(off) || end.Contains(off) {
				spans = []source.Span{open, end}
			}
			return
		}
	})
	return spans
}

// anchors returns an anchor with its aliases, one of which is at an offset.
func anchors(f *syntax.File, off int) []source.Span {
	groups := map[syntax.Node][]source.Span{}
	var hit syntax.Node
	add := func(n syntax.Node, span source.Span) {
		groups[n] = append(groups[n], span)
		if span.Contains(off) {
			hit = n
		}
	}
	text := f.Source.Text()
	if !strings.Contains(text, "&") {
		return nil
	}
	each(f.Root, func(n syntax.Node) {
		if alias, ok := n.(*syntax.Alias); ok {
			if alias.Target != nil {
				end := alias.Pos.Start + int32(1+len(alias.Name))
				add(alias.Target, source.Span{Start: alias.Pos.Start + 1, End: end})
			}
			return
		}
		props := propsOf(n)
		if props == nil || props.Anchor == "" {
			return
		}
		before := text[:min(int(n.Span().Start)+1+len(props.Anchor), len(text))]
		if i := strings.LastIndex(before, "&"+props.Anchor); i >= 0 {
			add(n, source.Span{Start: int32(i + 1), End: int32(i + 1 + len(props.Anchor))})
		}
	})
	if hit == nil || len(groups[hit]) < 2 {
		return nil
	}
	return groups[hit]
}

func propsOf(n syntax.Node) *syntax.Props {
	switch n := n.(type) {
	case *syntax.Mapping:
		return n.Props
	case *syntax.Sequence:
		return n.Props
	case *syntax.Scalar:
		return n.Props
	}
	return nil
}

// each calls fn with all nodes of a tree, in the order of the text.
func each(n syntax.Node, fn func(syntax.Node)) {
	if n == nil {
		return
	}
	fn(n)
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			e := &n.Entries[i]
			if e.Odd != nil {
				each(e.Odd, fn)
			} else {
				fn(e.Key)
			}
			each(e.Value, fn)
		}
	case *syntax.Sequence:
		for i := range n.Items {
			each(n.Items[i].Value, fn)
		}
	}
}
