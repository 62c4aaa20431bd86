package grammars

import (
	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/types"
)

const (
	// hclName is a name of HCL.
	hclName = `[A-Za-z_][A-Za-z0-9_-]*`
	// heredoc is the beginning of one, with its word as a group.
	heredoc = `(<<-?)(` + hclName + `)[ \t]*$`
)

// planHCL is the grammar of plans in HCL. Blocks do not nest in it, and a text in quotes ends with its line, as it does in HCL:
// what is not closed changes nothing below.
func planHCL() string {
	l := planLanguages()[1]
	return encode(grammar{
		Comment: generated, Name: l.Name, ScopeName: l.Scope, FileTypes: l.FileNames,
		// Templates also stand in the strings of a shell, which its grammar reads.
		Injections: map[string]rule{"L:meta.embedded.block.shell": group(include("#template")...)},
		Patterns:   include("#conflict", "#comment", "#shell", "#heredoc", "#type", "#block", "#key", "#expression"),
		Repository: map[string]rule{
			"conflict": {Match: `^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: .*)?$`, Name: "invalid.illegal.conflict-marker.escape-plan-hcl"},
			"comment": group(
				rule{Match: `(#).*$`, Name: "comment.line.number-sign.escape-plan-hcl", Captures: scopes("punctuation.definition.comment.escape-plan-hcl")},
				rule{Match: `(//).*$`, Name: "comment.line.double-slash.escape-plan-hcl", Captures: scopes("punctuation.definition.comment.escape-plan-hcl")},
				rule{Begin: `/\*`, End: `\*/`, Name: "comment.block.escape-plan-hcl"},
			),
			"shell":      shellAttribute(),
			"heredoc":    group(heredocRules()...),
			"type":       typeAttribute(),
			"block":      group(blockHeader()...),
			"key":        group(attributeRules()...),
			"expression": group(hclExpressions()...),
			"string":     group(hclStrings()...),
			"template":   group(hclTemplates()...),
			"script":     group(expressionRules(inHCL)...),
		},
	})
}

// shellAttribute is a key whose heredoc is the text of a shell. Its last line is read by the rules for heredocs.
func shellAttribute() rule {
	return rule{
		Begin: `(?<![A-Za-z0-9_.-])` + `(` + alternatives(shellKeys()) + `)[ \t]*(=)[ \t]*` + heredoc, While: `^(?![ \t]*\4[ \t]*$)`,
		ContentName: "meta.embedded.block.shell.escape-plan-hcl",
		BeginCaptures: scopes("entity.name.tag.key.escape-plan-hcl", "keyword.operator.assignment.escape-plan-hcl",
			"keyword.operator.heredoc.escape-plan-hcl", "keyword.control.heredoc.escape-plan-hcl"),
		Patterns: include("source.shell"),
	}
}

func heredocRules() []rule {
	return []rule{
		{
			Begin: heredoc, While: `^(?![ \t]*\2[ \t]*$)`, ContentName: "string.unquoted.heredoc.escape-plan-hcl",
			BeginCaptures: scopes("keyword.operator.heredoc.escape-plan-hcl", "keyword.control.heredoc.escape-plan-hcl"),
			Patterns:      include("#template"),
		},
		{Comment: "the end of a heredoc, which is the only word alone on a line", Match: `^[ \t]*(` + hclName + `)[ \t]*$`, Captures: scopes("keyword.control.heredoc.escape-plan-hcl")},
	}
}

// typeAttribute is the type of a variable: a word, or list(word).
func typeAttribute() rule {
	return rule{
		Begin: `(?<![A-Za-z0-9_.-])(type)[ \t]*(=)(?![=>])`, End: `(?=[},#]|//|/\*)|$`,
		BeginCaptures: scopes("entity.name.tag.key.escape-plan-hcl", "keyword.operator.assignment.escape-plan-hcl"),
		Patterns: append([]rule{{Match: `(?<![A-Za-z0-9_.-])` + alternatives(types.KnownVars()) + `(?![A-Za-z0-9_-])`, Name: "support.type.escape-plan-hcl"}},
			include("#expression")...),
	}
}

func blockHeader() []rule {
	header := func(word, scope string) rule {
		return rule{
			Match:    `(?:^|(?<=[{}]))[ \t]*(` + word + `)(?:[ \t]+("(?:[^"\\]|\\.)*"|` + hclName + `))?[ \t]*(?=\{)`,
			Captures: scopes(scope, "string.quoted.double.label.escape-plan-hcl"),
		}
	}
	return []rule{
		header(alternatives(blocks())+`(?![A-Za-z0-9_-])`, "keyword.other.block.escape-plan-hcl"),
		header(hclName, "entity.name.type.block.escape-plan-hcl"),
	}
}

func attributeRules() []rule {
	attribute := func(before, word, scope string) rule {
		return rule{
			Match:    before + `(` + word + `)[ \t]*(=)(?![=>])`,
			Captures: scopes(scope, "keyword.operator.assignment.escape-plan-hcl"),
		}
	}
	apart := `(?<![A-Za-z0-9_.-])`
	return []rule{
		attribute(`^`, alternatives(plan.FieldNames()), "keyword.other.field.escape-plan-hcl"),
		attribute(apart, alternatives(keys(), []string{alias}), "entity.name.tag.key.escape-plan-hcl"),
		attribute(apart, hclName+`|"(?:[^"\\]|\\.)*"`, "variable.other.property.escape-plan-hcl"),
		{
			Comment:  "a key of a mapping",
			Match:    `(?<=[{,])[ \t]*` + `(` + hclName + `|"(?:[^"\\]|\\.)*")[ \t]*(:)`,
			Captures: scopes("variable.other.property.escape-plan-hcl", "punctuation.separator.key-value.escape-plan-hcl"),
		},
	}
}

// hclExpressions are values of HCL.
func hclExpressions() []rule {
	functions := alternatives(builtin.Names())
	rules := []rule{
		{
			Comment: "Escape Script as it is",
			Begin:   `(?<![A-Za-z0-9_.-])(script)(\()[ \t]*(")(?=` + expression + `)`, End: `"|$`,
			BeginCaptures: scopes("keyword.other.script.escape-plan-hcl", "punctuation.section.parens.escape-plan-hcl", "punctuation.definition.string.begin.escape-plan-hcl"),
			EndCaptures:   map[string]rule{"0": {Name: "punctuation.definition.string.end.escape-plan-hcl"}},
			Patterns:      []rule{{Name: "meta.embedded.expression.escape-plan-hcl", Begin: `\G`, End: `(?=")|$`, Patterns: include("#script")}},
		},
	}
	rules = append(rules, include("#string", "#comment")...)
	return append(rules,
		rule{Match: `(?<![A-Za-z0-9_-])(?:true|false|null)(?![A-Za-z0-9_-])`, Name: "constant.language.escape-plan-hcl"},
		rule{Match: `(?<![A-Za-z0-9_.-])-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?`, Name: "constant.numeric.escape-plan-hcl"},
		rule{Match: `(?<![A-Za-z0-9_.-])script(?=\()`, Name: "keyword.other.script.escape-plan-hcl"},
		rule{Match: `(?<![A-Za-z0-9_.-])(?:__)?` + functions + `(?=\()`, Name: "support.function.builtin.escape-plan-hcl"},
		rule{Match: `(?<![A-Za-z0-9_.-])` + hclName + `(?=\()`, Name: "entity.name.function.escape-plan-hcl"},
		rule{Match: `(?<![A-Za-z0-9_.-])this(?![A-Za-z0-9_-])`, Name: "variable.language.this.escape-plan-hcl"},
		rule{Match: `(\.)(` + hclName + `)`, Captures: scopes("punctuation.accessor.escape-plan-hcl", "variable.other.member.escape-plan-hcl")},
		rule{Match: hclName, Name: "variable.other.alias.escape-plan-hcl"},
		rule{Match: `,`, Name: "punctuation.separator.sequence.escape-plan-hcl"},
		rule{Match: `[{}]`, Name: "punctuation.section.braces.escape-plan-hcl"},
		rule{Match: `[\[\]]`, Name: "punctuation.section.brackets.escape-plan-hcl"},
		rule{Match: `[()]`, Name: "punctuation.section.parens.escape-plan-hcl"},
		rule{Match: `[-+*/%<>=!&|?:]+`, Name: "keyword.operator.escape-plan-hcl"},
	)
}

func hclStrings() []rule {
	return []rule{{
		Name: "string.quoted.double.escape-plan-hcl", Begin: `"`, End: `"|$`,
		BeginCaptures: map[string]rule{"0": {Name: "punctuation.definition.string.begin.escape-plan-hcl"}},
		EndCaptures:   map[string]rule{"0": {Name: "punctuation.definition.string.end.escape-plan-hcl"}},
		Patterns: append([]rule{
			{Match: `\\(?:[nrt"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})`, Name: "constant.character.escape.escape-plan-hcl"},
			{Match: `\\.`, Name: "invalid.illegal.escape.escape-plan-hcl"},
		}, include("#template")...),
	}}
}

// hclTemplates are what stands for something else in texts and heredocs.
func hclTemplates() []rule {
	return []rule{
		{Match: `\$\$\{|%%\{`, Name: "constant.character.escape.escape-plan-hcl"},
		{
			Name: "meta.template.expression.escape-plan-hcl", Begin: `[$%]\{~?`, End: `~?\}|$`,
			BeginCaptures: map[string]rule{"0": {Name: "punctuation.definition.template-expression.begin.escape-plan-hcl"}},
			EndCaptures:   map[string]rule{"0": {Name: "punctuation.definition.template-expression.end.escape-plan-hcl"}},
			Patterns:      []rule{{Name: "meta.embedded.expression.escape-plan-hcl", Begin: `\G`, End: `(?=~?\})|$`, Patterns: include("#expression")}},
		},
	}
}
