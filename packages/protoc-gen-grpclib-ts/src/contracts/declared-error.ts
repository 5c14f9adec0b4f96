import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import type { Place } from "./places.js";

/** An error that a method declares: checked, with its names resolved and its defaults filled in. */
export interface DeclaredError {
  /** Its name in generated code. */
  readonly kind: string;
  /** The name of its status. */
  readonly status: string;
  /** The reason in its ErrorInfo; empty if it has no ErrorInfo. */
  readonly reason: string;
  /** The domain in its ErrorInfo; empty if it has no ErrorInfo. */
  readonly domain: string;
  readonly metadata: readonly string[];
  /** The details that are always present. */
  readonly details: readonly DeclaredDetail[];
  readonly optionalDetails: readonly DeclaredDetail[];
  /** Whether the same request may be sent again. */
  readonly retryable: boolean;
  /** The template of its message; empty if the server writes the message. */
  readonly message: string;
  /** Whether the server adds a LocalizedMessage. */
  readonly localize: boolean;
  /** The comment on the option; empty if there is none. */
  readonly comment: string;
  /** Where it is declared. */
  readonly place: Place;
  /** The shared errors that it is one of; `undefined` if its method or its service declares it. */
  readonly sharedBy: SharedBy | undefined;
}

/** The errors that a file declares for the methods of several services. */
export interface SharedBy {
  readonly file: DescFile;
  /** The name of these errors in generated code. */
  readonly name: string;
  /** Where the file sets this name, or else declares the first of them. */
  readonly place: Place;
}

/** What it means that an error is retryable. */
export const retryableMeaning: string =
  "the server has done nothing, and the same request may be sent again, after the delay in the error's RetryInfo if " +
  "there is one";

/** A detail of a declared error. */
export interface DeclaredDetail {
  /** The name of its property in `data`. */
  readonly property: string;
  readonly type: DetailType;
}

/** The message type of a detail. */
export interface DetailType {
  readonly typeName: string;
  /** Its descriptor; `undefined` for the google.rpc types that are part of the runtime. */
  readonly desc?: DescMessage;
}

/** The full names of all details that may be sent with an error. */
export function possibleDetails({ details, optionalDetails, localize }: DeclaredError): string[] {
  return [...typeNames([...details, ...optionalDetails]), ...(localize ? ["google.rpc.LocalizedMessage"] : [])];
}

/** The full names of the types of details. */
export function typeNames(details: readonly DeclaredDetail[]): string[] {
  return details.map(({ type }) => type.typeName);
}
