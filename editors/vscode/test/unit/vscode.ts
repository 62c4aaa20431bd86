// A stand-in for the module "vscode", which exists inside the editor only: just what the modules under test call, with notes
// of what they did. What the editor really does is tested in the editor (see ../e2e).

export const executed: { command: string; args: unknown[] }[] = [];

export const commands = {
  executeCommand: async (command: string, ...args: unknown[]): Promise<unknown> => {
    executed.push({ command, args });
    return undefined;
  },
};

export const CompletionItemKind = { Method: 1, Function: 2, Class: 6, Module: 8, Property: 9 };

export const LanguageStatusSeverity = { Information: 0, Warning: 1, Error: 2 };

export class Disposable {
  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => parts.forEach((part) => part.dispose()));
  }

  constructor(readonly dispose: () => unknown) {}
}

/** item is the status item that was made last. */
export let item: Record<string, unknown> = {};

export const languages = {
  createLanguageStatusItem: (id: string, selector: unknown) => {
    item = { id, selector, dispose: () => undefined };
    return item;
  },
};
