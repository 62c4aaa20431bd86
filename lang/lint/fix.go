package lint

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Fixes of rules are those of lang/edit, made for the plan of a pass.

func (p *Pass) remove(m *syntax.Mapping, e *syntax.Entry, safe bool) []diag.Fix {
	return edit.Of(p.Plan.File).Remove(m, e, safe)
}

func (p *Pass) drop(n syntax.Node, key string) []diag.Fix { return edit.Of(p.Plan.File).Drop(n, key) }

func (p *Pass) removeItem(list *syntax.Sequence, i int, safe bool) []diag.Fix {
	return edit.Of(p.Plan.File).RemoveItem(list, i, safe)
}

func (p *Pass) add(m *syntax.Mapping, e *syntax.Entry, key, value string, safe bool) []diag.Fix {
	return edit.Of(p.Plan.File).Add(m, e, key, value, safe)
}

func (p *Pass) isYAML(e *syntax.Entry) bool { return edit.Of(p.Plan.File).IsYAML(e) }

func (p *Pass) hasComment(span source.Span) bool { return edit.Of(p.Plan.File).HasComment(span) }

func (p *Pass) lineBreak() string { return edit.Of(p.Plan.File).LineBreak() }

func entryOf(n syntax.Node, key string) (*syntax.Mapping, *syntax.Entry) { return edit.Entry(n, key) }

func plainWord(n syntax.Node) (*syntax.Scalar, bool) { return edit.PlainWord(n) }

func quoted(s string) string { return edit.Quoted(s) }

func replace(span source.Span, text, title string, safe bool) []diag.Fix {
	return edit.Replace(span, text, title, safe)
}

// isWritten reports whether the mapping n has the key, with whatever value.
func isWritten(n syntax.Node, key string) bool {
	_, e := entryOf(n, key)
	return e != nil
}

func blank(s string) bool { return strings.Trim(s, " \t") == "" }
