import { edgesBy, type Edge, type Graph, type Node } from "./graph";

/** Box is a node with its place. */
export interface Box {
  node: Node;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Line is an edge with its ends: the lower side of one box and the upper side of another. */
export interface Line {
  edge: Edge;
  from: { x: number; y: number };
  to: { x: number; y: number };
}

export interface Layout {
  boxes: Box[];
  lines: Line[];
  width: number;
  height: number;
}

const gap = { across: 28, down: 64 };
const margin = 20;
const boxHeight = { plain: 34, detailed: 50 };
const letter = { label: 7.6, detail: 6.4 };
const sweeps = 6;

/**
 * layout puts every node below those that point at it and orders each row so that few edges cross. The result depends on
 * the graph alone. A cycle is drawn with one of its edges going up.
 */
export function layout(graph: Graph): Layout {
  const rows = rowsOf(graph);
  sortRows(rows, graph.edges);
  const boxes = place(rows);
  const byID = new Map(boxes.map((box) => [box.node.id, box]));
  const lines = graph.edges
    .filter((edge) => edge.from !== edge.to)
    .map((edge) => line(edge, byID.get(edge.from)!, byID.get(edge.to)!));
  return {
    boxes,
    lines,
    width: Math.max(0, ...boxes.map((box) => box.x + box.width)) + margin,
    height: Math.max(0, ...boxes.map((box) => box.y + box.height)) + margin,
  };
}

/** forward returns the edges without those that close a cycle when nodes are visited in their order. */
function forward(graph: Graph): Edge[] {
  const out = edgesBy("from", graph.edges);
  const state = new Map<string, "open" | "done">();
  const kept: Edge[] = [];
  for (const { id: start } of graph.nodes) {
    if (state.has(start)) {
      continue;
    }
    // An explicit stack, because a chain of dependencies may be longer than the stack of JavaScript is deep.
    const stack = [{ id: start, next: 0 }];
    state.set(start, "open");
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const edge = out.get(top.id)?.[top.next++];
      if (edge === undefined) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(edge.to) !== "open") {
        kept.push(edge);
        if (!state.has(edge.to)) {
          state.set(edge.to, "open");
          stack.push({ id: edge.to, next: 0 });
        }
      }
    }
  }
  return kept;
}

/** rowsOf gives each node the row that is one below the lowest of those that point at it. */
function rowsOf(graph: Graph): Node[][] {
  const edges = forward(graph);
  const out = edgesBy("from", edges);
  const waiting = new Map(graph.nodes.map((node) => [node.id, 0]));
  for (const edge of edges) {
    waiting.set(edge.to, waiting.get(edge.to)! + 1);
  }
  const rank = new Map(graph.nodes.map((node) => [node.id, 0]));
  const ready = graph.nodes.map((node) => node.id).filter((id) => waiting.get(id) === 0);
  for (const id of ready) {
    for (const edge of out.get(id) ?? []) {
      rank.set(edge.to, Math.max(rank.get(edge.to)!, rank.get(id)! + 1));
      waiting.set(edge.to, waiting.get(edge.to)! - 1);
      if (waiting.get(edge.to) === 0) {
        ready.push(edge.to);
      }
    }
  }
  const rows: Node[][] = [];
  for (const node of graph.nodes) {
    (rows[rank.get(node.id)!] ??= []).push(node);
  }
  return rows;
}

/** sortRows moves each node to the mean place of its neighbours in the row above, then below, a few times over. */
function sortRows(rows: Node[][], edges: Edge[]): void {
  const up = edgesBy("to", edges);
  const down = edgesBy("from", edges);
  const at = new Map<string, number>();
  const note = (row: Node[]) => row.forEach((node, i) => at.set(node.id, (i + 0.5) / row.length));
  rows.forEach(note);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const above = sweep % 2 === 0;
    for (const row of above ? rows : [...rows].reverse()) {
      const wish = new Map(
        row.map((node) => {
          const near = above
            ? (up.get(node.id) ?? []).map((edge) => at.get(edge.from)!)
            : (down.get(node.id) ?? []).map((edge) => at.get(edge.to)!);
          const own = at.get(node.id)!;
          return [node.id, near.length === 0 ? own : near.reduce((a, b) => a + b, 0) / near.length];
        }),
      );
      row.sort((a, b) => wish.get(a.id)! - wish.get(b.id)!);
      note(row);
    }
  }
}

/** place turns rows into boxes; each row is centred. */
function place(rows: Node[][]): Box[] {
  const sized = rows.map((row) => row.map((node) => ({ node, ...size(node) })));
  const widths = sized.map((row) => row.reduce((sum, box) => sum + box.width + gap.across, -gap.across));
  const widest = Math.max(0, ...widths);
  let y = margin;
  return sized.flatMap((row, i) => {
    let x = margin + (widest - widths[i]!) / 2;
    const boxes = row.map((box) => {
      const placed = { ...box, x, y };
      x += box.width + gap.across;
      return placed;
    });
    y += Math.max(...row.map((box) => box.height)) + gap.down;
    return boxes;
  });
}

function size(node: Node): { width: number; height: number } {
  const letters = Math.max(node.label.length * letter.label, (node.detail ?? "").length * letter.detail);
  return {
    width: Math.min(320, Math.max(80, letters + 28)),
    height: node.detail ? boxHeight.detailed : boxHeight.plain,
  };
}

function line(edge: Edge, from: Box, to: Box): Line {
  return {
    edge,
    from: { x: from.x + from.width / 2, y: from.y + from.height },
    to: { x: to.x + to.width / 2, y: to.y },
  };
}
