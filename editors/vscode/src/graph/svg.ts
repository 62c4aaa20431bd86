import type { Graph, Node } from "./graph";
import { layout, type Box, type Line } from "./layout";

/** What a page needs besides the graph: addresses of its style and script, and what its security policy allows. */
export interface Page {
  title: string;
  style: string;
  script: string;
  /** Source of styles, as the webview names it. */
  source: string;
  nonce: string;
}

/**
 * page returns the document of the webview. Nothing in it comes from the network: the policy allows the one style and the
 * one script that carry the extension's addresses.
 */
export function page(graph: Graph, { title, style, script, source, nonce }: Page): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<link rel="stylesheet" href="${escapeText(style)}">
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
${legend(graph)}
<div role="toolbar" aria-label="Zoom"><button id="out" title="Zoom out">−</button><button id="fit" title="Fit">Fit</button><button id="in" title="Zoom in">+</button></div>
</header>
${graph.nodes.length > 0 ? `<main>${svg(graph)}</main>` : "<p>This plan depends on nothing, or its dependencies are not known yet.</p>"}
<script nonce="${nonce}" src="${escapeText(script)}"></script>
</body>
</html>`;
}

/** svg draws the graph. Colours come from classes, which the style binds to the colours of the theme. */
export function svg(graph: Graph): string {
  const { boxes, lines, width, height } = layout(graph);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="Graph">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8Z"/></marker></defs>
${lines.map(drawLine).join("\n")}
${boxes.map(drawBox).join("\n")}
</svg>`;
}

function drawLine({ edge, from, to }: Line): string {
  const bend = Math.max(24, Math.abs(to.y - from.y) / 2);
  const path = `M${round(from.x)} ${round(from.y)}C${round(from.x)} ${round(from.y + bend)} ${round(to.x)} ${round(to.y - bend)} ${round(to.x)} ${round(to.y)}`;
  return `<path class="edge ${className(edge.kind)}" d="${path}" marker-end="url(#arrow)"><title>${escapeText(`${edge.from} → ${edge.to} (${edge.kind})`)}</title></path>`;
}

function drawBox({ node, x, y, width, height }: Box): string {
  const middle = round(x + width / 2);
  const [label, detail] = [clip(node.label, 38), clip(node.detail ?? "", 46)];
  const text = detail
    ? `<text x="${middle}" y="${round(y + 21)}">${escapeText(label)}</text><text class="detail" x="${middle}" y="${round(y + 38)}">${escapeText(detail)}</text>`
    : `<text x="${middle}" y="${round(y + height / 2 + 4)}">${escapeText(label)}</text>`;
  return `<g class="node ${className(node.kind)}${node.uri ? " link" : ""}" data-id="${escapeText(node.id)}"${node.uri ? ' tabindex="0" role="link"' : ""} aria-label="${escapeText(describe(node))}"><title>${escapeText(describe(node))}</title><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}" rx="5"/>${text}</g>`;
}

/** legend names the kinds of edges, each beside a sample of its line. */
function legend(graph: Graph): string {
  const kinds = [...new Set(graph.edges.map((edge) => edge.kind))];
  return `<ul>${kinds
    .map(
      (kind) =>
        `<li><svg width="28" height="8"><path class="edge ${className(kind)}" d="M0 4L28 4"/></svg>${escapeText(kind)}</li>`,
    )
    .join("")}</ul>`;
}

function describe(node: Node): string {
  return [node.label, node.kind, node.detail].filter(Boolean).join(", ");
}

function className(kind: string): string {
  return `kind-${kind.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

function clip(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** escapeText makes text safe between tags and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
