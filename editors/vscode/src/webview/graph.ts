// The script of the graph's page: a click opens a node, buttons and Ctrl with the wheel zoom.

interface Host {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): Host;

const host = acquireVsCodeApi();
const svg = document.querySelector<SVGSVGElement>("main > svg");
const zoomStep = 1.25;
let zoom = 1;

function open(target: EventTarget | null): void {
  const id = (target as Element | null)?.closest<SVGGElement>(".node.link")?.dataset["id"];
  if (id !== undefined) {
    host.postMessage({ type: "open", id });
  }
}

function setZoom(value: number): void {
  if (svg === null) {
    return;
  }
  zoom = Math.min(4, Math.max(0.1, value));
  svg.setAttribute("width", String(svg.viewBox.baseVal.width * zoom));
  svg.setAttribute("height", String(svg.viewBox.baseVal.height * zoom));
}

/** fit shows the whole graph, but never larger than life. */
function fit(): void {
  const frame = svg?.parentElement;
  if (svg && frame) {
    const { width, height } = svg.viewBox.baseVal;
    setZoom(Math.min(1, frame.clientWidth / width, frame.clientHeight / height));
  }
}

document.addEventListener("click", (event) => open(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === " ") {
    open(event.target);
  }
});
document.addEventListener(
  "wheel",
  (event) => {
    if (event.ctrlKey) {
      event.preventDefault();
      setZoom(event.deltaY < 0 ? zoom * zoomStep : zoom / zoomStep);
    }
  },
  { passive: false },
);
document.getElementById("in")?.addEventListener("click", () => setZoom(zoom * zoomStep));
document.getElementById("out")?.addEventListener("click", () => setZoom(zoom / zoomStep));
document.getElementById("fit")?.addEventListener("click", fit);
fit();
