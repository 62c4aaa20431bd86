package convert

import (
	"strings"
	"sync"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// examples are those of fields in HCL, by their names.
var examples sync.Map

// Example returns the example of a field in a notation, and what Markdown calls the language that it is in.
func Example(f *plan.Field, n syntax.Notation) (lang, text string) {
	if n != syntax.HCL {
		return "yaml", f.Example
	}
	if text, ok := examples.Load(f.Name); ok {
		return "hcl", text.(string)
	}
	text, _, err := To(source.NewFile("escape.yml", f.Example), syntax.HCL)
	if err != nil {
		return "yaml", f.Example
	}
	examples.Store(f.Name, text)
	return "hcl", text
}

// Value returns a value of a key, as the table of keys has it, in a notation: "[build, deploy]" and "list[integer]" are
// ["build", "deploy"] and list(integer) in HCL.
func Value(text string, n syntax.Notation) string {
	if n != syntax.HCL || !strings.HasSuffix(text, "]") {
		return text
	}
	if list, ok := strings.CutPrefix(text, "["); ok {
		return `["` + strings.ReplaceAll(strings.TrimSuffix(list, "]"), ", ", `", "`) + `"]`
	}
	return strings.NewReplacer("[", "(", "]", ")").Replace(text)
}
