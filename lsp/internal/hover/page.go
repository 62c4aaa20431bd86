package hover

import (
	"strings"

	"escape.build/escape/lsp/internal/value"
)

// A page is what is shown. It is written as Markdown or as plain text.
type page struct{ blocks []block }

type block struct {
	kind  blockKind
	parts []part // of a line
	text  string // of code
	lang  string // of code, as Markdown calls it; may be empty
}

type blockKind uint8

const (
	line blockKind = iota
	item
	code
)

// A part is a piece of a line.
type part struct {
	text  string
	style style
}

type style uint8

const (
	plain  style = iota
	quoted       // a word of the language
	bold
	markdown // of our own tables: words stand between backticks
)

func say(text string) part   { return part{text, plain} }
func word(text string) part  { return part{text, quoted} }
func title(text string) part { return part{text, bold} }
func doc(text string) part   { return part{text, markdown} }

func (p *page) line(parts ...part) { p.blocks = append(p.blocks, block{kind: line, parts: parts}) }
func (p *page) item(parts ...part) { p.blocks = append(p.blocks, block{kind: item, parts: parts}) }

// code adds lines of a plan or script.
func (p *page) code(lang, text string) {
	if text = strings.TrimRight(text, "\n"); text != "" {
		p.blocks = append(p.blocks, block{kind: code, text: text, lang: lang})
	}
}

// user adds a text that people wrote.
func (p *page) user(text string) {
	if text = strings.TrimSpace(text); text != "" {
		p.line(say(value.Cut(text, maxText)))
	}
}

// maxText is how many bytes of a description are shown, and maxValue of what stands in a line with other words.
const (
	maxText  = 2_000
	maxValue = 200
)

// Markdown returns the page as Markdown.
func (p *page) Markdown() string {
	return p.write(func(out *strings.Builder, b *block) {
		if b.kind == code {
			fence := "```"
			for strings.Contains(b.text, fence) {
				fence += "`"
			}
			out.WriteString(fence + b.lang + "\n" + b.text + "\n" + fence)
			return
		}
		for _, x := range b.parts {
			switch x.style {
			case plain:
				out.WriteString(escape(x.text))
			case quoted:
				out.WriteString(inCode(x.text))
			case bold:
				out.WriteString("**" + escape(x.text) + "**")
			case markdown:
				out.WriteString(x.text)
			}
		}
	})
}

// Plain returns the page as text without markup.
func (p *page) Plain() string {
	return p.write(func(out *strings.Builder, b *block) {
		if b.kind == code {
			out.WriteString("  " + strings.ReplaceAll(b.text, "\n", "\n  "))
			return
		}
		for _, x := range b.parts {
			text := x.text
			if x.style == markdown {
				text = strings.ReplaceAll(text, "`", "")
			}
			out.WriteString(text)
		}
	})
}

// write writes blocks: an empty line stands between them, but for items.
func (p *page) write(one func(*strings.Builder, *block)) string {
	var out strings.Builder
	for i := range p.blocks {
		b := &p.blocks[i]
		switch {
		case i == 0:
		case b.kind == item && p.blocks[i-1].kind == item:
			out.WriteString("\n")
		default:
			out.WriteString("\n\n")
		}
		if b.kind == item {
			out.WriteString("- ")
		}
		one(&out, b)
	}
	return out.String()
}

// special are the characters that Markdown gives a meaning in the middle of a line; the others do so only at its start.
const special = "\\`*_[]<>#|~&"

// escape writes a text so that Markdown shows it as it is.
func escape(s string) string {
	if !strings.ContainsAny(s, special+"\n+-=.)") {
		return s
	}
	var out strings.Builder
	start, number := true, false // of a line, which may be the number of a list
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '_' && i > 0 && i+1 < len(s) && isLetter(s[i-1]) && isLetter(s[i+1]):
		case strings.IndexByte(special, c) >= 0, start && strings.IndexByte("+-=", c) >= 0, number && (c == '.' || c == ')') && (i+1 == len(s) || s[i+1] == ' '):
			out.WriteByte('\\')
		}
		out.WriteByte(c)
		number = (start || number) && c >= '0' && c <= '9'
		start = c == '\n' || start && (c == ' ' || c == '\t')
	}
	return out.String()
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// inCode writes a word between backticks.
func inCode(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if s == "" || s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return fence + s + fence
}
