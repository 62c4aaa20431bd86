package yamlfile

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// reserved are characters that no plain scalar starts with and that mean nothing at the start of a value.
const reserved = "@`%,]}"

// leaf reads a value that starts at pos and is no block collection. It must be deeper than outer where it goes on in
// other lines. The comment behind it is left for takeTail.
func (p *parser) leaf(outer int, props *syntax.Props) syntax.Node {
	n := p.leafValue(outer)
	p.setProps(n, props)
	switch n := n.(type) {
	case *syntax.Sequence:
		if !n.Flow {
			return n // misplaced; it has read its lines to the end
		}
	case *syntax.Scalar:
		if n.Style == syntax.Literal || n.Style == syntax.Folded {
			return n // so has this
		}
	}
	p.tail = p.trail()
	return n
}

// takeTail returns the comment behind the last leaf, once.
func (p *parser) takeTail() *syntax.Comment {
	c := p.tail
	p.tail = nil
	return c
}

func (p *parser) leafValue(outer int) syntax.Node {
	switch c := p.src[p.pos]; c {
	case '"', '\'':
		return p.quoted(outer)
	case '[', '{':
		return p.flow(outer)
	case '|', '>':
		return p.blockScalar(outer)
	case '*':
		return p.alias()
	case '&', '!':
		p.report(diag.BadAnchor, at(p.pos, 1), "a value has one anchor and one tag at most")
		p.props(nil)
		p.spaces()
		if p.lineDone() {
			return p.empty(p.pos)
		}
		return p.leafValue(outer)
	case '-', '?', ':':
		if p.blankAt(p.pos + 1) {
			return p.misplaced(c)
		}
	case '@', '`', '%', ',', ']', '}':
		d := p.reserved()
		n := p.restOfLine()
		d.Fixes = quoteFix(n)
		return n
	}
	return p.plain(outer)
}

// quoteFix is the fix that puts a plain scalar in quotes.
func quoteFix(n *syntax.Scalar) []diag.Fix {
	return []diag.Fix{{Title: "put it in quotes", Preferred: true, Edits: []source.Edit{{Span: n.Pos, New: ScalarText(n.Text)}}}}
}

// reserved reports the character at pos.
func (p *parser) reserved() *diag.Diagnostic {
	d := p.report(diag.ReservedCharacter, at(p.pos, 1), fmt.Sprintf("a value cannot start with %q without quotes", p.src[p.pos:p.pos+1]))
	d.Hint, d.Original = "put the value in quotes", "found character that cannot start any token"
	return d
}

// misplaced reads "key: - item" and the like, where an indicator of block structure stands behind a key.
func (p *parser) misplaced(c byte) syntax.Node {
	what := map[byte]string{'-': "a list", '?': "a mapping", ':': "a mapping"}[c]
	d := p.report(diag.UnexpectedSequence, at(p.pos, 1), fmt.Sprintf("%s must start on a line of its own, not behind a key", what))
	d.Original = "block sequence entries are not allowed in this context"
	if c == '-' {
		p.col = p.pos - p.lineStart
		return p.sequence(p.col, p.col-1, nil)
	}
	return p.restOfLine()
}

// restOfLine returns what is left of the line as a scalar.
func (p *parser) restOfLine() *syntax.Scalar {
	span := p.lineSpan(p.pos)
	end := int(span.End)
	if i := strings.Index(p.src[p.pos:end], " #"); i >= 0 {
		end = len(strings.TrimRight(p.src[:p.pos+i], " \t"))
	}
	s := p.plainScalar(p.pos, end)
	s.Kind = syntax.String
	p.pos = end
	return s
}

// alias reads "*name".
func (p *parser) alias() syntax.Node {
	start := p.pos
	name := p.name()
	p.count()
	p.aliases = true
	a := &syntax.Alias{Pos: at(start, p.pos-start), Name: name}
	if name == "" {
		return a
	}
	switch target, ok := p.anchors[name]; {
	case !ok:
		p.unknownAnchor(a)
	case target == nil:
		p.selfReference(a)
	default:
		a.Target = target
	}
	return a
}

func (p *parser) selfReference(a *syntax.Alias) {
	d := p.report(diag.AliasExpansion, a.Pos, fmt.Sprintf("the alias %q stands inside the value it names", a.Name))
	d.Original = "anchor '" + a.Name + "' value contains itself"
}

func (p *parser) unknownAnchor(a *syntax.Alias) {
	d := p.report(diag.UnknownAnchor, a.Pos, fmt.Sprintf("no anchor %q stands before this", a.Name))
	d.Hint, d.Original = "anchors are written &"+a.Name, "unknown anchor '"+a.Name+"' referenced"
	if len(p.anchors) > maxSuggested {
		return
	}
	if best, ok := diag.Nearest(a.Name, slices.Sorted(maps.Keys(p.anchors))); ok {
		d.Message += fmt.Sprintf("; did you mean %q?", best)
		name := source.Span{Start: a.Pos.Start + 1, End: a.Pos.End}
		d.Fixes = []diag.Fix{{Title: fmt.Sprintf("replace with %q", best), Preferred: true, Edits: []source.Edit{{Span: name, New: best}}}}
	}
}

// name reads the name behind "&" or "*".
func (p *parser) name() string {
	start := p.pos
	p.pos = p.nameEnd(start)
	name := p.src[start+1 : p.pos]
	if name != "" && p.nameEnds(p.pos) {
		return name
	}
	for p.pos < len(p.src) && !blankOrBreak(p.src[p.pos]) {
		p.pos++
	}
	what := "an anchor"
	if p.src[start] == '*' {
		what = "an alias"
	}
	d := p.report(diag.BadAnchor, at(start, p.pos-start), fmt.Sprintf("%s needs a name of letters, digits, - and _", what))
	d.Hint, d.Original = "if this is meant as text, put it in quotes", "did not find expected alphabetic or numeric character"
	return ""
}

// nameEnd returns the end of the name behind the "&" or "*" at i.
func (p *parser) nameEnd(i int) int {
	for i++; i < len(p.src) && nameByte(p.src[i]); i++ {
	}
	return i
}

// nameEnds reports whether what stands at i may follow a name.
func (p *parser) nameEnds(i int) bool {
	return p.blankAt(i) || strings.IndexByte("?:,]}%@`", p.src[i]) >= 0
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// props reads an anchor, a tag, or both, as far as they are not in props already.
func (p *parser) props(props *syntax.Props) *syntax.Props {
	if props == nil {
		props = &syntax.Props{}
	}
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case '&':
			if props.Anchor != "" {
				return props
			}
			props.Anchor = p.name()
			p.promise(props.Anchor)
		case '!':
			if props.Tag != "" {
				return props
			}
			props.Tag = p.tag()
		default:
			return props
		}
		end := p.pos
		p.spaces()
		if p.lineDone() || p.src[p.pos] != '&' && p.src[p.pos] != '!' {
			p.pos = end
			return props
		}
	}
	return props
}

// promise notes that the value which name stands for is being read.
func (p *parser) promise(name string) {
	if name == "" {
		return
	}
	if p.anchors == nil {
		p.anchors = map[string]syntax.Node{}
	}
	p.anchors[name] = nil
	p.promised++
}

// tag reads a tag as written.
func (p *parser) tag() string {
	start := p.pos
	p.pos = p.tagEnd(start)
	wrong := "did not find expected whitespace or line break"
	if p.blankAt(p.pos) {
		wrong = p.wrongTag(p.src[start:p.pos])
	}
	for wrong != "" && !p.blankAt(p.pos) {
		p.pos++
	}
	tag := p.src[start:p.pos]
	if wrong != "" {
		d := p.report(diag.SyntaxError, at(start, p.pos-start), fmt.Sprintf("%q is no tag", tag))
		d.Hint, d.Original = "if this is meant as text, put it in quotes", wrong
	}
	return tag
}

// wrongTag returns what the original says of a tag that is none, or "" (YAML 1.2, section 6.8.2).
func (p *parser) wrongTag(tag string) string {
	uri := tag[1:]
	if inner, ok := strings.CutPrefix(uri, "<"); ok {
		if uri, ok = strings.CutSuffix(inner, ">"); !ok && inner != "" {
			return "did not find the expected '>'"
		}
	} else if name, suffix, ok := strings.Cut(uri, "!"); ok && strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf || !nameByte(byte(r)) }) < 0 {
		uri = suffix
		if name != "" && suffix != "" && !p.handles["!"+name+"!"] {
			return "found undefined tag handle"
		}
	} else if uri == "" {
		return "" // "!" alone is a tag
	}
	if uri == "" {
		return "did not find expected tag URI"
	}
	if text, err := url.PathUnescape(uri); err != nil || !utf8.ValidString(text) {
		return "did not find URI escaped octet"
	}
	return ""
}

// tagEnd returns the end of the tag that starts at i.
func (p *parser) tagEnd(i int) int {
	start := i
	for i++; i < len(p.src); i++ {
		c := p.src[i]
		if !nameByte(c) && strings.IndexByte(";/?:@&=+$,.!~*'()[]%", c) < 0 && (c != '<' || i != start+1) {
			break
		}
	}
	if i < len(p.src) && p.src[i] == '>' && p.src[start+1] == '<' {
		i++
	}
	return i
}

// setProps gives n its anchor and tag.
func (p *parser) setProps(n syntax.Node, props *syntax.Props) {
	if props == nil {
		return
	}
	switch n := n.(type) {
	case *syntax.Scalar:
		n.Props = props
		n.Kind = p.tagged(n.Kind, props, n.Text, n.Style)
	case *syntax.Mapping:
		n.Props = props
	case *syntax.Sequence:
		n.Props = props
	case *syntax.Alias:
		p.report(diag.BadAnchor, n.Pos, "an alias cannot have an anchor or a tag of its own")
		return
	}
	p.named(n, props)
}

// tagged returns the kind of a scalar with a tag. Tags that mean nothing to a plan leave it as it is.
func (p *parser) tagged(kind syntax.Kind, props *syntax.Props, text string, style syntax.Style) syntax.Kind {
	switch strings.TrimSuffix(strings.Replace(props.Tag, "!<tag:yaml.org,2002:", "!!", 1), ">") {
	case "!!str", "!!binary", "!":
		return syntax.String
	case "!!null":
		return syntax.Null
	case "!!int", "!!float", "!!bool":
		if style != syntax.Plain {
			return Resolve(text)
		}
	}
	return kind
}
