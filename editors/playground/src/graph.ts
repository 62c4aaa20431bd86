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

/** A place in a row: of a node, or of an edge that passes on its way to a row further down. */
interface Box {
  node?: GraphNode;
  row: number;
  x: number;
  width: number;
  near: Box[];
}

interface Way {
  edge: GraphEdge;
  /** From the node where the edge begins to the one where it ends, with one place in each row between. */
  boxes: Box[];
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

const middle = (b: Box) => b.x + b.width / 2;

function layout(graph: Graph): { table: Box[][]; ways: Way[] } {
  const rows = rowsOf(graph);
  const table: Box[][] = [];
  const add = (row: number, width: number, node?: GraphNode) => {
    const box: Box = { node, row, x: 0, width, near: [] };
    (table[row] ??= []).push(box);
    return box;
  };
  const boxes = new Map<string, Box>();
  for (const node of graph.nodes) {
    const text = Math.max(node.label.length * size.char, (node.detail || node.kind).length * size.small, 70);
    boxes.set(node.id, add(rows.get(node.id)!, text + 2 * size.pad, node));
  }
  const ways: Way[] = [];
  for (const edge of graph.edges) {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (!from || !to || from === to) {
      continue;
    }
    const way = [from];
    const step = Math.sign(to.row - from.row);
    for (let row = from.row + step; step && row !== to.row; row += step) {
      way.push(add(row, 1));
    }
    way.push(to);
    way.slice(1).forEach((box, i) => (box.near.push(way[i]), way[i].near.push(box)));
    ways.push({ edge, boxes: way });
  }
  const place = (row: Box[]) => {
    let x = -(row.reduce((sum, b) => sum + b.width + size.gapX, 0) - size.gapX) / 2;
    for (const b of row) {
      b.x = x;
      x += b.width + size.gapX;
    }
  };
  table.forEach(place);
  for (let sweep = 0; sweep < 6; sweep++) {
    for (const row of sweep % 2 ? [...table].reverse() : table) {
      const wish = new Map(row.map((b) => [b, b.near.length ? b.near.reduce((sum, n) => sum + middle(n), 0) / b.near.length : middle(b)]));
      row.sort((a, b) => wish.get(a)! - wish.get(b)!);
      place(row);
    }
  }
  return { table, ways };
}

/** Makes a picture of a graph. `go` is called for the node that the user picks. */
export function draw(graph: Graph, go: (node: GraphNode) => void): SVGSVGElement {
  const { table, ways } = layout(graph);
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

  for (const { edge, boxes } of ways) {
    const path = element("path", { d: curve(boxes, top), class: "edge", "marker-end": "url(#arrow)" });
    path.dataset.kind = edge.kind;
    const title = element("title", {});
    title.textContent = `${boxes[0].node!.label} → ${boxes.at(-1)!.node!.label} (${edge.kind})`;
    path.append(title);
    svg.append(path);
  }
  for (const b of all) {
    const { node } = b;
    if (!node) {
      continue;
    }
    const group = element("g", { class: "node", transform: `translate(${b.x} ${top(b)})` });
    group.dataset.kind = node.kind;
    const title = element("title", {});
    title.textContent = [node.label, node.kind, node.detail].filter(Boolean).join("\n");
    const label = element("text", { x: String(b.width / 2), y: "20", class: "label" });
    label.textContent = node.label;
    const detail = element("text", { x: String(b.width / 2), y: "36", class: "detail" });
    detail.textContent = node.detail || node.kind;
    group.append(title, element("rect", { width: String(b.width), height: String(size.height), rx: "6" }), label, detail);
    if (node.uri) {
      group.setAttribute("role", "button");
      group.setAttribute("tabindex", "0");
      group.addEventListener("click", () => go(node));
      group.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          go(node);
        }
      });
    }
    svg.append(group);
  }
  return svg;
}

/** The path of an edge: straight past the rows between, in curves from one row to the next. */
function curve(boxes: Box[], top: (b: Box) => number): string {
  const down = boxes.at(-1)!.row >= boxes[0].row;
  const leave = (b: Box) => top(b) + (down ? size.height : 0);
  const enter = (b: Box) => top(b) + (down ? 0 : size.height);
  let path = `M${middle(boxes[0])} ${leave(boxes[0])}`;
  boxes.slice(1).forEach((b, i) => {
    const [x1, y1] = [middle(boxes[i]), leave(boxes[i])];
    const [x2, y2] = [middle(b), enter(b)];
    const bend = (y2 - y1) / 2;
    path += `C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
    if (!b.node) {
      path += `V${leave(b)}`;
    }
  });
  return path;
}

function element<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}
