// The editor, with everything but the languages of others.
import "monaco-editor/features/register.all.js";
import "monaco-editor/editor/contrib/semanticTokens/browser/documentSemanticTokens.js";
import EditorWorker from "worker:monaco-editor/editor/editor.worker.js";

export * from "monaco-editor/editor/editor.api.js";

self.MonacoEnvironment = { getWorker: () => new Worker(EditorWorker, { name: "editor" }) };
