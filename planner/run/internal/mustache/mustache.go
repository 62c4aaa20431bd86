// Package mustache renders the templates of releases: Mustache as plans have always known it, which is a little less
// than today's specification, and strict where that was lax. A variable that is missing is an error everywhere.
//
// Kept on purpose: values are escaped for HTML unless written "{{{x}}}" (without blanks), "{{&x}}" is no other way to say
// so, the line end behind an opening section tag is removed and the one behind a closing tag stays, and zero is not
// empty. A missing partial renders as nothing.
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
	elems, err := p.parse("", 1, 0)
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
	elems []element
}

type parser struct {
	text        string
	pos, line   int
	open, close string
}

func (p *parser) fail(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...))
}

// parse reads elements up to the closing tag of the section name, opened in line start, or to the end at depth 0.
func (p *parser) parse(name string, start, depth int) ([]element, error) {
	var elems []element
	if depth > MaxDepth {
		return nil, p.fail(p.line, "sections are nested too deeply")
	}
	for {
		i := strings.Index(p.text[p.pos:], p.open)
		if i < 0 {
			if depth > 0 {
				return nil, p.fail(start, "Section %s has no closing tag", name)
			}
			return append(elems, element{kind: literal, text: p.text[p.pos:]}), nil
		}
		if i > 0 {
			elems = append(elems, element{kind: literal, text: p.text[p.pos : p.pos+i]})
		}
		p.advance(i + len(p.open))
		tag, err := p.tag()
		if err != nil {
			return nil, err
		}
		switch tag[0] {
		case '!':
		case '#', '^':
			e := element{kind: section, text: strings.TrimSpace(tag[1:])}
			if tag[0] == '^' {
				e.kind = inverted
			}
			line := p.line
			if rest := p.text[p.pos:]; strings.HasPrefix(rest, "\n") {
				p.advance(1)
			} else if strings.HasPrefix(rest, "\r\n") {
				p.advance(2)
			}
			if e.elems, err = p.parse(e.text, line, depth+1); err != nil {
				return nil, err
			}
			elems = append(elems, e)
		case '/':
			closing := strings.TrimSpace(tag[1:])
			switch {
			case depth == 0:
				return nil, p.fail(p.line, "unmatched close tag")
			case closing != name:
				return nil, p.fail(p.line, "interleaved closing tag: %s", closing)
			}
			return elems, nil
		case '>':
			elems = append(elems, element{kind: partial, text: strings.TrimSpace(tag[1:])})
		case '=':
			if len(tag) < 2 || tag[len(tag)-1] != '=' {
				return nil, p.fail(p.line, "Invalid meta tag")
			}
			open, close, ok := strings.Cut(strings.TrimSpace(tag[1:len(tag)-1]), " ")
			if close = strings.TrimSpace(close); ok && open != "" && close != "" {
				p.open, p.close = open, close
			}
		case '{':
			if tag[len(tag)-1] == '}' {
				elems = append(elems, element{kind: raw, text: tag[1 : len(tag)-1]})
			}
		default:
			elems = append(elems, element{kind: variable, text: tag})
		}
	}
}

// tag reads to the end of a tag and returns what is in it; it is never empty.
func (p *parser) tag() (string, error) {
	end := p.close
	if strings.HasPrefix(p.text[p.pos:], "{") {
		end = "}" + p.close
	}
	i := strings.Index(p.text[p.pos:], end)
	if i < 0 {
		return "", p.fail(p.line, "unmatched open tag")
	}
	tag := strings.TrimSpace(p.text[p.pos : p.pos+i+len(end)-len(p.close)])
	if tag == "" {
		return "", p.fail(p.line, "empty tag")
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
			inner, err := p.parse("", 1, 0)
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
