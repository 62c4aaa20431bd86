" Registration with plugins for language servers, as far as they are there. Those of ALE are in ale_linters, which ALE looks
" through by itself.
if exists('g:loaded_escape')
  finish
endif
let g:loaded_escape = 1

augroup escape
  autocmd!
  autocmd User lsp_setup call escape#lsp#register()
  autocmd FileType escape-plan,escape-plan-hcl silent! call s:fixer()
augroup END

function! s:fixer() abort
  call ale#fix#registry#Add('escape', 'escape#ale#fix', ['escape-plan', 'escape-plan-hcl'], 'Format Escape plans.')
endfunction
