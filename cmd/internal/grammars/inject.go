package grammars

// chain is what an expression begins with where any text may stand: one that calls a function or selects something, so that
// "$HOME" of a shell is none.
const chain = `\$(?:__` + name + `\(|` + name + `\.[A-Za-z])`

// injection colours expressions in the texts of other grammars of YAML and HCL: parts of plans in files of other names, and plans
// that an editor takes for plain YAML.
func injection() string {
	expr := func(before, end, rules string) rule {
		return rule{Name: "meta.embedded.expression.escape-script", Begin: before + `(?=` + chain + `)`, End: end, Patterns: include(rules)}
	}
	const apart = " -comment -meta.embedded.expression.escape-script"
	return encode(grammar{
		Comment: generated, Name: "Escape Script in YAML and HCL", ScopeName: "injection.escape-script",
		InjectionSelector: "L:source.yaml" + apart + ", L:source.hcl string" + apart + ", L:source.terraform string" + apart,
		Patterns: []rule{
			expr(`(?<=")`, `(?=")(?<!\\)|$`, "#double"),
			expr(`(?<=')`, `(?='(?!'))(?<!')|$`, "#single"),
			expr(`(?<![^\s\[{,(])`, `(?=[ \t]+#)|$`, "#bare"),
		},
		Repository: map[string]rule{
			"bare":   group(expressionRules(inLine)...),
			"single": group(expressionRules(inSingle)...),
			"double": group(expressionRules(inDouble)...),
		},
	})
}

// markdown colours fenced blocks of documentation.
func markdown() string {
	var rules []rule
	for _, l := range append(planLanguages(), language{ID: "escape-script", Scope: "source.escape-script"}) {
		rules = append(rules, rule{
			Name: "markup.fenced_code.block.markdown", Begin: "(^|\\G)([ \\t]*)(`{3,}|~{3,})[ \\t]*(" + l.ID + ")(?=[\\s,:{]|$)[^`]*$", End: `(^|\G)(\2|\s{0,3})(\3)[ \t]*$`,
			BeginCaptures: map[string]rule{"3": {Name: "punctuation.definition.markdown"}, "4": {Name: "fenced_code.block.language.markdown"}},
			EndCaptures:   map[string]rule{"3": {Name: "punctuation.definition.markdown"}},
			Patterns: []rule{{
				Begin: `(^|\G)([ \t]*)(.*)`, While: "(^|\\G)(?![ \\t]*([`~]{3,})[ \\t]*$)", ContentName: "meta.embedded.block." + l.ID,
				Patterns: include(l.Scope),
			}},
		})
	}
	return encode(grammar{
		Comment: generated, Name: "Escape plans in Markdown", ScopeName: "markdown.escape-plan.codeblock",
		InjectionSelector: "L:text.html.markdown", Patterns: rules,
	})
}
