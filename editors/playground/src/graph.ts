// Draws the answer of escape.graph. The lists are short, so the layout is the simplest that reads well: each node below all
// that lead to it, neighbours near each other.
import type * as lsp from "vscode-languageserver-types";

export interface GraphNode {
  id: string;
  label: string;
  kind: string;
  detail?: string;
  uri?: string;
  range?: lsp.Range;
}
export interface GraphEdge {
  from: string;
  to: string;
  kind: string;
}
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const size = { height: 46, gapX: 22, gapY: 54, pad: 14, char: 7.6, small: 6.4 };

interface Box {
  node: GraphNode;
  row: number;
  x: number;
  width: number;
}

/** The row of each node: one more than the lowest of those that lead to it. An edge that closes a circle does not count. */
export function rowsOf({ nodes, edges }: Graph): Map<string, number> {
  const before = new Map(nodes.map((n) => [n.id, edges.filter((e) => e.to === n.id && e.from !== n.id).map((e) => e.from)]));
  const rows = new Map<string, number>();
  const open = new Set<string>();
  const row = (id: string): number => {
    if (!rows.has(id) && !open.has(id)) {
      open.add(id);
      const above = (before.get(id) ?? []).filter((from) => before.has(from) && !open.has(from)).map(row);
      open.delete(id);
      rows.set(id, above.length ? Math.max(...above) + 1 : 0);
    }
    return rows.get(id) ?? 0;
  };
  nodes.forEach((n) => row(n.id));
  return rows;
}

function layout(graph: Graph): Box[][] {
  const rows = rowsOf(graph);
  const table: Box[][] = [];
  for (const node of graph.nodes) {
    const row = rows.get(node.id)!;
    const width = Math.max(node.label.length * size.char, (node.detail ?? node.kind).length * size.small, 70) + 2 * size.pad;
    (table[row] ??= []).push({ node, row, x: 0, width });
  }
  const boxes = new Map(table.flat().map((b) => [b.node.id, b]));
  const middle = (b: Box) => b.x + b.width / 2;
  const place = (boxesOfRow: Box[]) => {
    let x = -(boxesOfRow.reduce((sum, b) => sum + b.width + size.gapX, 0) - size.gapX) / 2;
    for (const b of boxesOfRow) {
      b.x = x;
      x += b.width + size.gapX;
    }
  };
  table.forEach(place);
  for (let sweep = 0; sweep < 4; sweep++) {
    for (const row of sweep % 2 ? [...table].reverse() : table) {
      const wish = new Map(
        row.map((b) => {
          const near = graph.edges
            .filter((e) => (e.from === b.node.id) !== (e.to === b.node.id))
            .map((e) => boxes.get(e.from === b.node.id ? e.to : e.from))
            .filter((n): n is Box => !!n && n.row !== b.row);
          return [b, near.length ? near.reduce((sum, n) => sum + middle(n), 0) / near.length : middle(b)];
        }),
      );
      row.sort((a, b) => wish.get(a)! - wish.get(b)!);
      place(row);
    }
  }
  return table;
}

/** Makes a picture of a graph. `go` is called for the node that the user picks. */
export function draw(graph: Graph, go: (node: GraphNode) => void): SVGSVGElement {
  const table = layout(graph);
  const all = table.flat();
  const left = Math.min(...all.map((b) => b.x)) - size.pad;
  const width = Math.max(...all.map((b) => b.x + b.width)) + size.pad - left;
  const height = table.length * (size.height + size.gapY) - size.gapY + 2 * size.pad;
  const top = (b: Box) => size.pad + b.row * (size.height + size.gapY);

  const svg = element("svg", { viewBox: `${left} 0 ${width} ${height}`, width: String(width), height: String(height), class: "graph" });
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", `Graph of ${graph.nodes.length} nodes`);
  const arrow = element("marker", { id: "arrow", viewBox: "0 0 8 8", refX: "7", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto" });
  arrow.append(element("path", { d: "M0 0 8 4 0 8z" }));
  const definitions = element("defs", {});
  definitions.append(arrow);
  svg.append(definitions);

  const boxes = new Map(all.map((b) => [b.node.id, b]));
  for (const { from, to, kind } of graph.edges) {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    if (!a || !b || a === b) {
      continue;
    }
    const [x1, x2] = [a.x + a.width / 2, b.x + b.width / 2];
    const down = b.row > a.row;
    const [y1, y2] = down ? [top(a) + size.height, top(b) - 2] : [top(a), top(b) + size.height + 2];
    const bend = (y2 - y1) / 2 || size.gapY / 2;
    const path = element("path", { d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`, class: "edge", "marker-end": "url(#arrow)" });
    path.dataset.kind = kind;
    const title = element("title", {});
    title.textContent = `${a.node.label} → ${b.node.label} (${kind})`;
    path.append(title);
    svg.append(path);
  }
  for (const b of all) {
    const group = element("g", { class: "node", transform: `translate(${b.x} ${top(b)})` });
    group.dataset.kind = b.node.kind;
    const title = element("title", {});
    title.textContent = [b.node.label, b.node.kind, b.node.detail].filter(Boolean).join("\n");
    const label = element("text", { x: String(b.width / 2), y: "20", class: "label" });
    label.textContent = b.node.label;
    const detail = element("text", { x: String(b.width / 2), y: "36", class: "detail" });
    detail.textContent = b.node.detail || b.node.kind;
    group.append(title, element("rect", { width: String(b.width), height: String(size.height), rx: "6" }), label, detail);
    if (b.node.uri) {
      group.setAttribute("role", "button");
      group.setAttribute("tabindex", "0");
      group.addEventListener("click", () => go(b.node));
      group.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          go(b.node);
        }
      });
    }
    svg.append(group);
  }
  return svg;
}

function element<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}
