/** Code is one line of `escape explain --list`. */
export interface Code {
  code: string;
  name: string;
  level: string;
  summary: string;
}

/** parseCodes reads what `escape explain --list` prints; lines of another form are left out. */
export function parseCodes(text: string): Code[] {
  return text.split("\n").flatMap((line) => {
    const [, code, level, name, summary] = /^(ESC\d{4})\s+(\S+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    return code && level && name && summary ? [{ code, name, level, summary }] : [];
  });
}

/**
 * explanation turns what `escape explain` prints into Markdown: the first line becomes the heading, and indented blocks
 * become fences, so that examples have the colours of their language.
 */
export function explanation(text: string): string {
  const [heading = "", ...rest] = text.trimEnd().split("\n");
  const out = [`# ${heading}`];
  let language = "text";
  let block: string[] = [];
  const flush = () => {
    if (block.length > 0) {
      const [fence, lines] = [fenceFor(block), trimBlank(block)];
      out.push(fence + language, ...lines.map((line) => line.slice(4)), fence, "");
      block = [];
    }
  };
  for (const line of rest) {
    if (line.startsWith("    ") || (line === "" && block.length > 0)) {
      block.push(line);
      continue;
    }
    flush();
    out.push(line);
    language = languageOf(line) ?? language;
  }
  flush();
  return out.join("\n") + "\n";
}

/** languageOf tells what the block below a line is written in, as the preview of Markdown calls it, if the line introduces one. */
function languageOf(line: string): string | undefined {
  if (!line.endsWith(":")) {
    return undefined;
  }
  if (!/^(Wrong|Right)\b/.test(line)) {
    return "text";
  }
  return /\bHCL\b/.test(line) ? "hcl" : "yaml";
}

function trimBlank(lines: string[]): string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}

/** fenceFor returns a fence that no line of the block can close. */
function fenceFor(lines: string[]): string {
  const longest = Math.max(0, ...lines.map((line) => /^\s*(`+)/.exec(line)?.[1]?.length ?? 0));
  return "`".repeat(Math.max(3, longest + 1));
}
