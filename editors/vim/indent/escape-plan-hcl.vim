if exists('b:did_indent')
  finish
endif
let b:did_indent = 1
setlocal nolisp autoindent indentexpr=EscapeHCLIndent() indentkeys=0],0},0),o,O
let b:undo_indent = 'setlocal lisp< autoindent< indentexpr< indentkeys<'

if exists('*EscapeHCLIndent')
  finish
endif

" One step more behind a bracket that opens, one less for a line that closes one.
function EscapeHCLIndent() abort
  let l:above = prevnonblank(v:lnum - 1)
  if l:above == 0
    return 0
  endif
  let l:indent = indent(l:above)
  if getline(l:above) =~# '[{[(]\s*\%(\%(#\|//\).*\)\?$'
    let l:indent += shiftwidth()
  endif
  if getline(v:lnum) =~# '^\s*[]})]'
    let l:indent -= shiftwidth()
  endif
  return l:indent
endfunction
