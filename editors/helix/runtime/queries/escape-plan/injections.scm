; inherits: yaml

; The text of a step is a shell script.
((block_mapping_pair
  key: (flow_node) @_key
  value: (block_node
    (block_scalar) @injection.content))
  (#eq? @_key "inline")
  (#set! injection.language "bash"))
