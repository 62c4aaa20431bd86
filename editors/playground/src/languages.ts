// Colours before the server has answered, and what keys do. The server's semantic tokens, which know what is a field and
// what a builtin, are laid over these: that is why no list of words is here.
import { conf as hclKeys } from "monaco-editor/languages/definitions/hcl/hcl.js";
import { conf as pythonKeys, language as python } from "monaco-editor/languages/definitions/python/python.js";
import { conf as shellKeys, language as shell } from "monaco-editor/languages/definitions/shell/shell.js";
import { conf as yamlKeys, language as yaml } from "monaco-editor/languages/definitions/yaml/yaml.js";
import * as monaco from "./monaco";

type Language = monaco.languages.IMonarchLanguage;
type Configuration = monaco.languages.LanguageConfiguration;

/** `$` belongs to a name of Escape Script, and names have dashes. */
const wordPattern = /\$?[\p{L}_][\p{L}\d_-]*|-?\d[\d.]*/u;

const planYaml: Language = {
  defaultToken: "",
  unicode: true,
  tokenPostfix: "",
  brackets: [
    { token: "delimiter", open: "{", close: "}" },
    { token: "delimiter", open: "[", close: "]" },
    { token: "delimiter", open: "(", close: ")" },
  ],
  tokenizer: {
    root: [
      [/^(---|\.\.\.)(?=\s|$)/, "delimiter"],
      [/(^|\s)#.*$/, "comment"],
      [/[-?](?=\s|$)/, "delimiter"],
      [/("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\p{L}_$][^\s:#,[\]{}]*(?: [^\s:#,[\]{}]+)*)(\s*)(:)(?=\s|$)/u, ["key", "", "delimiter"]],
      [/[|>][-+\d]*(?=\s*(#.*)?$)/, { token: "delimiter", next: "@block" }],
      { include: "@value" },
    ],
    value: [
      [/[&*][\p{L}\d_-]+/u, "type"],
      [/!\S*/, "type"],
      { include: "@reference" },
      [/"/, "string", "@double"],
      [/'/, "string", "@single"],
      [/[[\]{}()]/, "@brackets"],
      [/,/, "delimiter"],
      [/-?\d+(\.\d+)?(?=[\s,\]}]|$)/, "number"],
      [/(true|false|null|~)(?=[\s,\]}]|$)/, "keyword"],
      [/[^\s"'$#,[\]{}()]+/, "string"],
    ],
    reference: [
      [/(\$)(__\w+)/, ["delimiter", "function"]],
      [/(\$)(this)\b/, ["delimiter", "keyword"]],
      [/(\$)([\p{L}_][\p{L}\d_-]*)/u, ["delimiter", "variable"]],
      [/(\.)([\p{L}_]\w*)(?=\()/u, ["delimiter", "function"]],
    ],
    double: [
      [/\\./, "string.escape"],
      { include: "@reference" },
      [/"/, "string", "@pop"],
      [/[^"\\$.]+|[$.]/, "string"],
    ],
    single: [
      [/''/, "string.escape"],
      { include: "@reference" },
      [/'/, "string", "@pop"],
      [/[^'$.]+|[$.]/, "string"],
    ],
    // A block ends at the first line that begins with something; deeper keys inside are text that looks like keys, until the
    // server says better.
    block: [
      [/^(?=\S)/, { token: "", next: "@pop" }],
      [/^(?=\s*(- )?[\p{L}_][\w-]*:(\s|$))/u, { token: "", next: "@pop" }],
      { include: "@reference" },
      [/[^$.]+|[$.]/, "string"],
    ],
  },
};

const planHcl: Language = {
  defaultToken: "",
  unicode: true,
  tokenPostfix: "",
  brackets: planYaml.brackets,
  tokenizer: {
    root: [
      [/(#|\/\/).*$/, "comment"],
      [/\/\*/, "comment", "@comment"],
      [/^\s*[\p{L}_][\p{L}\d_-]*(?=\s*(=(?!=)|\{|"))/u, "key"],
      [/([\p{L}_][\p{L}\d_-]*)(\s*)(=)(?!=)/u, ["key", "", "delimiter"]],
      { include: "@expression" },
    ],
    expression: [
      [/[\p{L}_][\p{L}\d_-]*(?=\s*\()/u, "function"],
      [/(this|true|false|null)\b/, "keyword"],
      [/(string|bool|integer|list)\b/, "type"],
      [/[\p{L}_][\p{L}\d_-]*/u, "variable"],
      [/-?\d+(\.\d+)?/, "number"],
      [/<<-?\s*(\w+)\s*$/, { token: "delimiter", next: "@heredoc.$1" }],
      [/"/, "string", "@string"],
      [/[{}[\]()]/, "@brackets"],
      [/[.,:=?]|[-+*/%<>!&|]+/, "delimiter"],
    ],
    comment: [
      [/\*\//, "comment", "@pop"],
      [/[^*]+|\*/, "comment"],
    ],
    string: [
      [/\\.|\$\$\{|%%\{/, "string.escape"],
      [/[$%]\{/, { token: "delimiter", next: "@template" }],
      [/"/, "string", "@pop"],
      [/[^"\\$%]+|[$%]/, "string"],
    ],
    template: [
      [/\}/, { token: "delimiter", next: "@pop" }],
      { include: "@expression" },
    ],
    heredoc: [
      [/^\s*(\w+)\s*$/, { cases: { "$1==$S2": { token: "delimiter", next: "@pop" }, "@default": "string" } }],
      [/\$\$\{|%%\{/, "string.escape"],
      [/[$%]\{/, { token: "delimiter", next: "@template" }],
      [/[^$%]+|[$%]/, "string"],
    ],
  },
};

const mustache: Language = {
  defaultToken: "",
  unicode: true,
  tokenPostfix: "",
  tokenizer: {
    root: [
      [/\{\{!/, "comment", "@comment"],
      [/\{\{\{?[#^/&>]?/, "delimiter", "@tag"],
      [/[^{]+|\{/, ""],
    ],
    comment: [
      [/\}\}/, "comment", "@pop"],
      [/[^}]+|\}/, "comment"],
    ],
    tag: [
      [/\}?\}\}/, "delimiter", "@pop"],
      [/[^}\s]+/, "variable"],
    ],
  },
};

const mustacheKeys: Configuration = {
  comments: { blockComment: ["{{!", "}}"] },
  brackets: [["{{", "}}"]],
  autoClosingPairs: [{ open: "{{", close: "}}" }],
};

/** Tells the editor of the languages of a workspace. */
export function registerLanguages(): void {
  const all: [string, string[], Configuration, Language][] = [
    ["escape-plan", ["Escape plan (YAML)"], { ...(yamlKeys as Configuration), wordPattern }, planYaml],
    ["escape-plan-hcl", ["Escape plan (HCL)"], { ...(hclKeys as Configuration), wordPattern }, planHcl],
    ["yaml", ["YAML"], yamlKeys as Configuration, yaml as Language],
    ["shellscript", ["Shell"], shellKeys as Configuration, shell as Language],
    ["python", ["Python"], pythonKeys as Configuration, python as Language],
    ["mustache", ["Template"], mustacheKeys, mustache],
  ];
  for (const [id, aliases, keys, language] of all) {
    monaco.languages.register({ id, aliases });
    monaco.languages.setLanguageConfiguration(id, keys);
    monaco.languages.setMonarchTokensProvider(id, language);
  }
}
