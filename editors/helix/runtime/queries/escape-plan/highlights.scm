; inherits: yaml

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
