/** The languages of plans. The ids are the extension's own, so that servers for plain YAML or HCL do not attach. */
export const planLanguages = ["escape-plan", "escape-plan-hcl"] as const;

/** Languages in which steps, errands and templates of plans are written. The server answers for those that a plan uses. */
const usedLanguages = [
  "bat",
  "dockerfile",
  "go",
  "handlebars",
  "javascript",
  "makefile",
  "mustache",
  "perl",
  "php",
  "powershell",
  "python",
  "ruby",
  "shellscript",
  "terraform",
  "typescript",
];

/** Names of templates and scripts whose language VS Code cannot tell. */
const usedFiles = ["**/*.{tpl,tmpl,mustache,template,gotmpl,gotpl,ctmpl,env,conf,bats}"];

/** The configuration of the linter, in which the server finds mistakes too. */
const lintConfiguration = "**/.escapelint.yml";

/** Filter is what the client and VS Code share of their filters for documents. */
export type Filter = { scheme: string; language: string } | { scheme: string; pattern: string };

/** planSelector is for what belongs to plans only, such as the status item. A plan may be new and not yet saved. */
export const planSelector: Filter[] = ["file", "untitled"].flatMap((scheme) =>
  planLanguages.map((language) => ({ language, scheme })),
);

/** documentSelector holds every document that is sent to the server. */
export const documentSelector: Filter[] = [
  ...planSelector,
  { language: "escape-script", scheme: "file" },
  ...usedLanguages.map((language) => ({ language, scheme: "file" })),
  ...[...usedFiles, lintConfiguration].map((pattern) => ({ scheme: "file", pattern })),
];

/** isPlan reports whether a language id is one of plans. */
export function isPlan(language: string): boolean {
  return (planLanguages as readonly string[]).includes(language);
}
