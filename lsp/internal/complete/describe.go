package complete

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
)

// Describe returns what is to be said of the topic of an item, as Markdown; empty if there is nothing.
func Describe(topic string) string {
	kind, name, _ := strings.Cut(topic, ":")
	switch kind {
	case "builtin":
		if b, ok := builtin.Lookup(name); ok {
			return Function(b)
		}
	case "field":
		if f, _, ok := plan.Lookup(name); ok {
			return f.Doc + "\n\n```yaml\n" + f.Example + "```"
		}
	case "key":
		return key(strings.Split(name, "/"))
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

// Function describes a builtin.
func Function(b *builtin.Builtin) string {
	var out strings.Builder
	fmt.Fprintf(&out, "```\n%s\n```\n\n%s", b.Signature(false), b.Doc)
	if b.Effects != builtin.Pure {
		fmt.Fprintf(&out, "\n\nIt %s.", b.Effects)
	}
	if len(b.Examples) > 0 {
		out.WriteString("\n\n```\n")
		for _, x := range b.Examples {
			fmt.Fprintf(&out, "%s  →  %s\n", x.Expr, x.Want)
		}
		out.WriteString("```")
	}
	return out.String()
}

// key describes a key of the entries of a field, whose name comes first.
func key(names []string) string {
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
	doc := found.Doc
	if len(found.Enum) > 0 {
		doc += " Such as `" + strings.Join(found.Enum, "`, `") + "`."
	}
	if found.Default != "" {
		doc += fmt.Sprintf("\n\n`%s` if left out.", found.Default)
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
