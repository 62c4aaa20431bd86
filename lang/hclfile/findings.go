package hclfile

import (
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// redefined is how hclsyntax calls an attribute that is written twice.
const redefined = "Attribute redefined"

// syntaxFinding reports what hclsyntax found, with our codes.
func (p *parser) syntaxFinding(d *hcl.Diagnostic) {
	code := diag.SyntaxError
	span := p.span(*d.Subject)
	switch s := d.Summary; {
	case s == redefined:
		code = diag.DuplicateKey
	case strings.Contains(s, "multi-line string"), strings.Contains(s, "string literal"), strings.Contains(s, "template string"):
		code = diag.UnclosedQuote
	case strings.HasPrefix(s, "Unclosed"), strings.HasPrefix(s, "Unterminated"), s == "Missing item separator":
		code = diag.UnclosedBracket
	case s == "Invalid escape sequence":
		code = diag.BadEscape
	}
	if line := p.file.Line(p.file.LineOf(int(span.Start))); span.End > line.End {
		span.End = max(line.End, span.Start)
	}
	x := p.report(code, span, sentence(d))
	x.Severity = diag.Error
	if d.Summary == "Invalid character" && p.file.Slice(span) == "$" {
		x.Message = `a reference has no "$" in HCL`
		x.Fixes = []diag.Fix{{Title: `remove the "$"`, Preferred: true, Edits: []source.Edit{{Span: span}}}}
	}
	p.otherNotation(x)
	if in := p.shellVariable(span); in.End > 0 {
		x.Span, x.Message = in, "\"${\" begins an expression of HCL here"
		x.Hint = "write $${ where the text of a script says ${"
		doubled(x)
	} else if in := p.directive(d); in.End > 0 {
		x.Span, x.Message = in, "\"%{\" begins a directive of HCL here"
		x.Hint = "write %%{ where a text says %{"
		doubled(x)
	}
}

// otherNotation adds to x what to write in place of what other languages write: "key: value", commas between lines, and other
// quotes.
func (p *parser) otherNotation(x *diag.Diagnostic) {
	line := p.file.Line(p.file.LineOf(int(x.Span.Start)))
	text := p.file.Slice(line)
	at := func(from, to int) source.Span {
		return source.Span{Start: line.Start + int32(from), End: line.Start + int32(to)}
	}
	fix := func(title string, edits ...source.Edit) {
		x.Fixes = []diag.Fix{{Title: title, Preferred: true, Edits: edits}}
	}
	blanks := len(text) - len(strings.TrimLeft(text, " \t"))
	name := blanks
	for name < len(text) && (text[name] == '_' || text[name]|0x20 >= 'a' && text[name]|0x20 <= 'z') {
		name++
	}
	from := int(x.Span.Start - line.Start)
	rest := text[min(from, len(text)):]
	value, isBare := bareValue(text[name:])
	switch {
	case isBare && name > blanks && from > name && from < len(text):
		x.Message = "a text stands in quotes"
		x.Span = at(len(text)-len(value), len(text))
		fix("put it in quotes", source.Edit{Span: x.Span, New: `"` + value + `"`})
	case name > blanks && strings.HasPrefix(text[name:], ":") && from <= name+1:
		x.Message = "a value is written behind \"=\" in HCL, not behind \":\""
		x.Span = at(name, name+1)
		if strings.TrimSpace(text[name+1:]) == "" {
			x.Hint = "is this a plan in YAML? Then call the file escape.yml"
			return
		}
		fix("write \"=\"", source.Edit{Span: x.Span, New: " ="})
	case strings.HasPrefix(rest, ",") && strings.TrimSpace(rest[1:]) == "":
		x.Message = "no comma stands behind an attribute"
		fix("remove the comma", source.Edit{Span: at(from, from+1)})
	case strings.HasPrefix(rest, "'"):
		if end := strings.IndexByte(rest[1:], '\''); end >= 0 && !strings.ContainsAny(rest[1:1+end], "\"$%\\") {
			fix("write double quotes", source.Edit{Span: at(from, from+1), New: `"`}, source.Edit{Span: at(from+1+end, from+2+end), New: `"`})
		}
	case strings.HasPrefix(rest, "“"):
		const open, close = "“", "”"
		if end := strings.Index(rest, close); end >= 0 && !strings.ContainsAny(rest[len(open):end], "\"$%\\") {
			fix("write double quotes", source.Edit{Span: at(from, from+len(open)), New: `"`}, source.Edit{Span: at(from+end, from+end+len(close)), New: `"`})
		}
	case strings.HasPrefix(strings.TrimLeft(rest, " "), "as ") || strings.HasPrefix(text[max(0, min(from, len(text))-4):], " as "):
		x.Hint = "an alias is written { as = \"NAME\" }"
	}
}

// bareValue returns the value of "= value" if that is no expression but a text without its quotes.
func bareValue(rest string) (value string, ok bool) {
	value, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t"), "=")
	value = strings.TrimLeft(value, " \t")
	return value, ok && value != "" && !strings.ContainsAny(value, "\"'“”$%{}[](),\\# \t\r")
}

// doubled offers to write the first character of what was found twice, which makes text of it.
func doubled(x *diag.Diagnostic) {
	mark := x.File.Slice(x.Span)
	at := source.Span{Start: x.Span.Start, End: x.Span.Start}
	x.Fixes = []diag.Fix{{Title: "write " + mark[:1] + mark, Preferred: true, Edits: []source.Edit{{Span: at, New: mark[:1]}}}}
}

// directive returns the "%{" that a mistake in a directive begins with; an empty span if d is about something else. Escape
// Script has no directives, so it is meant as text.
func (p *parser) directive(d *hcl.Diagnostic) source.Span {
	if !strings.Contains(d.Summary, "directive") && !strings.Contains(d.Summary, "template control") && !strings.Contains(d.Detail, "directive") {
		return source.Span{}
	}
	before := p.file.Text()[:p.span(*d.Subject).End]
	i := strings.LastIndex(before, "%{")
	if i < 0 || i > 0 && before[i-1] == '%' {
		return source.Span{}
	}
	return source.Span{Start: int32(i), End: int32(i) + 2}
}

// sentence is the first sentence of what hclsyntax says, as our messages are written.
func sentence(d *hcl.Diagnostic) string {
	text, _, _ := strings.Cut(d.Detail, ". ")
	if text == "" {
		text = d.Summary
	}
	text, _, _ = strings.Cut(text, "\n")
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	for i, r := range text {
		return string(unicode.ToLower(r)) + text[i+len(string(r)):]
	}
	return "the text is not valid HCL"
}

// shellVariable returns the "${" before a mistake if the text inside of it looks like the parameter of a shell.
func (p *parser) shellVariable(at source.Span) source.Span {
	line := p.file.Line(p.file.LineOf(int(at.Start)))
	before := p.file.Slice(source.Span{Start: line.Start, End: min(at.End, line.End)})
	i := strings.LastIndex(before, "${")
	if i < 0 || i > 0 && before[i-1] == '$' {
		return source.Span{}
	}
	rest := p.file.Slice(source.Span{Start: line.Start + int32(i) + 2, End: line.End})
	name := strings.TrimLeft(rest, "#!")
	n := 0
	for n < len(name) && (name[n] == '_' || name[n]|0x20 >= 'a' && name[n]|0x20 <= 'z' || name[n] >= '0' && name[n] <= '9') {
		n++
	}
	if len(name) == len(rest) && (n == 0 || n >= len(name) || !strings.ContainsRune(":-+=?%#/^,@[", rune(name[n]))) {
		return source.Span{}
	}
	start := line.Start + int32(i)
	return source.Span{Start: start, End: start + 2}
}
