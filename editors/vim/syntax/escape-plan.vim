" Syntax of Escape plans in YAML. Words come from autoload/escape/words.vim, which is generated.
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
let s:keys = escape#syntax#any(escape#words#keys())
let s:shell = escape#syntax#any(escape#words#shell_keys())
let s:end = '\%(\s*$\|\s\+#\)\@='
" The beginning of a line that is an entry or an item: where a text that is not closed ends.
let s:next = '\n\ze\s*\%(-\s\|["'']\?[A-Za-z0-9_.-]\+["'']\?\s*:\%(\s\|$\)\|#\|$\)'

syntax match escapeComment /\%(^\|\s\)#.*$/ contains=@Spell
syntax match escapeMarker /^\%(---\|\.\.\.\)\%(\s\|$\)/
syntax match escapeMarker /^%.*$/
syntax match escapeItem /^\s*\%([-?]\s\+\)\+/ nextgroup=escapeKey,escapeShellKey,escapeProperty,@escapeValue
syntax match escapeColon contained /\s*:\s*/ nextgroup=@escapeValue
syntax match escapeShellColon contained /\s*:\s*/ nextgroup=escapeShellHeader

" Values. Of two that match, Vim takes the one that is defined last.
syntax cluster escapeValue contains=escapeText,escapeRelease,escapeNumber,escapeConstant,escapeStage,escapeType,escapeProps,escapeAnchor,escapeExpression,escapeString,escapeQuotedExpression,escapeSingleExpression,escapeFlow,escapeHeader
execute 'syntax match escapeText contained /[^[:space:]#&*!"''\[\]{}|>]\%(\S\|\s\+#\@!\)\{-}' . s:end . '/'
execute 'syntax match escapeRelease contained /[^[:space:]#"''$\[\]{}]\+\s\+as\s\+\a[A-Za-z0-9_-]*' . s:end . '/ contains=escapeAs'
syntax match escapeAs contained /\s\zsas\ze\s/ nextgroup=escapeAlias skipwhite
syntax match escapeAlias contained /\a[A-Za-z0-9_-]*/
execute 'syntax match escapeNumber contained /[-+]\?\d[0-9_]*\%(\.\d*\)\?\%([eE][-+]\?\d\+\)\?' . s:end . '/'
execute 'syntax match escapeConstant contained /\%(true\|false\|null\|\~\|yes\|no\|on\|off\)' . s:end . '/'
execute 'syntax match escapeStage contained /' . escape#syntax#any(escape#words#stages()) . s:end . '/'
execute 'syntax match escapeType contained /\%(\<type\s*:\s*\)\@<=\%(list\[' . escape#syntax#any(escape#words#types()) . '\]\|' . escape#syntax#any(escape#words#types()) . '\)' . s:end . '/'
syntax match escapeProps contained /[&!]\S*\s*/ nextgroup=@escapeValue
syntax match escapeAnchor contained /\*\S\+/
execute 'syntax region escapeString contained start=/"/ skip=/\\./ end=/"/ end=/' . s:next . '/ contains=escapeEscape'
execute "syntax region escapeString contained start=/'/ skip=/''/ end=/'/ end=/" . s:next . "/"
syntax match escapeEscape contained /\\./
syntax match escapeUnicode contained /\\[0abtnvfreuUxNLP_]/

" Expressions.
execute 'syntax region escapeExpression contained start=/\$\%(__\)\?\a/ end=/\ze\s#/ end=/' . s:next . '/ contains=@escapeScript'
execute 'syntax region escapeQuotedExpression contained matchgroup=escapeString start=/"\ze\$\%(__\)\?\a/ skip=/\\./ end=/"/ end=/' . s:next . '/ contains=@escapeScriptQuoted,escapeUnicode'
execute "syntax region escapeSingleExpression contained matchgroup=escapeString start=/'\\ze\\$\\%(__\\)\\?\\a/ skip=/''/ end=/'/ end=/" . s:next . "/ contains=@escapeScript"

" Block scalars, whose first line says how far they are indented.
syntax match escapeHeader contained /[|>][-+0-9]*\s*\%(\s#.*\)\?$/ contains=escapeComment nextgroup=escapeBlockText,escapeBlockExpression skipnl skipempty
syntax match escapeShellHeader contained /[|>][-+0-9]*\s*\%(\s#.*\)\?$/ contains=escapeComment nextgroup=escapeBlockShell skipnl skipempty
syntax region escapeBlockText contained start=/^\z(\s\+\)\S/ end=/\n\ze\%(\z1\|\s*$\)\@!/
syntax region escapeBlockExpression contained start=/^\z(\s\+\)\ze\$\%(__\)\?\a/ end=/\n\ze\%(\z1\|\s*$\)\@!/ contains=@escapeScript
syntax region escapeBlockShell contained keepend start=/^\z(\s\+\)\ze\S/ end=/\n\ze\%(\z1\|\s*$\)\@!/ contains=@escapeShell

" Lists and mappings in brackets. One that is not closed ends at the next field.
execute 'syntax region escapeFlow contained matchgroup=escapeBracket start=/\[/ end=/\]/ end=/\n\ze' . s:fields . '\s*:/ contains=@escapeInFlow'
execute 'syntax region escapeFlow contained matchgroup=escapeBracket start=/{/ end=/}/ end=/\n\ze' . s:fields . '\s*:/ contains=@escapeInFlow'
syntax cluster escapeInFlow contains=escapeComment,escapeFlow,escapeFlowText,escapeFlowKey,escapeFlowProperty,escapeFlowNumber,escapeFlowConstant,escapeFlowExpression,escapeString,escapeQuotedExpression,escapeSingleExpression,escapeAnchor
syntax match escapeFlowText contained /[^[:space:],:#"'$*&!\[\]{}]\%([^,#\[\]{}:]\|:\S\@=\)*/
syntax match escapeFlowNumber contained /[-+]\?\d\+\%(\.\d*\)\?\ze\s*\%([],}]\|$\)/
execute 'syntax match escapeFlowConstant contained /\%(true\|false\|null\|' . escape#syntax#any(escape#words#stages()) . '\)\ze\s*\%([],}]\|$\)/'
syntax match escapeFlowProperty contained /[A-Za-z0-9_.-]\+\ze\s*:\%(\s\|$\)/
execute 'syntax match escapeFlowKey contained /\<' . s:keys . '\ze\s*:\%(\s\|$\)/'
syntax match escapeFlowExpression contained /\$\%(__\)\?\a[^,\]}]*/ contains=@escapeScript

" Keys come last, so that they win over texts.
syntax match escapeProperty /\%(^\s*\)\@<=["']\?[A-Za-z0-9_./@+][A-Za-z0-9_./@ +-]\{-}["']\?\ze\s*:\%(\s\|$\)/ nextgroup=escapeColon
execute 'syntax match escapeKey /\%(^\s*\%([-?]\s\+\)*\)\@<=["'']\?' . s:keys . '["'']\?\ze\s*:\%(\s\|$\)/ nextgroup=escapeColon'
execute 'syntax match escapeField /^["'']\?' . s:fields . '["'']\?\ze\s*:\%(\s\|$\)/ nextgroup=escapeColon'
execute 'syntax match escapeShellKey /\%(^\s*\%(-\s\+\)*\)\@<=' . s:shell . '\ze\s*:\s\+[|>]/ nextgroup=escapeShellColon'

highlight default link escapeShellKey escapeKey
highlight default link escapeUnicode escapeEscape
highlight default link escapeStage escapeConstant
highlight default link escapeRelease escapeText
highlight default link escapeAnchor escapeMarker
highlight default link escapeProps escapeMarker
highlight default link escapeShellHeader escapeHeader
highlight default link escapeBlockText escapeText
highlight default link escapeFlowText escapeText
highlight default link escapeFlowKey escapeKey
highlight default link escapeFlowProperty escapeProperty
highlight default link escapeFlowNumber escapeNumber
highlight default link escapeFlowConstant escapeConstant
highlight default link escapeItem Delimiter
highlight default link escapeBracket Delimiter

let b:current_syntax = 'escape-plan'
