package grammars

import (
	"fmt"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/types"
)

const (
	// yamlKey is a key with its quotes, up to the blanks before the colon.
	yamlKey = `"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^\s?:,\[\]{}#&*!|>'"%@` + "`" + `-]|[-?:](?=[^\s]))(?:[^:#\s]|:(?=\S)|(?<=\S)#|[ \t]+(?=[^\s:#]))*`
	// colon ends a key.
	colon = `[ \t]*(:)(?=\s|$)`
	// properties are tags and anchors in front of a value.
	properties = `((?:[&!][^\s,\[\]{}]*[ \t]+)*)`
	// endOfValue is what may follow a value on its line.
	endOfValue = `(?=[ \t]*$|[ \t]+#)`
	// endOfFlow is the same in a flow collection.
	endOfFlow = `(?=[ \t]*(?:[,\[\]{}]|:\s|$)|[ \t]+#)`
)

// planYAML is the grammar of plans in YAML. It does not use a grammar of YAML: whether an expression goes on in the next line depends
// on indentation.
//
// A value on the line of its key, or behind a dash, lasts as long as lines are indented more than that key. So a quote or
// bracket that is not closed ends with the entry, which is also where the parser of plans picks up again.
func planYAML() string {
	l := planLanguages()[0]
	return encode(grammar{
		Comment: generated, Name: l.Name, ScopeName: l.Scope, FileTypes: l.FileNames,
		Patterns: include("#block"),
		Repository: map[string]rule{
			"block":         group(blockRules()...),
			"value":         group(valueRules()...),
			"flow":          group(flowRules()...),
			"comment":       {Match: `(?:^|(?<=[ \t]))(#).*$`, Name: "comment.line.number-sign.escape-plan", Captures: scopes("punctuation.definition.comment.escape-plan")},
			"conflict":      {Match: `^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: .*)?$`, Name: "invalid.illegal.conflict-marker.escape-plan"},
			"properties":    group(propertyRules()...),
			"quoted":        group(quotedRules()...),
			"field":         group(keyName(`(["']?)`+alternatives(plan.FieldNames())+`(["']?)$`, "keyword.other.field.escape-plan")...),
			"key":           group(keyName(`(["']?)`+alternatives(keys())+`(["']?)$`, "entity.name.tag.key.escape-plan")...),
			"script":        group(expressionRules(bare)...),
			"script-flow":   group(expressionRules(inLine)...),
			"script-single": group(expressionRules(inSingle)...),
			"script-double": group(expressionRules(inDouble)...),
			"shell":         {ContentName: "meta.embedded.block.shell.escape-plan", Begin: `^(?=[ \t]*\S)`, End: never, Patterns: include("source.shell")},
		},
	})
}

// keyName names a key that pattern matches in full, and any other: of two rules the one counts that matches further left.
func keyName(pattern, scope string) []rule {
	return []rule{{Match: pattern, Name: scope}, {Match: `.+$`, Name: "variable.other.property.escape-plan"}}
}

// blockRules are what may stand at the beginning of a line.
func blockRules() []rule {
	rules := include("#conflict")
	rules = append(rules,
		rule{Match: `^%.*$`, Name: "keyword.other.directive.escape-plan"},
		rule{Match: `^(?:---|\.\.\.)(?=\s|$)`, Name: "entity.other.document.begin.escape-plan"},
		rule{Include: "#comment"},
		rule{Comment: "a plan in one pair of braces, such as JSON", Begin: `^(?=[\[{])`, End: `(?<=[\]}])`, Patterns: include("#flow")},
		aliasRule(), typeRule(),
	)
	rules = append(rules, shellRules()...)
	return append(rules,
		entry(`^()`, `[ \t]+\S|[\]}]`, "#field"),
		entry(`^( +)`, `\1[ \t]+\S|\1[\]}]`, "#key"),
		entry(`^( *)(-)( +)`, `\1 \3[ \t]+\S|\1 (?:\3)?[\]}]`, "#key"),
		// The key of a value below it.
		rule{Match: `^(` + yamlKey + `)` + colon, Captures: with(scopes("", "punctuation.separator.key-value.escape-plan"), 1, include("#field")...)},
		rule{
			Match:    `^( *)((?:[-?] +)*)(` + yamlKey + `)` + colon,
			Captures: with(scopes("", "punctuation.definition.item.escape-plan", "", "punctuation.separator.key-value.escape-plan"), 3, include("#key")...),
		},
		rule{
			Comment: "an item, or half of an explicit entry",
			Begin:   `^( *)((?:[-?:] +)*[-?:])[ \t]+` + properties + `(?=[^\s#])`, While: `^(?=\1[ \t]+\S|\1[\]}]|[ \t]*$)`,
			BeginCaptures: with(scopes("", "punctuation.definition.item.escape-plan"), 3, include("#properties")...),
			Patterns:      include("#value"),
		},
		rule{Match: `^ *([-?:])(?=\s|$)`, Captures: scopes("punctuation.definition.item.escape-plan")},
		rule{Comment: "a value below its key", Begin: `^( +)(?=[^\s#])`, While: `^(?=\1(?!-\s|[^\s:#]+:(?:\s|$))\S|\1[ \t]+\S|[ \t]*$)`, Patterns: include("#value", "#block")},
	)
}

// entry is a key with the beginning of its value on one line. start matches what is in front of the key and deeper a line that
// still belongs to the value; keys says how to name the key.
func entry(start, deeper, keys string) rule {
	r := rule{
		Begin:    start + `(` + yamlKey + `)` + colon + `[ \t]+` + properties + `(?=[^\s#])`,
		While:    `^(?=` + deeper + `|[ \t]*$)`,
		Patterns: include("#value"),
	}
	switch start {
	case `^( *)(-)( +)`:
		r.BeginCaptures = with(with(scopes("", "punctuation.definition.item.escape-plan", "", "", "punctuation.separator.key-value.escape-plan"), 4, include(keys)...), 6, include("#properties")...)
	default:
		r.BeginCaptures = with(with(scopes("", "", "punctuation.separator.key-value.escape-plan"), 2, include(keys)...), 4, include("#properties")...)
	}
	return r
}

// aliasRule is "RELEASE as ALIAS", as an item or behind the key of its release.
func aliasRule() rule {
	return rule{
		Match: `^( *)(-(?= )|)( *)(?:(release_id|name)` + colon + ` +|(?<=- ) *)([^\s#"'$]+)[ \t]+(as)[ \t]+(` + name + `)` + endOfValue,
		Captures: scopes("", "punctuation.definition.item.escape-plan", "", "entity.name.tag.key.escape-plan", "punctuation.separator.key-value.escape-plan",
			"string.unquoted.plain.escape-plan", "keyword.operator.as.escape-plan", "variable.other.alias.escape-plan"),
	}
}

// typeRule is the type of a variable.
func typeRule() rule {
	return rule{
		Match: `^( *)(-(?= )|)( *)(type)` + colon + ` +(` + typeName() + `)` + endOfValue,
		Captures: scopes("", "punctuation.definition.item.escape-plan", "", "entity.name.tag.key.escape-plan", "punctuation.separator.key-value.escape-plan",
			"support.type.escape-plan"),
	}
}

// typeName matches the name of a type, that of a list with that of its elements.
func typeName() string {
	return `list\[` + alternatives(types.KnownVars()) + `\]|` + alternatives(types.KnownVars())
}

// shellRules are keys whose block is the text of a shell.
func shellRules() []rule {
	var rules []rule
	header := colon + `[ \t]+([|>][-+0-9]*)[ \t]*(?:(?<=[ \t])(#.*))?$`
	for _, form := range []struct{ start, deeper string }{
		{`^( *)()()`, `\1`},
		{`^( *)(-)( +)`, `\1 \3`},
	} {
		rules = append(rules, rule{
			Begin: fmt.Sprintf(`%s(%s)%s`, form.start, alternatives(shellKeys()), header), While: `^(?=` + form.deeper + `[ \t]+\S|[ \t]*$)`,
			BeginCaptures: scopes("", "punctuation.definition.item.escape-plan", "", "entity.name.tag.key.escape-plan",
				"punctuation.separator.key-value.escape-plan", "keyword.control.block-scalar.escape-plan", "comment.line.number-sign.escape-plan"),
			Patterns: include("#shell"),
		})
	}
	return rules
}

// valueRules are what may stand where a value begins, which is where the rule around has begun.
func valueRules() []rule {
	rules := []rule{
		{
			Comment: "a block scalar; it ends with the rule around",
			Begin:   `\G([|>])([-+0-9]*)[ \t]*(?:(?<=[ \t])(#.*))?$`, End: never,
			BeginCaptures: scopes("keyword.control.block-scalar.escape-plan", "storage.modifier.block-scalar.escape-plan", "comment.line.number-sign.escape-plan"),
			Patterns: []rule{
				{Name: "meta.embedded.expression.escape-plan", Begin: `^[ \t]*(?=` + expression + `)`, End: never, Patterns: include("#script")},
				{Name: "string.unquoted.block.escape-plan", Begin: `^[ \t]*(?=\S)`, End: never},
			},
		},
		{
			Comment: "an expression in a plain scalar",
			Begin:   `\G(?=` + expression + `)`, End: never,
			Patterns: append(include("#comment"), rule{Name: "meta.embedded.expression.escape-plan", Begin: `(?=\S)`, End: `(?=[ \t]+#)|$`, Patterns: include("#script")}),
		},
	}
	rules = append(rules, include("#quoted", "#flow")...)
	rules = append(rules, constants(`\G`, endOfValue)...)
	return append(rules,
		rule{Match: `\G[&!]\S+` + endOfValue, Captures: map[string]rule{"0": {Patterns: include("#properties")}}},
		rule{
			Comment: "a plain scalar",
			Begin:   `\G(?=[^\s#&!\[\]{},"'|>])`, End: never,
			Patterns: append(include("#comment"), rule{Match: `[^\s#](?:[^#]|(?<=\S)#)*?` + endOfValue, Name: "string.unquoted.plain.escape-plan"}),
		},
		rule{Include: "#comment"},
		rule{Include: "#block"},
	)
}

// constants are values that are no text, between two expressions.
func constants(before, after string) []rule {
	return []rule{
		{Match: before + `\*[^\s,\[\]{}]+`, Name: "variable.other.anchor.escape-plan"},
		{Match: before + `(?:true|false|True|False|TRUE|FALSE|yes|no|Yes|No|on|off|null|~)` + after, Name: "constant.language.escape-plan"},
		{Match: before + alternatives(stages()) + after, Name: "constant.language.stage.escape-plan"},
		{Match: before + `[-+]?[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?` + after, Name: "constant.numeric.escape-plan"},
	}
}

func propertyRules() []rule {
	return []rule{
		{Match: `&[^\s,\[\]{}]*`, Name: "entity.name.type.anchor.escape-plan"},
		{Match: `![^\s,\[\]{}]*`, Name: "storage.type.tag.escape-plan"},
	}
}

// quotedRules are texts in quotes; one that begins like an expression is one.
func quotedRules() []rule {
	double := rule{Match: `\\(?:[0abtnvfre "/\\N_LP]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|$)`, Name: "constant.character.escape.escape-plan"}
	wrong := rule{Match: `\\.`, Name: "invalid.illegal.escape.escape-plan"}
	single := rule{Match: `''`, Name: "constant.character.escape.escape-plan"}
	quoted := func(kind, quote, end string, patterns ...rule) []rule {
		begin := map[string]rule{"0": {Name: "punctuation.definition.string.begin.escape-plan"}}
		finish := map[string]rule{"0": {Name: "punctuation.definition.string.end.escape-plan"}}
		return []rule{
			{
				Name: "meta.embedded.expression.escape-plan", Begin: quote + `(?=` + expression + `)`, End: end, BeginCaptures: begin, EndCaptures: finish,
				Patterns: include("#script-" + kind),
			},
			{Name: "string.quoted." + kind + ".escape-plan", Begin: quote, End: end, BeginCaptures: begin, EndCaptures: finish, Patterns: patterns},
		}
	}
	return append(quoted("double", `"`, `"`, double, wrong), quoted("single", `'`, `'(?!')`, single)...)
}

// flowRules are lists and mappings in brackets.
func flowRules() []rule {
	inside := []rule{{
		Match:    `("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*(:)`,
		Captures: with(scopes("", "punctuation.separator.key-value.escape-plan"), 1, include("#key")...),
	}}
	inside = append(inside, include("#comment", "#quoted", "#flow", "#properties")...)
	inside = append(inside,
		rule{Match: `(?<![^\s,\[\]{}])(?=[^\s,\[\]{}"'])([^\s,\[\]{}:#]+)[ \t]*(:)(?=\s|$)`, Captures: with(scopes("", "punctuation.separator.key-value.escape-plan"), 1, include("#key")...)},
		rule{Match: `:`, Name: "punctuation.separator.key-value.escape-plan"},
		rule{Match: `,`, Name: "punctuation.separator.sequence.escape-plan"},
		rule{Name: "meta.embedded.expression.escape-plan", Begin: `(?<![^\s,\[\]{}])(?=` + expression + `)`, End: `(?=[,\]}]|[ \t]+#)|$`, Patterns: include("#script-flow")},
	)
	inside = append(inside, constants(`(?<![^\s,\[\]{}])`, endOfFlow)...)
	inside = append(inside, rule{Match: `[^\s,\[\]{}#&!*"':$](?:[^,\[\]{}#:]|(?<=\S)#|:(?=\S))*?` + endOfFlow, Name: "string.unquoted.plain.escape-plan"})
	bracket := func(kind, open, shut string) rule {
		return rule{
			Name: "meta.flow-" + kind + ".escape-plan", Begin: open, End: shut, Patterns: inside,
			BeginCaptures: map[string]rule{"0": {Name: "punctuation.definition." + kind + ".begin.escape-plan"}},
			EndCaptures:   map[string]rule{"0": {Name: "punctuation.definition." + kind + ".end.escape-plan"}},
		}
	}
	return []rule{bracket("sequence", `\[`, `\]`), bracket("mapping", `\{`, `\}`)}
}
