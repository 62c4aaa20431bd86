// Colours by the wish of the system: light or dark, and the high contrast of the editor where that is asked for.
import * as monaco from "./monaco";

const asked = {
  dark: matchMedia("(prefers-color-scheme: dark)"),
  contrast: matchMedia("(forced-colors: active), (prefers-contrast: more)"),
};

/** Colours of tokens: of the tokenizers here, and of the server's semantic tokens, which have the names of the protocol. */
function rules(c: { key: string; string: string; number: string; keyword: string; variable: string; fn: string; type: string; comment: string; quiet: string }) {
  const of = (foreground: string, ...tokens: string[]) => tokens.map((token) => ({ token, foreground }));
  return [
    ...of(c.key, "key", "property", "attribute.name"),
    ...of(c.string, "string", "enumMember"),
    ...of(c.number, "number", "string.escape", "regexp"),
    ...of(c.keyword, "keyword", "operator.keyword", "modifier", "macro"),
    ...of(c.variable, "variable", "parameter"),
    ...of(c.fn, "function", "method"),
    ...of(c.type, "type", "class", "interface", "namespace", "struct", "enum", "decorator", "label"),
    ...of(c.comment, "comment"),
    ...of(c.quiet, "delimiter", "operator"),
    { token: "*.deprecated", fontStyle: "strikethrough" },
    { token: "variable.readonly", foreground: c.variable },
  ];
}

export function registerThemes(): void {
  monaco.editor.defineTheme("escape-light", {
    base: "vs",
    inherit: true,
    colors: {},
    rules: rules({
      key: "0b5a8f", string: "8a3b12", number: "0a6b4b", keyword: "8a1fa0", variable: "1a3d9c",
      fn: "6b4d00", type: "18706b", comment: "4f6f4f", quiet: "4a4f57",
    }),
  });
  monaco.editor.defineTheme("escape-dark", {
    base: "vs-dark",
    inherit: true,
    colors: { "editor.background": "#16191d" },
    rules: rules({
      key: "7cc4f5", string: "dfa183", number: "9fd6b4", keyword: "d49bea", variable: "a9c1ff",
      fn: "e3cf8a", type: "6fd0c5", comment: "86a586", quiet: "a9b0ba",
    }),
  });
  const apply = () => {
    const contrast = asked.dark.matches ? "hc-black" : "hc-light";
    monaco.editor.setTheme(asked.contrast.matches ? contrast : asked.dark.matches ? "escape-dark" : "escape-light");
  };
  asked.dark.addEventListener("change", apply);
  asked.contrast.addEventListener("change", apply);
  apply();
}
