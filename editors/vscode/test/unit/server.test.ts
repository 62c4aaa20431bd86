import assert from "node:assert/strict";
import { test } from "node:test";
import { findServer, type Places } from "../../src/server";

/** places are those of a Linux machine on which the given files are programs. */
function places(programs: string[], change: Partial<Places> = {}): Places {
  return {
    setting: "",
    extension: "/ext",
    path: "/usr/local/bin:/usr/bin",
    home: "/home/ann",
    windows: false,
    isExecutable: (file) => programs.includes(file),
    ...change,
  };
}

test("the bundled program comes before the one on PATH", () => {
  assert.deepEqual(findServer(places(["/ext/bin/escape", "/usr/bin/escape"])), {
    command: "/ext/bin/escape",
    origin: "bundled",
  });
});

test("without a bundled program PATH is searched in its order", () => {
  const found = findServer(places(["/usr/bin/escape", "/usr/local/bin/escape"]));
  assert.deepEqual(found, { command: "/usr/local/bin/escape", origin: "path" });
});

test("the setting wins, with ~ for the home folder", () => {
  const found = findServer(places(["/home/ann/go/bin/escape", "/ext/bin/escape"], { setting: "~/go/bin/escape" }));
  assert.deepEqual(found, { command: "/home/ann/go/bin/escape", origin: "setting" });
});

test("a setting without a slash is a name on PATH", () => {
  const found = findServer(places(["/usr/bin/escape-next"], { setting: "escape-next" }));
  assert.deepEqual(found, { command: "/usr/bin/escape-next", origin: "setting" });
});

test("a setting that names nothing is not replaced in silence", () => {
  assert.equal(findServer(places(["/ext/bin/escape"], { setting: "/opt/escape" })), undefined);
});

test("PATH never leads into the working directory", () => {
  assert.equal(findServer(places(["escape", "bin/escape"], { path: ":.:bin" })), undefined);
});

test("Windows has its own separators and extension", () => {
  const found = findServer(
    places(["C:\\tools\\escape.exe"], { windows: true, path: "C:\\Windows;C:\\tools", extension: "C:\\ext" }),
  );
  assert.deepEqual(found, { command: "C:\\tools\\escape.exe", origin: "path" });
});

test("nothing found", () => {
  assert.equal(findServer(places([])), undefined);
});
