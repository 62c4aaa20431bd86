import assert from "node:assert/strict";
import { test } from "node:test";
import { explanation, parseCodes } from "../../src/explain";

test("the list of codes is read line by line", () => {
  const text = "ESC1001  error    syntax-error     the text is not valid YAML\nnot a code\n";
  assert.deepEqual(parseCodes(text), [
    { code: "ESC1001", name: "syntax-error", level: "error", summary: "the text is not valid YAML" },
  ]);
});

test("an explanation becomes Markdown with examples in their languages", () => {
  const text = [
    "ESC2001 unknown-field (warning): a plan has no such field",
    "",
    "A plan may only have the fields that Escape knows.",
    "",
    "Wrong:",
    "",
    "    name: a",
    "",
    "    inptus: []",
    "",
    "What Escape says:",
    "",
    "    escape.yml:3:1: warning",
    "",
    "Right, in HCL:",
    "",
    '    name = "a"',
    "",
  ].join("\n");
  assert.equal(
    explanation(text),
    [
      "# ESC2001 unknown-field (warning): a plan has no such field",
      "",
      "A plan may only have the fields that Escape knows.",
      "",
      "Wrong:",
      "",
      "```yaml",
      "name: a",
      "",
      "inptus: []",
      "```",
      "",
      "What Escape says:",
      "",
      "```text",
      "escape.yml:3:1: warning",
      "```",
      "",
      "Right, in HCL:",
      "",
      "```hcl",
      'name = "a"',
      "```",
      "",
      "",
    ].join("\n"),
  );
});

test("a fence in an example does not end the block", () => {
  const text = "ESC1 x\n\nWrong:\n\n    ```\n    a\n    ```\n";
  assert.match(explanation(text), /````yaml\n```\na\n```\n````/);
});
