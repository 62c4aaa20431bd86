/** A position as the server sends it: line and UTF-16 unit, both from 0. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** Node is a plan, a release, a step or whatever else the server draws. Some can be opened. */
export interface Node {
  id: string;
  label: string;
  kind: string;
  detail?: string;
  uri?: string;
  range?: Range;
}

export interface Edge {
  from: string;
  to: string;
  kind: string;
}

/** Graph is the answer to the server's command `escape.graph`. */
export interface Graph {
  nodes: Node[];
  edges: Edge[];
}

/** graphOf makes a graph of what the server sent: edges to nobody and second nodes of one id are left out. */
export function graphOf(answer: unknown): Graph {
  const { nodes, edges } = (answer ?? {}) as Partial<Graph>;
  const known = new Map((nodes ?? []).map((node) => [node.id, node]));
  return {
    nodes: [...known.values()],
    edges: (edges ?? []).filter((edge) => known.has(edge.from) && known.has(edge.to)),
  };
}

/** roots are the nodes nothing points at; if there are none, because of a cycle, the first node. */
export function roots(graph: Graph): Node[] {
  const targets = new Set(graph.edges.filter((edge) => edge.from !== edge.to).map((edge) => edge.to));
  const found = graph.nodes.filter((node) => !targets.has(node.id));
  return found.length > 0 ? found : graph.nodes.slice(0, 1);
}

/** Child is a node together with the edge that leads to it. */
export interface Child {
  node: Node;
  kind: string;
}

/** children are the nodes that edges from id lead to, in the order of the edges, each once. */
export function children(graph: Graph, id: string): Child[] {
  const found = new Map<string, Child>();
  for (const edge of graph.edges) {
    const node = edge.from === id ? graph.nodes.find((other) => other.id === edge.to) : undefined;
    if (node !== undefined && node.id !== id && !found.has(node.id)) {
      found.set(node.id, { node, kind: edge.kind });
    }
  }
  return [...found.values()];
}

/** edgesBy groups edges by the node at one of their ends. */
export function edgesBy(end: "from" | "to", edges: Edge[]): Map<string, Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const group = groups.get(edge[end]);
    if (group === undefined) {
      groups.set(edge[end], [edge]);
    } else {
      group.push(edge);
    }
  }
  return groups;
}
