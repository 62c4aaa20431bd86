package grammars

import (
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/types"
)

// Sublime Text reads grammars in a form of its own. What lasts as long as lines are indented in TextMate is embedded here, with an
// escape at the first line that is not.

func sublimeYAML() string { return sublime(planLanguages()[0], sublimeYAMLBody) }
func sublimeHCL() string  { return sublime(planLanguages()[1], sublimeHCLBody) }

// sublime fills in the words of a syntax: those in capitals between at signs.
func sublime(l language, body string) string {
	head := "%YAML 1.2\n---\n# " + generated + "\nname: " + l.Name + "\nscope: " + l.Scope + "\nversion: 2\nfile_extensions:\n"
	for _, name := range l.FileNames {
		head += "  - " + name + "\n"
	}
	return head + strings.NewReplacer(
		"@KEY@", strings.ReplaceAll(yamlKey, "'", "''"), "@FIELDS@", alternatives(plan.FieldNames()), "@BLOCKS@", alternatives(blocks()),
		"@KEYS@", alternatives(keys()), "@HCLKEYS@", alternatives(keys(), []string{alias}), "@FUNCTIONS@", alternatives(builtin.Names()),
		"@TYPES@", alternatives(types.KnownVars()), "@STAGES@", alternatives(stages()), "@SHELL@", alternatives(shellKeys()),
		"@NAME@", name, "@EXPRESSION@", expression, "@WORD@", hclName,
	).Replace(body)
}

// sublimeScript are the contexts of expressions. The strings of one in double quotes have quotes with a backslash.
const sublimeScript = `
  script:
    - match: '(\$)(func)(?=\s*\()'
      captures: {1: punctuation.definition.variable.escape-script, 2: storage.type.function.escape-script}
    - match: '(\$__)(@FUNCTIONS@)(?![A-Za-z0-9_-])'
      captures: {1: punctuation.definition.function.escape-script, 2: support.function.builtin.escape-script}
    - match: '(\$__)(@NAME@)'
      captures: {1: punctuation.definition.function.escape-script, 2: variable.function.escape-script}
    - match: '(\$)(this)(?![A-Za-z0-9_-])'
      captures: {1: punctuation.definition.variable.escape-script, 2: variable.language.this.escape-script}
    - match: '(\$)(@NAME@)'
      captures: {1: punctuation.definition.variable.escape-script, 2: variable.other.alias.escape-script}
    - match: '(\.) *(@FUNCTIONS@)(?=\()'
      captures: {1: punctuation.accessor.escape-script, 2: support.function.builtin.escape-script}
    - match: '(\.) *(@NAME@)(?=\()'
      captures: {1: punctuation.accessor.escape-script, 2: variable.function.escape-script}
    - match: '(\.) *(@NAME@)'
      captures: {1: punctuation.accessor.escape-script, 2: variable.other.member.escape-script}
    - match: '-?[0-9]+'
      scope: constant.numeric.integer.escape-script
    - match: '@NAME@'
      scope: variable.parameter.escape-script
    - match: ','
      scope: punctuation.separator.sequence.escape-script
    - match: '[(){}\[\]]'
      scope: punctuation.section.brackets.escape-script

  script-double:
    - match: '\\"'
      scope: punctuation.definition.string.begin.escape-script
      push:
        - meta_scope: string.quoted.double.escape-script
        - match: '\\\\(?:\\"|\\\\|[nt])'
          scope: constant.character.escape.escape-script
        - match: '\\"|(?=")|$'
          scope: punctuation.definition.string.end.escape-script
          pop: true
    - include: script
`

// sublimeBare is the context of an expression that no quotes are around.
const sublimeBare = `
  script-bare:
    - match: '"'
      scope: punctuation.definition.string.begin.escape-script
      push:
        - meta_scope: string.quoted.double.escape-script
        - match: '\\[nt"\\]'
          scope: constant.character.escape.escape-script
        - match: '"|$'
          scope: punctuation.definition.string.end.escape-script
          pop: true
    - include: script
`

const sublimeYAMLBody = `
contexts:
  main:
    - include: block

  block:
    - match: '^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: .*)?$'
      scope: invalid.illegal.conflict-marker.escape-plan
    - match: '^%.*$'
      scope: keyword.other.directive.escape-plan
    - match: '^(?:---|\.\.\.)(?=\s|$)'
      scope: entity.other.document.begin.escape-plan
    - include: comment
    - match: '^( *)(-(?= )|)( *)(type)[ \t]*(:)[ \t]+(list\[@TYPES@\]|@TYPES@)(?=[ \t]*$|[ \t]+#)'
      captures: {2: punctuation.definition.item.escape-plan, 4: entity.name.tag.key.escape-plan, 5: punctuation.separator.key-value.escape-plan, 6: support.type.escape-plan}
    - match: '^( *)(@SHELL@)[ \t]*(:)[ \t]+([|>][-+0-9]*)[ \t]*$'
      captures: {2: entity.name.tag.key.escape-plan, 3: punctuation.separator.key-value.escape-plan, 4: keyword.control.block-scalar.escape-plan}
      embed: scope:source.shell.bash
      embed_scope: meta.embedded.block.shell.escape-plan
      escape: '^(?!\1[ \t]+\S|[ \t]*$)'
    - match: '^()(@FIELDS@)[ \t]*(:)[ \t]+(?=[^\s#])'
      captures: {2: keyword.other.field.escape-plan, 3: punctuation.separator.key-value.escape-plan}
      embed: value
      escape: '^(?![ \t]+\S|[\]}]|[ \t]*$)'
    - match: '^( *)(?:(@KEYS@)|(@KEY@))[ \t]*(:)[ \t]+(?=[^\s#])'
      captures: {2: entity.name.tag.key.escape-plan, 3: variable.other.property.escape-plan, 4: punctuation.separator.key-value.escape-plan}
      embed: value
      escape: '^(?!\1[ \t]+\S|\1[\]}]|[ \t]*$)'
    - match: '^( *)(-)( +)(?:(@KEYS@)|(@KEY@))[ \t]*(:)[ \t]+(?=[^\s#])'
      captures: {2: punctuation.definition.item.escape-plan, 4: entity.name.tag.key.escape-plan, 5: variable.other.property.escape-plan, 6: punctuation.separator.key-value.escape-plan}
      embed: value
      escape: '^(?!\1 \3[ \t]+\S|[ \t]*$)'
    - match: '^(@FIELDS@)[ \t]*(:)(?=\s|$)'
      captures: {1: keyword.other.field.escape-plan, 2: punctuation.separator.key-value.escape-plan}
    - match: '^( *)((?:[-?] +)*)(?:(@KEYS@)|(@KEY@))[ \t]*(:)(?=\s|$)'
      captures: {2: punctuation.definition.item.escape-plan, 3: entity.name.tag.key.escape-plan, 4: variable.other.property.escape-plan, 5: punctuation.separator.key-value.escape-plan}
    - match: '^( *)((?:[-?:] +)*[-?:])[ \t]+(?=[^\s#])'
      captures: {2: punctuation.definition.item.escape-plan}
      embed: value
      escape: '^(?!\1[ \t]+\S|\1[\]}]|[ \t]*$)'

  # A value, and what follows it up to the escape of the context around.
  value:
    - match: '([|>])([-+0-9]*)[ \t]*((?:#.*)?)$'
      captures: {1: keyword.control.block-scalar.escape-plan, 2: storage.modifier.block-scalar.escape-plan, 3: comment.line.number-sign.escape-plan}
      set: block-scalar
    - match: '(?=@EXPRESSION@)'
      set: expression
    - include: quoted
    - include: flow
    - include: constants
    - match: '(?=[^\s#&!"''\[\]{}])'
      set: plain
    - include: properties
    - include: comment
    - include: block

  block-scalar:
    - match: '^[ \t]*(?=@EXPRESSION@)'
      set: block-expression
    - match: '^[ \t]*(?=\S)'
      set: block-text

  block-expression:
    - meta_scope: meta.embedded.expression.escape-plan
    - include: script-bare

  block-text:
    - meta_scope: string.unquoted.block.escape-plan

  expression:
    - include: comment
    - include: script-bare

  plain:
    - include: comment
    - match: '[^\s#](?:[^#]|(?<=\S)#)*?(?=[ \t]*$|[ \t]+#)'
      scope: string.unquoted.plain.escape-plan

  comment:
    - match: '(?:^|(?<=[ \t]))(#).*$'
      scope: comment.line.number-sign.escape-plan
      captures: {1: punctuation.definition.comment.escape-plan}

  properties:
    - match: '&[^\s,\[\]{}]*'
      scope: entity.name.type.anchor.escape-plan
    - match: '![^\s,\[\]{}]*'
      scope: storage.type.tag.escape-plan

  constants:
    - match: '\*[^\s,\[\]{}]+'
      scope: variable.other.anchor.escape-plan
    - match: '(?:true|false|True|False|TRUE|FALSE|yes|no|Yes|No|on|off|null|~)(?=[ \t]*(?:[,\]}]|$)|[ \t]+#)'
      scope: constant.language.escape-plan
    - match: '@STAGES@(?=[ \t]*(?:[,\]}]|$)|[ \t]+#)'
      scope: constant.language.stage.escape-plan
    - match: '[-+]?[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?(?=[ \t]*(?:[,\]}]|$)|[ \t]+#)'
      scope: constant.numeric.escape-plan

  quoted:
    - match: '"(?=@EXPRESSION@)'
      scope: punctuation.definition.string.begin.escape-plan
      push:
        - meta_scope: meta.embedded.expression.escape-plan
        - match: '"'
          scope: punctuation.definition.string.end.escape-plan
          pop: true
        - include: script-double
    - match: '"'
      scope: punctuation.definition.string.begin.escape-plan
      push:
        - meta_scope: string.quoted.double.escape-plan
        - match: '\\.'
          scope: constant.character.escape.escape-plan
        - match: '"'
          scope: punctuation.definition.string.end.escape-plan
          pop: true
    - match: '''(?=@EXPRESSION@)'
      scope: punctuation.definition.string.begin.escape-plan
      push:
        - meta_scope: meta.embedded.expression.escape-plan
        - match: ''''''
          scope: constant.character.escape.escape-plan
        - match: ''''
          scope: punctuation.definition.string.end.escape-plan
          pop: true
        - include: script-bare
    - match: ''''
      scope: punctuation.definition.string.begin.escape-plan
      push:
        - meta_scope: string.quoted.single.escape-plan
        - match: ''''''
          scope: constant.character.escape.escape-plan
        - match: ''''
          scope: punctuation.definition.string.end.escape-plan
          pop: true

  flow:
    - match: '\['
      scope: punctuation.definition.sequence.begin.escape-plan
      push:
        - match: '\]'
          scope: punctuation.definition.sequence.end.escape-plan
          pop: true
        - include: in-flow
    - match: '\{'
      scope: punctuation.definition.mapping.begin.escape-plan
      push:
        - match: '\}'
          scope: punctuation.definition.mapping.end.escape-plan
          pop: true
        - include: in-flow

  in-flow:
    - include: comment
    - include: quoted
    - include: flow
    - include: properties
    - match: '(?<![^\s,\[\]{}])(?:(@KEYS@)|([^\s,\[\]{}:#"'']+))[ \t]*(:)(?=\s|$)'
      captures: {1: entity.name.tag.key.escape-plan, 2: variable.other.property.escape-plan, 3: punctuation.separator.key-value.escape-plan}
    - match: ','
      scope: punctuation.separator.sequence.escape-plan
    - match: '(?<![^\s,\[\]{}])(?=@EXPRESSION@)'
      push:
        - meta_scope: meta.embedded.expression.escape-plan
        - match: '(?=[,\]}]|[ \t]+#)|$'
          pop: true
        - include: script-bare
    - include: constants
    - match: '[^\s,\[\]{}#&!*"'':$](?:[^,\[\]{}#:]|(?<=\S)#|:(?=\S))*?(?=[ \t]*(?:[,\[\]{}]|:\s|$)|[ \t]+#)'
      scope: string.unquoted.plain.escape-plan
` + sublimeScript + sublimeBare

const sublimeHCLBody = `
contexts:
  main:
    - match: '^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)(?: .*)?$'
      scope: invalid.illegal.conflict-marker.escape-plan-hcl
    - include: comment
    - match: '\b(@SHELL@)[ \t]*(=)[ \t]*(<<-?)(@WORD@)[ \t]*$'
      captures: {1: entity.name.tag.key.escape-plan-hcl, 2: keyword.operator.assignment.escape-plan-hcl, 3: keyword.operator.heredoc.escape-plan-hcl, 4: keyword.control.heredoc.escape-plan-hcl}
      embed: scope:source.shell.bash
      embed_scope: meta.embedded.block.shell.escape-plan-hcl
      escape: '^[ \t]*(\4)[ \t]*$'
      escape_captures: {1: keyword.control.heredoc.escape-plan-hcl}
    - match: '(<<-?)(@WORD@)[ \t]*$'
      captures: {1: keyword.operator.heredoc.escape-plan-hcl, 2: keyword.control.heredoc.escape-plan-hcl}
      embed: heredoc
      escape: '^[ \t]*(\2)[ \t]*$'
      escape_captures: {1: keyword.control.heredoc.escape-plan-hcl}
    - match: '\b(type)[ \t]*(=)(?![=>])'
      captures: {1: entity.name.tag.key.escape-plan-hcl, 2: keyword.operator.assignment.escape-plan-hcl}
      push:
        - match: '(?=[},#]|//|/\*)|$'
          pop: true
        - match: '\b@TYPES@\b'
          scope: support.type.escape-plan-hcl
        - include: expressions
    - match: '(?:^|(?<=[{}]))[ \t]*(?:(@BLOCKS@)|(@WORD@))(?:[ \t]+("(?:[^"\\]|\\.)*"|@WORD@))?[ \t]*(?=\{)'
      captures: {1: keyword.other.block.escape-plan-hcl, 2: entity.name.type.block.escape-plan-hcl, 3: string.quoted.double.label.escape-plan-hcl}
    - match: '^(@FIELDS@)[ \t]*(=)(?![=>])'
      captures: {1: keyword.other.field.escape-plan-hcl, 2: keyword.operator.assignment.escape-plan-hcl}
    - match: '(?<![A-Za-z0-9_.-])(?:(@HCLKEYS@)|(@WORD@|"(?:[^"\\]|\\.)*"))[ \t]*(=)(?![=>])'
      captures: {1: entity.name.tag.key.escape-plan-hcl, 2: variable.other.property.escape-plan-hcl, 3: keyword.operator.assignment.escape-plan-hcl}
    - include: expressions

  comment:
    - match: '#.*$'
      scope: comment.line.number-sign.escape-plan-hcl
    - match: '//.*$'
      scope: comment.line.double-slash.escape-plan-hcl
    - match: '/\*'
      push:
        - meta_scope: comment.block.escape-plan-hcl
        - match: '\*/'
          pop: true

  heredoc:
    - meta_scope: string.unquoted.heredoc.escape-plan-hcl
    - include: template

  expressions:
    - match: '\b(script)(\()[ \t]*(")(?=@EXPRESSION@)'
      captures: {1: keyword.other.script.escape-plan-hcl, 2: punctuation.section.parens.escape-plan-hcl, 3: punctuation.definition.string.begin.escape-plan-hcl}
      push:
        - meta_scope: meta.embedded.expression.escape-plan-hcl
        - match: '"|$'
          scope: punctuation.definition.string.end.escape-plan-hcl
          pop: true
        - include: script-double
    - match: '"'
      scope: punctuation.definition.string.begin.escape-plan-hcl
      push:
        - meta_scope: string.quoted.double.escape-plan-hcl
        - match: '\\(?:[nrt"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})'
          scope: constant.character.escape.escape-plan-hcl
        - match: '"|$'
          scope: punctuation.definition.string.end.escape-plan-hcl
          pop: true
        - include: template
    - match: '\b(?:true|false|null)\b'
      scope: constant.language.escape-plan-hcl
    - match: '(?<![A-Za-z0-9_.-])-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?'
      scope: constant.numeric.escape-plan-hcl
    - match: '(?<![A-Za-z0-9_.-])(?:__)?@FUNCTIONS@(?=\()'
      scope: support.function.builtin.escape-plan-hcl
    - match: '(?<![A-Za-z0-9_.-])@WORD@(?=\()'
      scope: variable.function.escape-plan-hcl
    - match: '(?<![A-Za-z0-9_.-])this(?![A-Za-z0-9_-])'
      scope: variable.language.this.escape-plan-hcl
    - match: '(\.)(@WORD@)'
      captures: {1: punctuation.accessor.escape-plan-hcl, 2: variable.other.member.escape-plan-hcl}
    - match: '@WORD@'
      scope: variable.other.alias.escape-plan-hcl
    - match: '[(){}\[\]]'
      scope: punctuation.section.brackets.escape-plan-hcl
    - match: ','
      scope: punctuation.separator.sequence.escape-plan-hcl

  template:
    - match: '\$\$\{|%%\{'
      scope: constant.character.escape.escape-plan-hcl
    - match: '[$%]\{~?'
      scope: punctuation.section.interpolation.begin.escape-plan-hcl
      push:
        - meta_scope: meta.interpolation.escape-plan-hcl
        - match: '~?\}|$'
          scope: punctuation.section.interpolation.end.escape-plan-hcl
          pop: true
        - include: expressions
` + sublimeScript
