import * as vscode from "vscode";
import { planFor, uriOf } from "../plans";
import { clientCommands, type Session } from "../session";
import type { Tasks } from "../tasks";
import { programOf } from "./server";

/** What the server gives to escape.run in a code lens. */
interface RunArguments {
  uri: string;
  command: string[];
}

/** Step is what `escape run` can do with a plan, and whether it changes more than files. */
interface Step {
  label: string;
  description: string;
}

const steps: Step[] = [
  { label: "build", description: "Run the build steps of the plan" },
  { label: "test", description: "Run the test of the plan against the build" },
  { label: "package", description: "Write the package file" },
  { label: "deploy", description: "Deploy the plan" },
  { label: "smoke", description: "Run the smoke test against the deployment" },
  { label: "destroy", description: "Destroy the build and the deployment" },
  { label: "release", description: "Build, test, package and publish" },
];

/** runCommands start the command line: in the terminal, so that its questions can be answered. */
export function runCommands(session: Session, tasks: Tasks): vscode.Disposable {
  const start = async (task: vscode.Task) => {
    if (programOf(session) === undefined) {
      return;
    }
    await vscode.workspace.saveAll(false);
    await vscode.tasks.executeTask(task);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand(clientCommands.run, async ({ uri, command }: RunArguments) => {
      const plan = uriOf(uri);
      if (plan !== undefined && (await trusted())) {
        await start(tasks.run(plan, command));
      }
    }),
    vscode.commands.registerCommand("escape.runStep", async (given?: unknown) => {
      const plan = await planFor(given);
      if (plan === undefined || !(await trusted())) {
        return;
      }
      const step = await vscode.window.showQuickPick(steps, { placeHolder: "What to run" });
      if (step !== undefined) {
        await start(tasks.run(plan, ["run", step.label]));
      }
    }),
    vscode.commands.registerCommand("escape.lintWorkspace", async () => {
      if (programOf(session) === undefined) {
        return;
      }
      await vscode.workspace.saveAll(false);
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        await lint(tasks.lint(folder));
      }
    }),
    vscode.commands.registerCommand("escape.newPlan", () => (programOf(session) === undefined ? undefined : newPlan(tasks))),
  );
}

/** lint shows what was found, or the terminal if the linter itself failed: 1 says only that there are findings. */
async function lint(task: vscode.Task): Promise<void> {
  const status = await outcome(task);
  if (status === 0 || status === 1) {
    await vscode.commands.executeCommand("workbench.panel.markers.view.focus");
  } else {
    await vscode.commands.executeCommand("workbench.action.terminal.focus");
  }
}

/** trusted reports whether programs of the workspace may run, and says so if they may not. */
async function trusted(): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    await vscode.window.showWarningMessage("Steps run only in a trusted workspace.");
  }
  return vscode.workspace.isTrusted;
}

const notations = [
  { label: "YAML", description: "escape.yml", args: [] },
  { label: "HCL", description: "escape.hcl", args: ["--hcl"] },
];

/** newPlan lets the command line write a first plan, and opens it. */
async function newPlan(tasks: Tasks): Promise<void> {
  const folder = await folderForNewPlan();
  if (folder === undefined) {
    return;
  }
  const name = await vscode.window.showInputBox({
    prompt: "Name of the package",
    placeHolder: "my-project/my-package",
    validateInput: (text) => (/^[\w-]+(\/[\w-]+)?$/.test(text) ? undefined : "A name such as my-project/my-package"),
  });
  const notation = name && (await vscode.window.showQuickPick(notations, { placeHolder: "Notation of the plan" }));
  if (!name || !notation) {
    return;
  }
  const task = tasks.inFolder(folder.fsPath, ["plan", "init", "--name", name, ...notation.args], vscode.TaskScope.Workspace);
  if ((await outcome(task)) === 0) {
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, notation.description));
  }
}

async function folderForNewPlan(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 1) {
    return folders[0]!.uri;
  }
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: "Write Plan Here",
  });
  return picked?.[0];
}

/** outcome runs a task and returns the exit status of its program; undefined if that did not start. */
async function outcome(task: vscode.Task): Promise<number | undefined> {
  const execution = await vscode.tasks.executeTask(task);
  let status: number | undefined;
  return new Promise((resolve) => {
    const listeners = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution === execution) {
          status = event.exitCode;
        }
      }),
      vscode.tasks.onDidEndTask((event) => {
        if (event.execution === execution) {
          listeners.dispose();
          resolve(status);
        }
      }),
    );
  });
}
