package complete

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// hclTopic is in front of the topics of items for plans in HCL.
const hclTopic = "hcl:"

// Describe returns what is to be said of the topic of an item, as Markdown; empty if there is nothing.
func Describe(topic string) string {
	topic, isHCL := strings.CutPrefix(topic, hclTopic)
	if isHCL {
		return describe(topic, syntax.HCL)
	}
	return describe(topic, syntax.YAML)
}

func describe(topic string, n syntax.Notation) string {
	kind, name, _ := strings.Cut(topic, ":")
	switch kind {
	case "builtin":
		if b, ok := builtin.Lookup(name); ok {
			return Function(b, n)
		}
	case "field":
		if f, _, ok := plan.Lookup(name); ok {
			lang, example := convert.Example(f, n)
			return spelled(f.Doc, n) + "\n\n```" + lang + "\n" + example + "```"
		}
	case "key":
		return key(strings.Split(name, "/"), n)
	case "type":
		return "Type of a variable: `" + name + "`." + magic(name)
	case "code":
		if e, ok := diag.Lookup(name); ok {
			return fmt.Sprintf("**%s** %s: %s", e.Code, e.Name, e.Summary)
		}
	}
	return ""
}

func magic(name string) string {
	switch name {
	case "version", "project", "deployment", "environment", "client":
		return " Escape fills the value in."
	}
	return ""
}

// spelled is a text of our own tables as a notation spells it.
func spelled(text string, n syntax.Notation) string {
	if n == syntax.HCL {
		return hcltext.Spelled(text)
	}
	return text
}

// Function describes a builtin, with examples in a notation.
func Function(b *builtin.Builtin, n syntax.Notation) string {
	var out strings.Builder
	fmt.Fprintf(&out, "```\n%s\n```\n\n%s", b.Signature(false), spelled(b.Doc, n))
	if b.Effects != builtin.Pure {
		fmt.Fprintf(&out, "\n\nIt %s.", b.Effects)
	}
	if len(b.Examples) > 0 {
		out.WriteString("\n\n```\n")
		for _, x := range b.Examples {
			fmt.Fprintf(&out, "%s  →  %s\n", spelled(x.Expr, n), x.Want)
		}
		out.WriteString("```")
	}
	return out.String()
}

// key describes a key of the entries of a field, whose name comes first.
func key(names []string, n syntax.Notation) string {
	f, _, ok := plan.Lookup(names[0])
	if !ok {
		return ""
	}
	keys := f.Keys
	var found *plan.Key
	for _, name := range names[1:] {
		found = nil
		for i := range keys {
			if keys[i].Name == name {
				found = &keys[i]
			}
		}
		if found == nil {
			return ""
		}
		keys = found.Keys
	}
	if found == nil {
		return ""
	}
	doc := spelled(found.Doc, n)
	if len(found.Enum) > 0 {
		words := make([]string, len(found.Enum))
		for i, word := range found.Enum {
			words[i] = convert.Value(word, n)
		}
		doc += " Such as `" + strings.Join(words, "`, `") + "`."
	}
	if found.Default != "" {
		doc += fmt.Sprintf("\n\n`%s` if left out.", convert.Value(found.Default, n))
	}
	return doc
}

var unmarked = strings.NewReplacer("`", "", "**", "")

// Plain returns Markdown as plain text.
func Plain(markdown string) string {
	if !strings.ContainsAny(markdown, "`*") {
		return strings.TrimSpace(markdown)
	}
	var out []string
	for _, line := range strings.Split(markdown, "\n") {
		if !strings.HasPrefix(line, "```") {
			out = append(out, unmarked.Replace(line))
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
