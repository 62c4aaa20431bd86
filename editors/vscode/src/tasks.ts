import * as vscode from "vscode";
import { folderOf } from "./plans";
import type { Session } from "./session";

export const taskType = "escape";
const matcher = "$escape-lint";

/** Definition is what tasks.json may say of a task of this type. */
interface Definition extends vscode.TaskDefinition {
  /** Arguments of the command line, such as ["lint"]. */
  args: string[];
  /** Folder to run in; the workspace folder if it is left out. */
  cwd?: string;
}

const lintArguments = ["lint", "--format", "oneline"];

/** Tasks offers `escape lint` and `escape validate` for each folder, and completes tasks of tasks.json. */
export class Tasks implements vscode.TaskProvider {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  provideTasks(): vscode.Task[] {
    return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => [
      this.#task({ type: taskType, args: lintArguments }, folder, "lint"),
      this.#task({ type: taskType, args: ["validate"] }, folder, "validate"),
    ]);
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const definition = task.definition as Definition;
    if (!Array.isArray(definition.args)) {
      return undefined;
    }
    // VS Code wants back the very definition it gave.
    return this.#task(definition, task.scope ?? vscode.TaskScope.Workspace, task.name);
  }

  /** lint returns the task that checks all plans of a folder. */
  lint(folder: vscode.WorkspaceFolder): vscode.Task {
    const task = this.#task({ type: taskType, args: lintArguments }, folder, "lint");
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Silent };
    return task;
  }

  /** run returns the task that runs the command line in the folder of a plan. */
  run(plan: vscode.Uri, args: string[]): vscode.Task {
    const scope = vscode.workspace.getWorkspaceFolder(plan) ?? vscode.TaskScope.Workspace;
    return this.inFolder(folderOf(plan), args, scope);
  }

  /** inFolder returns the task that runs the command line in any folder. */
  inFolder(cwd: string, args: string[], scope: vscode.WorkspaceFolder | vscode.TaskScope): vscode.Task {
    const task = this.#task({ type: taskType, args, cwd }, scope, args.join(" "));
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated };
    return task;
  }

  /** task starts no shell, so that no argument is ever read as one. */
  #task(definition: Definition, scope: vscode.WorkspaceFolder | vscode.TaskScope, name: string): vscode.Task {
    const execution = new vscode.ProcessExecution(
      this.#session.server?.command ?? "escape",
      definition.args,
      definition.cwd === undefined ? {} : { cwd: definition.cwd },
    );
    const task = new vscode.Task(definition, scope, name, "escape", execution, matcher);
    if (definition.args[0] === "lint" || definition.args[0] === "validate") {
      task.group = vscode.TaskGroup.Test;
    }
    return task;
  }
}
