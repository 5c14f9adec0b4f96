import type { DescFile } from "@bufbuild/protobuf";
import type { DeclaredError } from "../contracts/declared-error.js";
import { translationKey, variablesIn } from "../contracts/message.js";
import { textRefusals } from "../contracts/message-refusals.js";
import { placesIn } from "../contracts/places.js";
import { check } from "../contracts/read-options.js";
import { readContracts } from "../contracts/read-service.js";
import { readSharedErrors } from "../contracts/read-shared.js";
import { sharedName } from "../contracts/shared.js";

/** A message in the file for translators. The names that they share with WebExtensions are known to translation tools. */
interface ListedMessage {
  readonly message: string;
  /** The comments on the error. */
  readonly description: string;
  readonly variables: readonly string[];
  readonly kind: string;
  readonly status: string;
  /** Whether the server translates the message. */
  readonly localize: boolean;
  /** The full names of the methods and services that declare the error, or that of a shared error. */
  readonly declaredBy: readonly string[];
}

/** A declared error with a message. */
interface Declaration {
  readonly error: DeclaredError;
  readonly file: DescFile;
  /** The full name of the method or the service that declares it, or of the shared error. */
  readonly declaredBy: string;
}

/**
 * The messages of the errors that files declare, as JSON, by the keys of their
 * translations. `undefined` if there are none.
 *
 * @throws an `InputError` that begins with the location of one of the errors, if two files have different messages with
 * the same key
 */
export function messagesIn(files: readonly DescFile[], allFiles: readonly DescFile[]): string | undefined {
  const byKey = new Map<string, Declaration[]>();
  for (const declaration of files.flatMap((file) => declarationsIn(file, allFiles))) {
    const key = keyOf(declaration);
    byKey.set(key, [...(byKey.get(key) ?? []), declaration]);
  }
  const listed = [...byKey].map(([key, declarations]) => [key, list(declarations)]);
  return listed.length === 0 ? undefined : JSON.stringify(Object.fromEntries(listed), undefined, 2);
}

function declarationsIn(file: DescFile, allFiles: readonly DescFile[]): Declaration[] {
  const ofServices = file.services.flatMap((service) => {
    const { typeName } = service;
    const { common, methods } = readContracts(service, allFiles);
    const own = [...methods].flatMap(([method, errors]) =>
      errors
        .filter((error) => !common.includes(error))
        .map((error) => ({ error, file, declaredBy: `${typeName}.${method.name}` })),
    );
    return [...common.map((error) => ({ error, file, declaredBy: typeName })), ...own];
  });
  const ofFile = readSharedErrors(file, allFiles).declared.map((error) => ({
    error,
    file,
    declaredBy: sharedName({ file, kind: error.kind }),
  }));
  // The file that declares a shared error lists it.
  const ofMethods = ofServices.filter(({ error }) => error.sharedBy === undefined);
  return [...ofMethods, ...ofFile].filter(({ error }) => error.message !== "");
}

/** Without a reason, no translation refers to the error, so that the key only has to be unique. */
function keyOf({ error, declaredBy }: Declaration): string {
  return error.reason === "" ? `${declaredBy}/${error.kind}` : translationKey(error);
}

function list(declarations: readonly Declaration[]): ListedMessage | undefined {
  const [first] = declarations;
  if (first === undefined) {
    return undefined;
  }
  for (const { error, file } of declarations) {
    check(textRefusals, { error, earlier: first.error }, (problem) => placesIn(file).fault(error.place.path, problem));
  }
  const { message, kind, status } = first.error;
  const comments = declarations.map(({ error }) => error.comment).filter(Boolean);
  return {
    message,
    description: [...new Set(comments)].join("\n\n"),
    variables: variablesIn(message),
    kind,
    status,
    localize: declarations.some(({ error }) => error.localize),
    declaredBy: declarations.map(({ declaredBy }) => declaredBy),
  };
}
