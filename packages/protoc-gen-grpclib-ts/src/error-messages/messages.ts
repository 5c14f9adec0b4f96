import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import type { DeclaredError } from "../contracts/declared-error.js";
import { translationKey, variablesIn } from "../contracts/message.js";
import { textRefusals } from "../contracts/message-refusals.js";
import { readContracts } from "../contracts/read.js";
import { InputError } from "../input-error.js";

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
  /** The full names of the methods and services that declare the error. */
  readonly declaredBy: readonly string[];
}

/** A declared error with a message, and the method or the service that declares it. */
interface Declaration {
  readonly error: DeclaredError;
  readonly owner: DescMethod | DescService;
}

/**
 * The messages of the errors that files declare, as JSON, by the keys of their
 * translations. `undefined` if there are none.
 *
 * @throws {@link InputError} if two services have different messages with the same key
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
  const declarations = file.services.flatMap((service) => {
    const { shared, methods } = readContracts(service, allFiles);
    const own = [...methods].flatMap(([owner, errors]) =>
      errors.filter((error) => !shared.includes(error)).map((error) => ({ error, owner })),
    );
    return [...shared.map((error) => ({ error, owner: service })), ...own];
  });
  return declarations.filter(({ error }) => error.message !== "");
}

/** Without a reason, no translation refers to the error, so that the key only has to be unique. */
function keyOf({ error, owner }: Declaration): string {
  return error.reason === "" ? `${fullName(owner)}/${error.kind}` : translationKey(error);
}

function list(declarations: readonly Declaration[]): ListedMessage | undefined {
  const [first] = declarations;
  if (first === undefined) {
    return undefined;
  }
  for (const { error, owner } of declarations) {
    const refusal = textRefusals.find(({ applies }) => applies({ error, earlier: first.error }));
    if (refusal !== undefined) {
      const place = `${fileOf(owner).proto.name}: ${fullName(owner)}`;
      throw new InputError(`${place}: ${refusal.say({ error, earlier: first.error })}`);
    }
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
    declaredBy: declarations.map(({ owner }) => fullName(owner)),
  };
}

function fullName(owner: DescMethod | DescService): string {
  return owner.kind === "rpc" ? `${owner.parent.typeName}.${owner.name}` : owner.typeName;
}

function fileOf(owner: DescMethod | DescService): DescFile {
  return owner.kind === "rpc" ? owner.parent.file : owner.file;
}
