package refdoc

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/types"
)

// BuiltinReference returns the reference of the functions of Escape Script as Markdown.
func BuiltinReference() string {
	var out strings.Builder
	out.WriteString("# Functions of Escape Script\n\n" + header("lang/builtin.Table"))
	out.WriteString("`$__name(a, b)` and `a.name(b)` mean the same: the first argument is the receiver. " +
		"A parameter marked `?` may be left out, one marked `...` given any number of times.\n")
	rows := builtin.Table()
	var lines [][]string
	for _, b := range rows {
		lines = append(lines, []string{fmt.Sprintf("[`%s`](#%s)", b.Name, anchor(b.Name)), receiver(b), code(b.Result.String()), firstSentence(b.Doc)})
	}
	out.WriteByte('\n')
	table(&out, []string{"Function", "Method of", "Result", ""}, lines)
	for _, b := range rows {
		function(&out, b)
	}
	return out.String()
}

func function(out *strings.Builder, b *builtin.Builtin) {
	fmt.Fprintf(out, "\n## %s\n\n", b.Name)
	text := "$__" + b.Signature(false) + "\n"
	if len(b.Params) > 0 && !(b.Variadic && len(b.Params) == 1) {
		text += b.Recv.String() + "." + b.Signature(true) + "\n"
	}
	out.WriteString(block("", text))
	fmt.Fprintf(out, "\n%s\n", b.Doc)
	var facts []string
	if b.Effects != builtin.Pure {
		facts = append(facts, capital(b.Effects.String()))
	}
	if b.Since != "" {
		facts = append(facts, "Since "+b.Since+": the original does not know it")
	}
	if len(facts) > 0 {
		fmt.Fprintf(out, "\n*%s.*\n", strings.Join(facts, ". "))
	}
	if len(b.Params) > 0 {
		var rows [][]string
		for i, p := range b.Params {
			value := code(p.Type.String())
			if p.Or != nil {
				value += " or " + code(p.Or.String())
			}
			switch {
			case b.Variadic && i == len(b.Params)-1:
				value += ", any number"
			case i >= len(b.Params)-b.Optional:
				value += ", optional"
			}
			rows = append(rows, []string{code(p.Name), value, p.Doc})
		}
		out.WriteByte('\n')
		table(out, []string{"Parameter", "Type", ""}, rows)
	}
	if len(b.Examples) > 0 {
		out.WriteByte('\n')
		var rows [][]string
		for _, x := range b.Examples {
			rows = append(rows, []string{code(x.Expr), code(x.Want)})
		}
		table(out, []string{"Example", "Value"}, rows)
	}
}

// receiver says on which values the function is a method.
func receiver(b *builtin.Builtin) string {
	switch {
	case len(b.Params) == 0:
		return ""
	case b.Recv.Kind() == types.KindAny:
		return "any value"
	}
	return code(b.Recv.String())
}

// firstSentence returns doc up to its first full stop that ends a word.
func firstSentence(doc string) string {
	if i := strings.Index(doc, ". "); i >= 0 {
		return doc[:i+1]
	}
	return doc
}
