import assert from "node:assert/strict";
import { test } from "node:test";
import { children, graphOf, roots, type Graph } from "../../src/graph/graph";
import { layout } from "../../src/graph/layout";
import { page, svg } from "../../src/graph/svg";

/** graph makes one of edges such as "a>b". */
function graph(...edges: string[]): Graph {
  const pairs = edges.map((edge) => edge.split(">") as [string, string]);
  const ids = [...new Set(pairs.flat())];
  return {
    nodes: ids.map((id) => ({ id, label: id, kind: "plan" })),
    edges: pairs.map(([from, to]) => ({ from, to, kind: "depends" })),
  };
}

function box(drawn: Graph, id: string) {
  return layout(drawn).boxes.find(({ node }) => node.id === id)!;
}

test("an answer with loose ends becomes a graph", () => {
  const node = { id: "a", label: "a", kind: "plan" };
  const got = graphOf({ nodes: [node, node], edges: [{ from: "a", to: "b", kind: "depends" }] });
  assert.deepEqual(got, { nodes: [node], edges: [] });
  assert.deepEqual(graphOf(null), { nodes: [], edges: [] });
});

test("roots and children", () => {
  const got = graph("shop>db", "shop>cluster", "db>cluster", "db>cluster");
  assert.deepEqual(
    roots(got).map(({ id }) => id),
    ["shop"],
  );
  assert.deepEqual(
    children(got, "db").map(({ node, kind }) => [node.id, kind]),
    [["cluster", "depends"]],
  );
  assert.deepEqual(
    roots(graph("a>b", "b>a")).map(({ id }) => id),
    ["a"],
    "a cycle is entered somewhere",
  );
});

test("every edge of a graph without cycles goes down", () => {
  const got = graph("a>b", "a>c", "b>d", "c>d", "a>d", "d>e");
  for (const { from, to } of layout(got).lines) {
    assert.ok(from.y < to.y);
  }
});

test("boxes do not overlap", () => {
  const edges = Array.from({ length: 12 }, (_, i) => [`a>n${i}`, `n${i}>m${i % 3}`]).flat();
  const { boxes } = layout(graph(...edges));
  for (const one of boxes) {
    for (const other of boxes) {
      const apart =
        one === other ||
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      assert.ok(apart, `${one.node.id} and ${other.node.id}`);
    }
  }
});

test("a row is ordered like the row above it", () => {
  const got = graph("r>a", "r>b", "r>c", "c>z", "a>x", "b>y");
  assert.ok(box(got, "x").x < box(got, "y").x && box(got, "y").x < box(got, "z").x);
});

test("cycles and long chains are drawn", () => {
  assert.equal(layout(graph("a>b", "b>c", "c>a", "c>c")).lines.length, 3);
  const chain = Array.from({ length: 20_000 }, (_, i) => `n${i}>n${i + 1}`);
  assert.equal(layout(graph(...chain)).boxes.length, 20_001);
});

test("the same graph is drawn the same way", () => {
  const got = graph("a>b", "a>c", "b>d", "c>d");
  assert.equal(svg(got), svg(structuredClone(got)));
});

test("an empty graph is told in words", () => {
  assert.deepEqual(layout(graph()), { boxes: [], lines: [], width: 20, height: 20 });
  const html = page(graph(), { title: "t", style: "s.css", script: "s.js", source: "vscode:", nonce: "n" });
  assert.match(html, /depends on nothing/);
});

test("texts of plans cannot become markup", () => {
  const nasty = `"><script>alert('x')</script>`;
  const got: Graph = {
    nodes: [{ id: nasty, label: nasty, kind: nasty, detail: nasty, uri: "file:///a" }],
    edges: [{ from: nasty, to: nasty, kind: nasty }],
  };
  const html = page(got, { title: nasty, style: "s.css", script: "s.js", source: "vscode:", nonce: "n" });
  assert.equal(html.split("<script").length, 2, "only the script of the page itself");
  assert.match(html, /default-src &#39;none&#39;/);
});

test("only nodes with a place can be reached", () => {
  const drawn = svg({ nodes: [{ id: "a", label: "a", kind: "missing" }], edges: [] });
  assert.doesNotMatch(drawn, /tabindex|link/);
});
