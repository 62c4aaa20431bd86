; inherits: hcl

; The fields and blocks of a plan.
(config_file
  (body
    (attribute
      (identifier) @keyword)))

(block
  .
  (identifier) @keyword)
