import * as path from "node:path";

/** Server is the program that answers: where it is, and how it was found. */
export interface Server {
  readonly command: string;
  readonly origin: "setting" | "bundled" | "path";
}

/** Places says where to look for the server, so that finding it depends on nothing else. */
export interface Places {
  /** Value of the setting `escape.path`; empty if it is not set. */
  readonly setting: string;
  /** Folder of the extension, which holds `bin/escape` if it was packed for one platform. */
  readonly extension: string;
  /** Value of the environment variable PATH. */
  readonly path: string;
  readonly home: string;
  readonly windows: boolean;
  readonly isExecutable: (file: string) => boolean;
}

/**
 * findServer returns the program to start, or undefined if there is none. The setting wins, even if nothing is there: what
 * somebody asked for is not replaced in silence. The bundled program comes before PATH, because it fits the extension.
 */
export function findServer(places: Places): Server | undefined {
  const join = places.windows ? path.win32.join : path.posix.join;
  const name = places.windows ? "escape.exe" : "escape";
  if (places.setting !== "") {
    const command = expandHome(places.setting, places.home, join);
    if (!/[\\/]/.test(command)) {
      const found = onPath(command, places, join);
      return found === undefined ? undefined : { command: found, origin: "setting" };
    }
    return places.isExecutable(command) ? { command, origin: "setting" } : undefined;
  }
  const bundled = join(places.extension, "bin", name);
  if (places.isExecutable(bundled)) {
    return { command: bundled, origin: "bundled" };
  }
  const command = onPath(name, places, join);
  return command === undefined ? undefined : { command, origin: "path" };
}

type Join = (...parts: string[]) => string;

function expandHome(file: string, home: string, join: Join): string {
  return /^~(?=[\\/]|$)/.test(file) ? join(home, file.slice(1)) : file;
}

/** onPath looks a bare name up as a shell would, but never in the working directory: a workspace must not bring its own. */
function onPath(name: string, places: Places, join: Join): string | undefined {
  const isAbsolute = places.windows ? path.win32.isAbsolute : path.posix.isAbsolute;
  return places.path
    .split(places.windows ? ";" : ":")
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find((file) => places.isExecutable(file));
}
