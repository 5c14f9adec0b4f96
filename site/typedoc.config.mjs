import { OptionDefaults } from "typedoc";
import { arrangePages, pages } from "./pages.mjs";
import { arrangeReference, groups, subpaths } from "./reference.mjs";

/** @type {import("typedoc").TypeDocOptions} */
export default {
  name: "grpclib-ts",
  out: "dist",
  plugin: [arrangePages, arrangeReference],

  // The pages.
  readme: "../README.md",
  projectDocuments: [...pages.keys()].map((page) => `../${page}`),
  highlightLanguages: ["console", "dockerfile", "js", "json", "nginx", "proto", "python", "sh", "text", "ts", "yaml"],

  // The reference.
  tsconfig: "../packages/runtime/tsconfig.json",
  entryPoints: Object.keys(subpaths).map((name) => `../packages/runtime/src/${name}.ts`),
  // The build checks the types, with a later version of TypeScript.
  skipErrorChecking: true,
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  // protoc-gen-es writes this tag, with the name of the message or field.
  blockTags: [...OptionDefaults.blockTags, "@generated"],
  excludeTags: [...OptionDefaults.excludeTags, "@generated"],

  // What must be right.
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: true },
  treatWarningsAsErrors: true,
  // Programs write these as literals.
  intentionallyNotExported: ["DeclaredError", "DeclaredKinds", "ResetCode"],
  // The comment of the method says what they are.
  intentionallyNotDocumented: ["@type", "@bytes"].map((name) => `${subpaths.index}.Unknown.toJSON.__type.${name}`),

  // How it looks.
  customCss: "style.css",
  navigation: { includeFolders: false, includeGroups: true },
  visibilityFilters: {},
  includeHierarchySummary: false,
  notRenderedTags: [...OptionDefaults.notRenderedTags, "@sortStrategy"],
  useFirstParagraphOfCommentAsSummary: true,
  searchInComments: true,
  searchInDocuments: true,
  sortEntryPoints: false,
  sort: ["kind", "instance-first", "enum-value-ascending", "source-order"],
  groupOrder: [
    ...[...new Set(pages.values())].toSpliced(-1, 0, "API reference"),
    ...new Set(Object.values(groups)),
    ...["Constructors", "Properties", "Accessors", "Methods"],
  ],
};
