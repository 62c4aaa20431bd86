package plan

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// tag reports the tag of n if it is none of YAML: it has no effect, and is hardly meant as a tag.
func (d *decoder) tag(n syntax.Node) {
	var props *syntax.Props
	switch n := n.(type) {
	case *syntax.Scalar:
		props = n.Props
	case *syntax.Mapping:
		props = n.Props
	case *syntax.Sequence:
		props = n.Props
	}
	if props == nil || len(props.Tag) < 2 || strings.HasPrefix(props.Tag, "!!") || strings.HasPrefix(props.Tag, "!<") ||
		strings.Contains(props.Tag[1:], "!") || d.tagged[n] {
		return
	}
	if d.tagged == nil {
		d.tagged = map[syntax.Node]bool{}
	}
	d.tagged[n] = true
	before := d.src.Text()[:n.Span().Start]
	at := strings.LastIndex(before, props.Tag)
	if at < 0 {
		return
	}
	span := source.Span{Start: int32(at), End: int32(at + len(props.Tag))}
	x := d.report(diag.UnknownTag, span, fmt.Sprintf("the tag %q is unknown: it has no effect", clip(props.Tag)))
	s, ok := n.(*syntax.Scalar)
	if !ok || s.Style != syntax.Plain && s.Style != syntax.Empty || props.Anchor != "" {
		x.Hint = "remove it"
		if rest := d.src.Text()[span.End:]; props.Anchor == "" {
			blanks := len(rest) - len(strings.TrimLeft(rest, " \t"))
			if rest[blanks:] != "" && !strings.ContainsAny(rest[blanks:blanks+1], "\r\n#") {
				span.End += int32(blanks)
			} else {
				span.Start = int32(len(strings.TrimRight(d.src.Text()[:span.Start], " ")))
			}
			x.Fixes = edit.Replace(span, "", "remove it", true)
		}
		return
	}
	x.Hint = "text that begins with \"!\" needs quotes"
	whole := source.Span{Start: span.Start, End: max(s.Pos.End, span.End)}
	if text := d.src.Slice(whole); !strings.ContainsAny(text, "\"\\\n") {
		x.Fixes = []diag.Fix{{Title: "quote the text", Edits: []source.Edit{{Span: whole, New: `"` + text + `"`}}}}
	}
}
