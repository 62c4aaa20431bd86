package yamlfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Limits on what is read. A text beyond one of them gives a single finding and no tree.
const (
	// MaxBytes is the size of the largest plan.
	MaxBytes = 4 << 20
	// MaxNodes is how many values a plan may hold.
	MaxNodes = 150_000
	// MaxDepth is how deeply values may be nested.
	MaxDepth = 1_000
	// MaxExpanded is how many values a plan may hold once every alias is replaced by what it names.
	MaxExpanded = 200_000
	// maxFindings is how many findings one text gives at most.
	maxFindings = 100
	// maxSuggested is among how many anchors one is looked for that was meant by an unknown name.
	maxSuggested = 100
)

// sane checks the text as a whole. It gives a finding and false for a text that should not be read at all.
func (p *parser) sane() bool {
	text := p.file.Text()
	if len(text) > MaxBytes {
		p.findings = append(p.findings, diag.New(diag.TooLarge, p.file, source.Span{},
			fmt.Sprintf("this file has %.1f MiB, but a plan may have %d MiB at most", float64(len(text))/(1<<20), MaxBytes>>20)))
		return false
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		message := "this is not a text file: it holds a zero byte"
		if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
			message = "this file is written in UTF-16, but a plan must be UTF-8"
		}
		p.findings = append(p.findings, diag.New(diag.BinaryFile, p.file, at(i, 1), message))
		return false
	}
	odd := scan(text)
	if odd.count > 20 && odd.count > len(text)/20 {
		p.findings = append(p.findings, diag.New(diag.BinaryFile, p.file, at(odd.first, 1), "this is not a text file"))
		return false
	}
	if odd.invalid >= 0 {
		p.report(diag.InvalidUTF8, at(odd.invalid, 1), fmt.Sprintf("the byte 0x%02X is not UTF-8", text[odd.invalid])).
			Hint = "save the file as UTF-8"
	}
	if odd.control >= 0 {
		r, size := utf8.DecodeRuneInString(text[odd.control:])
		p.report(diag.ControlCharacter, at(odd.control, size), fmt.Sprintf("the control character U+%04X may not stand in a plan", r)).
			Original = "yaml: control characters are not allowed"
	}
	return true
}

// oddBytes are the bytes of a text that should not be in one.
type oddBytes struct {
	invalid int // the first byte that is not UTF-8; -1 if there is none
	control int // the first control character; -1 if there is none
	first   int // the first of both
	count   int
}

// scan looks for control characters (YAML 1.1, section 5.1) and for what is not UTF-8.
func scan(text string) oddBytes {
	odd := oddBytes{invalid: -1, control: -1}
	note := func(first *int, i int) {
		if *first < 0 {
			*first = i
		}
		if odd.count == 0 {
			odd.first = i
		}
		odd.count++
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= ' ' && c < 0x7f, c == '\n', c == '\t', c == '\r':
		case c < utf8.RuneSelf:
			note(&odd.control, i)
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 {
				note(&odd.invalid, i)
			} else if r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff {
				note(&odd.control, i)
			}
			i += size - 1
		}
	}
	return odd
}

func at(off, n int) source.Span { return source.Span{Start: int32(off), End: int32(off + n)} }

// report adds a finding and returns it for details. While a flow collection is tried out, or after too many findings,
// the result is thrown away.
func (p *parser) report(code *diag.Entry, span source.Span, message string) *diag.Diagnostic {
	if p.trying {
		p.failed = true
		return new(diag.Diagnostic)
	}
	p.reports++
	if p.quiet || len(p.findings) >= maxFindings {
		return new(diag.Diagnostic)
	}
	p.findings = append(p.findings, diag.New(code, p.file, span, message))
	return &p.findings[len(p.findings)-1]
}

// stop ends the reading for good: a limit was passed. The parser sees the end of the text from here on.
func (p *parser) stop(code *diag.Entry, span source.Span, message string) {
	if p.trying {
		p.failed = true // perhaps it is an unclosed bracket that swallows so much
		return
	}
	if !p.stopped {
		p.stopped = true
		p.findings = append(p.findings[:0:0], diag.New(code, p.file, span, message))
	}
	p.pos, p.lineStart, p.col = len(p.src), len(p.src), 0
}

// enter counts a level of nesting and reports whether there may be one more. leave undoes it.
func (p *parser) enter() bool {
	if p.depth++; p.depth > MaxDepth {
		p.stop(diag.TooDeep, at(p.pos, 1), fmt.Sprintf("values are nested more than %d deep here", MaxDepth))
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// count counts a value. The limit is looked at by full, between values, so that a value under way can be finished.
func (p *parser) count() { p.nodes++ }

// full reports whether reading has ended, and ends it when there are too many values.
func (p *parser) full() bool {
	if p.nodes > MaxNodes && !p.stopped {
		p.stop(diag.TooLarge, at(min(p.pos, len(p.src)), 0), fmt.Sprintf("a plan may hold at most %d values, and this is the next", MaxNodes))
	}
	return p.stopped
}

// expansion checks what a tree holds once its aliases are replaced. Each anchor is counted once, so the cost is linear
// in the tree whatever the aliases multiply to.
func (p *parser) expansion(root syntax.Node) {
	if !p.aliases {
		return
	}
	e := expander{p: p, sizes: map[syntax.Node]int{}}
	if size := e.size(root); size > MaxExpanded && e.bomb != nil {
		p.stop(diag.AliasExpansion, e.bomb.Pos, fmt.Sprintf("aliases make this plan hold more than %d values", MaxExpanded))
	}
}

// An expander counts the values of a tree with its aliases replaced.
type expander struct {
	p     *parser
	sizes map[syntax.Node]int // of what has an anchor; -1 while it is counted
	bomb  *syntax.Alias       // the first alias of a collection
}

func (e *expander) size(n syntax.Node) int {
	if a, ok := n.(*syntax.Alias); ok {
		return e.aliasSize(a)
	}
	if e.anchored(n) {
		if size := e.sizes[n]; size > 0 {
			return size
		}
		e.sizes[n] = -1
	}
	total := 1
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			if n.Entries[i].Odd != nil {
				total += e.size(n.Entries[i].Odd)
			}
			total += 1 + e.size(n.Entries[i].Value)
		}
	case *syntax.Sequence:
		for i := range n.Items {
			total += e.size(n.Items[i].Value)
		}
	}
	total = min(total, MaxExpanded+1)
	if e.anchored(n) {
		e.sizes[n] = total
	}
	return total
}

func (e *expander) anchored(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.Mapping:
		return n.Props != nil && n.Props.Anchor != ""
	case *syntax.Sequence:
		return n.Props != nil && n.Props.Anchor != ""
	}
	return false
}

// aliasSize counts what a names. An alias inside of what it names, which only a broken text can hold here, loses its
// target, so that no tree has a cycle.
func (e *expander) aliasSize(a *syntax.Alias) int {
	if a.Target == nil {
		return 1
	}
	if e.sizes[a.Target] < 0 {
		e.p.selfReference(a)
		a.Target = nil
		return 1
	}
	size := e.size(a.Target)
	if size > 1 && e.bomb == nil {
		e.bomb = a
	}
	return size
}
