// Package mustache renders the templates of releases: Mustache as plans have always known it, which is a little less
// than today's specification, and strict where that was lax. A variable that is missing is an error everywhere.
//
// Kept on purpose: values are escaped for HTML unless written "{{{x}}}" (without blanks), "{{&x}}" is no other way to say
// so, the line end behind an opening section tag is removed and the one behind a closing tag stays, and zero is not
// empty. A missing partial renders as nothing.
//
// Render does the work at run time; Tags says beforehand what a template needs.
package mustache

import (
	"errors"
	"fmt"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// MaxDepth bounds how deep sections and partials nest, MaxElements how many tags and texts one rendering writes.
const (
	MaxDepth    = 100
	MaxElements = 1_000_000
)

// A Partials returns the text of a partial, or false if there is none. It may be nil.
type Partials func(name string) (string, bool)

// Render renders text with the values of mapping, which are plain Go values. Errors are those of syntax ("line 1: ...")
// and missing variables.
func Render(text string, mapping map[string]any, partials Partials) (string, error) {
	p := &parser{text: text, line: 1, open: "{{", close: "}}"}
	elems, err := p.parse("", 0, 1, 0)
	if err != nil {
		return "", err
	}
	r := &renderer{partials: partials}
	if err := r.render(elems, []any{mapping}, 0); err != nil {
		return "", err
	}
	return r.out.String(), nil
}

// kind says what an element is.
type kind uint8

const (
	literal kind = iota
	variable
	raw
	section
	inverted
	partial
)

type element struct {
	kind  kind
	text  string // literal text, or name
	at    int    // where the name starts; only for what has one
	end   int    // where it starts in the tag that closes a section
	elems []element
}

// An Error is a mistake in the syntax of a template.
type Error struct {
	Line   int // counted from 1
	Offset int // of the tag in question, in bytes
	Msg    string
	// Opened and Closed are the sections of which one ends in the other; empty for all other mistakes.
	Opened, Closed string
	OpenedAt       int // offset of the tag that opens Opened
}

// Error returns "line N: what is wrong".
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Msg) }

// A Tag is a place of a template that needs a value.
type Tag struct {
	Name    string
	Offset  int  // of the name in the text, in bytes
	Section bool // it opens a section, also an inverted one; else its value is written
	Close   int  // offset of the name in the tag that closes the section; 0 for other tags
	// Within are the names of the sections around it, outermost first.
	Within []string
}

// Tags returns the tags of a template in order, and the partials that it takes in, whose tags are not among them. The
// error is an *Error; there are no tags then.
func Tags(text string) (tags, partials []Tag, err error) {
	p := &parser{text: text, line: 1, open: "{{", close: "}}"}
	elems, err := p.parse("", 0, 1, 0)
	if err != nil {
		return nil, nil, err
	}
	var collect func(elems []element, within []string)
	collect = func(elems []element, within []string) {
		for _, e := range elems {
			switch e.kind {
			case variable, raw:
				tags = append(tags, Tag{Name: e.text, Offset: e.at, Within: within})
			case section, inverted:
				tags = append(tags, Tag{Name: e.text, Offset: e.at, Section: true, Close: e.end, Within: within})
				collect(e.elems, append(slices.Clip(within), e.text))
			case partial:
				partials = append(partials, Tag{Name: e.text, Offset: e.at, Within: within})
			}
		}
	}
	collect(elems, nil)
	return tags, partials, nil
}

// PartialFiles returns the files that may hold a partial, relative to the folder of the template; the first one that
// exists counts.
func PartialFiles(name string) []string { return []string{name, name + ".mustache", name + ".stache"} }

type parser struct {
	text        string
	pos, line   int
	open, close string
	closed      int // where the name starts in the last tag that closed a section
}

func (p *parser) fail(line, offset int, format string, args ...any) error {
	return &Error{Line: line, Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// parse reads elements up to the closing tag of the section name, opened at an offset in a line, or to the end at depth
// 0.
func (p *parser) parse(name string, offset, line, depth int) ([]element, error) {
	var elems []element
	if depth > MaxDepth {
		return nil, p.fail(p.line, offset, "sections are nested too deeply")
	}
	for {
		i := strings.Index(p.text[p.pos:], p.open)
		if i < 0 {
			if depth > 0 {
				return nil, p.fail(line, offset, "Section %s has no closing tag", name)
			}
			return append(elems, element{kind: literal, text: p.text[p.pos:]}), nil
		}
		if i > 0 {
			elems = append(elems, element{kind: literal, text: p.text[p.pos : p.pos+i]})
		}
		p.advance(i)
		start := p.pos
		p.advance(len(p.open))
		tag, err := p.tag(start)
		if err != nil {
			return nil, err
		}
		switch tag[0] {
		case '!':
		case '#', '^':
			e := element{kind: section, text: strings.TrimSpace(tag[1:])}
			e.at = p.nameAt(start, e.text)
			if tag[0] == '^' {
				e.kind = inverted
			}
			opened := p.line
			if rest := p.text[p.pos:]; strings.HasPrefix(rest, "\n") {
				p.advance(1)
			} else if strings.HasPrefix(rest, "\r\n") {
				p.advance(2)
			}
			if e.elems, err = p.parse(e.text, start, opened, depth+1); err != nil {
				return nil, err
			}
			e.end = p.closed
			elems = append(elems, e)
		case '/':
			closing := strings.TrimSpace(tag[1:])
			switch {
			case depth == 0:
				return nil, p.fail(p.line, start, "unmatched close tag")
			case closing != name:
				return nil, &Error{Line: p.line, Offset: start, Msg: "interleaved closing tag: " + closing, Opened: name, OpenedAt: offset, Closed: closing}
			}
			p.closed = p.nameAt(start, closing)
			return elems, nil
		case '>':
			name := strings.TrimSpace(tag[1:])
			elems = append(elems, element{kind: partial, text: name, at: p.nameAt(start, name)})
		case '=':
			if len(tag) < 2 || tag[len(tag)-1] != '=' {
				return nil, p.fail(p.line, start, "Invalid meta tag")
			}
			open, close, ok := strings.Cut(strings.TrimSpace(tag[1:len(tag)-1]), " ")
			if close = strings.TrimSpace(close); ok && open != "" && close != "" {
				p.open, p.close = open, close
			}
		case '{':
			if tag[len(tag)-1] == '}' {
				name := tag[1 : len(tag)-1]
				elems = append(elems, element{kind: raw, text: name, at: p.nameAt(start, name)})
			}
		default:
			elems = append(elems, element{kind: variable, text: tag, at: p.nameAt(start, tag)})
		}
	}
}

// nameAt finds the name of the tag that starts at an offset and has just been read.
func (p *parser) nameAt(start int, name string) int {
	return start + strings.LastIndex(p.text[start:p.pos], name)
}

// tag reads to the end of the tag that starts at an offset and returns what is in it; it is never empty.
func (p *parser) tag(start int) (string, error) {
	end := p.close
	if strings.HasPrefix(p.text[p.pos:], "{") {
		end = "}" + p.close
	}
	i := strings.Index(p.text[p.pos:], end)
	if i < 0 {
		return "", p.fail(p.line, start, "unmatched open tag")
	}
	tag := strings.TrimSpace(p.text[p.pos : p.pos+i+len(end)-len(p.close)])
	if tag == "" {
		return "", p.fail(p.line, start, "empty tag")
	}
	p.advance(i + len(end))
	return tag, nil
}

func (p *parser) advance(n int) {
	p.line += strings.Count(p.text[p.pos:p.pos+n], "\n")
	p.pos += n
}

type renderer struct {
	out      strings.Builder
	written  int
	partials Partials
}

// render writes elements. The innermost context is the last.
func (r *renderer) render(elems []element, contexts []any, depth int) error {
	for _, e := range elems {
		if r.written++; r.written > MaxElements {
			return errors.New("the template never comes to an end")
		}
		switch e.kind {
		case literal:
			r.out.WriteString(e.text)
		case variable, raw:
			v, ok := lookup(contexts, e.text)
			if !ok {
				return fmt.Errorf("Missing variable %q", e.text)
			}
			text := Text(v)
			if e.kind == variable {
				text = html.EscapeString(text)
			}
			r.out.WriteString(text)
		case inverted:
			if v, ok := lookup(contexts, e.text); ok && !empty(v) {
				continue
			}
			if err := r.render(e.elems, contexts, depth); err != nil {
				return err
			}
		case section:
			v, ok := lookup(contexts, e.text)
			if !ok || empty(v) {
				continue
			}
			items, isList := v.([]any)
			if !isList {
				items = []any{v}
			}
			for _, item := range items {
				if err := r.render(e.elems, append(slices.Clip(contexts), item), depth); err != nil {
					return err
				}
			}
		case partial:
			if r.partials == nil {
				continue
			}
			text, ok := r.partials(e.text)
			if !ok {
				continue
			}
			if depth >= MaxDepth {
				return errors.New("partials are nested too deeply")
			}
			p := &parser{text: text, line: 1, open: "{{", close: "}}"}
			inner, err := p.parse("", 0, 1, 0)
			if err == nil {
				err = r.render(inner, contexts, depth+1)
			}
			if err != nil {
				return fmt.Errorf("partial %s: %w", e.text, err)
			}
		}
	}
	return nil
}

// lookup finds a name, which may be dotted, from the innermost context outward.
func lookup(contexts []any, name string) (any, bool) {
	if name == "." {
		return contexts[len(contexts)-1], true
	}
	first, rest, dotted := strings.Cut(name, ".")
	for _, context := range slices.Backward(contexts) {
		m, ok := context.(map[string]any)
		if !ok {
			continue
		}
		if v, ok := m[first]; ok {
			if !dotted {
				return v, true
			}
			return lookup([]any{v}, rest)
		}
	}
	return nil, false
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// Text returns a value as templates print it: numbers in decimal, lists as "[a b]", null as nothing.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		if v == float64(int64(v)) && v > -1e18 && v < 1e18 {
			return strconv.FormatInt(int64(v), 10)
		}
		return fmt.Sprint(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = Text(v[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+":"+Text(v[k]))
		}
		return "map[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(v)
}
