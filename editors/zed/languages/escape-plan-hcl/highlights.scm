[
  (quoted_template)
  (template_literal)
  (quoted_template_start)
  (quoted_template_end)
  (string_lit)
] @string

(numeric_lit) @number

(bool_lit) @boolean

(null_lit) @constant.builtin

(comment) @comment

(attribute
  (identifier) @property)

(object_elem
  key: (expression
    (variable_expr
      (identifier) @property)))

(function_call
  (identifier) @function)

(variable_expr
  (identifier) @variable)

(get_attr
  (identifier) @property)

[
  (heredoc_identifier)
  (heredoc_start)
] @punctuation.special

[
  (template_interpolation_start)
  (template_interpolation_end)
] @punctuation.special

; The fields and blocks of a plan.
(config_file
  (body
    (attribute
      (identifier) @keyword)))

(block
  .
  (identifier) @keyword)

[
  "["
  "]"
  "("
  ")"
] @punctuation.bracket
