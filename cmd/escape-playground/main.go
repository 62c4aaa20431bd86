//go:build js && wasm

// Command escape-playground is the language server for a web worker: see editors/playground. Messages of the protocol go
// over functions of JavaScript, and so do the files, which are on no disk. It knows no releases and no commands, and has no
// network.
//
// The worker sets a global object escape with receive(text), which takes a message of the server, and ready(), which is
// called when the server has set the functions send(text), write(path, text) and remove(path).
package main

import (
	"context"
	"log/slog"
	"os"
	"syscall/js"

	"escape.build/escape/cmd/escape-playground/internal/memory"
	"escape.build/escape/cmd/escape-playground/internal/wire"
	"escape.build/escape/lsp"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	worker := js.Global().Get("escape")
	port := wire.New(func(message string) { worker.Call("receive", message) })
	var files memory.Files
	set := func(name string, fn func(args []js.Value)) {
		worker.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any { fn(args); return nil }))
	}
	set("send", func(args []js.Value) { port.Send(args[0].String()) })
	set("write", func(args []js.Value) { files.Write(args[0].String(), args[1].String()) })
	set("remove", func(args []js.Value) { files.Remove(args[0].String()) })
	worker.Call("ready")
	err := lsp.Serve(context.Background(), port, lsp.Options{
		Version:  "playground",
		Log:      log,
		ReadFile: files.ReadFile,
		ReadDir:  files.ReadDir,
		Stat:     files.Stat,
	})
	if err != nil {
		log.Error("the session has ended", "error", err)
	}
}
