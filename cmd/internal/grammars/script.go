package grammars

import "escape.build/escape/lang/builtin"

const (
	// name is a name of Escape Script; see lang/expr.IsName.
	name = `[A-Za-z][A-Za-z0-9_-]*`
	// expression is what a scalar begins with that is an expression, as far as one line shows.
	expression = `\$(?:__)?[A-Za-z]`
)

// A quoting says how the strings of an expression look in the text around it.
type quoting struct {
	open, close string // expressions for the quotes; close also gives up where the text around ends
	escape      string // what stands for another character
	outer       string // escapes of the text around, between the tokens of the expression
}

var (
	// bare: in plain and block scalars, which the rule around ends.
	bare = quoting{open: `"`, close: `"`, escape: `\\[nt"\\]`}
	// inLine: where nothing else keeps a string that is not closed from running on.
	inLine = quoting{open: `"`, close: `"|$`, escape: `\\[nt"\\]`}
	// inSingle: in a single-quoted scalar, where two quotes are one.
	inSingle = quoting{open: `"`, close: `"|(?=(?<!')'(?!'))`, escape: `\\[nt"\\]|''`}
	// inDouble: in a double-quoted scalar, where quotes and backslashes are escaped.
	inDouble = quoting{open: `\\"`, close: `\\"|(?=")`, escape: `\\\\(?:\\"|\\\\|[nt])`,
		outer: `\\(?:[0abtnvfre "/\\N_LP]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|$)`}
	// inHCL: in the argument of script(), which ends with its line.
	inHCL = quoting{open: `\\"`, close: `\\"|(?=")|$`, escape: `\\\\(?:\\"|\\\\|[nt])`, outer: `\\[nrt]`}
)

// script is the grammar of Escape Script by itself, for documentation.
func script() string {
	return encode(grammar{
		Comment: generated, Name: "Escape Script", ScopeName: "source.escape-script",
		Patterns: expressionRules(inLine),
	})
}

// expressionRules are the tokens of an expression. They do not nest, so that a bracket that is not closed changes nothing
// behind it.
func expressionRules(q quoting) []rule {
	functions := alternatives(builtin.Names()) + `(?![A-Za-z0-9_-])`
	rules := []rule{
		{Match: `(\$)(func)(?=\s*\()`, Captures: scopes("punctuation.definition.variable.escape-script", "storage.type.function.escape-script")},
		{Match: `(\$__)(` + functions + `)`, Captures: scopes("punctuation.definition.function.escape-script", "support.function.builtin.escape-script")},
		{Match: `(\$__)(` + name + `)`, Captures: scopes("punctuation.definition.function.escape-script", "entity.name.function.escape-script")},
		{Match: `(\$)(this)(?![A-Za-z0-9_-])`, Captures: scopes("punctuation.definition.variable.escape-script", "variable.language.this.escape-script")},
		{Match: `(\$)(` + name + `)`, Captures: scopes("punctuation.definition.variable.escape-script", "variable.other.alias.escape-script")},
		{Match: `(\.) *(` + functions + `)(?=\()`, Captures: scopes("punctuation.accessor.escape-script", "support.function.builtin.escape-script")},
		{Match: `(\.) *(` + name + `)(?=\()`, Captures: scopes("punctuation.accessor.escape-script", "entity.name.function.method.escape-script")},
		{Match: `(\.) *(` + name + `)`, Captures: scopes("punctuation.accessor.escape-script", "variable.other.member.escape-script")},
		{Match: `\.`, Name: "punctuation.accessor.escape-script"},
		{
			Name: "string.quoted.double.escape-script", Begin: q.open, End: q.close,
			BeginCaptures: map[string]rule{"0": {Name: "punctuation.definition.string.begin.escape-script"}},
			EndCaptures:   map[string]rule{"0": {Name: "punctuation.definition.string.end.escape-script"}},
			Patterns:      []rule{{Match: q.escape, Name: "constant.character.escape.escape-script"}},
		},
		{Match: `-?[0-9]+`, Name: "constant.numeric.integer.escape-script"},
		{Match: name, Name: "variable.parameter.escape-script"},
		{Match: `,`, Name: "punctuation.separator.argument.escape-script"},
		{Match: `:`, Name: "keyword.operator.slice.escape-script"},
		{Match: `[()]`, Name: "punctuation.section.parens.escape-script"},
		{Match: `[\[\]]`, Name: "punctuation.section.brackets.escape-script"},
		{Match: `[{}]`, Name: "punctuation.section.braces.escape-script"},
	}
	if q.outer != "" {
		rules = append(rules, rule{Match: q.outer, Name: "constant.character.escape.escape-plan"})
	}
	return rules
}
