import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import ts from "typescript-5.9";

/** What an editor shows for an open file. */
export interface Editor {
  /** The errors in the file. */
  readonly errors: readonly string[];
  /** The hover text at a position, in lines: the declaration, an empty line and its comment. */
  hover(position: number): string[];
  /** The completions at a position. */
  completions(position: number): string[];
}

/** Opens a file in the language service of TypeScript 5.9, because TypeScript 7 has no API. */
export function openInEditor(path: string): Editor {
  const service = ts.createLanguageService({
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    getCompilationSettings: () => ({
      strict: true,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      types: [],
      skipLibCheck: true,
    }),
    getCurrentDirectory: () => dirname(path),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [path],
    getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(readFileSync(name, "utf8")),
    getScriptVersion: () => "1",
  });
  // Check the file before any hover: a union lists its members in the order in which the checker first meets them.
  const diagnostics = [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)];
  return {
    errors: diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    hover(position) {
      const { displayParts, documentation = [] } = service.getQuickInfoAtPosition(path, position) ?? {};
      const comment = documentation.length === 0 ? "" : `\n\n${ts.displayPartsToString(documentation)}`;
      return `${ts.displayPartsToString(displayParts)}${comment}`.split("\n");
    },
    completions(position) {
      const { entries = [] } = service.getCompletionsAtPosition(path, position, {}) ?? {};
      return entries.map(({ name }) => name);
    },
  };
}
