(boolean_scalar) @boolean

(null_scalar) @constant.builtin

[
  (integer_scalar)
  (float_scalar)
] @number

[
  (double_quote_scalar)
  (single_quote_scalar)
  (block_scalar)
  (string_scalar)
] @string

(escape_sequence) @string.escape

(comment) @comment

[
  (anchor_name)
  (alias_name)
] @label

(tag) @type

(block_mapping_pair
  key: (flow_node) @property)

(flow_mapping
  (flow_pair
    key: (flow_node) @property))

; The fields of a plan.
(document
  (block_node
    (block_mapping
      (block_mapping_pair
        key: (flow_node) @keyword))))

; Expressions: scalars that begin with a dollar sign and a name.
([
  (plain_scalar)
  (single_quote_scalar)
  (double_quote_scalar)
] @function
  (#match? @function "^[\"']?\\$(__)?[A-Za-z]"))

((block_scalar) @function
  (#match? @function "^[|>][-+0-9]*\\s+\\$(__)?[A-Za-z]"))

[
  ","
  ":"
  "-"
] @punctuation.delimiter

[
  "["
  "]"
  "{"
  "}"
] @punctuation.bracket
