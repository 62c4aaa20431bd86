" :make checks the plan of the buffer with the linter of Escape, :make! FILE ... others.
if exists('current_compiler')
  finish
endif
let current_compiler = 'escape'

CompilerSet makeprg=escape\ lint\ --quiet\ --format\ oneline\ %:S
" The %t of the last takes the "i" of "advice", which Vim shows as information.
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ adv%tce:\ %m,%-G%.%#
