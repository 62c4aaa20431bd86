// Package lsp is the language server: what an editor asks over the Language Server Protocol 3.18 about plans, and about the
// scripts and templates which plans use. It is the only package that sees the protocol library. It does not know the
// meaning of anything by itself (see lang), what was released (its Options tell), or terminals.
//
// A handler takes one snapshot, converts the position once, calls a plain function on text and analysis (most of them in
// packages below internal), and converts the result once.
//
// Read serve.go (a connection from start to end), stream.go, shell.go and atonce.go (messages that may be anything), server.go, sync.go
// (documents), publisher.go (when findings are published), then the file of the method in question. internal/cache holds
// documents and snapshots.
package lsp
