" The names under which Escape looks for plans. Vim has found another type for them by their endings.
autocmd BufNewFile,BufRead escape.yml,escape.yaml set filetype=escape-plan
autocmd BufNewFile,BufRead escape.hcl set filetype=escape-plan-hcl
