" Registration with vim-lsp.

let s:languages = {'sh': 'shellscript', 'bash': 'shellscript'}

function! escape#lsp#register() abort
  call lsp#register_server({
        \ 'name': 'escape',
        \ 'cmd': {server -> [get(g:, 'escape_executable', 'escape'), 'lsp']},
        \ 'allowlist': ['escape-plan', 'escape-plan-hcl', 'sh', 'bash', 'python', 'mustache'],
        \ 'languageId': {server -> get(s:languages, &filetype, &filetype)},
        \ 'root_uri': {server -> lsp#utils#path_to_uri(escape#lsp#root())},
        \ })
endfunction

" Returns the folder the server works in: that of the repository, else that of the file.
function! escape#lsp#root() abort
  let l:git = finddir('.git', expand('%:p:h') . ';')
  return empty(l:git) ? expand('%:p:h') : fnamemodify(l:git, ':p:h:h')
endfunction
