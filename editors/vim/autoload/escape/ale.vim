" Registration with ALE: the language server as a linter, which also completes, and the formatter as a fixer.

call ale#Set('escape_executable', 'escape')

" Defines the server as a linter of a file type. Scripts and templates are sent under the name that the protocol has for them.
function! escape#ale#define(filetype, language) abort
  call ale#linter#Define(a:filetype, {
        \ 'name': 'escape',
        \ 'lsp': 'stdio',
        \ 'executable': {buffer -> ale#Var(buffer, 'escape_executable')},
        \ 'command': '%e lsp',
        \ 'language': a:language,
        \ 'project_root': function('escape#ale#root'),
        \ })
endfunction

" Returns the folder the server works in: the repository of the nearest plan at or above the file, else the folder of that plan.
" It is empty, and no server is started, if there is no plan.
function! escape#ale#root(buffer) abort
  for l:name in ['escape.yml', 'escape.yaml', 'escape.hcl']
    let l:plan = fnamemodify(bufname(a:buffer), ':t') ==# l:name ? bufname(a:buffer) : ale#path#FindNearestFile(a:buffer, l:name)
    if !empty(l:plan)
      let l:git = ale#path#FindNearestDirectory(a:buffer, '.git')
      return empty(l:git) ? fnamemodify(l:plan, ':p:h') : fnamemodify(l:git, ':h:h')
    endif
  endfor
  return ''
endfunction

" Puts the spacing of a plan right, by the command. The file that ALE writes keeps the name of the plan, which says the notation.
function! escape#ale#fix(buffer) abort
  return {
        \ 'command': ale#Escape(ale#Var(a:buffer, 'escape_executable')) . ' plan fmt --tidy --write --plan %t',
        \ 'read_temporary_file': 1,
        \ }
endfunction

" Formats a plan by the server, which leaves fields in their order.
function! escape#ale#format(buffer) abort
  let l:uri = ale#path#ToFileURI(expand('#' . a:buffer . ':p'))
  let l:params = {'textDocument': {'uri': l:uri}, 'options': {'tabSize': &tabstop, 'insertSpaces': v:true}}
  call ale#lsp_linter#SendRequest(a:buffer, 'escape', [0, 'textDocument/formatting', l:params], function('s:apply', [l:uri]))
endfunction

function! s:apply(uri, response) abort
  if type(get(a:response, 'result')) is v:t_list && !empty(a:response.result)
    call ale#codefix#ApplyLSPCodeAction({}, {'edit': {'changes': {a:uri : a:response.result}}})
  endif
endfunction
