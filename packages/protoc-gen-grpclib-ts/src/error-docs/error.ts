import {
  type DeclaredDetail,
  type DeclaredError,
  type DetailType,
  retryableMeaning,
} from "../contracts/declared-error.js";
import { CodeSchema } from "../gen/grpclib/v1/errors_pb.js";
import { type Link, names, type Section } from "./markdown.js";
import { fromComment } from "./prose.js";

/** The documentation of the google.rpc detail types. */
const builtInDetails = "https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto";

/** What it means that an error is localized. */
const localizedMeaning = `has a [${names(["google.rpc.LocalizedMessage"])}](${builtInDetails}) in a language that the caller's ${names(["accept-language"])} metadata asks for`;

/** The position of an error on its page. */
export interface ErrorPlace {
  /** The method, the service or the package that declares it. */
  readonly owner: string;
  /** The level of its heading. */
  readonly level: number;
}

/** Renders an error: its comment, and its status, reason, domain, message, metadata and details. */
export function errorSection(error: DeclaredError, { owner, level }: ErrorPlace): Section {
  const { kind, status, reason, domain, metadata, details, optionalDetails, retryable, message, localize } = error;
  const { comment, sharedBy } = error;
  return {
    subject: error,
    level,
    title: `${names([kind])} (${names([owner])})`,
    body: (link) => [
      ...fromComment(comment),
      [
        ["Status", `${names([status])} (${CodeSchema.values.find(({ name }) => name === status)?.number})`],
        ["Reason", reason && names([reason])],
        ["Domain", reason && names([domain])],
        ["Message", message && names([message])],
        ["Localized", localize ? localizedMeaning : ""],
        ["Metadata", names(metadata)],
        ["Details", types(details, link)],
        ["Optional details", types(optionalDetails, link)],
        ["Retryable", retryable ? retryableMeaning : ""],
        ["Declared in", sharedBy === undefined ? "" : names([sharedBy.file.proto.name])],
      ]
        .filter(([, value]) => value !== "")
        .map(([term, value]) => `- ${term}: ${value}`)
        .join("\n"),
    ],
  };
}

/** Renders links to the sections of errors. */
export function errorLinks(errors: readonly DeclaredError[], link: Link): string {
  return errors.map((error) => link(error, names([error.kind]))).join(", ");
}

function types(details: readonly DeclaredDetail[], link: Link): string {
  return details.map(({ type }) => typeLink(type, link)).join(", ");
}

function typeLink({ typeName, desc }: DetailType, link: Link): string {
  const name = names([typeName]);
  return desc === undefined ? `[${name}](${builtInDetails})` : link(desc, name);
}
