import {
  type DeclaredDetail,
  type DeclaredError,
  type DetailType,
  retryableMeaning,
} from "../contracts/declared-error.js";
import { isKnown } from "./detail-type.js";
import { statusNumber } from "./rest.js";

/** What the pages for people say about an error, besides its comment. */
export interface Fact {
  readonly term: string;
  readonly values: readonly Value[];
}

/** A name or another text of the contract, the type of a detail, or a sentence of texts and such values. */
export type Value =
  | { readonly kind: "code"; readonly text: string; readonly note?: string }
  | { readonly kind: "type"; readonly type: DetailType }
  | { readonly kind: "prose"; readonly parts: readonly (string | Value)[] };

/** The documentation of a detail type elsewhere; `undefined` if the catalogue documents it. */
export function documentedAt({ desc }: DetailType): string | undefined {
  if (desc === undefined) {
    return "https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto";
  }
  return isKnown(desc)
    ? `https://github.com/protocolbuffers/protobuf/blob/main/src/${desc.file.proto.name}`
    : undefined;
}

/** What it means that an error is localized. */
const localizedMeaning: Value = {
  kind: "prose",
  parts: [
    "has a ",
    { kind: "type", type: { typeName: "google.rpc.LocalizedMessage" } },
    " in a language that the caller's ",
    { kind: "code", text: "accept-language" },
    " metadata asks for",
  ],
};

/** The facts about an error, without those that do not apply. */
export function factsOf(error: DeclaredError): readonly Fact[] {
  const { status, reason, domain, metadata, details, optionalDetails, retryable, message, localize } = error;
  const { sharedBy } = error;
  const facts: readonly Fact[] = [
    { term: "Status", values: [{ kind: "code", text: status, note: `(${statusNumber(status)})` }] },
    { term: "Reason", values: reason === "" ? [] : codes([reason]) },
    { term: "Domain", values: reason === "" ? [] : codes([domain]) },
    { term: "Message", values: message === "" ? [] : codes([message]) },
    { term: "Localized", values: localize ? [localizedMeaning] : [] },
    { term: "Metadata", values: codes(metadata) },
    { term: "Details", values: types(details) },
    { term: "Optional details", values: types(optionalDetails) },
    { term: "Retryable", values: retryable ? [{ kind: "prose", parts: [retryableMeaning] }] : [] },
    { term: "Declared in", values: sharedBy === undefined ? [] : codes([sharedBy.file.proto.name]) },
  ];
  return facts.filter(({ values }) => values.length > 0);
}

function codes(texts: readonly string[]): readonly Value[] {
  return texts.map((text) => ({ kind: "code", text }));
}

function types(details: readonly DeclaredDetail[]): readonly Value[] {
  return details.map(({ type }) => ({ kind: "type", type }));
}
