// Package refdoc writes the references of the language from its tables: of fields, of builtins, of codes, and a JSON
// schema for editors without a language server. It holds no facts of its own; the same tables always give the same bytes.
//
// Read fields.go, builtins.go and codes.go for the Markdown files, schema.go for the schema, explain.go for what
// `escape explain` shows. The files are written by cmd/internal/gen.
package refdoc

import (
	"fmt"
	"strings"
)

// header says where a generated file comes from. It follows the form that tools know.
func header(table string) string {
	return fmt.Sprintf("<!-- Code generated from %s by cmd/internal/gen. DO NOT EDIT. -->\n\n", table)
}

// anchor returns the fragment that Markdown viewers give to a heading.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cell makes s fit into a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`).Replace(strings.TrimSpace(s))
}

// code returns s in backquotes, as many as it takes; nothing for an empty text.
func code(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// block returns text as a fenced block.
func block(language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return fence + language + "\n" + text + fence + "\n"
}

// table writes rows as a Markdown table under titles.
func table(out *strings.Builder, titles []string, rows [][]string) {
	write := func(cells []string) {
		out.WriteByte('|')
		for _, c := range cells {
			out.WriteString(" " + cell(c) + " |")
		}
		out.WriteByte('\n')
	}
	write(titles)
	out.WriteByte('|')
	for range titles {
		out.WriteString(" --- |")
	}
	out.WriteByte('\n')
	for _, r := range rows {
		write(r)
	}
}
