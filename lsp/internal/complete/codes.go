package complete

import (
	"strings"

	"escape.build/escape/lang/lint"
)

// marks are what a comment to the linter begins with.
var marks = []string{"escape:ignore", "escape:ignore-start", "escape:ignore-end", "escape:ignore-file"}

// codes offers what a comment can tell the linter: nothing in other comments.
func (c *completer) codes() {
	text := strings.TrimLeft(c.spot.text, "#/* ")
	i := strings.LastIndex(text, "escape:")
	if i != 0 {
		return
	}
	head, rest, ok := strings.Cut(text, " ")
	if !ok {
		c.over(c.Offset-len(text), 0)
		for i, m := range marks {
			c.add(Item{Label: m, Kind: KindKey, Rank: i, Text: m + " "})
		}
		return
	}
	if head == marks[2] || !strings.HasPrefix(head, marks[0]) || strings.Contains(rest, "--") {
		return
	}
	word := tailWord(rest)
	c.over(c.Offset-len(word), wordLen(c.Source.Text()[c.Offset:]))
	for i, r := range lint.All() {
		if r.Fixed() || strings.Contains(rest, r.Code.Name+",") {
			continue
		}
		c.add(Item{Label: r.Code.Name, Kind: KindCode, Detail: string(r.Code.Code), Doc: r.Code.Summary, Topic: "code:" + r.Code.Name, Rank: i})
	}
	for i, r := range lint.All() {
		if !r.Fixed() && strings.HasPrefix(word, "ESC") {
			c.add(Item{Label: string(r.Code.Code), Kind: KindCode, Detail: r.Code.Name, Doc: r.Code.Summary, Topic: "code:" + r.Code.Name, Rank: i})
		}
	}
}
