(block
  .
  (identifier) @context
  (string_lit)? @name) @item

(config_file
  (body
    (attribute
      (identifier) @name) @item))
