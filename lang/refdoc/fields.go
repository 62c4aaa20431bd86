package refdoc

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/plan"
)

// FieldReference returns the reference of plan fields as Markdown.
func FieldReference() string {
	var out strings.Builder
	out.WriteString("# Plan fields\n\n" + header("lang/plan.Fields"))
	fmt.Fprintf(&out, "A plan has %d fields, here in the order that `escape plan fmt` writes them. All but `name` and `version` "+
		"may be left out.\n\n", len(plan.Fields))
	rows := make([][]string, len(plan.Fields))
	for i := range plan.Fields {
		f := &plan.Fields[i]
		rows[i] = []string{fmt.Sprintf("[`%s`](#%s)", f.Name, anchor(f.Name)), f.Shape.String(), stages(f.Stages), phase(f.Phase)}
	}
	table(&out, []string{"Field", "Value", "Stage", "Expressions are evaluated at"}, rows)
	first := map[plan.Shape]string{} // the field whose keys are shown
	for i := range plan.Fields {
		field(&out, &plan.Fields[i], first)
	}
	return out.String()
}

func field(out *strings.Builder, f *plan.Field, first map[plan.Shape]string) {
	fmt.Fprintf(out, "\n## %s\n\n", f.Name)
	facts := []string{capital(f.Shape.String())}
	if f.Required {
		facts = append(facts, "required")
	}
	if s := stages(f.Stages); s != "" {
		facts = append(facts, "stage "+s)
	}
	if p := phase(f.Phase); p != "" {
		facts = append(facts, "expressions evaluated at "+p)
	}
	fmt.Fprintf(out, "*%s.*\n\n%s\n\n%s", strings.Join(facts, "; "), f.Doc, block("yaml", f.Example))
	if len(f.Keys) == 0 {
		return
	}
	if other, ok := first[f.Shape]; ok {
		fmt.Fprintf(out, "\nThe keys are those of [`%s`](#%s).\n", other, anchor(other))
		return
	}
	first[f.Shape] = f.Name
	switch {
	case f.Shape == plan.ShapeStep:
		out.WriteString("\nKeys of the mapping form:\n\n")
	case f.Shorthand != "":
		fmt.Fprintf(out, "\nAn element is a text, which is its `%s`, or a mapping with these keys:\n\n", f.Shorthand)
	case f.Shape == plan.ShapeErrands:
		out.WriteString("\nKeys of one errand:\n\n")
	default:
		out.WriteString("\nKeys of one element:\n\n")
	}
	keys(out, f.Keys, first)
}

func keys(out *strings.Builder, all []plan.Key, first map[plan.Shape]string) {
	rows := make([][]string, len(all))
	for i := range all {
		k := &all[i]
		doc := k.Doc
		if len(k.Enum) > 0 {
			doc += " " + such(k.Shape) + list(k.Enum) + "."
		}
		if len(k.Keys) > 0 {
			if other := keysOf(k.Shape, first); other != "" {
				doc += fmt.Sprintf(" Keys as for [`%s`](#%s).", other, anchor(other))
			}
		}
		value := k.Shape.String()
		switch {
		case k.Ignored:
			value += ", without effect"
		case k.Required:
			value += ", required"
		}
		rows[i] = []string{code(k.Name), value, code(k.Default), phase(k.Phase), doc}
	}
	table(out, []string{"Key", "Value", "Default", "Evaluated at", ""}, rows)
}

// keysOf returns a field with the keys of shape s: one that came before, or the first in the table.
func keysOf(s plan.Shape, first map[plan.Shape]string) string {
	if name, ok := first[s]; ok {
		return name
	}
	for i := range plan.Fields {
		if plan.Fields[i].Shape == s {
			return plan.Fields[i].Name
		}
	}
	return ""
}

func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = code(w)
	}
	return strings.Join(quoted, ", ")
}

func stages(s plan.Stages) string {
	if s == 0 {
		return ""
	}
	return s.String()
}

func phase(p plan.Phase) string {
	if p == plan.Never {
		return ""
	}
	return p.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// such says whether a key takes the listed values only.
func such(s plan.Shape) string {
	if s == plan.ShapeScopes {
		return "Each is one of "
	}
	return "Such as "
}
