package complete

import (
	"slices"
	"strings"

	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/types"
)

// tagsOf returns the names that a template needs, each once.
func (c *completer) tagsOf(file string) []string {
	if file == "" || c.Env.ReadFile == nil {
		return nil
	}
	text, err := c.Env.ReadFile(file)
	if err != nil {
		return nil
	}
	tags, _, err := mustache.Tags(string(text))
	if err != nil {
		return nil
	}
	var names []string
	for _, t := range tags {
		name, _, _ := strings.Cut(t.Name, ".")
		if len(t.Within) == 0 && isNameLike(name) && name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// tag offers names for the tag that the cursor is in; false if it is in none.
func (c *completer) tag(names []types.Field) bool {
	text := c.Source.Text()
	open := strings.LastIndex(text[:c.Offset], "{{")
	if open < 0 || strings.Contains(text[open:c.Offset], "}}") || strings.Contains(text[open:c.Offset], "\n") {
		return false
	}
	start := c.Offset - len(tailWord(text[:c.Offset]))
	triple := open > 0 && text[open-1] == '{'
	inner := strings.TrimLeft(text[open+2:start], " {")
	sigil := ""
	if inner != "" {
		sigil, inner = inner[:1], strings.TrimSpace(inner[1:])
	}
	if inner != "" || sigil == "!" || sigil == "=" || sigil == ">" {
		return sigil != "" // a comment, a partial, or a name with a dot
	}
	close := "}}"
	if triple {
		close = "}}}"
	}
	if sigil == "/" {
		names = openSections(text[:open])
	}
	c.over(start, wordLen(text[c.Offset:]))
	tail := text[c.Offset+wordLen(text[c.Offset:]):]
	for i, f := range names {
		it := Item{Label: f.Name, Kind: KindVariable, Detail: "value of the template", Rank: i}
		if !strings.HasPrefix(strings.TrimLeft(tail, " "), "}") {
			it.Text = f.Name + close
			if sigil == "#" || sigil == "^" {
				it.Text += "{{/" + f.Name + "}}"
			}
		}
		c.add(it)
	}
	return true
}

// openSections returns the sections that a text leaves open, the innermost first.
func openSections(text string) []types.Field {
	var open []types.Field
	for {
		i := strings.Index(text, "{{")
		if i < 0 {
			slices.Reverse(open)
			return open
		}
		text = strings.TrimLeft(text[i+2:], "{ ")
		end := strings.Index(text, "}}")
		if end < 0 || text == "" {
			slices.Reverse(open)
			return open
		}
		name := strings.TrimSpace(text[1:max(end, 1)])
		switch text[0] {
		case '#', '^':
			open = append(open, types.Field{Name: name})
		case '/':
			if n := len(open); n > 0 {
				open = open[:n-1]
			}
		}
		text = text[end:]
	}
}
