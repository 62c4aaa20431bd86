import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import hclSnippets from "../../grammars/snippets-escape-plan-hcl.json";
import yamlSnippets from "../../grammars/snippets-escape-plan.json";

/** What is written in a file of snippets for one of them. */
interface Snippet {
  prefix: string;
  body: string[];
  description: string;
}

const snippets: Record<string, Record<string, Snippet>> = {
  "escape-plan": yamlSnippets,
  "escape-plan-hcl": hclSnippets,
};

/**
 * offerSnippets offers the fields of a plan with their examples. If the manifest did that, VS Code would offer them in the middle
 * of values, and those that the plan has already.
 */
export function offerSnippets(): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(snippets).map(([language, all]) =>
      vscode.languages.registerCompletionItemProvider(language, {
        provideCompletionItems: (document, position) =>
          snippetsAt(all, document.getText(), document.lineAt(position).text, position.character).map(([name, snippet]) => {
            const item = new vscode.CompletionItem(snippet.prefix, vscode.CompletionItemKind.Snippet);
            item.detail = name;
            item.documentation = new vscode.MarkdownString(snippet.description).appendCodeblock(
              snippet.body.join("\n").replace(/\$\{\d+:([^}]*)\}/g, "$1"),
              language,
            );
            item.insertText = new vscode.SnippetString(snippet.body.join("\n"));
            item.sortText = `~${snippet.prefix}`;
            return item;
          }),
      }),
    ),
  );
}

/**
 * snippetsAt returns the snippets that fit into a line of a text, up to whose column something is written: fields that start a
 * line and are not there yet, and whole plans if there is nothing else.
 */
export function snippetsAt(all: Record<string, Snippet>, text: string, line: string, column: number): [string, Snippet][] {
  if (!/^\w*$/.test(line.slice(0, column)) || line.slice(column).trim() !== "") {
    return [];
  }
  return Object.entries(all).filter(([, { prefix, body }]) => {
    if (prefix === "plan") {
      return text.trim() === line.trim();
    }
    // In HCL, blocks with a label are there once for each.
    const field = /^\w+/.exec(body[0] ?? "")?.[0];
    return !new RegExp(`^${field}\\s*[:={]`, "m").test(text);
  });
}

/**
 * goingOn makes the list open again behind a field whose value is still to be chosen, and shows the parameters of a function. Nothing
 * opens where there is nothing to offer.
 */
export const goingOn: NonNullable<Middleware["provideCompletionItem"]> = async (document, position, context, token, next) => {
  const answer = await next(document, position, context, token);
  for (const item of Array.isArray(answer) ? answer : (answer?.items ?? [])) {
    const command = commandBehind(item.kind, typeof item.insertText === "string" ? item.insertText : item.insertText?.value);
    if (command !== undefined) {
      item.command ??= command;
    }
  }
  return answer;
};

/** commandBehind returns what to start once a text, which may be that of a snippet, is written. */
export function commandBehind(kind: vscode.CompletionItemKind | undefined, text = ""): vscode.Command | undefined {
  const { Class, Function, Method, Module, Property } = vscode.CompletionItemKind;
  const first = /\$(?:\{\d+:[^}]*\}|\d)/.exec(text);
  if ((kind === Property || kind === Class || kind === Module) && (first === null ? text.endsWith(" ") : /^\$\d$/.test(first[0]))) {
    // As when typing: an empty list is not shown.
    return { command: "editor.action.triggerSuggest", title: "Suggest", arguments: [{ auto: true }] };
  }
  if ((kind === Function || kind === Method) && first !== null && text[first.index - 1] === "(") {
    return { command: "editor.action.triggerParameterHints", title: "Show parameters" };
  }
  return undefined;
}
