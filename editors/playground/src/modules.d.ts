// Modules that the build makes; see build.mjs.
declare module "worker:*" {
  /** Where the script of the worker is. */
  const url: string;
  export default url;
}
declare module "workspace:*" {
  /** The text of each file of the folder below workspace/. */
  const files: Record<string, string>;
  export default files;
}
declare module "monaco-editor/languages/definitions/*" {
  export const conf: unknown;
  export const language: unknown;
}
declare module "monaco-editor/features/register.all.js";
declare module "monaco-editor/editor/contrib/*";
declare module "*.css";
