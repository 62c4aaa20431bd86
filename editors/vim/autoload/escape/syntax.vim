" Returns a pattern for one of words.
function! escape#syntax#any(words) abort
  return '\%(' . join(a:words, '\|') . '\)'
endfunction

" Defines the cluster @escapeScript, the tokens of expressions, and @escapeScriptQuoted for those inside of double quotes, whose
" own quotes have a backslash.
function! escape#syntax#script() abort
  let l:name = '\a[A-Za-z0-9_-]*'
  let l:functions = escape#syntax#any(escape#words#functions()) . '[A-Za-z0-9_-]\@!'
  execute 'syntax match escapeScriptVariable contained /\$' . l:name . '/'
  syntax match escapeScriptThis contained /\$this[A-Za-z0-9_-]\@!/
  syntax match escapeScriptLambda contained /\$func\ze\s*(/
  execute 'syntax match escapeScriptCall contained /\$__' . l:name . '/'
  execute 'syntax match escapeScriptBuiltin contained /\$__' . l:functions . '/'
  execute 'syntax match escapeScriptMember contained /\. *\zs' . l:name . '/'
  execute 'syntax match escapeScriptCall contained /\. *\zs' . l:name . '\ze(/'
  execute 'syntax match escapeScriptBuiltin contained /\. *\zs' . l:functions . '\ze(/'
  syntax match escapeScriptNumber contained /\%([A-Za-z0-9_.-]\)\@<!-\?\d\+/
  syntax match escapeScriptEscape contained /\\[nt"\\]/
  syntax match escapeScriptQuotedEscape contained /\\\\\%(\\"\|\\\\\|[nt]\)/
  syntax region escapeScriptString contained oneline start=/"/ skip=/\\./ end=/"/ end=/$/ contains=escapeScriptEscape
  syntax region escapeScriptQuotedString contained oneline start=/\\"/ skip=/\\\\./ end=/\\"/ end=/\ze"/ end=/$/ contains=escapeScriptQuotedEscape
  syntax cluster escapeScriptTokens contains=escapeScriptVariable,escapeScriptThis,escapeScriptLambda,escapeScriptCall,escapeScriptBuiltin,escapeScriptMember,escapeScriptNumber
  syntax cluster escapeScript contains=@escapeScriptTokens,escapeScriptString
  syntax cluster escapeScriptQuoted contains=@escapeScriptTokens,escapeScriptQuotedString

  highlight default link escapeScriptVariable Identifier
  highlight default link escapeScriptThis Special
  highlight default link escapeScriptLambda Keyword
  highlight default link escapeScriptCall Function
  highlight default link escapeScriptBuiltin Function
  highlight default link escapeScriptMember Identifier
  highlight default link escapeScriptNumber Number
  highlight default link escapeScriptString String
  highlight default link escapeScriptQuotedString String
  highlight default link escapeScriptEscape SpecialChar
  highlight default link escapeScriptQuotedEscape SpecialChar
endfunction

" Defines what both notations have: conflict markers, and the colours of groups that they name alike.
function! escape#syntax#common() abort
  syntax match escapeConflict /^\%(<<<<<<<\|=======\|>>>>>>>\||||||||\)\%( .*\)\?$/
  highlight default link escapeConflict Error
  highlight default link escapeField Statement
  highlight default link escapeKey Type
  highlight default link escapeProperty Identifier
  highlight default link escapeType StorageClass
  highlight default link escapeConstant Constant
  highlight default link escapeNumber Number
  highlight default link escapeString String
  highlight default link escapeText String
  highlight default link escapeEscape SpecialChar
  highlight default link escapeMarker PreProc
  highlight default link escapeAs Keyword
  highlight default link escapeAlias Identifier
  highlight default link escapeHeader Special
  highlight default link escapeComment Comment
endfunction
