" Registration with plugins for language servers, as far as they are there. The linters of ALE are in ale_linters, which ALE looks
" through by itself.
if exists('g:loaded_escape')
  finish
endif
let g:loaded_escape = 1

augroup escape
  autocmd!
  autocmd User lsp_setup call escape#lsp#register()
  autocmd FileType escape-plan,escape-plan-hcl call s:fixer()
augroup END

" With ALE: the fixer "escape", and a command that formats by the server.
function! s:fixer() abort
  if !exists('g:loaded_ale_dont_use_this_in_other_plugins_please')
    return
  endif
  call ale#fix#registry#Add('escape', 'escape#ale#fix', ['escape-plan', 'escape-plan-hcl'], 'Format Escape plans.')
  command! -buffer -bar EscapeFormat call escape#ale#format(bufnr(''))
endfunction
