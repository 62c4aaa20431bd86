package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"escape.build/escape/lang/source"
)

// PrintOptions says how Fprint writes. The zero value is plain text.
type PrintOptions struct {
	Color bool
}

// Fprint writes each finding of l with its place, snippet, underline, code, hint, related places and fixes, in the
// order of l:
//
//	escape.yml:3:1: error: unknown field "inptus"; did you mean "inputs"? [ESC2001]
//	  3 | inptus:
//	    | ^^^^^^
//	    = fix: replace with "inputs"
func Fprint(w io.Writer, l List, opts PrintOptions) error {
	p := printer{color: opts.Color}
	for i := range l {
		p.diagnostic(&l[i])
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// Sprint returns the text of Fprint without colour.
func Sprint(l List) string {
	p := printer{}
	for i := range l {
		p.diagnostic(&l[i])
	}
	return p.out.String()
}

type printer struct {
	out   strings.Builder
	color bool
}

const (
	red, yellow, blue, bold, reset = "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[1m", "\x1b[0m"
	// tabWidth is how wide a tab is shown in a snippet.
	tabWidth = 4
	// maxSnippet is how many characters of a line a snippet shows.
	maxSnippet = 160
)

func (p *printer) paint(code, s string) string {
	if !p.color {
		return s
	}
	return code + s + reset
}

func (p *printer) diagnostic(d *Diagnostic) {
	color := map[Severity]string{Error: red, Warning: yellow, Advice: blue}[d.Severity]
	if d.File != nil {
		pos := d.File.Position(int(d.Span.Start))
		fmt.Fprintf(&p.out, "%s:%d:%d: ", Printable(d.File.Name()), pos.Line, pos.Column)
	}
	message := lines(d.Message, "  ")
	fmt.Fprintf(&p.out, "%s %s [%s]\n", p.paint(color, d.Severity.String()+":"), p.paint(bold, message), d.Code.Code)
	if d.File != nil {
		p.snippet(d.File, d.Span, color, d.Code.Secret)
	}
	if d.Hint != "" {
		fmt.Fprintf(&p.out, "    = %s\n", lines(d.Hint, "      "))
	}
	for _, f := range d.Fixes {
		fmt.Fprintf(&p.out, "    = fix: %s\n", lines(f.Title, "      "))
	}
	for _, r := range d.Related {
		if r.File == nil {
			fmt.Fprintf(&p.out, "    = %s\n", lines(r.Message, "      "))
			continue
		}
		pos := r.File.Position(int(r.Span.Start))
		fmt.Fprintf(&p.out, "    = %s:%d:%d: %s\n", Printable(r.File.Name()), pos.Line, pos.Column, lines(r.Message, "      "))
	}
}

// lines returns a text that can be printed, its further lines indented.
func lines(text, indent string) string {
	all := strings.Split(text, "\n")
	for i := range all {
		all[i] = Printable(all[i])
	}
	return strings.Join(all, "\n"+indent)
}

// maxHidden is how many stars stand for a secret at most: how long it is should not be told either.
const maxHidden = 8

// snippet shows the first line of span with an underline. Tabs widen to tabWidth; a long line is cut around the span.
// Of a secret stars are shown.
func (p *printer) snippet(f *source.File, span source.Span, color string, secret bool) {
	n := f.LineOf(int(span.Start))
	line := f.Line(n)
	start := max(span.Start, line.Start)
	end := min(max(span.End, start), line.End)
	before, marked, after := f.Slice(source.Span{Start: line.Start, End: start}), f.Slice(source.Span{Start: start, End: end}),
		f.Slice(source.Span{Start: max(end, start), End: line.End})
	if secret {
		marked, after = strings.Repeat("*", min(utf8.RuneCountInString(marked), maxHidden)), ""
	}
	before, marked, after = cutFront(Printable(before)), cutBack(Printable(marked)), cutBack(Printable(after))
	num := fmt.Sprint(n)
	fmt.Fprintf(&p.out, "  %s | %s%s%s\n", num, before, marked, after)
	marks := strings.Repeat("^", max(width(marked), 1))
	fmt.Fprintf(&p.out, "  %s | %s%s\n", strings.Repeat(" ", len(num)), strings.Repeat(" ", width(before)), p.paint(color, marks))
}

// Printable makes control and broken characters of a line visible, so that what a plan says cannot drive the terminal. Tabs
// widen to tabWidth.
func Printable(s string) string {
	isControl := func(r rune) bool { return unicode.IsControl(r) || r == '\uFEFF' }
	if !strings.ContainsFunc(s, func(r rune) bool { return isControl(r) || r == utf8.RuneError }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteString(strings.Repeat(" ", tabWidth))
		case isControl(r):
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func cutFront(s string) string {
	if n := utf8.RuneCountInString(s); n > maxSnippet/2 {
		return "…" + string([]rune(s)[n-maxSnippet/2:])
	}
	return s
}

func cutBack(s string) string {
	if utf8.RuneCountInString(s) > maxSnippet/2 {
		return string([]rune(s)[:maxSnippet/2]) + "…"
	}
	return s
}

// width counts terminal columns: wide characters (East Asian, emoji) take two, combining marks none.
func width(s string) (n int) {
	for _, r := range s {
		switch {
		case r >= 0x0300 && r <= 0x036F || r == 0x200D || r >= 0xFE00 && r <= 0xFE0F:
		case r >= 0x1100 && (r <= 0x115F || r >= 0x2E80 && r <= 0xA4CF || r >= 0xAC00 && r <= 0xD7A3 ||
			r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE6F || r >= 0xFF00 && r <= 0xFF60 || r >= 0x1F300 && r <= 0x1FAFF):
			n += 2
		default:
			n++
		}
	}
	return n
}
