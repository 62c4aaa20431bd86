" Syntax of Escape plans in HCL. Words come from autoload/escape/words.vim, which is generated.
if exists('b:current_syntax')
  finish
endif

syntax include @escapeShell syntax/sh.vim
unlet! b:current_syntax
syntax iskeyword @,48-57,_,-
syntax sync fromstart
call escape#syntax#common()
call escape#syntax#script()

let s:fields = escape#syntax#any(escape#words#fields())
let s:blocks = escape#syntax#any(escape#words#blocks())
let s:keys = escape#syntax#any(escape#words#keys())
let s:shell = escape#syntax#any(escape#words#shell_keys())
let s:functions = escape#syntax#any(escape#words#functions())

" Expressions of HCL.
syntax match escapeVariable /\<\a[A-Za-z0-9_-]*\ze\./
syntax match escapeThis /\.\@<!\<this\>/
syntax match escapeMember /\.\zs\a[A-Za-z0-9_-]*/
execute 'syntax match escapeFunction /\<\%(__\)\?' . s:functions . '\ze(/'
syntax match escapeNumber /[A-Za-z0-9_.-]\@<!-\?\d\+\%(\.\d\+\)\?/
syntax keyword escapeConstant true false null

" Attributes and blocks.
syntax match escapeProperty /[A-Za-z0-9_.-]\@<!\a[A-Za-z0-9_-]*\ze\s*=[=>]\@!/
syntax match escapeProperty /"\%([^"\\]\|\\.\)*"\ze\s*=[=>]\@!/
execute 'syntax match escapeKey /[A-Za-z0-9_.-]\@<!' . s:keys . '\ze\s*=[=>]\@!/'
execute 'syntax match escapeField /^' . s:fields . '\ze\s*=[=>]\@!/'
execute 'syntax match escapeField /\%(^\|[{}]\)\@<=\s*' . s:blocks . '\ze\%(\s\+\%("[^"]*"\|\a[A-Za-z0-9_-]*\)\)\?\s*{/'
execute 'syntax match escapeType /\%(\<type\s*=\s*\%(list(\)\?\)\@<=' . escape#syntax#any(escape#words#types()) . '\>/'

" Texts, which end with their line at the latest, and what stands in them.
syntax region escapeString oneline start=/"/ skip=/\\./ end=/"/ end=/$/ contains=escapeEscape,escapeTemplate
syntax match escapeEscape contained /\\.\|\$\${\|%%{/
syntax region escapeTemplate contained oneline matchgroup=escapeBracket start=/[$%]{/ end=/}/ end=/$/ contains=escapeVariable,escapeThis,escapeMember,escapeFunction,escapeNumber,escapeConstant,escapeString
syntax region escapeScriptText oneline matchgroup=escapeFunction start=/\<script(\s*"\ze\$/ skip=/\\./ end=/"/ end=/$/ contains=@escapeScriptQuoted
syntax region escapeHeredoc matchgroup=escapeHeader start=/<<-\?\z(\a\w*\)\s*$/ end=/^\s*\z1\s*$/ contains=escapeTemplate
execute 'syntax region escapeHeredocShell keepend matchgroup=escapeHeader start=/\%(\<' . s:shell . '\s*=\s*\)\@<=<<-\?\z(\a\w*\)\s*$/ end=/^\s*\z1\s*$/ contains=@escapeShell'

syntax match escapeComment /#.*$/ contains=@Spell
syntax match escapeComment ,//.*$, contains=@Spell
syntax region escapeComment start=,/\*, end=,\*/, contains=@Spell

highlight default link escapeVariable Identifier
highlight default link escapeThis Special
highlight default link escapeMember Identifier
highlight default link escapeFunction Function
highlight default link escapeHeredoc escapeText
highlight default link escapeBracket Delimiter

let b:current_syntax = 'escape-plan-hcl'
