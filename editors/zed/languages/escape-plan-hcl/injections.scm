; The text of a step is a shell script.
((attribute
  (identifier) @_key
  (expression
    (template_expr
      (heredoc_template
        (template_literal) @injection.content))))
  (#eq? @_key "inline")
  (#set! injection.language "bash"))
