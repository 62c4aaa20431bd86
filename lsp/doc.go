// Package lsp is the place of the language server: the only package that will see the protocol library.
//
// It holds nothing yet. What it stands on is there: lang.Analyze keeps what it can of a broken plan, findings carry codes,
// spans and fixes, check.Info knows the type and the definition of every expression, and source.File converts to and from
// UTF-16. It may import lang and below, eval and eval/compile; it never imports the inventory, whose data it will ask for
// through an interface of its own.
package lsp
