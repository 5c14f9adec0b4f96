import type { ErrorDocsFormat } from "../options.js";
import type { Catalogue } from "./catalogue.js";
import { htmlPage } from "./html/page.js";
import { catalogueJson } from "./json.js";
import { markdownPage } from "./markdown/page.js";
import { openApi } from "./openapi.js";

/** A format of the documentation: the names of its files, and how to print a catalogue. */
interface Format {
  /** No stem may begin with another one and a dot, so that no file replaces one of another package and format. */
  readonly stem: string;
  readonly extension: string;
  readonly print: (catalogue: Catalogue) => string;
}

/** The values of the option `error_docs`. */
export const formats: Readonly<Record<ErrorDocsFormat, Format>> = {
  md: { stem: "ERRORS", extension: "md", print: markdownPage },
  json: { stem: "ERRORS", extension: "json", print: catalogueJson },
  html: { stem: "ERRORS", extension: "html", print: htmlPage },
  openapi: { stem: "ERRORS-openapi", extension: "json", print: openApi },
};
